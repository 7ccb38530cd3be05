"""Which grid and district a point lies in: an STR tree over the areas, for one click or for many thousand points."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Engine, select

from data_access.city_schema import districts, grids
from domain.geo import Polygon


class AreaIndex:
    """Areas with codes. A point on a common border belongs to the area with the lower code."""

    def __init__(self, areas: Iterable[tuple[str, BaseGeometry]]) -> None:
        ordered = sorted(areas, key=lambda area: area[0])
        self.codes = [code for code, _ in ordered]
        shapes = np.array([shape for _, shape in ordered], dtype=object)
        shapely.prepare(shapes)
        self._tree = shapely.STRtree(shapes)

    def locate(self, lon: float, lat: float) -> str | None:
        """Code of the area that holds a point, or None."""
        found = self._tree.query(shapely.Point(lon, lat), predicate="intersects")
        return self.codes[int(found.min())] if found.size else None

    def locate_many(self, lon: ArrayLike, lat: ArrayLike) -> list[str | None]:
        """The same for many points at once."""
        points = shapely.points(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
        at, area = self._tree.query(points, predicate="intersects")
        best = np.full(len(points), len(self.codes))
        np.minimum.at(best, at, area)
        names: list[str | None] = [*self.codes, None]
        return [names[index] for index in best.tolist()]


class GridIndex:
    """Point to unit grid and to district."""

    def __init__(self, grid_areas: AreaIndex, district_areas: AreaIndex) -> None:
        self._grids, self._districts = grid_areas, district_areas

    @classmethod
    def load(cls, engine: Engine) -> GridIndex:
        """The index of the stored city."""
        with engine.connect() as connection:
            return cls(grid_areas(connection), district_areas(connection))

    def locate(self, lon: float, lat: float) -> str | None:
        """Code of the grid that holds a point (WGS-84), or None outside the city."""
        return self._grids.locate(lon, lat)

    def district(self, lon: float, lat: float) -> str | None:
        """Code of the district of the city that holds a point, or None."""
        return self._districts.locate(lon, lat)


def grid_areas(connection: Connection) -> AreaIndex:
    """All stored grids."""
    rows = connection.execute(select(grids.c.code, grids.c.polygon))
    return AreaIndex((code, polygon_shape(json.loads(polygon))) for code, polygon in rows)


def district_areas(connection: Connection) -> AreaIndex:
    """The stored districts that belong to the city."""
    rows = connection.execute(select(districts.c.code, districts.c.polygons).where(districts.c.inside))
    return AreaIndex((code, polygons_shape(json.loads(polygons))) for code, polygons in rows)


def polygon_shape(rings: Polygon | Sequence[Sequence[Sequence[float]]]) -> BaseGeometry:
    """A shape from an outer ring and holes."""
    return shapely.Polygon(rings[0], list(rings[1:]))


def polygons_shape(polygons: Sequence[Sequence[Sequence[Sequence[float]]]]) -> BaseGeometry:
    """One shape from several polygons."""
    return shapely.MultiPolygon([polygon_shape(rings) for rings in polygons])
