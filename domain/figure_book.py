"""Counts kept by running addition: happenings in buckets of local days, what stands as plain numbers.

A period's counts are the sum of at most thirty day rows plus what stands, so a change costs the same however many cases
are stored, and only the keys it touched are summed again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from domain.board import BOARD_DIMENSIONS, Figures
from domain.case_query import Count
from domain.facts import CaseFacts
from domain.indicators import COUNT_FIELDS, FLOWS, STANDING, Counts, Dimension
from domain.period import Period

DAYS = max(period.days for period in Period)
"""Local days kept, the running one included."""

Key = tuple[Dimension, str]

_NOTHING = Counts()
"""Keys that count nothing are left out, so that two ways to the same figures give equal boards."""

_FLOW_COUNTS = [Count(name) for name in COUNT_FIELDS if Count(name) in FLOWS]
_FLOW_INDEX = {count: index for index, count in enumerate(_FLOW_COUNTS)}
_STANDING_COUNTS = [Count(name) for name in COUNT_FIELDS if Count(name) in STANDING]


def keys_of(facts: CaseFacts) -> tuple[Key, ...]:
    """The keys a case is counted under, one for each dimension of the board; a missing unit has the key ``""``."""
    units = ("", facts.district or "", facts.department or "", facts.class_code)
    return tuple(zip(BOARD_DIMENSIONS, units, strict=True))


def day_number(at: datetime, zone: ZoneInfo) -> int:
    """The local day a moment lies in, as a day count."""
    return at.astimezone(zone).toordinal()


class FigureBook:
    """The board's figures as running sums. Every `count_in` must be taken back by a `count_out` with equal facts."""

    def __init__(self, zone: ZoneInfo, at: datetime) -> None:
        self._zone = zone
        self._today = day_number(at, zone)
        self._days: dict[Key, dict[int, list[int]]] = {}
        self._standing: dict[Key, list[int]] = {}
        self._dirty: set[Key] = set()
        self._figures: dict[Period, dict[Dimension, dict[str, Counts]]] = {
            period: {unit: {} for unit in BOARD_DIMENSIONS} for period in Period
        }

    def add_flow(self, count: Count, day: date, key: Key, number: int) -> None:
        """Add happenings of one local day; days no longer kept are left out."""
        self._add_to_day(day.toordinal(), [_FLOW_INDEX[count]], (key,), number)

    def count_in(self, facts: CaseFacts, at: datetime) -> None:
        """Count a case as of `at`."""
        self._count_flows(facts, at, 1)
        self.stand(facts, at, 1)

    def count_out(self, facts: CaseFacts, at: datetime) -> None:
        """Take back what `count_in` counted for these facts as of `at`."""
        self._count_flows(facts, at, -1)
        self.stand(facts, at, -1)

    def stand(self, facts: CaseFacts, at: datetime, sign: int) -> None:
        """Add (1) or take back (-1) only what the case stands as at `at`."""
        steps = [sign if STANDING[count](facts, at) else 0 for count in _STANDING_COUNTS]
        if not any(steps):
            return
        for key in keys_of(facts):
            row = self._standing.setdefault(key, [0] * len(steps))
            self._standing[key] = [number + step for number, step in zip(row, steps, strict=True)]
            self._dirty.add(key)

    def _count_flows(self, facts: CaseFacts, at: datetime, sign: int) -> None:
        keys = keys_of(facts)
        for day, indexes in self._happenings(facts, at).items():
            self._add_to_day(day, indexes, keys, sign)

    def _happenings(self, facts: CaseFacts, at: datetime) -> dict[int, list[int]]:
        """Local day → indexes of the flow counts the case is in on that day, as of `at`."""
        found: dict[int, list[int]] = {}
        for index, count in enumerate(_FLOW_COUNTS):
            flow = FLOWS[count]
            stamp: datetime | None = getattr(facts, flow.stamp)
            if stamp is not None and stamp < at and flow.holds(facts):
                found.setdefault(day_number(stamp, self._zone), []).append(index)
        return found

    def _add_to_day(self, day: int, indexes: list[int], keys: Iterable[Key], step: int) -> None:
        if day <= self._today - DAYS:
            return
        for key in keys:
            row = self._days.setdefault(key, {}).setdefault(day, [0] * len(_FLOW_COUNTS))
            for index in indexes:
                row[index] += step
            self._dirty.add(key)

    def roll(self, at: datetime) -> bool:
        """Begin the local day of `at`, if it is a new one: every period moves on, the oldest days go."""
        today = day_number(at, self._zone)
        if today == self._today:
            return False
        self._today = today
        for days in self._days.values():
            for day in [day for day in days if day <= today - DAYS]:
                del days[day]
        self._dirty.update(self._days, self._standing)
        return True

    @property
    def changed(self) -> bool:
        """Whether `figures` would give something new."""
        return bool(self._dirty)

    def figures(self) -> Figures:
        """The figures now; parts that nothing touched are the very objects given before."""
        if self._dirty:
            self._figures = {period: self._dimensions(period) for period in Period}
            self._dirty.clear()
        return self._figures

    def city(self) -> Counts:
        """The whole city's counts of today."""
        return self._sum((Dimension.CITY, ""), Period.TODAY)

    def _dimensions(self, period: Period) -> dict[Dimension, dict[str, Counts]]:
        after = dict(self._figures[period])
        for unit in {dimension for dimension, _ in self._dirty}:
            after[unit] = dict(after[unit])
        for unit, key in self._dirty:
            counts = self._sum((unit, key), period)
            if counts != _NOTHING:
                after[unit][key] = counts
            else:
                after[unit].pop(key, None)
        return after

    def _sum(self, key: Key, period: Period) -> Counts:
        days = self._days.get(key, {})
        oldest = self._today - period.days
        rows = [row for day, row in days.items() if day > oldest]
        flows = [sum(column) for column in zip(*rows, strict=True)] if rows else [0] * len(_FLOW_COUNTS)
        standing = self._standing.get(key, [0] * len(_STANDING_COUNTS))
        return Counts(**dict(zip(COUNT_FIELDS, flows + standing, strict=True)))
