"""A `CaseQuery` as an SQL condition, and the same query as a test of one case: the two always agree.

`domain.indicators.counted` is the definition of every count; here it is said once more in SQL, and a contract test
compares the two on both databases. Times in SQL are epoch milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, literal, or_, true

from data_access.schema import cases
from domain.case import FINAL_STATES, STAGE_OF, Case, CaseState
from domain.case_query import CaseQuery, Count
from domain.facts import facts_of
from domain.indicators import BEGINNING, FLOWS, LEFT_OUT, OVERDUE_FACTOR, SUMS, Convention, counted
from domain.journal import milliseconds
from domain.period import Window, window

c = cases.c

_LIKE_COLUMNS = (c.case_no, c.address, c.description)
_EQUAL_FIELDS = ("district", "department", "class_code", "grid", "state", "severity", "source")
_OPEN_STATES = tuple(state.value for state in CaseState if state not in FINAL_STATES)
_LEFT_OUT_STATES = tuple(state.value for state in CaseState if state in LEFT_OUT)
_RUNNING_STATES = tuple(state for state in _OPEN_STATES if state not in _LEFT_OUT_STATES)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query with its moments settled. `judged` ends at the moment whose state of affairs is asked for.

    `past` means that moment is over: later entries must not show. `reported` is when a case must have been reported.
    """

    query: CaseQuery
    judged: Window
    past: bool
    reported: Window | None


def asked(query: CaseQuery, now: datetime, zone: ZoneInfo) -> Asked:
    """Settle what "today", "now" and "as of" mean.

    A flow figure holds as of its window's end, so `end` is then also a moment to look back from. Without a count the
    period says when the cases were reported.
    """
    now = cut(now)
    looked_from = [now, query.as_of or now, (query.count and query.end) or now]
    at = min(looked_from)
    start = query.start or (window(query.period, at, zone).start if query.period else None)
    reported = None
    if query.count is None and (start or query.end):
        reported = Window(start or BEGINNING, query.end or at)
    if query.reported_from or query.reported_to:
        first, last = query.reported_from or BEGINNING, query.reported_to or at
        reported = Window(max(first, reported.start), min(last, reported.end)) if reported else Window(first, last)
    return Asked(query, Window(start or BEGINNING, at), at < now, reported)


def cut(at: datetime) -> datetime:
    """Without the microseconds that no stored time has."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def condition(wanted: Asked) -> ColumnElement[bool]:
    """The SQL condition; for a past moment it finds only the cases that nothing happened to since."""
    query = wanted.query
    parts: list[ColumnElement[bool]] = [
        _equal(name, value) for name in _EQUAL_FIELDS if (value := getattr(query, name)) is not None
    ]
    if query.count is not None:
        parts.append(counted_condition(query.count, wanted.judged))
    if query.stage is not None:
        parts.append(c.state.in_([state.value for state, stage in STAGE_OF.items() if stage is query.stage]))
    if query.text:
        parts.append(or_(*(column.icontains(query.text, autoescape=True) for column in _LIKE_COLUMNS)))
    if wanted.reported is not None:
        parts.append(within(c.reported_at, wanted.reported))
    if wanted.past:
        parts.append(untouched_since(milliseconds(wanted.judged.end)))
    return and_(true(), *parts)


def untouched_since(at: int) -> ColumnElement[bool]:
    """Nothing happened to the case from `at` (epoch ms) on. The sum keeps planners off an index most cases fit."""
    return c.updated_at + 0 < at


def matches(case: Case, wanted: Asked) -> bool:
    """Whether a case, as it stood at the moment asked for, is meant."""
    query = wanted.query
    return (
        all(_same(case, name, getattr(query, name)) for name in _EQUAL_FIELDS)
        and (query.count is None or counted(facts_of(case), query.count, wanted.judged))
        and (query.stage is None or case.stage is query.stage)
        and (wanted.reported is None or wanted.reported.holds(case.reported_at))
        and (not query.text or _has_text(case, query.text.lower()))
    )


def _same(case: Case, name: str, value: object) -> bool:
    return value is None or (getattr(case, name) or "") == value


def _has_text(case: Case, lowered: str) -> bool:
    return any(lowered in text.lower() for text in (case.case_no, case.address, case.description))


def _equal(name: str, value: str) -> ColumnElement[bool]:
    """An empty value asks for the cases that have none, the key ``""`` of the figures."""
    column = c[name]
    return column == str(value) if value else or_(column.is_(None), column == "")


def within(column: ColumnElement[int], period: Window) -> ColumnElement[bool]:
    """`Window.holds` in SQL."""
    return and_(column >= milliseconds(period.start), column < milliseconds(period.end))


_self_disposed = c.self_disposed.is_(True)
_not_self_disposed = c.self_disposed.is_(False)
_is_open = c.state.in_(_OPEN_STATES)
_state_seen = c.state.concat("")  # beside a time stamp the state only filters: its index would be the long way round
_is_closed = and_(_state_seen == CaseState.CLOSED.value, _not_self_disposed)
_evaluated = and_(_state_seen.not_in(_LEFT_OUT_STATES), _not_self_disposed)
_on_time = or_(
    c.timeout_exempt.is_(True),
    c.deadline.is_(None),
    func.coalesce(func.coalesce(c.disposed_at, c.closed_at) <= c.deadline, literal(False)),
)
_late = ~_on_time

_FLOW_HOLDS: dict[Count, ColumnElement[bool]] = {
    Count.REPORTED: true(),
    Count.ACCEPTED: _not_self_disposed,
    Count.FILED: _not_self_disposed,
    Count.DISPATCHED: _not_self_disposed,
    Count.DISPOSED: _evaluated,
    Count.ON_TIME_DISPOSED: and_(_evaluated, _on_time),
    Count.LATE_DISPOSED: and_(_evaluated, _late),
    Count.CLOSED: _is_closed,
    Count.ON_TIME_CLOSED: and_(_is_closed, _on_time),
    Count.REWORK: _evaluated,
    Count.VOIDED: c.state == CaseState.VOIDED.value,
    Count.SELF_DISPOSED: _self_disposed,
}


def flow_holds(count: Count) -> ColumnElement[bool]:
    """What must hold of a case beside its stamp lying in the window (`Flow.holds`)."""
    return _FLOW_HOLDS[count]


def counted_condition(count: Count, judged: Window) -> ColumnElement[bool]:
    """`domain.indicators.counted` in SQL."""
    if count in FLOWS:
        return and_(within(c[FLOWS[count].stamp], judged), flow_holds(count))
    if count in SUMS:
        return or_(*(counted_condition(part, judged) for part in SUMS[count]))
    return _standing(count, milliseconds(judged.end))


def _standing(count: Count, at: int) -> ColumnElement[bool]:
    overdue = and_(
        c.state.in_(_RUNNING_STATES),
        c.deadline < at,
        c.disposed_at.is_(None),
        c.timeout_exempt.is_(False),
        _not_self_disposed,
    )
    conditions: dict[Count, ColumnElement[bool]] = {
        Count.OPEN: _is_open,
        Count.SUSPENDED: c.state == CaseState.SUSPENDED.value,
        Count.AWAITING_CLOSING: and_(c.state.in_(_RUNNING_STATES), c.disposed_at.is_not(None), _not_self_disposed),
        Count.OVERDUE_UNDISPOSED: overdue,
        Count.OVERDUE_3X: and_(overdue, at - c.dispatched_at > OVERDUE_FACTOR * (c.deadline - c.dispatched_at)),
    }
    return conditions[count]


def belongs_condition(period: Window, convention: Convention) -> ColumnElement[bool]:
    """`domain.indicators.belongs` in SQL."""
    if convention is Convention.FLOW:
        return true()
    if convention is Convention.COHORT:
        return within(c.reported_at, period)
    start, end = milliseconds(period.start), milliseconds(period.end)
    return and_(c.deadline < end, or_(c.deadline >= start, _is_open, c.state_since >= start))
