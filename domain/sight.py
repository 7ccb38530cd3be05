"""Which cameras see a place: by distance, by where they look, and by whether they give a picture (product sheet 3.9).

Bearings are degrees clockwise from north, distances metres on WGS-84. Nothing here knows houses or trees: a camera
"sees" what lies in its field of view, and a person judges the picture.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable
from dataclasses import dataclass
from enum import StrEnum

from domain.camera import Camera, Preset
from domain.geo import distance_m, metres_per_degree

WITHIN_M = 300.0
"""How far a camera may stand from a case whose picture it is to give (product sheet 3.9)."""

BEST = 4
"""One person cannot watch more (product sheet, finding 8)."""

USUAL_FOV = 60.0
"""Field of view of a fixed camera whose record names a bearing alone, degrees."""

UNDERFOOT_M = 3.0
"""Nearer than this the direction to a place says nothing: positions are no better than that."""

Place = tuple[float, float]
"""Longitude and latitude, degrees."""


class Sight(StrEnum):
    """What a camera's record says of its view of a place."""

    SEES = "sees"
    PRESET = "preset"
    """One of its presets looks there: it must be turned first."""
    BY_HAND = "by_hand"
    """It can be turned there by hand; no preset covers the place."""
    UNKNOWN = "unknown"
    """Nobody wrote down where it looks."""
    AWAY = "away"


_RANK = {Sight.SEES: 0, Sight.PRESET: 0, Sight.BY_HAND: 1, Sight.UNKNOWN: 1, Sight.AWAY: 2}
_IN_VIEW = {Sight.SEES: True, Sight.PRESET: True, Sight.AWAY: False}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One camera and a place. `bearing_to` leads from the camera to the place; `preset` is the one to turn it to."""

    camera: Camera
    distance_m: float
    bearing_to: float
    sight: Sight
    preset: Preset | None = None
    live: bool = True

    @property
    def in_view(self) -> bool | None:
        """Whether it looks there, or does once it is turned; None: perhaps."""
        return _IN_VIEW.get(self.sight)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSight:
    """The cameras of one case, best first. Without a `place` there are none; `beyond` is the nearest farther off."""

    case_no: str
    place: Place | None
    views: tuple[View, ...] = ()
    beyond: View | None = None


def best_cameras(
    place: Place,
    cameras: Iterable[Camera],
    *,
    within_m: float = WITHIN_M,
    limit: int = BEST,
    dead: Container[str] = frozenset(),
) -> tuple[View, ...]:
    """The cameras to open for a place: those that give a picture, then those that look there, then the nearer.

    `dead` holds the ids of cameras that give none now.
    """
    near = [view for view in _views(place, cameras, dead) if view.distance_m <= within_m]
    return tuple(sorted(near, key=_order)[:limit])


def nearest_beyond(
    place: Place, cameras: Iterable[Camera], *, within_m: float = WITHIN_M, dead: Container[str] = frozenset()
) -> View | None:
    """The nearest camera outside the circle, one that gives a picture if there is any."""
    far = [view for view in _views(place, cameras, dead) if view.distance_m > within_m]
    return min(far, key=lambda view: (not view.live, view.distance_m, view.camera.number), default=None)


def case_sight(
    case_no: str, place: Place | None, cameras: Iterable[Camera], *, dead: Container[str] = frozenset()
) -> CaseSight:
    """All that is told about a case's cameras; a case nobody has placed on the map has none."""
    if place is None:
        return CaseSight(case_no=case_no, place=None)
    known = tuple(cameras)
    views = best_cameras(place, known, dead=dead)
    return CaseSight(case_no=case_no, place=place, views=views, beyond=nearest_beyond(place, known, dead=dead))


def bearing_between(start: Place, end: Place) -> float:
    """Degrees clockwise from north, in [0, 360); on a local plane, true inside a city."""
    east_m, north_m = metres_per_degree((start[1] + end[1]) / 2)
    east, north = (end[0] - start[0]) * east_m, (end[1] - start[1]) * north_m
    return math.degrees(math.atan2(east, north)) % 360.0


def covers(bearing: float | None, fov: float | None, direction: float) -> bool:
    """Whether a view of `fov` degrees around `bearing` holds a direction."""
    return bearing is not None and turn_between(bearing, direction) <= (fov or USUAL_FOV) / 2


def turn_between(one: float, other: float) -> float:
    """The smaller angle between two directions, in [0, 180]."""
    return abs((one - other + 180.0) % 360.0 - 180.0)


def view_of(camera: Camera, place: Place, *, live: bool = True) -> View:
    """How one camera sees a place."""
    stands = (camera.lon, camera.lat)
    away = float(distance_m(*stands, *place))
    direction = bearing_between(stands, place)
    sight, preset = _sight(camera, direction, away)
    return View(camera=camera, distance_m=away, bearing_to=direction, sight=sight, preset=preset, live=live)


def _views(place: Place, cameras: Iterable[Camera], dead: Container[str]) -> Iterable[View]:
    return (view_of(camera, place, live=camera.camera_id not in dead) for camera in cameras)


def _order(view: View) -> tuple[bool, int, float, int]:
    return not view.live, _RANK[view.sight], view.distance_m, view.camera.number


def _sight(camera: Camera, direction: float, away_m: float) -> tuple[Sight, Preset | None]:
    """A preset comes before the camera's own bearing: a turning camera may look anywhere, a preset brings it back."""
    if away_m < UNDERFOOT_M:
        return Sight.UNKNOWN, None
    if (preset := _covering(camera, direction)) is not None:
        return Sight.PRESET, preset
    if covers(camera.bearing, camera.fov, direction):
        return Sight.SEES, None
    if _turnable(camera):
        return Sight.BY_HAND, None
    return (Sight.UNKNOWN if camera.bearing is None else Sight.AWAY), None


def _covering(camera: Camera, direction: float) -> Preset | None:
    """The preset that has the place nearest to the middle of its picture."""
    usable = camera.presets if _turnable(camera) else ()
    seeing = [preset for preset in usable if covers(preset.bearing, preset.fov, direction)]
    return min(seeing, key=lambda preset: turn_between(preset.bearing or 0.0, direction), default=None)


def _turnable(camera: Camera) -> bool:
    """Shared cameras are for looking only, whatever they can do (domain sheet 8.2)."""
    return camera.ptz and not camera.shared
