"""Cars, drawn as boxes with windows and lights, from far to near, hidden by what stands in front of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from demo.street.light import Colour, Light
from demo.street.scenes import Lane, Scene
from demo.street.view import NEAREST, Points, View, box

_PAINT: tuple[Colour, ...] = (
    (232, 234, 236),
    (46, 44, 42),
    (150, 152, 154),
    (52, 54, 168),
    (138, 84, 44),
    (222, 224, 226),
    (92, 96, 100),
    (60, 120, 190),
    (84, 110, 70),
)
_GLASS: Colour = (74, 64, 56)
_FACES = np.array([(0, 1, 2, 3), (4, 5, 6, 7), (0, 1, 5, 4), (2, 3, 7, 6), (1, 2, 6, 5), (0, 3, 7, 4)])
_BOTTOM = 0
"""Bottom, top, left, right, far, near: corners of `box`."""
_SHADES = (0.4, 1.0, 0.72, 0.82, 0.62, 0.9)
_SHIFT = 4

Shape = tuple[npt.NDArray[np.int32], Colour]
"""A polygon in sixteenths of a pixel, and its colour."""


@dataclass(frozen=True, slots=True)
class Body:
    """One kind of vehicle: length, width, heights of body and cabin, where the cabin sits (0 rear, 1 front)."""

    length: float
    width: float
    low: float
    high: float
    cabin: tuple[float, float]


CAR = Body(4.5, 1.8, 0.95, 1.48, (0.14, 0.72))
BUS = Body(11.0, 2.5, 1.1, 3.0, (0.01, 0.99))
VAN = Body(5.2, 1.95, 1.05, 2.1, (0.04, 0.82))


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle for the whole film: its lane, its place in it, its kind and colour."""

    lane: Lane
    share: float
    body: Body
    paint: Colour


def vehicles(scene: Scene) -> list[Vehicle]:
    """All vehicles of a scene, the same ones every time."""
    rng = np.random.default_rng(scene.seed + 1)
    found = []
    for lane in scene.lanes:
        for index in range(lane.cars):
            share = (lane.phase + (index + rng.uniform(-0.16, 0.16)) / lane.cars) % 1.0
            body = (CAR, CAR, CAR, CAR, VAN, BUS)[int(rng.integers(6))]
            found.append(Vehicle(lane, share, body, _PAINT[int(rng.integers(len(_PAINT)))]))
    return found


def sprites(seconds: float, fleet: list[Vehicle], light: Light, view: View) -> list[Sprite]:
    """What the vehicles look like at `seconds`, as things to be drawn by depth."""
    return [sprite for vehicle in fleet if (sprite := _sprite(vehicle, seconds, light, view)) is not None]


@dataclass(frozen=True, slots=True)
class Sprite:
    """Polygons to fill in order, and lights to add, at one depth."""

    depth: float
    polygons: list[Shape]
    lights: list[tuple[Points, float, Colour]]


def _sprite(vehicle: Vehicle, seconds: float, light: Light, view: View) -> Sprite | None:
    lane, body = vehicle.lane, vehicle.body
    share = (vehicle.share + seconds / lane.period_seconds) % 1.0
    along = lane.run[0] + (lane.run[1] - lane.run[0]) * share
    ahead = 1.0 if lane.run[1] > lane.run[0] else -1.0
    rear, front = along - ahead * body.length / 2, along + ahead * body.length / 2
    across = (lane.at - body.width / 2, lane.at + body.width / 2)
    hull = _solid(lane, across, (0.28, body.low), (rear, front))
    cabin_at = [rear + ahead * body.length * part for part in body.cabin]
    inset = 0.12 if body is CAR else 0.02
    cabin = _solid(lane, (across[0] + inset, across[1] - inset), (body.low, body.high), (cabin_at[0], cabin_at[1]))
    if body is not BUS:
        cabin[4:] += (cabin[4:].mean(axis=0) - cabin[4:]) * (0.22, 0, 0.22)
    shadow = _solid(lane, (across[0] - 0.15, across[1] + 0.3), (0.0, 0.02), (rear, front))
    pixels, depths = view.project(np.vstack([shadow, hull, cabin]))
    if depths.min() < NEAREST or pixels[:, 0].max() < 0 or pixels[:, 0].min() > view.width:
        return None
    return Sprite(
        float(depths.mean()), _shapes(vehicle, pixels, depths, light), _lights(vehicle, rear, front, light, view)
    )


def _shapes(vehicle: Vehicle, pixels: Points, depths: Points, light: Light) -> list[Shape]:
    """Shadow, body and cabin of a vehicle from their 24 corners."""
    tint = _Tint.at(float(depths.mean()), light)
    corners = np.round(pixels * (1 << _SHIFT)).astype(np.int32)
    glass = (120, 108, 96) if vehicle.body is BUS else _GLASS
    sides = (vehicle.paint,) * 6
    windows = (glass, vehicle.paint, glass, glass, glass, glass)
    return [
        (corners[:4], tint.of((58, 54, 52), 1.0)),
        *_faces(corners[8:16], depths[8:16], sides, tint),
        *_faces(corners[16:24], depths[16:24], windows, tint),
    ]


def _solid(lane: Lane, across: tuple[float, float], up: tuple[float, float], along: tuple[float, float]) -> Points:
    low, high = min(along), max(along)
    return box((low, high), up, across) if lane.sideways else box(across, up, (low, high))


def _faces(corners: npt.NDArray[np.int32], depths: Points, paints: Sequence[Colour], tint: _Tint) -> list[Shape]:
    """The faces one sees, far ones first; the hidden ones are painted over by them."""
    order = np.argsort(-depths[_FACES].mean(axis=1))
    return [(corners[_FACES[face]], tint.of(paints[face], _SHADES[face])) for face in order if face != _BOTTOM]


@dataclass(frozen=True, slots=True)
class _Tint:
    """What light and haze make of a colour at one distance: `colour * times + plus`."""

    times: Colour
    plus: Colour

    @staticmethod
    def at(depth: float, light: Light) -> _Tint:
        haze = 1 - math.exp(-max(0.0, depth - 12) / light.haze_metres)
        (b, g, r), (hb, hg, hr) = light.ambient, light.haze
        clear = 1 - haze
        return _Tint((b * clear, g * clear, r * clear), (hb * b * haze, hg * g * haze, hr * r * haze))

    def of(self, paint: Colour, shade: float) -> Colour:
        times, plus = self.times, self.plus
        return (
            paint[0] * shade * times[0] + plus[0],
            paint[1] * shade * times[1] + plus[1],
            paint[2] * shade * times[2] + plus[2],
        )


def _lights(
    vehicle: Vehicle, rear: float, front: float, light: Light, view: View
) -> list[tuple[Points, float, Colour]]:
    """Headlights and tail lights, only at dusk and only those that face the lens."""
    if not light.lamps:
        return []
    toward = front < rear and not vehicle.lane.sideways
    end, colour = (front, (214, 240, 255)) if toward else (rear, (40, 40, 255))
    side = vehicle.body.width * 0.36
    places = [(vehicle.lane.at + offset, 0.72, end) for offset in (-side, side)]
    if vehicle.lane.sideways:
        places = [(z, y, x) for x, y, z in places]
    pixels, depths = view.project(np.array(places, float))
    radius = view.focal / np.maximum(depths, 1.0) * (0.42 if toward else 0.26)
    return [(pixel, float(size), colour) for pixel, size in zip(pixels, radius, strict=True)]


def paint_sprite(
    frame: npt.NDArray[np.uint8], street: npt.NDArray[np.uint8], depth: npt.NDArray[np.float32], sprite: Sprite
) -> None:
    """Draw one thing into `frame`, then put back what stands in front of it."""
    for pixels, colour in sprite.polygons:
        cv2.fillConvexPoly(frame, pixels, colour, cv2.LINE_AA, _SHIFT)
    for place, radius, colour in sprite.lights:
        _add_light(frame, place, radius, colour)
    every = np.concatenate([pixels for pixels, _ in sprite.polygons]) >> _SHIFT
    x0, y0 = np.maximum(every.min(axis=0) - 2, 0)
    x1, y1 = every.max(axis=0) + 3
    if x1 <= 0 or y1 <= 0:
        return
    area = (slice(y0, y1), slice(x0, x1))
    hidden = depth[area] < sprite.depth - 1.5
    if hidden.any():
        frame[area][hidden] = street[area][hidden]


def _add_light(frame: npt.NDArray[np.uint8], place: Points, radius: float, colour: Colour) -> None:
    """A soft round glow added to the picture; shapes are made once per size."""
    size = int(min(60, max(2, radius)))
    x, y = int(place[0]) - size, int(place[1]) - size
    height, width = frame.shape[:2]
    if x < 0 or y < 0 or x + 2 * size + 1 > width or y + 2 * size + 1 > height:
        return
    area = frame[y : y + 2 * size + 1, x : x + 2 * size + 1]
    cv2.add(area, _glow(size, colour), dst=area)


_GLOWS: dict[tuple[int, Colour], npt.NDArray[np.uint8]] = {}


def _glow(size: int, colour: Colour) -> npt.NDArray[np.uint8]:
    if (size, colour) not in _GLOWS:
        axis = np.arange(-size, size + 1, dtype=np.float32) / size
        fall = np.clip(1 - np.sqrt(axis[:, None] ** 2 + axis[None, :] ** 2), 0, 1) ** 1.6
        _GLOWS[size, colour] = (fall[:, :, None] * np.float32(colour)).astype(np.uint8)
    return _GLOWS[size, colour]
