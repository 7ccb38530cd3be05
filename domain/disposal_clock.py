"""The disposal clock of one case: what starts, halts, resumes and extends it (domain sheet 5.4), and its lamp (5.5).

Each function returns the case's changed fields as plain journal values. While the clock runs,
``used(dispatched_at, deadline) - paused_seconds`` is the limit granted so far, so nothing else need be stored.
A case without a deadline has no disposal clock; every function then leaves the deadline empty.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from domain.case import Case, CaseState
from domain.journal import milliseconds
from domain.policy import ExtensionRule, Policy
from domain.transition import Disposal
from domain.worktime import Lamp, LimitUnit, WorkCalendar, added, deadline, lamp, limit_ms, used

Changes = dict[str, Any]

_SECOND_MS = 1000
_HOUR_MS = 3_600_000


def unit_of(case: Case) -> LimitUnit:
    """The unit the limit counts; outside deadlines that came without one are continuous time."""
    return LimitUnit(case.limit_unit) if case.limit_unit else LimitUnit.CALENDAR_DAY


def _used(case: Case, start: datetime, end: datetime, policy: Policy) -> int:
    return used(start, end, unit_of(case), policy.calendar)


def _added(case: Case, start: datetime, unit_ms: int, policy: Policy) -> datetime:
    return added(start, unit_ms, unit_of(case), policy.calendar)


def dispatched(case: Case, at: datetime, policy: Policy, department: str) -> Changes:
    """The same unit goes on with what was left; another one, like the first, gets the full limit (5.4)."""
    same = bool(case.departments_tasked) and case.departments_tasked[-1] == department
    return resumed(case, at, policy) if same and case.remaining_seconds is not None else full(case, at, policy)


def full(case: Case, at: datetime, policy: Policy) -> Changes:
    """A whole limit from `at`; what was used before is not charged, so it counts as paused."""
    if case.limit_value is None:
        return {"pauses": _with_pause(case, at), "paused_since": None, "remaining_seconds": None}
    before = 0 if case.dispatched_at is None else _used(case, case.dispatched_at, at, policy)
    end = milliseconds(deadline(at, case.limit_value, unit_of(case), policy.calendar))
    return {
        "deadline": end,
        "original_deadline": end,
        "calendar_version": policy.calendar.version,
        "paused_seconds": before / _SECOND_MS,
        "pauses": _with_pause(case, at),
        "paused_since": None,
        "remaining_seconds": None,
    }


def _with_pause(case: Case, at: datetime) -> list[str]:
    """The clock's past pauses, with the one that ends at `at`."""
    if case.paused_since is None:
        return list(case.pauses)
    return [*case.pauses, f"{milliseconds(case.paused_since)}/{milliseconds(at)}"]


def halted(case: Case, at: datetime, policy: Policy) -> Changes:
    """Stands still from `at`; the deadline stays on the case, to be judged by and seen."""
    left = None if case.deadline is None else _used(case, at, case.deadline, policy) / _SECOND_MS
    return {"paused_since": milliseconds(at), "remaining_seconds": left}


def taken_back(case: Case, at: datetime, policy: Policy) -> Changes:
    """Stands still, and nobody has a deadline until the next dispatch."""
    return halted(case, at, policy) | {"deadline": None}


def resumed(case: Case, at: datetime, policy: Policy) -> Changes:
    """Goes on with what was left; the pause is not charged."""
    changes: Changes = {"paused_since": None, "remaining_seconds": None}
    if case.paused_since is None or case.remaining_seconds is None:
        return changes
    pause = _used(case, case.paused_since, at, policy) / _SECOND_MS
    end = _added(case, at, round(case.remaining_seconds * _SECOND_MS), policy)
    return changes | {
        "deadline": milliseconds(end),
        "calendar_version": policy.calendar.version,
        "paused_seconds": case.paused_seconds + pause,
        "pauses": _with_pause(case, at),
    }


def reworked(case: Case, at: datetime, policy: Policy) -> Changes:
    """After a failed check: what was left, or a full limit where the city gives one."""
    return full(case, at, policy) if policy.rework_new_limit else resumed(case, at, policy)


def extended(case: Case, policy: Policy, hours: float | None) -> Changes:
    """The deadline moves on by one more limit, or by the hours granted; nothing where neither is known."""
    if policy.extension_rule is ExtensionRule.GRANTED_HOURS:
        more = None if hours is None else round(hours * _HOUR_MS)
    else:
        more = None if case.limit_value is None else limit_ms(case.limit_value, unit_of(case))
    if more is None or case.deadline is None:
        return {}
    return {"deadline": milliseconds(_added(case, case.deadline, more, policy))}


AT_ONCE: dict[Disposal, Callable[[Case, datetime, Policy], Changes]] = {
    Disposal.HALT: halted,
    Disposal.TAKE_BACK: taken_back,
    Disposal.RESUME: resumed,
    Disposal.REWORK: reworked,
}
"""The effects that need nothing but the moment."""


def share_used(case: Case, now: datetime, calendar: WorkCalendar) -> float | None:
    """How much of the limit granted is used, 1.0 being all; None without a deadline or a dispatch."""
    if case.deadline is None or case.dispatched_at is None:
        return None
    unit = unit_of(case)
    granted = used(case.dispatched_at, case.deadline, unit, calendar) - case.paused_seconds * _SECOND_MS
    paused = case.paused_since is not None and case.remaining_seconds is not None
    left = (case.remaining_seconds or 0) * _SECOND_MS if paused else used(now, case.deadline, unit, calendar)
    return 1 - left / granted if granted > 0 else float(left < 0) * 2


def case_lamp(case: Case, now: datetime, calendar: WorkCalendar) -> Lamp | None:
    """The case's lamp; grey off the clock, as it stood at the feedback once that is in. None: no limit to show."""
    if case.state is CaseState.SUSPENDED or (case.state is CaseState.PENDING_DISPATCH and case.paused_since):
        return Lamp.GREY
    share = share_used(case, now, calendar)
    return None if share is None else lamp(share)
