"""The demo city's 776,143 components: each class stands where such things stand: on streets, at crossings, in blocks.

Along streets a class is spread at even spacing over the whole length of the chosen sections, alternating sides: rows
of lamps and trees, covers in the carriageway, gratings at the kerb. Arrays throughout, a class of a district at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from demo.areas import DemoDistrict
from demo.facts import ComponentKind, component_kinds, inner_city, outlines
from demo.mesh import SCALE, Edges, Floats, Mesh

DENSITY = {"370202": 1.35, "370203": 1.35, "370205": 1.1, "370213": 0.75}
"""Objects to a metre of street, relative: the old quarters are furnished more densely."""

SHORE_DISTANCE_M = 80.0
_GREEN_SHARE = 0.12


@dataclass(frozen=True, slots=True)
class Row:
    """How a pattern lies along a street: distance from its middle, and whether only on main roads."""

    offset_m: float
    main_only: bool = False
    regular: bool = False


ROWS = {
    "road": Row(2.4),
    "kerb": Row(5.6),
    "walk": Row(8.2),
    "lamp": Row(6.8, regular=True),
    "tree": Row(9.3, regular=True),
    "front": Row(12.5),
    "main": Row(8.8, main_only=True),
    "stop": Row(7.4, main_only=True),
}


@dataclass(frozen=True, slots=True)
class Placed:
    """Components of one class in one district, in the order of their sequence numbers."""

    district: DemoDistrict
    kind: ComponentKind
    points: Floats


def amounts(scale: float) -> dict[str, int]:
    """Number of components of each class: exact at scale 1, at least one each below."""
    return {kind.code: max(1, round(kind.amount * scale)) for kind in component_kinds()}


def place_all(districts: Sequence[DemoDistrict], seed: int, scale: float) -> Iterator[Placed]:
    """All components, class by class and district by district."""
    weights = np.array([d.mesh.edges.length.sum() * DENSITY[d.mesh.district] for d in districts])
    wanted = amounts(scale)
    for kind in component_kinds():
        shares = split(wanted[kind.code], weights)
        for district, number in zip(districts, shares, strict=True):
            rng = np.random.default_rng([seed, int(district.mesh.district), int(kind.code)])
            yield Placed(district, kind, _place(district.mesh, kind, number, rng))


def split(total: int, weights: Floats) -> list[int]:
    """A whole number in parts by weight, largest remainders first: the parts add up to it."""
    exact = total * weights / weights.sum()
    parts = np.floor(exact).astype(int)
    for index in np.argsort(parts - exact, kind="stable")[: total - int(parts.sum())]:
        parts[index] += 1
    return [int(part) for part in parts]


def _place(mesh: Mesh, kind: ComponentKind, number: int, rng: np.random.Generator) -> Floats:
    if number == 0:
        return np.empty((0, 2))
    place = _PLACERS.get(kind.pattern)
    return place(mesh, number, rng) if place else along_streets(mesh.edges, ROWS[kind.pattern], number, rng)


def along_streets(edges: Edges, row: Row, number: int, rng: np.random.Generator) -> Floats:
    """Points at even spacing over all sections laid end to end, on alternating sides."""
    chosen = edges.where(edges.main) if row.main_only else edges
    ends = np.cumsum(chosen.length)
    spacing = ends[-1] / number
    wobble = 0.0 if row.regular else rng.uniform(-0.3, 0.3, number)
    at = np.clip((np.arange(number) + 0.5 + wobble) * spacing, 0, ends[-1] * (1 - 1e-9))
    index = np.searchsorted(ends, at, side="right")
    part = 1 - (ends[index] - at) / chosen.length[index]
    along = chosen.end[index] - chosen.start[index]
    sideways = np.stack([-along[:, 1], along[:, 0]], axis=1) / chosen.length[index][:, None]
    side = np.where(np.arange(number) % 2 == 0, 1.0, -1.0) * row.offset_m + rng.uniform(-0.4, 0.4, number)
    return np.asarray(chosen.start[index] + along * part[:, None] + sideways * side[:, None])


def at_crossings(mesh: Mesh, number: int, rng: np.random.Generator) -> Floats:
    """Corners of crossings, those of main roads first; a second round stands a little farther off."""
    order = np.lexsort((rng.random(len(mesh.crossings.rank)), -mesh.crossings.rank))
    index = np.arange(number)
    corner = (index // len(order)) % 4
    corners = np.array([(1, 1), (-1, -1), (-1, 1), (1, -1)])[corner]
    reach = 9.0 + 1.5 * (index // (4 * len(order)) % 4)
    return np.asarray(mesh.crossings.at[order[index % len(order)]] + corners * reach[:, None])


def in_blocks(mesh: Mesh, number: int, rng: np.random.Generator) -> Floats:
    """Anywhere inside the unit grids."""
    return _inside(np.array(mesh.cells), number, rng)


def in_greens(mesh: Mesh, number: int, rng: np.random.Generator) -> Floats:
    """Inside the grids that are parks: always the same ones of a district."""
    parks = np.random.default_rng(int(mesh.district)).random(len(mesh.cells)) < _GREEN_SHARE
    return _inside(np.array(mesh.cells)[parks] if parks.any() else np.array(mesh.cells), number, rng)


def _inside(cells: NDArray[np.object_], number: int, rng: np.random.Generator) -> Floats:
    area = np.cumsum(shapely.area(cells))
    chosen = cells[np.searchsorted(area, rng.random(number) * area[-1])]
    middle = shapely.get_coordinates(shapely.point_on_surface(chosen))
    rim = shapely.get_exterior_ring(chosen)
    edge = shapely.get_coordinates(shapely.line_interpolate_point(rim, rng.random(number), normalized=True))
    points = middle + (edge - middle) * np.sqrt(rng.random((number, 1))) * 0.9
    return np.where(shapely.contains_xy(chosen, points)[:, None], points, middle)  # a bent cell: the line may leave it


def on_shore(mesh: Mesh, number: int, rng: np.random.Generator) -> Floats:
    """Along the water, some metres inland."""
    lines = shapely.get_parts(shapely.line_merge(shore_line(mesh)))
    length = np.cumsum(shapely.length(lines))
    at = (np.arange(number) + rng.uniform(0.2, 0.8)) / number * length[-1]
    index = np.minimum(np.searchsorted(length, at), len(lines) - 1)
    points = shapely.line_interpolate_point(lines[index], shapely.length(lines[index]) - (length[index] - at))
    return np.asarray(shapely.get_coordinates(points))


def shore_line(mesh: Mesh) -> shapely.Geometry:
    """The part of the outline, drawn 10 m inland, that has no neighbour behind it."""
    land = [shape for code, shape in outlines().items() if code != mesh.district]
    near = shapely.intersection(land, shapely.box(*inner_city().buffer(0.05).bounds))
    others = shapely.transform(shapely.union_all(near), lambda points: points * SCALE)
    return mesh.outline.buffer(-10).boundary.difference(others.buffer(SHORE_DISTANCE_M))


_PLACERS: dict[str, Callable[[Mesh, int, np.random.Generator], Floats]] = {
    "crossing": at_crossings,
    "block": in_blocks,
    "green": in_greens,
    "shore": on_shore,
}
