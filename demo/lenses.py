"""The demo city's 101 cameras: 31 of its own, 70 shared by named platforms, view only (domain sheet 1.1, 8.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from demo.areas import DemoDistrict
from demo.facts import read
from demo.mesh import SCALE, Floats
from demo.objects import on_shore

CameraUrls = Callable[[int], tuple[str, str]]
"""Main and sub address of a camera by its number (from 1)."""

CommandUrl = Callable[[int], str]
"""Where the camera of a number takes ONVIF commands; empty: nowhere."""

OWN = {"370202": 11, "370203": 8, "370205": 5, "370213": 7}
SHARED = {"370202": 22, "370203": 20, "370205": 12, "370213": 16}
OWN_UNIT = "青岛市数字化城市管理监督指挥中心"
POLICE, TRAFFIC, MARITIME, BUS = (
    "青岛市公安局视频共享平台",
    "青岛市交警支队视频共享平台",
    "青岛海事局视频共享平台",
    "青岛市公交集团视频共享平台",
)
_SHARING = (POLICE, TRAFFIC, POLICE, TRAFFIC, BUS, POLICE, TRAFFIC)
_WATERS = {
    "370202": ("团岛湾岸线", "汇泉湾岸线", "太平湾岸线", "浮山湾岸线"),
    "370203": ("大港码头岸线", "小港码头岸线"),
}
_FIELDS_OF_VIEW = (55, 65, 75, 90)
AROUND = 3
"""Shared cameras that stand around a district's first landmark and look at it."""
SIDE_M = 140.0


@dataclass(frozen=True, slots=True)
class Lens:
    """A row of `cameras.csv` but for number and addresses. `street` is the road it stands at."""

    name: str
    district: str
    lon: float
    lat: float
    bearing: int
    fov: int
    owner_unit: str
    shared: bool
    ptz: bool
    street: str


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a camera stands, in metres; `looks_at` a point it is turned to, if any. `waters`: on the shore."""

    name: str
    point: list[float]
    looks_at: list[float] | None = None
    waters: bool = False


def make_lenses(districts: Sequence[DemoDistrict], seed: int) -> list[Lens]:
    """Own cameras first, then shared ones; in each district well apart from each other."""
    own, shared = [], []
    for district in districts:
        rng = np.random.default_rng([seed, int(district.mesh.district), 101])
        spots = _spots(district, OWN[district.mesh.district] + SHARED[district.mesh.district], rng)
        for index, spot in enumerate(spots):
            mine = index < OWN[district.mesh.district]
            unit = OWN_UNIT if mine else MARITIME if spot.waters else _SHARING[index % len(_SHARING)]
            (own if mine else shared).append(_lens(spot, district, unit, mine, rng))
    return [*own, *shared]


def _lens(spot: _Spot, district: DemoDistrict, unit: str, mine: bool, rng: np.random.Generator) -> Lens:
    lon, lat = np.round(np.array(spot.point) / SCALE, 6).tolist()
    bearing, fov = int(rng.integers(0, 24)) * 15, _FIELDS_OF_VIEW[int(rng.integers(0, 4))]
    if spot.looks_at is not None:
        east, north = np.array(spot.looks_at) - spot.point
        bearing = round(float(np.degrees(np.arctan2(east, north)))) % 360
    ptz = mine and bool(rng.random() < 0.6)
    street = _street(district, spot.point)
    return Lens(spot.name, district.mesh.district, lon, lat, bearing, fov, unit, not mine, ptz, street)


def _street(district: DemoDistrict, point: list[float]) -> str:
    """The road of the nearest crossing."""
    crossings = district.mesh.crossings
    return district.road_names[crossings.ew[int(np.hypot(*(crossings.at - point).T).argmin())]]


def _spots(district: DemoDistrict, number: int, rng: np.random.Generator) -> Iterator[_Spot]:
    """Landmarks, then crossings of main roads, then those around the first landmark, then the shore."""
    known = [row for row in read("landmarks.csv") if row["district"] == district.mesh.district]
    landmarks = [_landmark(row) for row in known[: OWN[district.mesh.district] // 2]]
    waters = _WATERS.get(district.mesh.district, ())
    yield from landmarks
    around = list(_around(district, landmarks[0]))
    for index in _apart(district, number - len(landmarks) - len(around) - len(waters), rng):
        yield _crossing(district, index)
    yield from around
    for name, point in zip(waters, _shore(district, len(waters), rng).tolist(), strict=True):
        yield _Spot(name, point, waters=True)


def _landmark(row: Mapping[str, str]) -> _Spot:
    return _Spot(row["name"], [float(row["lon"]) * SCALE[0], float(row["lat"]) * SCALE[1]])


def _crossing(district: DemoDistrict, index: int) -> _Spot:
    crossings, names = district.mesh.crossings, district.road_names
    name = f"{names[crossings.ew[index]]}—{names[crossings.ns[index]]}口"
    return _Spot(name, crossings.at[index].tolist())


def _around(district: DemoDistrict, square: _Spot) -> Iterator[_Spot]:
    """Three cameras that look at one place from its sides, on land: every district has one that many cameras see."""
    sides = ((0, 1, "北"), (1, 0, "东"), (-1, 0, "西"), (0, -1, "南"), (0.7, 0.7, "东北"), (-0.7, 0.7, "西北"))
    points = [(f"{square.name}{name}侧", np.array(square.point) + np.array([x, y]) * SIDE_M) for x, y, name in sides]
    dry = [(name, at) for name, at in points if shapely.covers(district.mesh.outline, shapely.Point(at))]
    for name, at in dry[:AROUND]:
        yield _Spot(name, at.tolist(), looks_at=square.point)


def _shore(district: DemoDistrict, number: int, rng: np.random.Generator) -> Floats:
    return on_shore(district.mesh, number, rng) if number else np.empty((0, 2))


def _apart(district: DemoDistrict, number: int, rng: np.random.Generator) -> list[int]:
    """Crossings of the widest roads, each as far from the chosen ones as can be."""
    ranks = district.mesh.crossings.rank
    least = next((rank for rank in (2, 1) if (ranks >= rank).sum() >= number), 0)
    candidates = np.flatnonzero(ranks >= least)
    points = district.mesh.crossings.at[candidates]
    middle = shapely.get_coordinates(shapely.centroid(district.mesh.outline))[0]
    chosen = [int(np.hypot(*(points - middle).T).argmin())]
    distance = np.full(len(points), np.inf)
    while len(chosen) < number:
        distance = np.minimum(distance, np.hypot(*(points - points[chosen[-1]]).T) * rng.uniform(0.7, 1, len(points)))
        chosen.append(int(distance.argmax()))
    return candidates[chosen].tolist()
