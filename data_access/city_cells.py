"""Cutting an area into unit grids without gap or overlap, and numbering them (domain sheet 3.1). In metres."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

SLIVER = 0.15
"""A piece smaller than this share of a cell joins a neighbour."""


def square_cells(area: BaseGeometry, cell_m: float) -> list[BaseGeometry]:
    """The area cut along a lattice of squares; slivers at the edge join the neighbour with the longest common side."""
    west, south, east, north = area.bounds
    xs, ys = (_marks(*side, cell_m) for side in ((west, east), (south, north)))
    x, y = (values.ravel() for values in np.meshgrid(np.arange(len(xs) - 1), np.arange(len(ys) - 1)))
    squares = shapely.box(xs[x], ys[y], xs[x + 1], ys[y + 1])
    return merge_smallest(clip(squares, area), below=SLIVER * cell_m * cell_m)


def _marks(start: float, end: float, step: float) -> NDArray[np.float64]:
    """Lattice lines: neighbours share the very same number, so no gap opens between them by rounding."""
    return np.asarray(start + np.arange(math.ceil((end - start) / step) + 1) * step)


def clip(cells: Sequence[BaseGeometry], area: BaseGeometry) -> list[BaseGeometry]:
    """The parts of the cells that lie in the area, each in one piece."""
    shapely.prepare(area)
    inside = shapely.covers(area, cells)
    edge = shapely.intersection(np.asarray(cells)[~inside], area)
    parts = shapely.get_parts(edge)
    kept = parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > 0)]
    return [*np.asarray(cells)[inside], *kept]


def merge_smallest(pieces: Sequence[BaseGeometry], *, below: float = math.inf, count: int = 1) -> list[BaseGeometry]:
    """Smallest pieces first, each joins a neighbour, until none is smaller than `below` or only `count` are left."""
    shapes = dict(enumerate(pieces))
    beside = _neighbours(pieces)
    queue = [(piece.area, index) for index, piece in shapes.items()]
    heapq.heapify(queue)
    while queue and len(shapes) > count:
        area, index = heapq.heappop(queue)
        if index not in shapes or shapes[index].area != area:
            continue  # merged, or grown, since it was queued
        if area >= below:
            break
        into = _longest_side(shapes, beside[index], index)
        if into is not None:
            _join(shapes, beside, index, into)
            heapq.heappush(queue, (shapes[into].area, into))
    return [shapes[index] for index in sorted(shapes)]


def _neighbours(pieces: Sequence[BaseGeometry]) -> list[set[int]]:
    one, other = shapely.STRtree(pieces).query(pieces, predicate="intersects")
    beside: list[set[int]] = [set() for _ in pieces]
    for a, b in zip(one.tolist(), other.tolist(), strict=True):
        if a != b:
            beside[a].add(b)
    return beside


def _longest_side(shapes: dict[int, BaseGeometry], beside: Iterable[int], index: int) -> int | None:
    sides = [(shapely.intersection(shapes[index], shapes[other]).length, -other) for other in beside]
    length, negative = max(sides, default=(0.0, 0))
    return -negative if length > 0 else None


def _join(shapes: dict[int, BaseGeometry], beside: list[set[int]], index: int, into: int) -> None:
    shapes[into] = shapely.union(shapes[into], shapes.pop(index))
    for other in beside[index]:
        beside[other].discard(index)
        if other != into:
            beside[other].add(into)
            beside[into].add(other)


def reading_order(pieces: Sequence[BaseGeometry], row_m: float) -> list[BaseGeometry]:
    """Rows from north to south, and in a row from west to east."""
    centres = shapely.get_coordinates(shapely.centroid(np.asarray(pieces)))
    rows = np.floor((centres[:, 1] - shapely.total_bounds(np.asarray(pieces))[1]) / row_m)
    return [pieces[index] for index in np.lexsort((centres[:, 0], -rows))]


def grid_codes(district: str, number: int, digits: int) -> list[str]:
    """Codes of a district's cut grids: street 001, communities filled one after the other as the sequence allows."""
    full = 10**digits - 1
    return [f"{district}001{n // full + 1:03d}{n % full + 1:0{digits}d}" for n in range(number)]
