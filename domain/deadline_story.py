"""Why a case's deadline is what it is: rule, start, unit, calendar, pauses, extensions, end (product sheet 3.11).

Told from the case and its journal. The pieces add up: counted in the limit's own time from the first end of the limit,
the extensions and the pauses that are over lead to the deadline that stands on the case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from domain.action import Action
from domain.case import Case
from domain.disposal_clock import unit_of
from domain.journal import Entry, fold
from domain.policy import Policy
from domain.worktime import LimitUnit, added, limit_ms, used

_SECOND_MS = 1000
_FULL = frozenset({Action.DISPATCH, Action.FAIL_CHECK, Action.APPROVE_EMERGENCY})
"""What may give a whole limit (domain sheet 5.4)."""


class Running(StrEnum):
    """How the disposal clock stands."""

    RUNNING = "running"
    PAUSED = "paused"
    """The deadline stays to be seen; what was left will be counted on. Suspension."""
    STOPPED = "stopped"
    """The department has answered, or the case has ended: the deadline is judged by."""
    TAKEN_BACK = "taken_back"
    """Nobody has a deadline until the next dispatch. Send-back, recall."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Time that is not charged: since the clock began, and by which act. `spent_ms` in the limit's own time."""

    start: datetime
    end: datetime | None
    cause: Action
    reason: str
    spent_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """What an approved extension added, in the limit's own time."""

    at: datetime
    actor: str
    reason: str
    more_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineStory:
    """The present limit of a case, told from where it began.

    `limit_ms` is None where an outside system gave the deadline: then `start` says when it was told, `first_end` what
    it said. `restarts` counts the whole limits given before this one. `left_ms` is what was left as the clock stopped.
    `computed_with` is the calendar the deadline was counted by; where it is not `calendar`, the pieces are counted anew
    by today's and need not add up.
    """

    running: Running
    unit: LimitUnit
    limit_ms: int | None
    limit_value: float | None
    filing_condition: str | None
    limit_code: str | None
    start: datetime
    started_by: Action
    department: str | None
    first_end: datetime
    pauses: tuple[Pause, ...]
    extensions: tuple[Extension, ...]
    end: datetime | None
    left_ms: int | None
    restarts: int
    computed_with: str | None
    calendar: str

    @property
    def adds_up(self) -> bool:
        """Whether the pieces were counted by the calendar the deadline was counted by."""
        return self.computed_with in (None, self.calendar) or self.unit.continuous

    @property
    def paused_ms(self) -> int:
        """Pauses that are over."""
        return sum(pause.spent_ms or 0 for pause in self.pauses)

    @property
    def extended_ms(self) -> int:
        return sum(extension.more_ms for extension in self.extensions)


@dataclass(frozen=True, slots=True)
class _Step:
    """An entry, and the case before and after it."""

    before: Case | None
    entry: Entry
    after: Case


def deadline_story(entries: Iterable[Entry], policy: Policy) -> DeadlineStory | None:
    """The story of the limit that holds now, or held last; None where the case never had a deadline."""
    steps = list(_steps(entries))
    starts = [index for index, step in enumerate(steps) if _starts(step, policy)]
    if not starts:
        return None
    present = steps[starts[-1] :]
    first, case = present[0], present[-1].after
    computed = _computed(first)
    return DeadlineStory(
        running=_running(case),
        unit=unit_of(case),
        limit_ms=limit_ms(case.limit_value or 0, unit_of(case)) if computed else None,
        limit_value=case.limit_value if computed else None,
        filing_condition=case.filing_condition,
        limit_code=case.limit_code,
        start=first.entry.at,
        started_by=first.entry.action,
        department=first.after.department,
        first_end=first.after.deadline or first.entry.at,
        pauses=tuple(_pauses(present, policy)),
        extensions=tuple(_extensions(present, policy)),
        end=case.deadline,
        left_ms=None if case.remaining_seconds is None else round(case.remaining_seconds * _SECOND_MS),
        restarts=len(starts) - 1,
        computed_with=case.calendar_version,
        calendar=policy.calendar.version,
    )


def story_end(story: DeadlineStory, policy: Policy) -> datetime:
    """Where the pieces lead: what the deadline is, or would be if the clock stood still no longer than it did."""
    return added(story.first_end, story.extended_ms + story.paused_ms, story.unit, policy.calendar)


def _steps(entries: Iterable[Entry]) -> Iterator[_Step]:
    case: Case | None = None
    for entry in entries:
        after = fold(case, entry)
        yield _Step(case, entry, after)
        case = after


def _computed(step: _Step) -> bool:
    """Whether the deadline was counted from a limit of ours, not told by an outside system."""
    return step.entry.action in _FULL


def _starts(step: _Step, policy: Policy) -> bool:
    """Whether a limit begins here: a whole one of ours, or a deadline that an outside system told."""
    before, after = step.before, step.after
    if after.deadline is None:
        return False
    if step.entry.action not in _FULL:
        told = step.entry.action in (Action.IMPORT_REPORT, Action.IMPORT_STEP)
        return told and "deadline" in step.entry.changes
    return before is None or not _goes_on(step.entry.action, before, step, policy)


def _goes_on(action: Action, before: Case, step: _Step, policy: Policy) -> bool:
    """Whether the clock went on with what was left (`domain.disposal_clock`); after a failed check the figures tell."""
    if action is Action.APPROVE_EMERGENCY or before.remaining_seconds is None or before.paused_since is None:
        return action is Action.FAIL_CHECK and before.deadline == step.after.deadline
    if action is Action.DISPATCH:
        return before.departments_tasked[-1:] == (step.after.department,)
    whole = limit_ms(step.after.limit_value or 0, unit_of(step.after))
    given = used(step.entry.at, step.after.deadline or step.entry.at, unit_of(step.after), policy.calendar)
    left = round(before.remaining_seconds * _SECOND_MS)
    return abs(given - left) <= abs(given - whole)


def _pauses(steps: list[_Step], policy: Policy) -> Iterator[Pause]:
    """From each stop of the clock to the entry that let it go on; one may still last."""
    halted: _Step | None = None
    for step in steps[1:]:
        if step.after.paused_since is not None and halted is None:
            halted = step
        elif step.after.paused_since is None and halted is not None:
            yield _pause(halted, step.entry.at, policy)
            halted = None
    if halted is not None:
        yield _pause(halted, None, policy)


def _pause(halted: _Step, end: datetime | None, policy: Policy) -> Pause:
    start = halted.after.paused_since or halted.entry.at
    spent = None if end is None else used(start, end, unit_of(halted.after), policy.calendar)
    entry = halted.entry
    return Pause(start=start, end=end, cause=entry.action, reason=entry.reason, spent_ms=spent)


def _extensions(steps: list[_Step], policy: Policy) -> Iterator[Extension]:
    for before, step in pairwise(steps):
        old, new = before.after.deadline, step.after.deadline
        if step.entry.action is Action.APPROVE_EXTENSION and old is not None and new is not None:
            entry, more = step.entry, used(old, new, unit_of(step.after), policy.calendar)
            yield Extension(at=entry.at, actor=entry.actor, reason=entry.reason, more_ms=more)


def _running(case: Case) -> Running:
    if case.deadline is None:
        return Running.TAKEN_BACK
    if case.disposed_at is not None or case.is_final:
        return Running.STOPPED
    return Running.PAUSED if case.paused_since is not None else Running.RUNNING
