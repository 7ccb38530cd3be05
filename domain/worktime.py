"""Working time: limits in working or continuous time, and the moments they end at (domain sheet 5.1, 5.2, 5.5).

All working time is counted along one axis: the milliseconds of open slots since the start of a local year. A moment
maps to a place on it and back, so adding, subtracting and measuring are the same few lines. Times are aware UTC.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from domain.journal import milliseconds, moment

_HOUR_MS = 3_600_000
_WORK_DAY_HOURS = 8
_YEARS_AHEAD = 100
"""A limit that is not over after so many years is a mistake in the calendar or the limit."""


class CalendarError(ValueError):
    """A working calendar that cannot be: the message names the part and the fix."""


class LimitUnit(StrEnum):
    """What a limit counts (domain sheet 5.1). A working day is 8 working hours, so it may end on the following day."""

    URGENT_HOUR = "urgent_hour"
    URGENT_DAY = "urgent_day"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"
    CALENDAR_DAY = "calendar_day"

    @property
    def continuous(self) -> bool:
        """Nights and holidays count too."""
        return self not in (LimitUnit.WORK_HOUR, LimitUnit.WORK_DAY)

    @property
    def hours(self) -> int:
        return {LimitUnit.WORK_DAY: _WORK_DAY_HOURS, LimitUnit.URGENT_DAY: 24, LimitUnit.CALENDAR_DAY: 24}.get(self, 1)


@dataclass(frozen=True, slots=True)
class Hours:
    """Working slots of a day, in force on local dates `first` to `last`, both included; None leaves that side open."""

    slots: tuple[tuple[time, time], ...]
    first: date | None = None
    last: date | None = None

    def holds(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class _Year:
    """Working slots of one local year: UTC start and end, and the working milliseconds of the year before each."""

    starts: list[int]
    ends: list[int]
    before: list[int]
    total: int

    def place(self, at: int) -> int:
        """Working milliseconds from the start of the year until `at`."""
        index = bisect_right(self.starts, at) - 1
        return 0 if index < 0 else self.before[index] + min(at, self.ends[index]) - self.starts[index]

    def at(self, place: int) -> int:
        """The first moment by which `place` working milliseconds are over (0 < place <= total)."""
        index = bisect_left(self.before, place) - 1
        return self.starts[index] + place - self.before[index]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalendar:
    """When the hall's departments work. `version` is frozen into every deadline that was computed with it.

    `hours` lists slots by date range, the later entry winning where two overlap (summer hours after the usual ones).
    `weekdays` count Monday as 0. `holidays` are off although weekdays, `workdays` worked although not (调休上班).

    Raises:
        CalendarError: slots out of order, or no working time at all.
    """

    version: str
    zone: ZoneInfo
    hours: tuple[Hours, ...]
    weekdays: frozenset[int] = frozenset(range(5))
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    _years: dict[int, _Year] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= frozenset(range(7)):
            raise CalendarError("weekdays: name at least one day, 0 (Monday) to 6 (Sunday)")
        if not any(hours.slots for hours in self.hours):
            raise CalendarError("hours: no working slot; give at least one, such as 08:00-12:00")
        for hours in self.hours:
            _check_slots(hours)

    def slots_of(self, day: date) -> tuple[tuple[int, int], ...]:
        """Working slots of a local day as UTC epoch milliseconds."""
        off = day in self.holidays or (day.weekday() not in self.weekdays and day not in self.workdays)
        hours = None if off else next((h for h in reversed(self.hours) if h.holds(day)), None)
        return (
            () if hours is None else tuple((self._utc(day, start), self._utc(day, end)) for start, end in hours.slots)
        )

    def used(self, start: datetime, end: datetime) -> int:
        """Working milliseconds between two moments; negative when `end` is the earlier one."""
        if end < start:
            return -self.used(end, start)
        first, last = self._year_of(start), self._year_of(end)
        whole = sum(self._year(year).total for year in range(first, last))
        return whole + self._year(last).place(milliseconds(end)) - self._year(first).place(milliseconds(start))

    def add(self, start: datetime, working_ms: int) -> datetime:
        """The first moment by which `working_ms` of working time are over since `start`; negative goes back.

        Raises:
            CalendarError: the calendar has too little working time for it in a hundred years.
        """
        year = first = self._year_of(start)
        place = self._year(year).place(milliseconds(start)) + working_ms
        while place <= 0 or place > self._year(year).total:
            if abs(year - first) > _YEARS_AHEAD:
                raise CalendarError(f"calendar {self.version}: a limit does not end within {_YEARS_AHEAD} years")
            if place <= 0:
                year -= 1
                place += self._year(year).total
            else:
                place -= self._year(year).total
                year += 1
        return moment(self._year(year).at(place))

    def _utc(self, day: date, at: time) -> int:
        return milliseconds(datetime.combine(day, at, self.zone))

    def _year_of(self, at: datetime) -> int:
        return at.astimezone(self.zone).year

    def _year(self, year: int) -> _Year:
        """Made once a year and calendar; two threads may both make it, to the same result."""
        found = self._years.get(year)
        if found is None:
            found = self._years[year] = self._make_year(year)
        return found

    def _make_year(self, year: int) -> _Year:
        days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
        slots = [slot for day in days if day.year == year for slot in self.slots_of(day)]
        before, total = [], 0
        for start, end in slots:
            before.append(total)
            total += end - start
        return _Year([start for start, _ in slots], [end for _, end in slots], before, total)


def _check_slots(hours: Hours) -> None:
    edges = [edge for slot in hours.slots for edge in slot]
    if any(later <= earlier for earlier, later in pairwise(edges)):
        raise CalendarError(f"hours: slots must follow each other inside one day, got {hours.slots}")


def limit_ms(value: float, unit: LimitUnit) -> int:
    """A limit's length in milliseconds of its own time (working or continuous)."""
    return round(value * unit.hours * _HOUR_MS)


def used(start: datetime, end: datetime, unit: LimitUnit, calendar: WorkCalendar) -> int:
    """Milliseconds of the unit's time between two moments."""
    return milliseconds(end) - milliseconds(start) if unit.continuous else calendar.used(start, end)


def added(start: datetime, unit_ms: int, unit: LimitUnit, calendar: WorkCalendar) -> datetime:
    """The moment `unit_ms` of the unit's time after `start` (before it when negative)."""
    return moment(milliseconds(start) + unit_ms) if unit.continuous else calendar.add(start, unit_ms)


def deadline(start: datetime, value: float, unit: LimitUnit, calendar: WorkCalendar) -> datetime:
    """When a limit of `value` units ends that starts at `start`. The end point itself is still on time."""
    return added(start, limit_ms(value, unit), unit, calendar)


class Lamp(StrEnum):
    """Share of the limit used: up to 80 % green, up to 100 % yellow, then red; grey while paused (domain sheet 5.5)."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"


_GREEN_SHARE = 0.8


def lamp(share_used: float, *, paused: bool = False) -> Lamp:
    """The lamp for a share of the limit, 1.0 being all of it."""
    if paused:
        return Lamp.GREY
    if share_used <= _GREEN_SHARE:
        return Lamp.GREEN
    return Lamp.YELLOW if share_used <= 1 else Lamp.RED


def utc(at: datetime) -> datetime:
    """An aware time as UTC, cut to whole milliseconds: the form of every time in the hall."""
    at = at if at.tzinfo is UTC else at.astimezone(UTC)
    return at if at.microsecond % 1000 == 0 else at.replace(microsecond=at.microsecond // 1000 * 1000)
