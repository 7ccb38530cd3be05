"""Where case-time is spent, and how old open cases are: questions to the columnar copy, as of any moment.

Time is attributed to whoever had the case while it passed. Every answer blocks and may raise `HistoryBehind` (no copy
near enough) and `StoreError` (the database does not answer).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from data_access.case_where import counted_condition, cut
from data_access.figure_question import UNIT_FIELDS
from data_access.history.reader import History, View
from data_access.history.relations import COLUMNS, FINAL_STATES_SQL
from data_access.history.sql import in_duckdb
from domain.ageing import BANDS, Standing
from domain.case import CaseState
from domain.case_query import Count
from domain.indicators import BEGINNING, Dimension
from domain.journal import milliseconds
from domain.period import Window
from domain.transition import AT_DEPARTMENT, Request

Ages = dict[str, Counter[tuple[str, Standing]]]
"""By unit: how many open cases of each band and standing."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The open cases of one unit in one state: how many, how long they stand there together, how many overdue."""

    unit: str
    state: CaseState
    cases: int
    waited: timedelta
    overdue: int


@dataclass(frozen=True, slots=True)
class Spent:
    """The case-time of one unit in one state within a period: of so many cases, together."""

    unit: str
    state: CaseState
    cases: int
    spent: timedelta


@dataclass(frozen=True, slots=True)
class Pause:
    """One kind of standing still, or of waiting for an answer, in one unit within a period; `median` is per case."""

    unit: str
    kind: str
    cases: int
    total: timedelta
    median: timedelta


@dataclass(frozen=True, slots=True)
class Pauses:
    """All pauses of a period; by unit also all disposal time (running and standing) and the cases that stood."""

    kinds: Sequence[Pause]
    disposal: dict[str, timedelta]
    stood: dict[str, int]


SUSPENDED, SENT_BACK = "suspended", "sent_back"
STANDS = (SUSPENDED, SENT_BACK)
"""The disposal clock stands (domain sheet 5.4): suspended, or taken back and waiting for the next dispatch."""

APPEALS = (Request.APPEAL, Request.APPEAL_SECOND)
REQUESTS = (Request.SEND_BACK, Request.EXTENSION, Request.SUSPENSION, *APPEALS)
"""The clock runs on, or has ended, but somebody waits for an answer."""


_OPEN = f"state NOT IN ({FINAL_STATES_SQL})"


class CaseTime:
    """Thread-safe as `History` is."""

    def __init__(self, history: History) -> None:
        self._history = history

    def ages(self, at: datetime, by: Dimension) -> Ages:
        """Open cases as they stood at `at`, by unit, band of age and standing."""
        return self._history.ask(lambda view: _ages(view, cut(at), by))

    def waiting(self, moments: Sequence[datetime], by: Dimension) -> list[list[Waiting]]:
        """Of each moment the open cases by unit and state, all from one view."""
        return self._history.ask(lambda view: [_waiting(view, cut(at), by) for at in moments])

    def spent(self, periods: Sequence[Window], by: Dimension) -> list[list[Spent]]:
        """Of each period the case-time by unit and state, all from one view."""
        return self._history.ask(lambda view: [_spent(view, period, by) for period in periods])

    def pauses(self, period: Window, by: Dimension) -> Pauses:
        """What stood still or waited for an answer within the period."""
        return self._history.ask(lambda view: _pauses(view, period, by))


def unit_of(by: Dimension) -> str:
    """The SQL of a case's unit; a case without one has ``""``."""
    field = UNIT_FIELDS[by]
    return "''" if field is None else f"coalesce(cases.{field}, '')"


def ends(period: Window) -> tuple[int, int]:
    """A period in epoch ms, without the microseconds that no stored time has."""
    return milliseconds(cut(period.start)), milliseconds(cut(period.end))


def _overdue(at: datetime) -> str:
    return in_duckdb(counted_condition(Count.OVERDUE_UNDISPOSED, Window(BEGINNING, at)))


def _ages(view: View, at: datetime, by: Dimension) -> Ages:
    now = milliseconds(at)
    bands = " ".join(
        f"WHEN cases.reported_at >= {milliseconds(at - band.most)} THEN '{band.key}'" for band in BANDS if band.most
    )
    question = (
        f"SELECT {unit_of(by)}, CASE {bands} ELSE '{BANDS[-1].key}' END, "  # noqa: S608 (names and numbers of ours)
        f"CASE WHEN state = '{CaseState.SUSPENDED}' THEN '{Standing.SUSPENDED}' "
        f"WHEN {_overdue(at)} THEN '{Standing.OVERDUE}' ELSE '{Standing.IN_TIME}' END, "
        f"count(*) FROM ({view.copy.held(now, now)}) AS cases WHERE {_OPEN} GROUP BY ALL"
    )
    found: Ages = {}
    for unit, band, standing, number in view.rows(question):
        found.setdefault(unit, Counter())[band, Standing(standing)] = number
    return found


def _waiting(view: View, at: datetime, by: Dimension) -> list[Waiting]:
    now = milliseconds(at)
    question = (
        f"SELECT {unit_of(by)} AS unit, state, count(*), sum({now} - state_since), count_if({_overdue(at)}) "  # noqa: S608
        f"FROM ({view.copy.held(now, now)}) AS cases WHERE {_OPEN} GROUP BY unit, state ORDER BY unit, state"
    )
    return [
        Waiting(unit, CaseState(state), number, _span(waited), overdue or 0)
        for unit, state, number, waited, overdue in view.rows(question)
    ]


def _spent(view: View, period: Window, by: Dimension) -> list[Spent]:
    start, end = ends(period)
    question = (
        f"SELECT {unit_of(by)} AS unit, state, count(DISTINCT case_id), sum({_inside(start, end)}) "  # noqa: S608
        f"FROM ({view.copy.held(start, end)}) AS cases WHERE {_OPEN} GROUP BY unit, state ORDER BY unit, state"
    )
    return [Spent(unit, CaseState(state), number, _span(spent)) for unit, state, number, spent in view.rows(question)]


def _inside(start: int, end: int) -> str:
    """How much of a row's time lies in the period."""
    return f"(least(coalesce(cases.until, {end}), {end}) - greatest(cases.since, {start}))"


def _pauses(view: View, period: Window, by: Dimension) -> Pauses:
    start, end = ends(period)
    held = view.copy.held(start, end)
    rows = f"SELECT *, {_inside(start, end)} AS spent_ms, {_kind()} AS pause FROM ({held}) AS cases"  # noqa: S608
    field = UNIT_FIELDS[by]
    unit = "''" if field is None else f"coalesce(cases.{field}, sender.{field}, '')"
    own = (
        f"SELECT cases.case_id, {unit} AS unit, pause, state, spent_ms FROM ({rows}) AS cases LEFT JOIN ("  # noqa: S608
        f"{_senders(view, rows, end)}) AS sender ON cases.pause = '{SENT_BACK}' AND sender.case_id = cases.case_id "
        f"AND sender.until = cases.state_since"
    )
    return _told(view, own + _pending_appeals(view, start, end, by))


def _kind() -> str:
    asked = ", ".join(f"'{request}'" for request in REQUESTS if request not in APPEALS)
    appeals = ", ".join(f"'{request}'" for request in APPEALS)
    taken_back = f"state = '{CaseState.PENDING_DISPATCH}' AND dispatched_at IS NOT NULL"
    return (
        f"CASE WHEN state = '{CaseState.SUSPENDED}' THEN '{SUSPENDED}' WHEN {taken_back} THEN '{SENT_BACK}' "
        f"WHEN current_request IN ({appeals}) OR current_request IN ({asked}) AND {_OPEN} THEN current_request END"
    )


def _senders(view: View, rows: str, end: int) -> str:
    """Who sent a case back: a case taken back belongs to nobody, and its standing time to its last holder."""
    ((first,),) = view.rows(f"SELECT min(state_since) FROM ({rows}) AS cases WHERE pause = '{SENT_BACK}'")  # noqa: S608
    left = view.copy.stays(end if first is None else first, end)
    states = ", ".join(f"'{state}'" for state in sorted(AT_DEPARTMENT))
    return f"SELECT case_id, until, district, department FROM ({left}) AS stays WHERE state IN ({states})"  # noqa: S608


def _pending_appeals(view: View, start: int, end: int, by: Dimension) -> str:
    """Appeals come after closing: those not decided yet are the last word on their case, which `held` leaves out."""
    names = ", ".join(f"'{request}'" for request in APPEALS)
    parts = view.copy.final(COLUMNS, f"current_request IN ({names}) AND since < {end}")
    told = f"case_id, {unit_of(by)}, current_request, state, {_inside(start, end)}"
    return "".join(f" UNION ALL SELECT {told} FROM ({part}) AS cases" for part in parts)  # noqa: S608


def _told(view: View, rows: str) -> Pauses:
    stands = ", ".join(f"'{kind}'" for kind in STANDS)
    states = ", ".join(f"'{state}'" for state in sorted(AT_DEPARTMENT))
    view.rows(f"CREATE OR REPLACE TEMP TABLE pauses AS {rows}")
    kinds = view.rows(
        "SELECT unit, pause, count(*), sum(spent), quantile_cont(spent, 0.5) FROM ("
        "SELECT unit, pause, case_id, sum(spent_ms) AS spent FROM pauses WHERE pause IS NOT NULL GROUP BY ALL "
        "HAVING spent > 0"
        ") GROUP BY unit, pause ORDER BY unit, pause"
    )
    disposal = view.rows(
        f"SELECT unit, sum(spent_ms) FILTER (state IN ({states}) OR pause IN ({stands})), "  # noqa: S608
        f"count(DISTINCT case_id) FILTER (pause IN ({stands}) AND spent_ms > 0) FROM pauses GROUP BY unit"
    )
    return Pauses(
        kinds=[
            Pause(unit, kind, number, _span(total), _span(median or 0)) for unit, kind, number, total, median in kinds
        ],
        disposal={unit: _span(spent or 0) for unit, spent, _ in disposal},
        stood={unit: cases for unit, _, cases in disposal},
    )


def _span(ms: float) -> timedelta:
    return timedelta(milliseconds=float(ms))
