"""Web Mercator as whole numbers: the world is 2³² wide and high, so a map tile is a common prefix of bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

BITS = 32
WORLD = 1 << BITS

Floats = NDArray[np.float64]


def to_world(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """World x (eastward) and y (southward) of points in degrees."""
    x = (np.asarray(lon, dtype=np.float64) + 180) / 360
    angle = np.radians(np.asarray(lat, dtype=np.float64))
    y = 0.5 - np.log(np.tan(np.pi / 4 + angle / 2)) / (2 * np.pi)
    return _whole(x), _whole(y)


def _whole(fraction: Floats) -> NDArray[np.uint32]:
    return np.asarray(np.clip(np.rint(fraction * WORLD), 0, WORLD - 1).astype(np.uint32))


def from_world(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Longitude and latitude of world positions."""
    lon = np.asarray(x, dtype=np.float64) / WORLD * 360 - 180
    lat = np.degrees(2 * np.arctan(np.exp((0.5 - np.asarray(y, dtype=np.float64) / WORLD) * 2 * np.pi)) - np.pi / 2)
    return lon, np.asarray(lat)


def morton(x: ArrayLike, y: ArrayLike) -> NDArray[np.uint64]:
    """Bits of x and y interleaved: neighbours in the plane are near each other along the numbers."""
    return _spread(np.asarray(x, dtype=np.uint64)) | (_spread(np.asarray(y, dtype=np.uint64)) << np.uint64(1))


_MASKS = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)


def _spread(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    for shift, mask in _MASKS:
        value = (value | (value << np.uint64(shift))) & np.uint64(mask)
    return value
