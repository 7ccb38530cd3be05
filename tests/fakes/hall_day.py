"""A believable day of a hall for screens: districts, grids, cameras, and cases at every step, all from a seed."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

from shapely.geometry import box, mapping, shape
from shapely.prepared import prep

from domain.board import Board, message, row_to_wire
from domain.camera import Camera
from domain.case import CaseState, Severity
from domain.facts import CaseFacts, Change
from domain.tally import Tally
from domain.wall_view import CityNames, wall_view
from tests.domain.facts_made import NOW, ZONE, make_facts
from tests.domain.tallies import seed_of
from tests.shared_data import PROJECT

STREETS = (
    "香港中路",
    "台东三路",
    "威海路",
    "人民路",
    "嘉定路",
    "重庆南路",
    "九水东路",
    "京口路",
    "夏庄路",
    "浮山后六小区",
)
CLASSES = {
    "C0101": "上水井盖缺失",
    "C0103": "污水井盖破损",
    "C0301": "路灯不亮",
    "E0101": "暴露垃圾",
    "E0203": "占道经营",
    "E0305": "违规牌匾标识",
    "E0402": "施工占道",
    "E0501": "道路破损积水",
}
UNITS = ("市政公用事业管理中心", "园林绿化管理处", "环境卫生管理所", "排水管理处", "路灯管理所", "城管执法大队")
CITY_UNITS = ("市水务集团", "市供电公司", "市热电集团", "联通青岛分公司", "市公交集团", "市交警支队设施处")
OFFICERS = (None, None, None, "王磊", "张敏", "刘洋")
SPEED = {"370202": 0.93, "370203": 0.62, "370205": 0.48, "370213": 0.86}
CELL_DEGREES = 0.00225


@dataclass(frozen=True, slots=True)
class HallDay:
    """Everything a wall is made from. `base` and `grids` are GeoJSON as the map routes give it."""

    names: CityNames
    base: dict[str, Any]
    grids: dict[str, Any]
    cameras: Sequence[Camera]
    facts: Sequence[CaseFacts]
    box: tuple[float, float, float, float]


@cache
def districts() -> tuple[dict[str, Any], ...]:
    """The demo's packaged outlines; the four inner districts first."""
    path = PROJECT / "demo" / "boundaries" / "qingdao.geojson"
    return tuple(json.loads(path.read_text(encoding="utf-8"))["features"])


@cache
def _cells() -> tuple[tuple[str, str, float, float], ...]:
    """(grid, district, west, south) of every cell whose middle lies inside a district of the hall."""
    found = []
    for feature in districts():
        if not feature["properties"]["inside"]:
            continue
        outline = shape(feature["geometry"])
        inside, (west, south, east, north) = prep(outline), outline.bounds
        high = CELL_DEGREES * 0.81
        spots = [
            (west + column * CELL_DEGREES, south + row * high)
            for row in range(int((north - south) / high) + 1)
            for column in range(int((east - west) / CELL_DEGREES) + 1)
        ]
        code = feature["properties"]["code"]
        kept = [(x, y) for x, y in spots if inside.contains(box(x, y, x + CELL_DEGREES, y + high).centroid)]
        found += [(f"{code}{number:09d}", code, x, y) for number, (x, y) in enumerate(kept, start=1)]
    return tuple(found)


def hall_day(case_count: int = 4000, seed: int = 7, now: datetime = NOW) -> HallDay:
    """A day with `case_count` cases of the last thirty days, most of them closed."""
    rng = random.Random(seed)
    cells = _cells()
    high = CELL_DEGREES * 0.81
    grids = [
        {"type": "Feature", "properties": {"code": code}, "geometry": mapping(box(x, y, x + CELL_DEGREES, y + high))}
        for code, _, x, y in cells
    ]
    inside = [feature for feature in districts() if feature["properties"]["inside"]]
    bounds = shape({"type": "GeometryCollection", "geometries": [f["geometry"] for f in inside]}).bounds
    return HallDay(
        names=_names(inside),
        base={"type": "FeatureCollection", "attribution": "高德地图 AMap 2021", "features": list(districts())},
        grids={"type": "FeatureCollection", "features": grids},
        cameras=[_camera(number, rng) for number in range(1, 102)],
        facts=[_case(number, rng, now) for number in range(1, case_count + 1)],
        box=bounds,
    )


def _names(inside: Sequence[dict[str, Any]]) -> CityNames:
    called = {feature["properties"]["code"]: feature["properties"]["name"] for feature in inside}
    departments = {f"{code}-{i}": f"{name}{unit}" for code, name in called.items() for i, unit in enumerate(UNITS)}
    departments |= {f"370200-{i}": unit for i, unit in enumerate(CITY_UNITS)}
    return CityNames(zone=ZONE.key, districts=called, departments=departments, classes=CLASSES)


def _camera(number: int, rng: random.Random) -> Camera:
    _, district, x, y = rng.choice(_cells())
    return Camera(
        camera_id=f"QD{number:03d}",
        number=number,
        name=f"{rng.choice(STREETS)}与{rng.choice(STREETS)}路口",
        district_code=district,
        lon=x,
        lat=y,
        bearing=rng.uniform(0, 360),
        fov=62.0,
        owner_unit="指挥中心",
        shared=number > 31,
        ptz=number % 3 == 0,
    )


def _case(number: int, rng: random.Random, now: datetime) -> CaseFacts:
    grid, district, x, y = rng.choice(_cells())
    reported = now - timedelta(minutes=rng.expovariate(1 / (60 * 24 * 6)) % (60 * 24 * 30))
    facts = make_facts(
        f"QD{reported:%Y%m%d}{number:05d}",
        severity=rng.choices(list(Severity), weights=(0.2, 4, 30, 66))[0],
        class_code=rng.choice(list(CLASSES)),
        address=f"{rng.choice(STREETS)}{rng.randint(1, 299)}号",
        lon=x + rng.random() * CELL_DEGREES,
        lat=y + rng.random() * CELL_DEGREES * 0.81,
        district=district,
        grid=grid,
        reported_at=_cut(reported),
    )
    return _lived(facts, rng, now)


def _lived(facts: CaseFacts, rng: random.Random, now: datetime) -> CaseFacts:
    """The case after as much of the loop as its age and its district's speed allow."""
    at = facts.reported_at
    times = {}
    for name, mean in (("accepted_at", 6), ("filed_at", 12), ("dispatched_at", 25)):
        at = _cut(at + timedelta(minutes=rng.expovariate(1 / mean)))
        if at >= now:
            return _standing(facts, times)
        times[name] = at
    limit = rng.choice((timedelta(hours=4), timedelta(hours=24), timedelta(days=3), timedelta(days=7)))
    unit = (
        f"370200-{rng.randrange(6)}"
        if rng.random() < 0.2
        else f"{facts.district}-{rng.choice((0, 0, 0, 1, 2, 2, 3, 4, 5))}"
    )
    times |= {"department": unit, "deadline": at + limit, "claimed_by": rng.choice(OFFICERS)}
    quick = rng.random() < SPEED[str(facts.district)]
    done = _cut(at + limit * (rng.betavariate(2, 4) if quick else rng.uniform(1.05, 7)))
    if done >= now:
        return _standing(facts, times, supervised=rng.random() < 0.01, send_back_count=rng.choice((0, 0, 0, 0, 0, 2)))
    times["disposed_at"] = done
    closed = _cut(done + timedelta(hours=rng.expovariate(1 / 5)))
    return _standing(facts, times | ({"closed_at": closed} if closed < now else {}))


def _standing(facts: CaseFacts, times: dict[str, Any], **given: Any) -> CaseFacts:
    moments = [value for value in times.values() if isinstance(value, datetime) and value is not times.get("deadline")]
    state = next((state for name, state in _STATES if name in times), CaseState.PENDING_ACCEPTANCE)
    return replace(facts, state=state, state_since=max(moments, default=facts.reported_at), **times, **given)


_STATES = (
    ("closed_at", CaseState.CLOSED),
    ("disposed_at", CaseState.PENDING_CHECK),
    ("dispatched_at", CaseState.DISPOSING),
    ("filed_at", CaseState.PENDING_DISPATCH),
    ("accepted_at", CaseState.PENDING_FILING),
)


def _cut(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


class RunningHall:
    """A tally that a test moves on: each step changes some open cases, as a hall would."""

    def __init__(self, day: HallDay, now: datetime = NOW, seed: int = 11) -> None:
        self.day = day
        self.now = now
        self._rng = random.Random(seed)
        self._numbers = count(1)
        self._open = {facts.case_no: facts for facts in day.facts if facts.state is not CaseState.CLOSED}
        self._tally = Tally(ZONE, seed_of(day.facts, now), first_version=1)
        self.board = self._tally.board(now)

    def snapshot(self) -> dict[str, Any]:
        """What `/api/v1/board` answers."""
        return {
            "version": self.board.version,
            "wall": wall_view(self.board, self.day.names),
            "cases": [row_to_wire(row) for row in self.board.cases.values()],
            "grids": {code: list(load) for code, load in self.board.grids.items()},
        }

    def step(self, changes: int, seconds: float = 1.0) -> dict[str, Any]:
        """Change that many cases; answers the step the map is told."""
        before = self.board
        self.now = _cut(self.now + timedelta(seconds=seconds))
        for case_no in self._rng.sample(sorted(self._open), changes):
            self._change(self._open[case_no])
        self.board = self._tally.board(self.now)
        return step_between(before, self.board)

    def _change(self, facts: CaseFacts) -> None:
        """Another severity, and where it has a limit, an extension or a deadline that has passed."""
        deadline = facts.deadline and self.now + timedelta(hours=self._rng.choice((-5, 5)))
        severity = self._rng.choice(list(Severity))
        after = replace(facts, version=facts.version + 1, severity=severity, deadline=deadline)
        self._open[facts.case_no] = after
        self._tally.apply(Change(entry_id=next(self._numbers), action="urge", at=self.now, before=facts, after=after))


def step_between(old: Board, new: Board) -> dict[str, Any]:
    """A step as pages are told it (`pages._feed`)."""
    told = message(old, new)
    grids = {code: list(load) for code, load in new.grids.items() if old.grids.get(code) != load}
    grids |= {code: [0, 0] for code in old.grids.keys() - new.grids.keys()}
    return {"from": told["from"], "to": told["to"], "put": told["put"], "drop": told["drop"], "grids": grids}
