"""People on foot: a head, a coat, two legs that walk."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from demo.street.light import Colour, Light
from demo.street.scenes import Path, Scene
from demo.street.traffic import Sprite
from demo.street.view import NEAREST, View

_COATS: tuple[Colour, ...] = (
    (70, 66, 150),
    (150, 110, 60),
    (60, 60, 64),
    (200, 204, 208),
    (90, 130, 84),
    (62, 110, 190),
    (130, 90, 130),
)
_SKIN: Colour = (150, 178, 214)
_TROUSERS: Colour = (66, 58, 54)
_SHIFT = 4


@dataclass(frozen=True, slots=True)
class Walker:
    """One person for the whole film."""

    path: Path
    share: float
    coat: Colour
    tall: float


def walkers(scene: Scene) -> list[Walker]:
    """Everybody on foot in a scene, the same people every time."""
    rng = np.random.default_rng(scene.seed + 2)
    return [
        Walker(
            path,
            (index + rng.uniform(0, 0.7)) / path.walkers,
            _COATS[int(rng.integers(len(_COATS)))],
            rng.uniform(1.58, 1.84),
        )
        for path in scene.paths
        for index in range(path.walkers)
    ]


def sprites(seconds: float, people: list[Walker], light: Light, view: View) -> list[Sprite]:
    """What they look like at `seconds`."""
    return [sprite for walker in people if (sprite := _sprite(walker, seconds, light, view)) is not None]


def _sprite(walker: Walker, seconds: float, light: Light, view: View) -> Sprite | None:
    """A person seen from the pole; there and back again on the path, so nobody ever vanishes."""
    path = walker.path
    turn = (walker.share + seconds / path.period_seconds) % 1.0
    way = 2 * turn if turn < 0.5 else 2 - 2 * turn
    x = path.start[0] + (path.end[0] - path.start[0]) * way
    z = path.start[1] + (path.end[1] - path.start[1]) * way
    pixels, depths = view.project(np.array([(x, 0.0, z), (x, walker.tall, z)]))
    if depths.min() < NEAREST or not 0 < pixels[0, 0] < view.width:
        return None
    (foot_x, foot_y), high = pixels[0], float(pixels[0, 1] - pixels[1, 1])
    swing = math.sin(seconds * 2 * math.pi * 1.5 + walker.share * 40) * 0.16 * high
    return Sprite(float(depths[0]), _shapes(foot_x, foot_y, high, swing, walker.coat, light), [])


def _shapes(
    x: float, y: float, high: float, swing: float, coat: Colour, light: Light
) -> list[tuple[npt.NDArray[np.int32], Colour]]:
    wide = high * 0.15
    hip, neck = y - high * 0.46, y - high * 0.84
    shadow = [
        (x - wide, y),
        (x + wide * 2.6, y - wide * 0.35),
        (x + wide * 3.2, y + wide * 0.1),
        (x + wide * 0.6, y + wide * 0.45),
    ]
    legs = [
        [(x + side * wide * 0.2, hip), (x + side * swing - wide * 0.3, y), (x + side * swing + wide * 0.3, y)]
        for side in (-1, 1)
    ]
    torso = [
        (x - wide * 0.75, hip),
        (x - wide, neck + high * 0.05),
        (x - wide * 0.4, neck),
        (x + wide * 0.4, neck),
        (x + wide, neck + high * 0.05),
        (x + wide * 0.75, hip),
    ]
    head = [
        (x + math.cos(a) * high * 0.075, y - high * 0.92 + math.sin(a) * high * 0.085)
        for a in np.linspace(0, 2 * math.pi, 9)[:-1]
    ]
    hair = [point for point in head if point[1] < y - high * 0.915]
    parts = [
        (shadow, (112, 110, 108)),
        *((leg, _TROUSERS) for leg in legs),
        (torso, coat),
        (head, _SKIN),
        (hair, (40, 40, 44)),
    ]
    return [(_pixels(shape), _lit(colour, light)) for shape, colour in parts if len(shape) > 2]


def _pixels(shape: list[tuple[float, float]]) -> npt.NDArray[np.int32]:
    return np.round(np.array(shape) * (1 << _SHIFT)).astype(np.int32)


def _lit(colour: Colour, light: Light) -> Colour:
    return (colour[0] * light.ambient[0], colour[1] * light.ambient[1], colour[2] * light.ambient[2])
