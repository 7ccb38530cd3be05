"""Places on the earth: the shifted coordinates of Chinese map vendors, distances, and points in rings. Pure maths.

Coordinates are degrees, longitude first. The hall stores WGS-84 (CGCS2000 differs by centimetres); GCJ-02, the shifted
system of phones and web maps in China, is converted once where data enters (design 7). Functions on coordinates take
NumPy arrays or plain numbers alike, so that a click and 776,143 components take the same road.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ring = tuple[tuple[float, float], ...]
"""A closed line of (longitude, latitude); the last point repeats the first."""

Polygon = tuple[Ring, ...]
"""An outer ring, then its holes."""

GCJ02_CONVERTER = "gcj02-inverse-1"
"""Name of this conversion, kept beside every original so that a better one can be run again later."""

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius, for distances inside a city."""

_AXIS_M = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_CHINA_BOX = (72.004, 0.8293, 137.8347, 55.8271)
_INVERSE_STEPS = 6


class Crs(StrEnum):
    """Coordinate systems a city folder may be written in."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """The published shift (Krasovsky ellipsoid); places outside China's box are left alone."""
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    shift_x, shift_y = _shift(x, y)
    west, south, east, north = _CHINA_BOX
    inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return np.where(inside, x + shift_x, x), np.where(inside, y + shift_y, y)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """The inverse, iterated until it returns to the start within a millimetre.

    The shift changes by about 1 part in 1,000 from place to place, so each step gains three digits.
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    guess_x, guess_y = x, y
    for _ in range(_INVERSE_STEPS):
        there_x, there_y = wgs84_to_gcj02(guess_x, guess_y)
        guess_x, guess_y = guess_x + (x - there_x), guess_y + (y - there_y)
    return guess_x, guess_y


def _shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    radians = np.radians(lat)
    magic = 1 - _ECCENTRICITY_SQUARED * np.sin(radians) ** 2
    root = np.sqrt(magic)
    east = _shift_east_m(x, y) * 180 / (_AXIS_M / root * np.cos(radians) * np.pi)
    north = _shift_north_m(x, y) * 180 / (_AXIS_M * (1 - _ECCENTRICITY_SQUARED) / (magic * root) * np.pi)
    return east, north


def _ripple(x: Floats) -> Floats:
    return np.asarray((20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)) * 2 / 3)


def _shift_east_m(x: Floats, y: Floats) -> Floats:
    base = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    waves = (20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)) * 2 / 3
    long_waves = (150 * np.sin(x / 12 * np.pi) + 300 * np.sin(x / 30 * np.pi)) * 2 / 3
    return np.asarray(base + _ripple(x) + waves + long_waves)


def _shift_north_m(x: Floats, y: Floats) -> Floats:
    base = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    waves = (20 * np.sin(y * np.pi) + 40 * np.sin(y / 3 * np.pi)) * 2 / 3
    long_waves = (160 * np.sin(y / 12 * np.pi) + 320 * np.sin(y * np.pi / 30)) * 2 / 3
    return np.asarray(base + _ripple(x) + waves + long_waves)


def distance_m(lon1: ArrayLike, lat1: ArrayLike, lon2: ArrayLike, lat2: ArrayLike) -> Floats:
    """Great-circle distance in metres (haversine on the mean sphere: within 0.5 % everywhere)."""
    x1, y1, x2, y2 = (np.radians(np.asarray(v, dtype=np.float64)) for v in (lon1, lat1, lon2, lat2))
    half = np.sin((y2 - y1) / 2) ** 2 + np.cos(y1) * np.cos(y2) * np.sin((x2 - x1) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(half)))


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Metres in one degree of longitude and of latitude at a latitude."""
    one = EARTH_RADIUS_M * np.pi / 180
    return float(one * np.cos(np.radians(lat))), float(one)


def point_in_ring(lon: float, lat: float, ring: Ring) -> bool:
    """Whether a point lies in a closed ring (crossing rule). Of two rings sharing an edge one holds a point on it."""
    inside = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def point_in_polygon(lon: float, lat: float, polygon: Polygon) -> bool:
    """Whether a point lies inside the outer ring and in no hole."""
    return point_in_ring(lon, lat, polygon[0]) and not any(point_in_ring(lon, lat, hole) for hole in polygon[1:])


def bounds(polygons: Sequence[Polygon]) -> tuple[float, float, float, float]:
    """West, south, east, north of all outer rings."""
    points = np.array([point for polygon in polygons for point in polygon[0]])
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    return float(west), float(south), float(east), float(north)
