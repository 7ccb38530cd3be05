"""Which alarms a case calls for at a moment, and when time alone will change that. Deadlines ripen, nobody polls.

The law: what `CaseWatch` holds equals `conditions_of` asked about every open case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any

from domain.alarm import LEVELS, AlarmKey, AlarmKind, Condition
from domain.attention import BOUNCES, DUE_SOON_FIFTHS, TICK
from domain.board import OpenRow
from domain.case import CaseState, Severity
from domain.journal import milliseconds
from domain.snapshots import Snapshot

NOT_RECEIVED = frozenset(
    {
        *(CaseState.PENDING_ACCEPTANCE, CaseState.PENDING_VERIFY, CaseState.PENDING_FILING),
        *(CaseState.PENDING_DISPATCH, CaseState.PENDING_DISPOSAL),
    }
)
"""Nobody who could end the danger has taken the case yet."""

UNDER_DISPOSAL = frozenset({CaseState.PENDING_DISPOSAL, CaseState.DISPOSING})

LEAST_ANSWER = timedelta(minutes=10)
LONGEST_ANSWER = timedelta(hours=8)
"""A department has a fifth of its time to receive a case, but no less and no more than this."""

SUSPENSION_NOTICE = timedelta(hours=2)

Due = tuple[AlarmKind, datetime | None]
"""A kind that may become an alarm, and when it does: None for at once, since an unknown moment."""


def answer_by(row: OpenRow) -> datetime | None:
    """When the department must have received the case; None where it has no time of its own."""
    if row.tasked_at is None or row.deadline is None:
        return None
    share = (row.deadline - row.tasked_at) / 5
    return row.tasked_at + min(max(share, LEAST_ANSWER), LONGEST_ANSWER)


def due_soon_at(row: OpenRow) -> datetime | None:
    """When four fifths of the present department's time are used (whole ms)."""
    if row.tasked_at is None or row.deadline is None:
        return None
    return row.tasked_at + (row.deadline - row.tasked_at) // TICK * DUE_SOON_FIFTHS // 5 * TICK


def dues(row: OpenRow) -> Iterator[Due]:
    """Every alarm the case has, or will have if nobody acts. A suspended case waits by decision."""
    if row.order_due is not None:
        yield AlarmKind.ORDER_OVERDUE, row.order_due
    if row.current_request is not None:
        yield AlarmKind.REQUEST_WAITING, None
    if row.state is CaseState.SUSPENDED:
        if row.suspended_until is not None:
            yield AlarmKind.SUSPENSION_ENDING, row.suspended_until - SUSPENSION_NOTICE
        return
    if row.severity is Severity.L1 and row.state in NOT_RECEIVED:
        yield AlarmKind.SEVERE, row.reported_at
    if row.state is CaseState.PENDING_DISPATCH and row.send_back_count >= BOUNCES:
        yield AlarmKind.BOUNCED, row.state_since
    if row.state in UNDER_DISPOSAL:
        yield from _times(row)


def _times(row: OpenRow) -> Iterator[Due]:
    answer = answer_by(row)
    if row.state is CaseState.PENDING_DISPOSAL and answer is not None:
        yield AlarmKind.UNANSWERED, answer
    if row.deadline is not None:
        yield AlarmKind.OVERDUE, row.deadline
        soon = due_soon_at(row)
        if soon is not None and soon < row.deadline:
            yield AlarmKind.DUE_SOON, soon


def conditions_of(row: OpenRow, now: datetime) -> list[Condition]:
    """The case's alarms at `now`. Once it is late, it is no longer only about to be."""
    kinds = {kind: since for kind, since in dues(row) if since is None or since < now}
    if AlarmKind.OVERDUE in kinds:
        kinds.pop(AlarmKind.DUE_SOON, None)
    return [_condition(row, kind, since) for kind, since in kinds.items()]


def next_change(row: OpenRow, now: datetime) -> datetime | None:
    """The next moment from `now` on at which time alone changes the answer of `conditions_of`."""
    return min((since + TICK for _, since in dues(row) if since is not None and since >= now), default=None)


def _condition(row: OpenRow, kind: AlarmKind, since: datetime | None) -> Condition:
    level = LEVELS[kind]
    if kind is AlarmKind.UNANSWERED and row.severity is Severity.L1:
        level = Severity.L1
    return Condition(key=AlarmKey(kind, row.case_no), level=level, since=since or row.state_since, about=about(row))


def about(row: OpenRow) -> dict[str, Any]:
    """What the screens say of the case: nothing personal, and nothing that changes while the alarm stands."""
    return {
        "case_no": row.case_no,
        "severity": row.severity.value,
        "class_code": row.class_code,
        "address": row.address,
        "district": row.district,
        "grid": row.grid,
        "department": row.department,
        "deadline": None if row.deadline is None else milliseconds(row.deadline),
    }


class CaseWatch:
    """The conditions of all open cases, kept up at a cost that follows what changed, not how many cases there are."""

    def __init__(self) -> None:
        self._rows: Snapshot[OpenRow] = Snapshot.of({})
        self._ripe: list[tuple[datetime, str]] = []
        self._of_case: dict[str, list[Condition]] = {}

    def look(self, rows: Snapshot[OpenRow], now: datetime) -> Mapping[AlarmKey, Condition]:
        """Every condition of these cases at `now`. Time does not go back between two looks."""
        moved = set(self._rows.differing(rows))
        self._rows = rows
        while self._ripe and self._ripe[0][0] <= now:
            moved.add(heappop(self._ripe)[1])
        for case_no in moved:
            self._judge(case_no, now)
        return {condition.key: condition for some in self._of_case.values() for condition in some}

    def _judge(self, case_no: str, now: datetime) -> None:
        row = self._rows.get(case_no)
        found = [] if row is None else conditions_of(row, now)
        if found:
            self._of_case[case_no] = found
        else:
            self._of_case.pop(case_no, None)
        later = None if row is None else next_change(row, now)
        if later is not None:
            heappush(self._ripe, (later, case_no))
