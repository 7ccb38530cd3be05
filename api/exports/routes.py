"""Evaluations to take along: the workbook and the printed report. Plain functions: the framework runs them in threads.

Who takes what along is written down before it is handed out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from api.evaluation import Wanted, answer, question_of, span_of, steady
from api.evaluation_desk import EvaluationDesk, Question, judged_in, summed
from api.evaluation_panels import PRINTED
from api.evaluation_words import span_label
from api.exports import pdf, xlsx
from api.exports.book import sheets
from api.exports.file_names import disposition, file_name
from api.exports.report import Beside, report
from api.exports.subject import Subject, divisors_of
from api.identity import asker, visitor
from api.moments import moment_of
from api.problems import FieldProblem
from data_access.audit import AuditEvent, AuditLog
from data_access.history.reader import HistoryBehind
from domain.case_query import Count
from domain.evaluation.histories import Judged
from domain.evaluation.span import Span, SpanKind, before, months, span_at
from domain.indicators import Counts, Dimension
from domain.journal import milliseconds, moment
from domain.period import Window
from runtime.i18n import SOURCE_LANGUAGE, language, t

MOST_ROWS = 6_000
"""Rows of a workbook: the unit grids of a large city."""
MOST_PRINTED = 600
"""Rows of a report: about fifteen pages of ranking."""

PERIODS_SHOWN: dict[SpanKind, int] = {
    SpanKind.DAY: 14,
    SpanKind.WEEK: 12,
    SpanKind.MONTH: 12,
    SpanKind.QUARTER: 8,
    SpanKind.YEAR: 5,
}
"""Like periods of the trend, the report's own included."""

Panel = Callable[[str, Wanted, str], Mapping[str, Any]]
"""A panel beside the evaluation by its name, the question and `as_of`; raises HistoryBehind while it cannot answer."""


class ReportKind(StrEnum):
    """Which report."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


_SPANS = {
    ReportKind.DAILY: (SpanKind.DAY, "%Y-%m-%d"),
    ReportKind.WEEKLY: (SpanKind.WEEK, "%G-W%V"),
    ReportKind.MONTHLY: (SpanKind.MONTH, "%Y-%m"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportDesk:
    """What the routes work with. All of it blocks. `city` is the city's name and its English one."""

    desk: EvaluationDesk
    city: tuple[str, str]
    demo: bool
    audit: AuditLog
    panel: Panel
    paper: pdf.PdfWriter
    most_rows: int = MOST_ROWS
    most_printed: int = MOST_PRINTED


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the moment it is asked for; `as_of` is empty where it is asked for now."""

    wanted: Wanted
    as_of: str


def _asked(
    object: Annotated[str, Query(description="as /api/v1/evaluation")] = "department",
    period: Annotated[str, Query(description="month, 2026-11, 2026-W48, 2026-Q4, 2026, 2026-11-28 …")] = "",
    start: Annotated[str, Query(alias="from", description="ISO 8601 or epoch ms; instead of period")] = "",
    to: Annotated[str, Query(description="ISO 8601 or epoch ms")] = "",
    convention: Annotated[str, Query(description="flow, cohort or due")] = "flow",
    scheme: Annotated[str, Query(description="default: the object's standard scheme")] = "",
    as_of: Annotated[str, Query(description="as if asked at that moment; leaves locked results aside")] = "",
) -> Asked:
    wanted = Wanted(object=object, period=period, start=start, to=to, convention=convention, scheme=scheme)
    return Asked(wanted, as_of)


def exports_router(exports: ExportDesk) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["evaluation"], prefix="/api/v1/evaluation")

    @router.get("/export.xlsx", summary="The evaluation as a workbook whose formulas can be followed")
    def workbook(asked: Annotated[Asked, Depends(_asked)]) -> Response:
        at = _moment(exports.desk, asked.as_of)
        subject, _ = _subject(exports, asked.wanted, at, exports.most_rows, live=bool(asked.as_of))
        return _handed_out(exports, subject, _book(subject), xlsx.MEDIA_TYPE, file_name(subject, "xlsx"))

    @router.get("/report.pdf", summary="The evaluation as a printed report of a day, week, month or any period")
    def printed(
        asked: Annotated[Asked, Depends(_asked)],
        kind: Annotated[str, Query(description="daily, weekly or monthly; none: the period as asked")] = "",
        day: Annotated[str, Query(alias="date", description="a day in it; default: the asked period's last")] = "",
    ) -> Response:
        at = _moment(exports.desk, asked.as_of)
        wanted = _of_kind(exports.desk, asked.wanted, kind, day, at)
        subject, question = _subject(exports, wanted, at, exports.most_printed, live=bool(asked.as_of))
        made = report(subject, _beside(exports, question, wanted, subject, kind))
        return _handed_out(
            exports, subject, exports.paper.written(made), pdf.MEDIA_TYPE, file_name(subject, "pdf", _words_of(kind))
        )

    return router


def _moment(desk: EvaluationDesk, as_of: str) -> datetime:
    now = desk.now()
    return min(moment_of(as_of, "as_of", desk.zone), now) if as_of else steady(now)


def _subject(exports: ExportDesk, wanted: Wanted, at: datetime, most: int, *, live: bool) -> tuple[Subject, Question]:
    desk, now, who = exports.desk, exports.desk.now(), asker()
    question = question_of(desk, wanted, at)
    told = answer(desk, question, now, wanted.scheme, live=live)
    if len(told["rows"]) > most:
        raise FieldProblem(
            "object", f"has {len(told['rows'])} rows, {most} fit; take the workbook, or a larger unit such as district"
        )
    ended = Window(moment(told["period"]["from"]), min(moment(told["period"]["to"]), moment(told["as_of"])))
    grids = {key: unit.grids for key, unit in desk.units.of(question.target).items()}
    name, name_en = exports.city
    subject = Subject(
        told=told,
        city=name if language.get() == SOURCE_LANGUAGE else name_en or name,
        demo=exports.demo,
        made=now,
        made_by=who.display_name or who.name,
        zone=desk.zone,
        divisors=divisors_of(told, months(ended, desk.zone), grids),
    )
    return subject, question


def _book(subject: Subject) -> bytes:
    printed = xlsx.Printed(
        title=subject.title,
        author=subject.made_by,
        footer=subject.footer,
        page=t("第 {page} 页 共 {pages} 页").format(page="&P", pages="&N"),
        made=subject.made.astimezone(subject.zone),
    )
    return xlsx.workbook(sheets(subject), printed)


def _of_kind(desk: EvaluationDesk, wanted: Wanted, kind: str, day: str, at: datetime) -> Wanted:
    """The question for a whole day, week or month: that of the named date, else that of the asked period's last day."""
    if not kind:
        if day:
            raise FieldProblem("date", "belongs to a kind of report; give kind=daily, weekly or monthly, or a period")
        return wanted
    if kind not in set(ReportKind):
        raise FieldProblem("kind", f"{kind!r} is not possible; possible are {', '.join(ReportKind)}")
    last = min(span_of(wanted, at, desk.zone).window.end, at) - timedelta(milliseconds=1)
    _, form = _SPANS[ReportKind(kind)]
    named = _day(day) if day else last.astimezone(desk.zone).date()
    return wanted.model_copy(update={"period": f"{named:{form}}", "start": "", "to": ""})


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FieldProblem("date", f"{text!r} is no day; such as 2026-11-28") from None


def _words_of(kind: str) -> str:
    return {"daily": t("日报"), "weekly": t("周报"), "monthly": t("月报")}.get(kind, t("报告"))


def _beside(exports: ExportDesk, question: Question, wanted: Wanted, subject: Subject, kind: str) -> Beside:
    desk = exports.desk
    at = moment(subject.told["as_of"])
    return Beside(
        kind=kind,
        before=summed(desk.measured(question.target, _like(question, at, desk), desk.now()).values()),
        trend=_trend(desk, question, at),
        panels=_panels(exports.panel, wanted, str(milliseconds(at))),
    )


def _like(question: Question, at: datetime, desk: EvaluationDesk) -> Judged:
    """As much of the like period before as has passed of this one."""
    earlier = before(question.span, desk.zone).window
    end = min(earlier.end, earlier.start + (at - question.span.window.start))
    whole = end if at < question.span.window.end else earlier.end
    return Judged(Window(earlier.start, whole), question.judged.convention, whole)


def _trend(desk: EvaluationDesk, question: Question, at: datetime) -> list[tuple[str, dict[str, int]]]:
    """The city's counts of like periods up to this one; periods before the first case are left out."""
    kind = question.span.kind if question.span.kind in PERIODS_SHOWN else SpanKind.MONTH
    last = at - timedelta(milliseconds=1)
    spans = [span_at(kind, last.astimezone(desk.zone).date(), desk.zone)]
    while len(spans) < PERIODS_SHOWN[kind]:
        spans.append(before(spans[-1], desk.zone))
    points = [_point(desk, question, span, at) for span in reversed(spans)]
    first = next((index for index, (_, counts) in enumerate(points) if any(counts.values())), len(points))
    return points[first:]


def _point(desk: EvaluationDesk, question: Question, span: Span, at: datetime) -> tuple[str, dict[str, int]]:
    counts = desk.closed_base(Dimension.CITY, judged_in(span, question.judged.convention, at)).get("", Counts())
    ends = {"kind": span.kind.value, "from": milliseconds(span.window.start), "to": milliseconds(span.window.end)}
    return span_label(ends, desk.zone), {count.value: counts.of(count) for count in Count}


def _panels(panel: Panel, wanted: Wanted, as_of: str) -> dict[str, Mapping[str, Any]]:
    """What can be answered now; the report says of the rest that its data is being prepared."""
    found: dict[str, Mapping[str, Any]] = {}
    for name in PRINTED:
        try:
            found[name] = panel(name, wanted, as_of)
        except HistoryBehind:
            return found
    return found


def _handed_out(exports: ExportDesk, subject: Subject, content: bytes, media_type: str, name: str) -> Response:
    period, scheme = subject.told["period"], subject.scheme
    taken = [name.rpartition(".")[2], subject.told["object"], f"{period['from']}-{period['to']}"]
    taken += [subject.told["convention"]["key"], f"{scheme['id']}-v{scheme['version']}"]
    exports.audit.record(
        AuditEvent.FIGURES_EXPORTED, who=asker().name, subject=" ".join(taken), address=visitor.get().address
    )
    headers = {"Content-Disposition": disposition(name), "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)
