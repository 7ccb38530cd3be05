"""Streets and unit grids of a district: a lattice bent like a grown town, cut by the district's outline.

The lattice lines are the streets, its meshes the unit grids, so grids follow roads as they should (domain sheet 3.1).
Everything here is in metres on a flat map around the city; `to_degrees` leads back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from data_access.city_cells import clip, merge_smallest
from demo.facts import lines, outlines
from domain.geo import metres_per_degree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

RUNS = ("ew", "ns")
"""Streets run east-west or north-south; lattice rows are the first, columns the second."""

SCALE = np.array(metres_per_degree(36.13))
"""Metres in a degree of longitude and latitude at the city's middle."""

TURN_DEGREES = {"370202": 9.0, "370203": 24.0, "370205": 20.0, "370213": -17.0}
"""How the street pattern lies: 市南 follows the shore, 市北 and 四方 the bay, 李沧 the valley."""

KERB_M = 16.0
"""No street runs closer to the outline: its lamps must stand inside the district."""


@dataclass(frozen=True, slots=True)
class Edges:
    """Street sections between two crossings, all arrays of one length. `line` numbers the street (`ew` first)."""

    start: Floats
    end: Floats
    line: Ints
    along: Floats
    main: Bools

    @property
    def length(self) -> Floats:
        return np.hypot(*(self.end - self.start).T)

    def where(self, chosen: Bools) -> Edges:
        """Some of the sections."""
        return Edges(*(getattr(self, name)[chosen] for name in ("start", "end", "line", "along", "main")))


@dataclass(frozen=True, slots=True)
class Crossings:
    """Where two streets meet: place and the numbers of both streets."""

    at: Floats
    ew: Ints
    ns: Ints
    rank: Ints
    """2 where two main roads meet, 1 with one, 0 with none."""


@dataclass(frozen=True, slots=True)
class Mesh:
    """One district's streets and meshes."""

    district: str
    outline: BaseGeometry
    cell_m: float
    edges: Edges
    crossings: Crossings
    cells: tuple[BaseGeometry, ...]
    ew_lines: int
    ns_lines: int


def to_degrees(points: Floats) -> Floats:
    """Flat metres to longitude and latitude."""
    return np.round(points / SCALE, 7)


def make_mesh(district: str, cells: int, rng: np.random.Generator) -> Mesh:
    """The mesh with exactly so many cells: a little finer at first, then the smallest pieces join their neighbours."""
    outline = shapely.transform(outlines()[district], lambda points: points * SCALE)
    cell_m = float(np.sqrt(outline.area / cells)) * 1.04
    phases = rng.uniform(0, 2 * np.pi, (2, 4))
    jitter = rng.uniform(-1, 1, (400, 400, 2))
    while True:
        lattice = _lattice(outline, cell_m, TURN_DEGREES[district], phases, jitter)
        pieces = clip(_quads(lattice), outline)
        if len(pieces) >= cells:
            break
        cell_m *= 0.99
    return _assembled(district, outline, cell_m, lattice, merge_smallest(pieces, count=cells))


def _lattice(outline: BaseGeometry, cell_m: float, turn: float, phases: Floats, jitter: Floats) -> Floats:
    """Crossing points by row (north to south) and column (west to east)."""
    west, south, east, north = outline.bounds
    centre = np.array([(west + east) / 2, (south + north) / 2])
    half = int(np.hypot(east - west, north - south) / 2 / cell_m) + 2
    steps = np.arange(-half, half + 1) * cell_m
    v, u = np.meshgrid(-steps, steps, indexing="ij")
    bend = [_waves(u, v, phases[k], cell_m) + 0.06 * cell_m * jitter[: len(v), : len(v), k] for k in (0, 1)]
    u, v = u + bend[0], v + bend[1]
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    return centre + np.stack([u * cos - v * sin, u * sin + v * cos], axis=-1)


def _waves(u: Floats, v: Floats, phase: Floats, cell_m: float) -> Floats:
    """A slow bend of up to about half a cell."""
    long, short = 2 * np.pi / (13 * cell_m), 2 * np.pi / (7 * cell_m)
    slow = np.sin(u * long + phase[0]) + np.sin(v * long + phase[1])
    return np.asarray(cell_m * (0.24 * slow + 0.1 * np.sin((u + v) * short + phase[2])))


def _quads(lattice: Floats) -> NDArray[np.object_]:
    corners = (lattice[1:, :-1], lattice[1:, 1:], lattice[:-1, 1:], lattice[:-1, :-1])
    return np.asarray(shapely.polygons(np.stack(corners, axis=2).reshape(-1, 4, 2)))


def _assembled(district: str, outline: BaseGeometry, cell_m: float, lattice: Floats, cells: list[BaseGeometry]) -> Mesh:
    inner = outline.buffer(-KERB_M)
    shapely.prepare(inner)
    inside = shapely.contains_xy(inner, lattice[..., 0], lattice[..., 1])
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    used = lattice[np.ix_(rows, columns)]
    mains = [
        np.array([line.main for line in lines(district, run, n)]) for run, n in zip(RUNS, used.shape, strict=False)
    ]
    edges, crossings = _edges(used, inner, mains), _crossings(used, inside[np.ix_(rows, columns)], mains)
    return Mesh(district, outline, cell_m, edges, crossings, tuple(cells), len(rows), len(columns))


def _edges(used: Floats, inner: BaseGeometry, mains: list[Bools]) -> Edges:
    parts = [
        *(_line(points, line, mains[0][line]) for line, points in enumerate(used)),
        *(_line(points, len(used) + line, mains[1][line]) for line, points in enumerate(used.swapaxes(0, 1))),
    ]
    whole = Edges(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))
    sections = shapely.linestrings(np.stack([whole.start, whole.end], axis=1))
    return whole.where(shapely.covers(inner, sections))


def _line(points: Floats, line: int, main: bool) -> tuple[Floats, Floats, Ints, Floats, Bools]:
    start, end = points[:-1], points[1:]
    length = np.hypot(*(end - start).T)
    along = np.concatenate([[0.0], np.cumsum(length)[:-1]])
    return start, end, np.full(len(start), line), along, np.full(len(start), main)


def _crossings(used: Floats, inside: Bools, mains: list[Bools]) -> Crossings:
    rows, columns = np.nonzero(inside)
    rank = mains[0][rows].astype(np.int64) + mains[1][columns]
    return Crossings(used[rows, columns], rows, columns + len(used), rank)
