"""The replay (回放) of a past hour or day: which moment is on screen, and how full the hall was over a day.

Nothing here reads a clock: monotonic seconds and "now" come in. A moment shows what was true just before it, as every
figure does: after all journal entries with ``at < moment`` and none later (domain sheet 6.1).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from domain.attention import TICK
from domain.facts import CaseFacts
from domain.indicators import is_open, overdue

SPEEDS = (1, 10, 60, 300, 900, 3600)
"""Seconds of the past that pass in a second: from as it was, to a day in 24 seconds."""

CURVE_STEP = timedelta(minutes=15)
"""Grain of the curve under the scrubber: 96 steps are a step every few pixels."""

_FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Playback:
    """What is on screen: `at` was shown at the monotonic second `since`; time goes on from there while `playing`."""

    at: datetime
    since: float
    speed: int = 1
    playing: bool = False

    def shown(self, monotonic: float) -> datetime:
        """The moment on screen now, whole milliseconds; bounds are the caller's."""
        if not self.playing:
            return self.at
        passed_ms = round((monotonic - self.since) * 1000 * self.speed)
        return self.at + TICK * max(0, passed_ms)

    def within(self, first: datetime, last: datetime, monotonic: float) -> Playback:
        """The same, held between the first entry and now; it stands still where it meets the end."""
        shown = self.shown(monotonic)
        if shown < first:
            return replace(self, at=first, since=monotonic)
        return replace(self, at=last, since=monotonic, playing=False) if shown >= last else self


@dataclass(frozen=True, slots=True)
class Spell:
    """A case's facts between two of its journal entries; `end` is None while nothing came after."""

    start: datetime
    end: datetime | None
    facts: CaseFacts


def curve_points(day: date, zone: ZoneInfo) -> list[datetime]:
    """The moments of a local day's curve, its two midnights included: 97, but for the days the clocks are changed."""
    start, end = (datetime.combine(one, time.min, zone).astimezone(UTC) for one in (day, day + timedelta(days=1)))
    return [start + CURVE_STEP * step for step in range((end - start) // CURVE_STEP + 1)]


def load_curve(spells: Iterable[Spell], points: Sequence[datetime]) -> list[tuple[int, int]]:
    """How many cases were open, and how many of them overdue, as of each of the moments (in order)."""
    moved_open, moved_overdue = [0] * (len(points) + 1), [0] * (len(points) + 1)
    for spell in spells:
        until = bisect_right(points, spell.end or _FAR)
        if is_open(spell.facts):
            _add(moved_open, bisect_right(points, spell.start), until)
        if spell.facts.deadline is not None and overdue(spell.facts, _FAR):
            _add(moved_overdue, bisect_right(points, max(spell.start, spell.facts.deadline)), until)
    return list(zip(accumulate(moved_open[:-1]), accumulate(moved_overdue[:-1]), strict=True))


def _add(moved: list[int], begin: int, until: int) -> None:
    if begin < until:
        moved[begin] += 1
        moved[until] -= 1
