"""`/api/v1/evaluation`: areas, departments and posts graded for a period, locked results and their corrections.

Every endpoint is a plain function: the framework runs it in a thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.evaluation_desk import SHARED_SECONDS, EvaluationDesk, Question, judged_in
from api.evaluation_words import span_label, worded
from api.identity import asker
from api.moments import moment_of
from api.problems import FieldProblem
from api.shared_answers import ReadyAnswer, ready, sent
from data_access.evaluation.results import AlreadyLocked, Kept, Signed, as_text
from domain.evaluation.histories import Judged
from domain.evaluation.scheme import NoScheme, Target, scheme_for
from domain.evaluation.score import grade_of, rounded
from domain.evaluation.span import Span, SpanKind, before, span_at, span_named
from domain.indicators import Convention, Counts, Dimension, Rate, rate
from domain.journal import milliseconds, moment
from domain.period import Window
from runtime.i18n import language, t

Choice = TypeVar("Choice", bound=StrEnum)
STEADY_MS = 10_000
LONGEST_TREND = 36
MOST_ROWS = 600
"""Rows in one answer: every department or person of a large city, and the grids with the most cases."""

_TEXT = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)]


class LockBody(BaseModel):
    """Which result is to be locked; the period as in the address."""

    model_config = ConfigDict(extra="forbid")

    object: _TEXT
    period: _TEXT = ""
    start: Annotated[str, Field(alias="from", max_length=40)] = ""
    to: Annotated[str, Field(max_length=40)] = ""
    convention: _TEXT = "flow"
    scheme: _TEXT = ""


class CorrectBody(LockBody):
    """A correction of one row of a locked result: the composite it should have had, and why."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    composite: Annotated[float, Field(ge=0, le=1000)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=500)]


def evaluation_router(desk: EvaluationDesk) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["evaluation"])

    @router.get("/api/v1/evaluation", summary="Areas, departments or a post's people, graded for a period")
    def evaluation(
        request: Request,
        object: Annotated[str, Query(description="district, department, grid, or a post such as collector")],
        period: Annotated[str, Query(description="month, 2026-11, 2026-W48, 2026-Q4, 2026, 2026-11-28 …")] = "",
        start: Annotated[str, Query(alias="from", description="ISO 8601 or epoch ms; instead of period")] = "",
        to: Annotated[str, Query(description="ISO 8601 or epoch ms")] = "",
        convention: Annotated[str, Query(description="flow, cohort or due")] = "flow",
        scheme: Annotated[str, Query(description="default: the object's standard scheme")] = "",
        as_of: Annotated[str, Query(description="as if asked at that moment; leaves locked results aside")] = "",
        limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="rows, the ranked ones first")] = MOST_ROWS,
    ) -> Response:
        now = desk.now()
        asked_at = min(moment_of(as_of, "as_of", desk.zone), now) if as_of else steady(now)
        wanted = Wanted(object=object, period=period, start=start, to=to, convention=convention, scheme=scheme)
        return sent(
            _ready(desk, question_of(desk, wanted, asked_at), now, scheme, live=bool(as_of), limit=limit), request
        )

    @router.get("/api/v1/evaluation/trend", summary="Closing and on-time closing, month by month")
    def trend(
        object: Annotated[str, Query(description="city, district, department or grid")] = "city",
        key: Annotated[str, Query(max_length=64)] = "",
        months: Annotated[int, Query(ge=1, le=LONGEST_TREND)] = 12,
        convention: Annotated[str, Query(description="flow, cohort or due")] = "flow",
    ) -> dict[str, Any]:
        by = _one_of(Dimension, object, "object")
        if by is Dimension.CLASS or (by is Dimension.CITY) != (not key):
            raise FieldProblem("key", "name one district, department or grid; the city has none")
        return _trend(desk, by, key, months, _one_of(Convention, convention, "convention"))

    @router.post("/api/v1/evaluation/lock", status_code=201, summary="Lock a period that is over")
    def lock(body: LockBody) -> dict[str, Any]:
        return _lock(desk, body)

    @router.post("/api/v1/evaluation/correct", status_code=201, summary="A dated correction beside a locked result")
    def correct(body: CorrectBody) -> dict[str, Any]:
        return _correct(desk, body)

    return router


def steady(now: datetime) -> datetime:
    """The last full ten seconds: what many pages ask of a running period at once is worked out once."""
    return moment(milliseconds(now) // STEADY_MS * STEADY_MS)


class Wanted(BaseModel):
    """A question as its parameters ask it."""

    object: str
    period: str = ""
    start: str = ""
    to: str = ""
    convention: str = "flow"
    scheme: str = ""


def question_of(desk: EvaluationDesk, wanted: Wanted, at: datetime) -> Question:
    """The question that parameters ask, judged at the period's end or at `at` if that is earlier.

    Raises:
        FieldProblem: a value that is impossible, with the possible ones.
    """
    target = _one_of(Target, wanted.object, "object")
    span = span_of(wanted, at, desk.zone)
    if span.window.start >= at:
        raise FieldProblem("period", "lies in the future; choose one that has begun")
    judged = judged_in(span, _one_of(Convention, wanted.convention, "convention"), at)
    try:
        day = span.window.start.astimezone(desk.zone).date()
        scheme = scheme_for(desk.schemes, target, day, wanted.scheme)
    except NoScheme as error:
        raise FieldProblem("scheme", str(error)) from None
    return Question(target=target, span=span, judged=judged, scheme=scheme)


def span_of(wanted: Wanted, now: datetime, zone: ZoneInfo) -> Span:
    """The period a question names; without any the running month.

    Raises:
        FieldProblem: none, or two at once.
    """
    if wanted.period and (wanted.start or wanted.to):
        raise FieldProblem("period", "give either a period, or from and to")
    if not (wanted.start or wanted.to):
        try:
            return span_named(wanted.period or "month", now, zone)
        except (ValueError, OverflowError) as error:
            raise FieldProblem("period", str(error)) from None
    if not wanted.start:
        raise FieldProblem("from", "is missing; `to` alone names no period")
    begins = moment_of(wanted.start, "from", zone)
    ends = moment_of(wanted.to, "to", zone) if wanted.to else now
    if begins >= ends:
        raise FieldProblem("from", "must lie before the end of the period")
    return Span(SpanKind.RANGE, Window(begins, ends))


def _ready(
    desk: EvaluationDesk, question: Question, now: datetime, scheme_id: str, *, live: bool, limit: int
) -> ReadyAnswer:
    """The answer as it is sent, made ready once for all who ask the same in one language; a lock shows at once."""
    kept = None if live else desk.results.locked(question.target, _whole_period(question), scheme_id)
    corrections = _corrections(desk, kept)
    found = kept or desk.result(question, now)

    def work() -> ReadyAnswer:
        told = _told(desk, question, kept, corrections, found)
        return ready(told | {"rows": told["rows"][:limit], "rows_total": len(told["rows"])})

    state = (question.scheme.scheme_id, None if kept is None else kept.number, len(corrections), limit)
    key = ("ready", question.target, question.span, question.judged, language.get(), *state)
    return desk.shared.get(key, SHARED_SECONDS, work)


def answer(
    desk: EvaluationDesk, question: Question, now: datetime, scheme_id: str = "", *, live: bool = False
) -> dict[str, Any]:
    """The evaluation in words: the locked result where there is one, else what the journal says now."""
    kept = None if live else desk.results.locked(question.target, _whole_period(question), scheme_id)
    return _told(desk, question, kept, _corrections(desk, kept), kept or desk.result(question, now))


def _told(
    desk: EvaluationDesk,
    question: Question,
    kept: Kept | None,
    corrections: list[dict[str, Any]],
    found: Kept | Mapping[str, Any],
) -> dict[str, Any]:
    told = worded(found.result if isinstance(found, Kept) else found, desk.zone)
    locked = None if kept is None else _signed(kept)
    told |= {"period": told["period"] | {"locked": locked, "corrections": corrections}}
    day = question.span.window.start.astimezone(desk.zone).date()
    return told | {"schemes": _schemes(desk, question.target, day)}


def _whole_period(question: Question) -> Judged:
    judged = question.judged
    return Judged(judged.period, judged.convention, judged.period.end)


def _schemes(desk: EvaluationDesk, target: Target, day: date) -> list[dict[str, Any]]:
    return [
        {"id": one.scheme_id, "version": one.version, "name": t(one.name), "standard": one.standard}
        for one in desk.schemes
        if one.target is target and one.valid_on(day)
    ]


def _signed(kept: Kept) -> dict[str, Any]:
    return {
        "number": kept.number,
        "at": milliseconds(kept.at),
        "who": kept.who,
        "who_name": kept.who_name,
        "intact": kept.intact,
    }


def _corrections(desk: EvaluationDesk, kept: Kept | None) -> list[dict[str, Any]]:
    if kept is None:
        return []
    return [_signed(one) | {"reason": one.reason} | one.result for one in desk.results.corrections(kept.number)]


def _question_to_lock(desk: EvaluationDesk, body: LockBody, now: datetime) -> Question:
    parts = body.model_dump(include={"object", "period", "start", "to", "convention", "scheme"})
    question = question_of(desk, Wanted(**parts), now)
    if question.span.window.end > now:
        raise FieldProblem("period", "is still running; lock it when it is over")
    return question


def _lock(desk: EvaluationDesk, body: LockBody) -> dict[str, Any]:
    who, now = asker(), desk.now()
    question = _question_to_lock(desk, body, now)
    scheme = (question.scheme.scheme_id, question.scheme.version)
    by = Signed(who.name, who.display_name, now)
    desk.shared.forget()  # what is signed is what the journal says now
    try:
        desk.results.lock(question.target, question.judged, scheme, as_text(desk.result(question, now)), by)
    except AlreadyLocked:
        raise HTTPException(409, t("本期已锁定；锁定的结果只能更正，不能改写。")) from None
    return answer(desk, question, now, question.scheme.scheme_id)


def _correct(desk: EvaluationDesk, body: CorrectBody) -> dict[str, Any]:
    who, now = asker(), desk.now()
    question = _question_to_lock(desk, body, now)
    kept = desk.results.locked(question.target, question.judged, body.scheme)
    if kept is None:
        raise FieldProblem("period", "is not locked; there is nothing to correct yet")
    row = next((row for row in kept.result["rows"] if row["key"] == body.key), None)
    if row is None:
        raise FieldProblem("key", f"{body.key!r} is not in the locked result")
    desk.results.correct(
        kept.number, as_text(_correction(row, body)), Signed(who.name, who.display_name, now, body.reason)
    )
    return answer(desk, question, now, kept.scheme_id)


def _correction(row: Mapping[str, Any], body: CorrectBody) -> dict[str, Any]:
    composite = rounded(Fraction(str(body.composite)))
    return {
        "key": row["key"],
        "name": row["name"],
        "composite": float(composite),
        "grade": grade_of(composite).value,
        "original": row["composite"],
        "original_grade": row["grade"],
    }


def _trend(desk: EvaluationDesk, by: Dimension, key: str, months: int, convention: Convention) -> dict[str, Any]:
    now = steady(desk.now())
    spans = [span_at(SpanKind.MONTH, now.astimezone(desk.zone).date(), desk.zone)]
    while len(spans) < months:
        spans.append(before(spans[-1], desk.zone))
    points = [_point(desk, by, key, judged_in(span, convention, now), span) for span in reversed(spans)]
    return {"object": by.value, "key": key, "convention": convention.value, "target": 0.9, "months": points}


def _point(desk: EvaluationDesk, by: Dimension, key: str, judged: Judged, span: Span) -> dict[str, Any]:
    counts = desk.closed_base(by, judged).get(key, Counts())
    row = {"kind": span.kind.value, "from": milliseconds(span.window.start), "to": milliseconds(span.window.end)}
    figures = {kind: rate(kind, counts, judged.convention) for kind in (Rate.CLOSING, Rate.ON_TIME_CLOSING)}
    return (
        row
        | {"label": span_label(row, desk.zone), "n": counts.due_closing}
        | {
            kind.value: {"numerator": one.numerator, "denominator": one.denominator, "value": one.value}
            for kind, one in figures.items()
        }
    )


def _one_of(kind: type[Choice], text: str, field: str) -> Choice:
    try:
        return kind(text)
    except ValueError:
        raise FieldProblem(field, f"{text!r} is not possible; possible are {', '.join(kind)}") from None
