"""From a point to its grid, district and nearest named places, and from words to places: the stored city, asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, case, func, select

from data_access.by_content import ByContent
from data_access.city_schema import grids, places
from data_access.engine import reading
from data_access.geo_index import GridIndex
from domain.city import Place, PlaceKind
from domain.geo import Ring, distance_m, metres_per_degree
from domain.whereabouts import NearPlace, Where

NEAR_M = 200.0
"""How far a named place may be to say where a point is."""

MOST_NEAR = 12
MOST_FOUND = 12
MOST_WORDS = 4
_COLUMNS = [column for column in places.columns if not column.name.startswith("source_")]


class Whereabouts:
    """Asks the stored city; follows every later import. Blocking and thread-safe."""

    def __init__(self, engine: Engine, *, monotonic: Callable[[], float]) -> None:
        self._engine = engine
        self._areas = ByContent(engine, lambda _: GridIndex.load(engine), monotonic=monotonic)

    def at(self, lon: float, lat: float) -> Where:
        """What the city knows of a point (WGS-84)."""
        areas = self._areas.current()
        grid = areas.locate(lon, lat)
        with reading(self._engine) as connection:
            row = connection.execute(select(grids).where(grids.c.code == grid)).first() if grid else None
            near = _near(connection, lon, lat)
        district = areas.district(lon, lat) or (row.district if row else None)
        named = {"street": row.street, "community": row.community, "ring": _ring(row.polygon)} if row else {}
        return Where(grid=grid, district=district, near=near, **named)

    def places(self, words: str, limit: int = MOST_FOUND) -> list[Place]:
        """Places whose name or address holds every word: landmarks first, then names that begin with the first."""
        asked = words.split()[:MOST_WORDS]
        if not asked:
            return []
        begins = case((places.c.name.startswith(asked[0], autoescape=True), 0), else_=1)
        landmark = case((places.c.kind == PlaceKind.LANDMARK.value, 0), else_=1)
        order = (begins + landmark, landmark, func.length(places.c.name), places.c.place_id)
        query = select(*_COLUMNS).where(*(_holds(word) for word in asked)).order_by(*order).limit(limit)
        with reading(self._engine) as connection:
            return [_place(row) for row in connection.execute(query)]

    def told(self, facts: Mapping[str, object]) -> dict[str, object]:
        """The facts of a new case with what its point says: grid, district and address, where nobody said them."""
        lon, lat = facts.get("lon"), facts.get("lat")
        if not _degrees(lon, 180) or not _degrees(lat, 90):
            return dict(facts)
        where = self.at(float(lon), float(lat))  # type: ignore[arg-type]
        found = {"grid": where.grid, "district": where.district, "address": where.address}
        return {**facts, **{name: value for name, value in found.items() if value and not facts.get(name)}}


def _degrees(value: object, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -most <= value <= most


def _holds(word: str) -> ColumnElement[bool]:
    return places.c.name.contains(word, autoescape=True) | places.c.address.contains(word, autoescape=True)


def _near(connection: Connection, lon: float, lat: float) -> tuple[NearPlace, ...]:
    east, north = metres_per_degree(lat)
    columns = places.c
    query = select(*_COLUMNS).where(
        columns.lon.between(lon - NEAR_M / east, lon + NEAR_M / east),
        columns.lat.between(lat - NEAR_M / north, lat + NEAR_M / north),
    )
    found = (_place(row) for row in connection.execute(query))
    away = [NearPlace(place, float(distance_m(lon, lat, place.lon, place.lat))) for place in found]
    nearest = sorted(away, key=lambda one: (one.metres, one.place.place_id))
    return tuple(one for one in nearest[:MOST_NEAR] if one.metres <= NEAR_M)


def _place(row: Row[Any]) -> Place:
    return Place(**dict(row._mapping) | {"kind": PlaceKind(row.kind)})


def _ring(polygon: str) -> Ring:
    return tuple((lon, lat) for lon, lat in json.loads(polygon)[0])
