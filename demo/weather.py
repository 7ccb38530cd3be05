"""Storms over the demo city: half an hour of rain floods two or three streets, and everybody reports at once.

Water on the road, blocked drains, lifted manhole covers, fallen trees; some of it dangerous. What a storm brings goes
the same road as every other report.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property

from demo.arrivals import Arrivals, Choice
from demo.luck import Luck
from demo.town import Spot, Town
from domain.action import Command
from domain.case import Severity
from domain.city import LimitRule

LASTS = timedelta(minutes=30)
REPORTS = 90
"""Of a storm over the whole city."""
STREETS = 3
HISTORY_DAYS_AGO = 9
HISTORY_HOUR = time(15, 20)
"""When it rained in the demo's past, in the city's time."""

_ROAD = re.compile(r"(\D+?)\d+号")
_EVENTS: Mapping[str, float] = {"E0506": 0.5, "E0503": 0.2}
"""Water on the road, blocked drains: their share of a storm's reports, where the town knows the class."""
_OBJECTS = ("C0102", "C0103", "C0104", "C0402", "C0101")
"""Covers, gratings and trees of the flooded streets."""
_SEVERITIES = (Severity.L1, Severity.L2, Severity.L3)
_SHARES = (0.3, 0.35, 0.35)
"""Enough danger for an alarm flood: more than ten alarms in ten minutes (product sheet 3.5)."""


@dataclass(frozen=True)
class Storm:
    """A storm that begins at a moment. `share` of a city's storm: a small town has fewer reports."""

    town: Town
    begins: datetime
    share: float = 1.0

    def moments(self, rng: random.Random) -> list[datetime]:
        """When the reports come: most of them early."""
        number = max(1, round(REPORTS * self.share))
        return sorted(self.begins + LASTS * rng.betavariate(1.2, 2.2) for _ in range(number))

    def command(self, arrivals: Arrivals, rng: random.Random, at: datetime) -> Command:
        """One report from a flooded street."""
        spot, class_code = self._what(rng)
        severity = rng.choices(_SEVERITIES, _SHARES)[0]
        return arrivals.about(rng, at, spot, class_code, worst(self.town, class_code), severity)

    def _what(self, rng: random.Random) -> tuple[Spot, str]:
        known = {code: share for code, share in _EVENTS.items() if code in self.town.rules}
        objects = self.flooded_objects
        if objects and rng.random() > sum(known.values()):
            spot = rng.choice(objects)
            return spot, spot.class_code
        spot = rng.choice(self.flooded)
        return spot, _one(rng, known) if known else next(iter(self.town.rules))

    @cached_property
    def flooded(self) -> Sequence[Spot]:
        """Places along the flooded streets."""
        return _along(self.town, Luck(self.town.seed, f"storm {self.begins:%Y-%m-%d %H}"))

    @cached_property
    def flooded_objects(self) -> Sequence[Spot]:
        """Objects that give way in the rain, near those places."""
        near = {spot.grid[:9] for spot in self.flooded}
        found = [spot for spots in self.town.objects.values() for spot in spots if spot.class_code in _OBJECTS]
        return [spot for spot in found if spot.grid[:9] in near]


def worst(town: Town, class_code: str) -> LimitRule | None:
    """The most urgent condition of a class: what a storm brings cannot wait."""
    rules = town.rules.get(class_code, ())
    return min(rules, key=lambda rule: (not rule.limit_unit.startswith("urgent"), rule.limit_value), default=None)


def past_storm(town: Town, now: datetime, share: float) -> Storm:
    """The one storm of the demo's past."""
    day = now.astimezone(town.zone).date() - timedelta(days=HISTORY_DAYS_AGO)
    return Storm(town, datetime.combine(day, HISTORY_HOUR, town.zone).astimezone(now.tzinfo), share)


def _along(town: Town, luck: Luck) -> list[Spot]:
    """All spots of a few streets of one district: its longest ones have their turn."""
    district = luck.one_of("district", town.districts)
    roads: dict[str, list[Spot]] = {}
    for spot in town.streets[district]:
        if named := _ROAD.match(spot.address):
            roads.setdefault(named[1], []).append(spot)
    longest = sorted(roads, key=lambda road: (-len(roads[road]), road))[: 4 * STREETS]
    chosen = sorted(longest, key=lambda road: luck.share(road))[:STREETS]
    return [spot for road in chosen for spot in roads[road]] or list(town.streets[district])


def _one(rng: random.Random, choices: Mapping[Choice, float]) -> Choice:
    return rng.choices(list(choices), list(choices.values()))[0]
