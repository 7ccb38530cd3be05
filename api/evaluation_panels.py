"""`/api/v1/evaluation/…`: what stands beside the grades. Where time goes, how old open cases are, what stood still,
how credible the figures are, where the bottleneck is, and what explains the gap to the target.

Plain functions: the framework runs them in threads. All hold as of the period's end, or of now where it still runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from api.evaluation import Wanted, span_of, steady
from api.evaluation_bottleneck import bottleneck_panel
from api.evaluation_checks import credibility_panel
from api.evaluation_desk import KEPT_SECONDS, EvaluationDesk, judged_in
from api.evaluation_gap import gap_panel
from api.evaluation_question import PanelQuestion
from api.evaluation_time import ageing_panel, pauses_panel, times_panel
from api.evaluation_words import span_label
from api.moments import moment_of
from api.problems import FieldProblem
from api.shared_answers import ready, sent
from data_access.evaluation.case_time import CaseTime
from data_access.evaluation.checks import Checks
from data_access.photo_doubts import PhotoJudge
from data_access.stay_times import StayTimeService
from domain.evaluation.scheme import Target
from domain.evaluation.span import before
from domain.indicators import Convention, Dimension, Rate
from domain.journal import milliseconds
from domain.period import Window
from domain.wall_view import CityNames
from runtime.i18n import language

GAP_RATES = (Rate.CLOSING, Rate.ON_TIME_CLOSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationPanels:
    """What answers. `desk` gives the counts of 6.1, the zone and the clock."""

    desk: EvaluationDesk
    times: StayTimeService
    case_time: CaseTime
    checks: Checks
    photos: PhotoJudge
    names: CityNames


class PanelWanted(Wanted):
    """The parameters of a panel; `as_of` as if asked at that moment."""

    as_of: str


def _wanted(
    object: Annotated[str, Query(description="district or department; any other object: the city")] = "city",
    period: Annotated[str, Query(description="month, 2026-11, 2026-W48, 2026-Q4, 2026, 2026-11-28 …")] = "",
    start: Annotated[str, Query(alias="from", description="ISO 8601 or epoch ms; instead of period")] = "",
    to: Annotated[str, Query(description="ISO 8601 or epoch ms")] = "",
    as_of: Annotated[str, Query(description="as if asked at that moment")] = "",
) -> PanelWanted:
    return PanelWanted(object=object, period=period, start=start, to=to, as_of=as_of)


Asking = Annotated[PanelWanted, Depends(_wanted)]


def evaluation_panels_router(panels: EvaluationPanels) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["evaluation"], prefix="/api/v1/evaluation")

    @router.get("/times", summary="How long each step took: count, median and ninth decile, beside the period before")
    def times(wanted: Asking, request: Request) -> Response:
        asked = _question(panels, wanted)
        return _shared(panels, request, "times", asked, lambda: times_panel(panels.times, asked))

    @router.get("/ageing", summary="Open cases by age: in time, overdue, suspended")
    def ageing(wanted: Asking, request: Request) -> Response:
        asked = _question(panels, wanted)
        return _shared(panels, request, "ageing", asked, lambda: ageing_panel(panels.case_time, asked))

    @router.get("/pauses", summary="How much disposal time the clock stood still, and for what")
    def pauses(wanted: Asking, request: Request) -> Response:
        asked = _question(panels, wanted)
        return _shared(panels, request, "pauses", asked, lambda: pauses_panel(panels.case_time, asked))

    @router.get("/credibility", summary="Doubtful photos, checks that did not hold, people who check unlike others")
    def credibility(wanted: Asking, request: Request) -> Response:
        asked = _question(panels, wanted)
        return _shared(
            panels,
            request,
            "credibility",
            asked,
            lambda: credibility_panel(panels.checks, panels.photos, panels.desk.person, asked),
        )

    @router.get("/bottleneck", summary="Which step holds most case-time, and whose, now and in the period")
    def bottleneck(wanted: Asking, request: Request) -> Response:
        asked = _question(panels, wanted)

        def work() -> dict[str, Any]:
            found = bottleneck_panel(panels.case_time, asked)
            return found | {"period": _head(panels, asked)["period"] | found["period"]}

        return _shared(panels, request, "bottleneck", asked, work)

    @router.get("/gap", summary="The gap to the target of a closing rate, by unit, adding up exactly")
    def gap(
        wanted: Asking,
        rate: Annotated[str, Query(description="closing or on_time_closing")] = Rate.CLOSING.value,
        convention: Annotated[str, Query(description="flow, cohort or due")] = Convention.FLOW.value,
    ) -> dict[str, Any]:
        if rate not in GAP_RATES:
            raise FieldProblem("rate", f"{rate!r} has no target; possible are {', '.join(GAP_RATES)}")
        if convention not in set(Convention):
            raise FieldProblem("convention", f"{convention!r} is not possible; possible are {', '.join(Convention)}")
        asked = _question(panels, wanted)
        judged = judged_in(asked.span, Convention(convention), asked.at)
        return _head(panels, asked) | gap_panel(panels.desk, asked, Rate(rate), judged)

    return router


PRINTED = ("times", "ageing", "gap", "credibility")
"""The panels that printed reports show, by the last word of their address."""


def printed_panel(panels: EvaluationPanels, name: str, wanted: Wanted, as_of: str) -> dict[str, Any]:
    """One of `PRINTED` for the whole city, as its route answers.

    Raises:
        FieldProblem: as the route. HistoryBehind: the copy is still being built.
    """
    asked = _question(panels, PanelWanted(**wanted.model_dump() | {"object": Dimension.CITY.value}, as_of=as_of))
    judged = judged_in(asked.span, Convention(wanted.convention), asked.at)
    answers: dict[str, Callable[[], dict[str, Any]]] = {
        "times": lambda: times_panel(panels.times, asked),
        "ageing": lambda: ageing_panel(panels.case_time, asked),
        "gap": lambda: gap_panel(panels.desk, asked, Rate.CLOSING, judged),
        "credibility": lambda: credibility_panel(panels.checks, panels.photos, panels.desk.person, asked),
    }
    return _head(panels, asked) | answers[name]()


def _shared(
    panels: EvaluationPanels, request: Request, name: str, asked: PanelQuestion, work: Callable[[], dict[str, Any]]
) -> Response:
    """A panel's answer, worked out once for all who ask the same in one language."""
    key = (name, asked.target, asked.span, asked.at, asked.span.window.end > asked.now, language.get())
    answer = panels.desk.shared.get(key, KEPT_SECONDS, lambda: ready(_head(panels, asked) | work()))
    return sent(answer, request)


def _question(panels: EvaluationPanels, wanted: PanelWanted) -> PanelQuestion:
    if wanted.object not in {*Target, Dimension.CITY}:
        possible = ", ".join(dict.fromkeys((Dimension.CITY, *Target)))
        raise FieldProblem("object", f"{wanted.object!r} is not possible; possible are {possible}")
    zone, now = panels.desk.zone, panels.desk.now()
    asked_at = min(moment_of(wanted.as_of, "as_of", zone), now) if wanted.as_of else steady(now)
    span = span_of(wanted, asked_at, zone)
    if span.window.start >= asked_at:
        raise FieldProblem("period", "lies in the future; choose one that has begun")
    at = min(span.window.end, asked_at)
    units = {Dimension.DISTRICT.value: Dimension.DISTRICT, Dimension.DEPARTMENT.value: Dimension.DEPARTMENT}
    like = before(span, zone).window
    return PanelQuestion(
        by=units.get(wanted.object, Dimension.CITY),
        target=wanted.object,
        span=span,
        period=Window(span.window.start, at),
        earlier=Window(like.start, min(like.end, like.start + (at - span.window.start))),
        at=at,
        now=now,
        names=panels.names,
    )


def _head(panels: EvaluationPanels, asked: PanelQuestion) -> dict[str, Any]:
    zone = panels.desk.zone
    span = {"kind": asked.span.kind.value} | _ends(asked.span.window)
    like = {"kind": asked.span.kind.value} | _ends(before(asked.span, zone).window)
    earlier = like | {"label": span_label(like, zone)} | _ends(asked.earlier)
    running = asked.span.window.end > asked.now
    return {
        "object": asked.target,
        "by": asked.by.value,
        "period": span | {"label": span_label(span, zone), "running": running, "previous": earlier},
        "as_of": milliseconds(asked.at),
    }


def _ends(window: Window) -> dict[str, int]:
    return {"from": milliseconds(window.start), "to": milliseconds(window.end)}
