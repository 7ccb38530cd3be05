"""Limits that ran, told from the journal: what a risk is learnt from, moment by moment, with nothing known too early.

A run is one stretch of a case in which its limit ran: from dispatch, resumption or rework until the answer, a
send-back, a suspension or the end. It was missed if its deadline, as it stood then, passed while it ran; an extension
granted in time moves that deadline. Runs whose deadline lies beyond the journal's end are not decided, and teach
nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import IntEnum
from itertools import groupby
from zlib import crc32
from zoneinfo import ZoneInfo

from domain.case import Case
from domain.disposal_clock import unit_of
from domain.journal import Entry, fold
from domain.risk_features import numbers
from domain.risk_record import TrackRecords
from domain.risk_view import limit_runs, share_of_limit, view_of
from domain.worktime import WorkCalendar, added, used

LOOKS = 5
"""How often a run is looked at: once in every fifth of its limit, while it runs."""
ROLL_CALL = time(9)
"""When all that runs is looked at together, in the city's time: what an officer would have seen in the morning."""


@dataclass(slots=True)
class Run:
    """One stretch of a running limit. `stands` are the case at its beginning and after each entry within it.

    A missed one goes on burdening its department until `end`.
    """

    start: datetime
    stands: list[tuple[datetime, Case]]
    end: datetime | None = None
    missed_at: datetime | None = None

    @property
    def deadline(self) -> datetime:
        """The deadline that held last, or that was missed."""
        deadline = self.missed_at or self.stands[-1][1].deadline
        if deadline is None:
            raise ValueError(f"{self.stands[-1][1].case_no}: a run without a deadline")
        return deadline

    def held(self) -> Iterator[tuple[str, datetime, datetime | None]]:
        """Which department held it from when to when."""
        for department, stands in groupby(self.stands, key=lambda stand: stand[1].department or ""):
            since = next(stands)[0]
            later = (at for at, case in self.stands if at > since and (case.department or "") != department)
            yield department, since, next(later, self.end)

    def over(self) -> datetime | None:
        """When it was decided; None while it is not."""
        return self.missed_at or self.end

    def at(self, moment: datetime) -> Case:
        """The case as it stood at a moment within the run."""
        return next(case for since, case in reversed(self.stands) if since <= moment)


@dataclass(frozen=True, slots=True)
class Example:
    """What was known of a running case at `at`, and whether its deadline was missed. `began` names its run's start,
    `due` by when the run was certainly decided; `roll_call` marks the looks at all running cases of a morning.
    """

    case_no: str
    at: datetime
    began: datetime
    due: datetime
    numbers: dict[str, float]
    late: bool
    roll_call: bool
    share: float


def runs_of(entries: Iterable[Entry], until: datetime) -> Iterator[Run]:
    """The runs of one case, from its entries in order; `until` is the journal's end."""
    case: Case | None = None
    run: Run | None = None
    for entry in entries:
        case = fold(case, entry)
        if run is not None and run.missed_at is None and run.deadline < entry.at:
            run.missed_at = run.deadline
        if run is not None and not limit_runs(case):
            run.end = entry.at
            yield run
            run = None
        elif run is not None:
            run.stands.append((entry.at, case))
        elif limit_runs(case) and case.deadline is not None and entry.at < case.deadline:
            run = Run(entry.at, [(entry.at, case)])
    if run is not None:
        if run.missed_at is None and run.deadline < until:
            run.missed_at = run.deadline
        yield run


class _What(IntEnum):
    """What happens at one moment; at the same moment endings come first and looks last."""

    DECIDED = 0
    LEAVES = 1
    COMES = 2
    LOOK = 3
    ROLL_CALL = 4


@dataclass(slots=True)
class Lesson:
    """The journal gone through once, in the order of time: examples, and the records as they stand at the end."""

    examples: list[Example]
    records: TrackRecords
    runs: int
    missed: int
    start: datetime
    end: datetime


def lesson(runs: Sequence[Run], calendar: WorkCalendar, until: datetime) -> Lesson:
    """Go through the runs by time; what an example knows is what had been decided before its moment."""
    start = min((run.start for run in runs), default=until)
    pupil = _Pupil(calendar, start)
    for at, what, number, department in sorted(_happenings(runs, calendar, until)):
        pupil.take(at, what, runs[number], department)
    pupil.records.days = max((until - start) / timedelta(days=1), 1.0)
    missed = sum(run.missed_at is not None for run in runs)
    return Lesson(pupil.examples, pupil.records, len(runs), missed, start, until)


def _happenings(
    runs: Sequence[Run], calendar: WorkCalendar, until: datetime
) -> Iterator[tuple[datetime, _What, int, str]]:
    for number, run in enumerate(runs):
        for department, since, left in run.held():
            yield since, _What.COMES, number, department
            if left is not None:
                yield left, _What.LEAVES, number, department
        over = run.over()
        if over is None:
            continue
        yield over, _What.DECIDED, number, ""
        if run.deadline > until:
            continue
        for moment in _looks(run, calendar):
            if moment < over:
                yield moment, _What.LOOK, number, ""
        for moment in roll_calls(run.start, over, calendar.zone):
            yield moment, _What.ROLL_CALL, number, ""


def _looks(run: Run, calendar: WorkCalendar) -> Iterator[datetime]:
    """Once somewhere in every fifth of the limit; where, the case's number decides."""
    case = run.stands[0][1]
    unit = unit_of(case)
    whole = used(run.start, run.deadline, unit, calendar)
    for look in range(LOOKS):
        place = (look + crc32(f"{case.case_no} {look}".encode()) / 2**32) / LOOKS
        yield added(run.start, max(1, round(whole * place)), unit, calendar)


def roll_calls(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Every morning's look between two moments."""
    day = start.astimezone(zone).date()
    while (moment := datetime.combine(day, ROLL_CALL, zone).astimezone(start.tzinfo)) < end:
        if moment > start:
            yield moment
        day += timedelta(days=1)


@dataclass(slots=True)
class _Pupil:
    """What is known so far."""

    calendar: WorkCalendar
    start: datetime
    records: TrackRecords = field(default_factory=TrackRecords)
    examples: list[Example] = field(default_factory=list)
    load: Counter[str] = field(default_factory=Counter)

    def take(self, at: datetime, what: _What, run: Run, department: str) -> None:
        if what is _What.DECIDED:
            self._note(at, run)
        elif what in (_What.COMES, _What.LEAVES):
            self.load[department] += 1 if what is _What.COMES else -1
        else:
            self._look(at, run, roll_call=what is _What.ROLL_CALL)

    def _note(self, at: datetime, run: Run) -> None:
        case = run.at(at)
        share = share_of_limit(case, at, self.calendar)
        self.records.note(
            case.department or "", case.class_code, case.district or "", share, late=run.missed_at is not None
        )

    def _look(self, at: datetime, run: Run, *, roll_call: bool) -> None:
        case = run.at(at)
        self.records.days = max((at - self.start) / timedelta(days=1), 1.0)
        department = case.department or ""
        view = view_of(case, at, self.calendar, load=self.load[department], daily=self.records.daily(department))
        if view is not None:
            found = numbers(view, self.records, self.calendar.zone)
            late = run.missed_at is not None
            self.examples.append(Example(case.case_no, at, run.start, run.deadline, found, late, roll_call, view.share))
