"""What comes to the centre of the demo city, when and where: by hour and weekday, by district, by what is common.

Collectors report while they walk, the hotline rings round the clock; some problems are told twice. The same seed and
window give the same arrivals.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeVar

from demo.luck import Luck
from demo.town import Spot, Town
from domain.action import Action, Command
from domain.case import CaseKind, Severity, Source
from domain.city import LimitRule
from domain.journal import milliseconds
from domain.rights import Mode
from domain.roles import Identity, Role
from domain.worktime import LimitUnit, utc

Choice = TypeVar("Choice")

_BY_HOUR = (4, 3, 2, 2, 3, 6, 14, 40, 82, 100, 92, 66, 44, 56, 84, 96, 82, 60, 40, 30, 24, 18, 12, 7)
"""How busy each local hour is, the busiest being 100."""
_BY_WEEKDAY = (1.06, 1.04, 1.0, 1.0, 1.02, 0.86, 0.78)
_COLLECTOR_HOURS = range(7, 19)
_DISTRICT_SHARES = (0.34, 0.28, 0.21, 0.17)
"""Shares of the districts by rank; further districts get the smallest."""
_COMPONENT_SHARE = 0.4
_SELF_DISPOSED_SHARE = 0.05
"""Share of collectors' finds that they put right on the spot."""

_SOURCES: Mapping[Source, float] = {
    Source.COLLECTOR: 0.6,
    Source.HOTLINE: 0.24,
    Source.PUBLIC: 0.08,
    Source.VIDEO: 0.05,
    Source.MEDIA: 0.015,
    Source.LEADER: 0.015,
}
_COMMON: Mapping[str, float] = {
    "暴露垃圾": 30, "道路不洁": 16, "非法小广告": 18, "占道经营": 16, "店外经营": 15, "无照经营游商": 12,
    "机动车乱停放": 14, "非机动车乱停放": 9, "乱堆物堆料": 12, "积存垃圾渣土": 8, "道路破损": 8, "绿地脏乱": 6,
    "露天烧烤": 4, "施工扰民": 5, "工地扬尘": 4, "道路遗撒": 4, "垃圾满溢": 6, "违规户外广告": 4, "私搭乱建": 4,
}  # fmt: skip
"""How much more often these classes come than the others."""
_RARE_MAJOR, _RARE_WEIGHT = "05", 1.0
"""Emergencies (突发事件): every one of them is a bad day for somebody."""
_DANGER = (
    "缺失",
    "丢失",
    "移位",
    "开裂",
    "塌陷",
    "下沉",
    "破裂",
    "泄漏",
    "坠物",
    "倒伏",
    "折断",
    "外溢",
    "破损",
    "积水",
)
REPEATED_SHARE = 0.03
"""Share of arrivals that tell of what somebody else has told in the hours before."""
REPEATED_WITHIN = timedelta(hours=8)
_NO_CODE_SHARE = 0.5
"""Share of callers who do not know which object it is they see."""
_NEAR_DEGREES = 0.00018
"""How far two people put the same spot: up to 20 m."""
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡林郭何高罗"


def severity_of(rule: LimitRule) -> Severity:
    """How bad it is, by how fast it must be gone and whether it endangers somebody."""
    urgent = rule.limit_unit in (LimitUnit.URGENT_HOUR, LimitUnit.URGENT_DAY)
    dangerous = any(word in rule.filing_condition for word in _DANGER)
    if urgent and dangerous:
        return Severity.L1 if rule.limit_value <= 2 and rule.limit_unit == LimitUnit.URGENT_HOUR else Severity.L2
    if dangerous and rule.limit_unit == LimitUnit.WORK_HOUR:
        return Severity.L2
    return Severity.L3 if urgent or rule.limit_unit == LimitUnit.WORK_HOUR else Severity.L4


@dataclass(frozen=True)
class Arrivals:
    """Begins cases. `a_day` come on a usual weekday; it is never quieter than `least` (busiest hour: 100)."""

    town: Town
    mode: Mode
    a_day: float
    least: float = 0.0

    def moments(self, rng: random.Random, start: datetime, end: datetime) -> Iterator[datetime]:
        """When cases come between two moments: more by day, fewer on Sundays, never quite regularly."""
        at = self.next_after(rng, start)
        while at < end:
            yield utc(at)
            at = self.next_after(rng, at)

    def next_after(self, rng: random.Random, at: datetime, *, speed: float = 1.0) -> datetime:
        """When the next case comes, at `speed` times the usual rate of whatever hour that is."""
        while True:
            at += timedelta(hours=rng.expovariate(self._most_an_hour * speed))
            if rng.random() * self._most_an_hour < self.an_hour(at):
                return at

    def an_hour(self, at: datetime) -> float:
        """How many cases an hour come at that time of day and week."""
        local = at.astimezone(self.town.zone)
        busy = max(_BY_HOUR[local.hour], self.least)
        return self.a_day * busy / sum(_BY_HOUR) * _BY_WEEKDAY[local.weekday()]

    @property
    def _most_an_hour(self) -> float:
        return self.a_day * max(_BY_HOUR) / sum(_BY_HOUR) * max(_BY_WEEKDAY)

    def command(self, rng: random.Random, at: datetime) -> Command:
        """The report, call or self-disposal that begins a case at that moment."""
        district = _weighted(rng, self.town.districts, self._district_weights)
        spot, class_code = self._what(rng, district)
        return self.about(rng, at, spot, class_code, self.town.rule_seen(class_code, milliseconds(at)))

    def about(
        self,
        rng: random.Random,
        at: datetime,
        spot: Spot,
        class_code: str,
        rule: LimitRule | None,
        severity: Severity | None = None,
    ) -> Command:
        """Somebody notices something, and how it reaches the centre. `severity`: where it is known to be another."""
        source = self._source(rng, at)
        facts = self._facts(spot, class_code, rule)
        if severity is not None:
            facts["severity"] = severity.value
        if source is Source.COLLECTOR:
            return self._found(rng, at, spot, facts)
        return self._told(rng, at, spot, source, facts)

    def again(self, rng: random.Random, at: datetime, first: Command) -> Command:
        """The same problem, told by somebody else who stands some metres away."""
        names = ("kind", "class_code", "severity", "description", "address", "district", "grid", "component_code")
        facts = {name: first.facts[name] for name in names if name in first.facts}
        for name in ("lon", "lat"):
            facts[name] = float(str(first.facts[name])) + rng.uniform(-_NEAR_DEGREES, _NEAR_DEGREES) * 0.8
        spot = self._spot_of(facts)
        return self._told(rng, at, spot, rng.choice((Source.HOTLINE, Source.PUBLIC)), facts)

    def _spot_of(self, facts: Mapping[str, object]) -> Spot:
        place = {name: str(facts[name]) for name in ("address", "district", "grid")}
        return Spot(lon=float(str(facts["lon"])), lat=float(str(facts["lat"])), **place)

    def _found(self, rng: random.Random, at: datetime, spot: Spot, facts: dict[str, object]) -> Command:
        collector = self._who(Role.COLLECTOR, spot, rng)
        small = facts["severity"] in (Severity.L3, Severity.L4) and facts["kind"] == CaseKind.EVENT
        if small and rng.random() < _SELF_DISPOSED_SHARE:
            photos = [f"before:{rng.getrandbits(64):016x}", f"after:{rng.getrandbits(64):016x}"]
            return Command(action=Action.SELF_DISPOSE, actor=collector, at=at, facts={**facts, "photos": photos})
        photos = [f"near:{rng.getrandbits(64):016x}"]
        return Command(action=Action.REPORT, actor=collector, at=at, facts={**facts, "photos": photos})

    def _told(self, rng: random.Random, at: datetime, spot: Spot, source: Source, facts: dict[str, object]) -> Command:
        told = {**facts, "source": source.value}
        if source is not Source.VIDEO and rng.random() < _NO_CODE_SHARE:
            told.pop("component_code", None)
        if source in (Source.HOTLINE, Source.PUBLIC):
            told["reporter"] = rng.choice(_SURNAMES) + rng.choice(("先生", "女士"))
            told["reporter_phone"] = f"000-0000-{rng.randrange(10_000):04d}"
        return Command(action=Action.REGISTER, actor=self._taker(rng, spot, source), at=at, facts=told)

    def _taker(self, rng: random.Random, spot: Spot, source: Source) -> Identity:
        """Calls, media and leaders reach the city's centre; the rest the district's, where districts supervise."""
        if source is Source.VIDEO:
            return self.town.roster.one(Role.SUPERVISOR, None, Luck(rng.getrandbits(32), ""), "")
        if source is Source.PUBLIC:
            return self._who(Role.ACCEPTOR, spot, rng)
        return self.town.roster.one(Role.ACCEPTOR, None, Luck(rng.getrandbits(32), ""), "")

    def _who(self, role: Role, spot: Spot, rng: random.Random) -> Identity:
        district = spot.district if self.mode is Mode.TWO_TWO else None
        return self.town.roster.one(role, district, Luck(rng.getrandbits(32), ""), "")

    def _source(self, rng: random.Random, at: datetime) -> Source:
        source = _weighted(rng, tuple(_SOURCES), tuple(_SOURCES.values()))
        walking = at.astimezone(self.town.zone).hour in _COLLECTOR_HOURS
        return source if walking or source is not Source.COLLECTOR else Source.HOTLINE

    def _what(self, rng: random.Random, district: str) -> tuple[Spot, str]:
        objects = self.town.objects.get(district)
        if objects and rng.random() < _COMPONENT_SHARE:
            spot = rng.choice(objects)
            return spot, spot.class_code
        spot = _favourite(rng, self.town.streets[district])
        return spot, _weighted(rng, self._events, self._event_weights)

    def _facts(self, spot: Spot, class_code: str, rule: LimitRule | None) -> dict[str, object]:
        case_class = self.town.classes[class_code]
        facts: dict[str, object] = {
            "kind": case_class.kind.value,
            "class_code": class_code,
            "severity": severity_of(rule).value if rule else Severity.L4.value,
            "description": f"{spot.address}：{case_class.name_zh}" + (f"，{rule.filing_condition}" if rule else ""),
            "address": spot.address,
            "lon": spot.lon,
            "lat": spot.lat,
            "district": spot.district,
            "grid": spot.grid,
        }
        return facts | ({"component_code": spot.component_code} if spot.component_code else {})

    @cached_property
    def _district_weights(self) -> Sequence[float]:
        least = _DISTRICT_SHARES[-1]
        return [_DISTRICT_SHARES[i] if i < len(_DISTRICT_SHARES) else least for i in range(len(self.town.districts))]

    @cached_property
    def _events(self) -> Sequence[str]:
        return [c.code for c in self.town.classes.values() if c.kind is CaseKind.EVENT and self.town.rules.get(c.code)]

    @cached_property
    def _event_weights(self) -> Sequence[float]:
        classes = [self.town.classes[code] for code in self._events]
        return [_RARE_WEIGHT if c.major == _RARE_MAJOR else _COMMON.get(c.name_zh, 1.0) for c in classes]


@dataclass(frozen=True, slots=True)
class Arrived:
    """A report, and the place in the list of the earlier one that tells of the same problem (None: it is new)."""

    command: Command
    same_as: int | None = None


def arrived(arrivals: Arrivals, rng: random.Random, moments: Sequence[datetime]) -> list[Arrived]:
    """What comes at those moments, in order; some of it twice."""
    found: list[Arrived] = []
    for at in moments:
        first = _told_before(rng, found, at) if rng.random() < REPEATED_SHARE else None
        if first is None:
            found.append(Arrived(arrivals.command(rng, at)))
        else:
            found.append(Arrived(arrivals.again(rng, at, found[first].command), first))
    return found


def _told_before(rng: random.Random, found: Sequence[Arrived], at: datetime) -> int | None:
    recent = range(max(0, len(found) - 40), len(found))
    fitting = [n for n in recent if repeatable(found[n].command, at) and found[n].same_as is None]
    return rng.choice(fitting) if fitting else None


def repeatable(first: Command, at: datetime) -> bool:
    """Whether somebody else may still tell of it: it is not so old, and nobody put it right on the spot."""
    return first.action is not Action.SELF_DISPOSE and at - first.at < REPEATED_WITHIN


def _weighted(rng: random.Random, choices: Sequence[Choice], weights: Sequence[float]) -> Choice:
    return rng.choices(choices, weights)[0]


def _favourite(rng: random.Random, spots: Sequence[Spot]) -> Spot:
    """Some places are always trouble: the first spots of a list come far more often than the last."""
    return spots[int(len(spots) * rng.random() ** 2)]
