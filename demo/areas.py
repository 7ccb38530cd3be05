"""The demo city's unit grids with street and community, and the names of its roads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from data_access.city_cells import reading_order
from demo.facts import GRIDS_OF, Street, lines, streets
from demo.mesh import SCALE, Ints, Mesh, make_mesh


@dataclass(frozen=True, slots=True)
class DemoGrid:
    """A unit grid: its code and names, its shape in flat metres."""

    code: str
    street: str
    community: str
    shape: BaseGeometry


@dataclass(frozen=True, slots=True)
class DemoDistrict:
    """A district with its mesh, grids, and the name of each street line of the mesh."""

    mesh: Mesh
    grids: tuple[DemoGrid, ...]
    road_names: tuple[str, ...]


def make_districts(seed: int, scale: float) -> tuple[DemoDistrict, ...]:
    """The four districts. `scale` below 1 makes a smaller city with coarser grids, for tests."""
    return tuple(_district(code, round(number * scale), seed) for code, number in GRIDS_OF.items())


def _district(code: str, cells: int, seed: int) -> DemoDistrict:
    mesh = make_mesh(code, cells, np.random.default_rng([seed, int(code)]))
    return DemoDistrict(mesh, tuple(_grids(mesh)), _road_names(mesh))


def _grids(mesh: Mesh) -> Iterator[DemoGrid]:
    """Each cell belongs to the nearest street office; its communities share the cells in equal compact parts."""
    own = [street for street in streets() if street.district == mesh.district]
    centres = shapely.get_coordinates(shapely.centroid(np.array(mesh.cells)))
    middles = np.array([(street.lon, street.lat) for street in own]) * SCALE
    nearest = np.hypot(*(centres[:, None] - middles[None]).transpose(2, 0, 1)).argmin(axis=1)
    for index, street in enumerate(own):
        yield from _street_grids(mesh, street, centres, np.flatnonzero(nearest == index))


def _street_grids(mesh: Mesh, street: Street, centres: NDArray[np.float64], cells: Ints) -> Iterator[DemoGrid]:
    communities = street.communities[: len(cells)]
    for (code, name), part in zip(communities, _parts(centres, cells, len(communities)), strict=True):
        ordered = reading_order([mesh.cells[index] for index in part.tolist()], mesh.cell_m)
        for number, shape in enumerate(ordered, 1):
            yield DemoGrid(f"{mesh.district}{street.code}{code}{number:03d}", street.name, name, shape)


def _parts(centres: NDArray[np.float64], cells: Ints, number: int) -> list[Ints]:
    """Cut a set of cells into compact parts of nearly equal size, always across the longer side."""
    if number <= 1:
        return [cells] if number else []
    points = centres[cells]
    axis = int(np.ptp(points, axis=0).argmax())
    ordered = cells[np.argsort(points[:, axis], kind="stable")]
    first = number // 2
    cut = round(len(cells) * first / number)
    return [*_parts(centres, ordered[:cut], first), *_parts(centres, ordered[cut:], number - first)]


def _road_names(mesh: Mesh) -> tuple[str, ...]:
    """Of all street lines, `ew` first, as `Edges.line` numbers them."""
    runs = (("ew", mesh.ew_lines), ("ns", mesh.ns_lines))
    return tuple(line.name for run, number in runs for line in lines(mesh.district, run, number))
