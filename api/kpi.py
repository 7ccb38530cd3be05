"""`/api/v1/kpi`: the hall's figures, each with its numerator, denominator and convention."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query

from api.moments import moment_of
from api.problems import FieldProblem
from domain.indicators import COUNT_FIELDS, FORMULA_TEXT, Convention, Counts, Dimension, Rate, rate
from domain.journal import milliseconds
from domain.period import Period, window

Choice = TypeVar("Choice", Dimension, Convention, Period)


class KpiRow(Protocol):
    """The counts of one key (a district, a department …; ``""`` for the city)."""

    @property
    def key(self) -> str: ...

    @property
    def counts(self) -> Counts: ...


class Figures(Protocol):
    """What answers: `data_access.figures.FigureService`. Blocking."""

    def kpi(
        self,
        *,
        start: datetime,
        end: datetime,
        by: Dimension,
        convention: Convention,
        as_of: datetime | None,
        now: datetime,
    ) -> Sequence[KpiRow]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiQuestion:
    """Which figures somebody asks for; times aware UTC, the period is [start, end)."""

    start: datetime
    end: datetime
    by: Dimension
    convention: Convention
    as_of: datetime | None


def kpi_router(figures: Figures, *, now: Callable[[], datetime], zone: ZoneInfo) -> APIRouter:
    """The route. Its endpoint is a plain function: the framework runs it in a thread."""
    router = APIRouter(tags=["figures"])

    @router.get("/api/v1/kpi", summary="Figures of a period, whole or split, also as of a past moment")
    def kpi(
        start: Annotated[str, Query(alias="from", description="ISO 8601 or epoch ms")] = "",
        to: Annotated[str, Query(description="ISO 8601 or epoch ms; default: now")] = "",
        period: Annotated[str, Query(description="today, d7 or d30; instead of from and to")] = "",
        by: Annotated[str, Query(description="city, district, department, class or grid")] = "city",
        convention: Annotated[str, Query(description="flow, cohort or due")] = "flow",
        as_of: Annotated[str, Query(description="ISO 8601 or epoch ms; default: the end of the period")] = "",
    ) -> dict[str, Any]:
        at = now()
        question = kpi_question(
            start=start, to=to, period=period, by=by, convention=convention, as_of=as_of, now=at, zone=zone
        )
        return kpi_answer(figures, question, at)

    return router


def kpi_question(
    *, start: str, to: str, period: str, by: str, convention: str, as_of: str, now: datetime, zone: ZoneInfo
) -> KpiQuestion:
    """The question that parameters ask; without any, today's figures of the city.

    `as_of` asks as if it were asked at that moment: a period without an end ends there, and nothing later is known.
    Flow figures of a period that was over by then hold as of its end, whoever asks later (domain sheet 6.2).

    Raises:
        FieldProblem: a value that is impossible, with the possible ones.
    """
    asked_at = moment_of(as_of, "as_of", zone) if as_of else now
    begins, ends = _window(start, to, period, asked_at, zone)
    if asked_at < begins:
        raise FieldProblem("as_of", "lies before the period begins")
    flow = (kind := _one_of(Convention, convention, "convention")) is Convention.FLOW
    return KpiQuestion(
        start=begins,
        end=min(ends, asked_at) if flow and as_of else ends,
        by=_one_of(Dimension, by, "by"),
        convention=kind,
        as_of=asked_at if as_of and not flow else None,
    )


def kpi_answer(figures: Figures, question: KpiQuestion, now: datetime) -> dict[str, Any]:
    """The figures as JSON; the command line prints the same."""
    rows = figures.kpi(
        start=question.start,
        end=question.end,
        by=question.by,
        convention=question.convention,
        as_of=question.as_of,
        now=now,
    )
    return {
        "from": milliseconds(question.start),
        "to": milliseconds(question.end),
        "as_of": milliseconds(min(question.as_of or question.end, now)),
        "by": question.by.value,
        "convention": question.convention.value,
        "rows": [_row(row, question.convention) for row in rows],
    }


def _row(row: KpiRow, convention: Convention) -> dict[str, Any]:
    counts = {name: getattr(row.counts, name) for name in (*COUNT_FIELDS, "due_disposal", "due_closing")}
    return {"key": row.key, "counts": counts, "rates": {kind.value: _rate(kind, row, convention) for kind in Rate}}


def _rate(kind: Rate, row: KpiRow, convention: Convention) -> dict[str, Any]:
    figure = rate(kind, row.counts, convention)
    return {
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "value": figure.value,
        "formula": FORMULA_TEXT[kind],
        "convention": figure.convention.value,
    }


def _window(start: str, to: str, period: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    if period and (start or to):
        raise FieldProblem("period", "give either a period, or from and to")
    if not start and to:
        raise FieldProblem("from", "is missing; `to` alone names no period")
    if not start:
        whole = window(_one_of(Period, period or Period.TODAY, "period"), now, zone)
        return whole.start, whole.end
    begins = moment_of(start, "from", zone)
    ends = moment_of(to, "to", zone) if to else now
    if begins >= ends:
        raise FieldProblem("from", "must lie before the end of the period")
    return begins, ends


def _one_of(kind: type[Choice], text: str, field: str) -> Choice:
    try:
        return kind(text)
    except ValueError:
        raise FieldProblem(field, f"{text!r} is not possible; possible are {', '.join(kind)}") from None
