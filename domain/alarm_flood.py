"""Flood mode (报警集中): when one officer gets ten alarms in ten minutes, what comes is folded into a few lines.

It begins at 10 in 10 minutes and ends after 10 minutes under 5. While it lasts only L1 may sound, and every L1 keeps a
line of its own, first. The rest folds by (category, grid, half an hour), coarser where that leaves too many lines.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.alarm import Alarm
from domain.case import Severity

WINDOW = timedelta(minutes=10)
BEGINS_AT = 10
CALM_UNDER = 5
CALM_FOR = timedelta(minutes=10)
HALF_AN_HOUR = timedelta(minutes=30)
MOST_GROUPS = 5
STREET_DIGITS = 9
"""A grid's code begins with its district (6 digits) and its street (3)."""


class FloodWatch:
    """One officer's load. Told of every raise, asked once a second; times do not go back."""

    def __init__(self, since: datetime | None = None, raises: Iterable[datetime] = ()) -> None:
        """`since`: the flood that an earlier watch had begun."""
        self.since = since
        self._raises = deque(sorted(raises))
        self._calm_since: datetime | None = None

    def hear(self, at: datetime) -> None:
        self._raises.append(at)

    def look(self, now: datetime) -> bool:
        """Whether the flood began or ended now; `since` says which."""
        while self._raises and now - self._raises[0] >= WINDOW:
            self._raises.popleft()
        load = len(self._raises)
        if self.since is None:
            if load >= BEGINS_AT:
                self.since, self._calm_since = now, None
            return self.since is not None
        if load >= CALM_UNDER:
            self._calm_since = None
            return False
        self._calm_since = self._calm_since or now
        if now - self._calm_since < CALM_FOR:
            return False
        self.since = self._calm_since = None
        return True

    @property
    def idle(self) -> bool:
        return self.since is None and not self._raises


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmGroup:
    """Alarms shown as one line. What they do not have in common is None."""

    level: Severity
    kind: str | None
    class_code: str | None
    grid: str | None
    street: str | None
    district: str | None
    first_at: datetime
    last_at: datetime
    ids: tuple[str, ...]
    unacked: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.ids)


Fold = Callable[[Alarm], tuple[object, ...]]


def may_sound(level: Severity, *, flood: bool) -> bool:
    """L1 always; L2 when there is no flood; the others never."""
    return level is Severity.L1 or (level is Severity.L2 and not flood)


def folded(alarms: Sequence[Alarm], since: datetime) -> tuple[list[Alarm], list[AlarmGroup]]:
    """Of the alarms that stand in a flood begun at `since`: those with a line of their own, and the groups.

    L1 never folds; nor does what was raised before the ten minutes that began the flood.
    """
    water = [one for one in alarms if one.level is not Severity.L1 and one.raised_at >= since - WINDOW]
    under = {one.alarm_id for one in water}
    return [one for one in alarms if one.alarm_id not in under], _groups(water, since)


def group_of(alarms: Sequence[Alarm]) -> AlarmGroup:
    """One line for some alarms (at least one)."""
    return AlarmGroup(
        level=min(alarm.level for alarm in alarms),
        kind=_common(alarm.key.kind.value for alarm in alarms),
        class_code=_common(_about(alarm, "class_code") for alarm in alarms),
        grid=_common(_about(alarm, "grid") for alarm in alarms),
        street=_common(_street(alarm) for alarm in alarms),
        district=_common(_about(alarm, "district") for alarm in alarms),
        first_at=min(alarm.raised_at for alarm in alarms),
        last_at=max(alarm.raised_at for alarm in alarms),
        ids=tuple(alarm.alarm_id for alarm in alarms),
        unacked=tuple(alarm.alarm_id for alarm in alarms if alarm.acked_at is None),
    )


def _groups(water: Sequence[Alarm], since: datetime) -> list[AlarmGroup]:
    """The finest folding with few enough lines; else the largest of the coarsest, and the others in one."""
    parts: list[list[Alarm]] = []
    for fold in _foldings(since):
        parts = sorted(_parted(water, fold).values(), key=len, reverse=True)
        if len(parts) <= MOST_GROUPS:
            break
    rest = [alarm for part in parts[MOST_GROUPS - 1 :] for alarm in part] if len(parts) > MOST_GROUPS else []
    shown = [*parts[: MOST_GROUPS - 1], rest] if rest else parts
    return sorted((group_of(part) for part in shown), key=lambda group: (group.level, -group.count, group.first_at))


def _foldings(since: datetime) -> Sequence[Fold]:
    def spell(alarm: Alarm) -> int:
        return max(0, (alarm.raised_at - since + WINDOW) // HALF_AN_HOUR)

    return (
        lambda alarm: (_category(alarm), _about(alarm, "grid"), spell(alarm)),
        lambda alarm: (_category(alarm), _street(alarm), spell(alarm)),
        lambda alarm: (_category(alarm), _about(alarm, "district"), spell(alarm)),
        lambda alarm: (_category(alarm), _about(alarm, "district")),
        lambda alarm: (_category(alarm),),
    )


def _parted(alarms: Iterable[Alarm], fold: Fold) -> Mapping[tuple[object, ...], list[Alarm]]:
    parts: dict[tuple[object, ...], list[Alarm]] = {}
    for alarm in alarms:
        parts.setdefault(fold(alarm), []).append(alarm)
    return parts


def _category(alarm: Alarm) -> str:
    """What happened in the city; of what is no case, what failed in the hall."""
    return str(_about(alarm, "class_code") or alarm.key.kind.value)


def _about(alarm: Alarm, name: str) -> Any:
    return alarm.about.get(name)


def _street(alarm: Alarm) -> str | None:
    grid = _about(alarm, "grid")
    return str(grid)[:STREET_DIGITS] if grid else None


def _common(values: Iterable[Any]) -> Any:
    """The one value that all have; None where they differ."""
    found = set(values)
    return found.pop() if len(found) == 1 else None
