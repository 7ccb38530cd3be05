"""Reads the town the demo's people know from the stored city: a sample of its places and components is enough."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TypeVar

from sqlalchemy import Engine, select

from data_access.city_schema import components
from data_access.city_store import CityStore
from data_access.geo_index import grid_areas
from demo.facts import class_keepers, keepers
from demo.people import Roster
from demo.town import Spot, Town
from domain.city import LimitRule, Place

Thing = TypeVar("Thing")

STREET_SPOTS = 1_200
"""Places a district's events happen at."""
OBJECT_GRIDS = 90
"""Grids of a district whose components give trouble."""
OBJECTS = 1_500
AREA_CLASS = 1
"""Area class of every case of the demo: the strictly kept core."""


def read_town(engine: Engine, seed: int) -> Town:
    """The town in the store; the same seed samples the same places.

    Raises:
        NoCity: nothing was imported yet.
    """
    store = CityStore(engine)
    rng = random.Random(seed)
    districts = tuple(district.code for district in store.districts() if district.inside)
    found = _placed(engine, store.places())
    rules = _by_class(store.limits())
    return Town(
        seed=seed,
        zone=store.city().zone,
        districts=districts,
        classes={found.code: found for found in store.classes()},
        rules=rules,
        departments={found.code: found for found in store.departments()},
        keeper=keeper_at,
        roster=Roster(store.people()),
        streets={
            code: _sample(rng, [spot for spot in found if spot.district == code], STREET_SPOTS) for code in districts
        },
        objects={code: _objects(engine, rng, code, found, rules) for code in districts},
    )


def keeper_at(class_code: str, district: str, grid: str) -> str:
    """The department whose work a class is at a place; the street office's is found by the grid's code."""
    return keepers().of(_class_keepers()[class_code], district, grid[6:9])


@cache
def _class_keepers() -> Mapping[str, str]:
    return class_keepers()


def _placed(engine: Engine, places: Sequence[Place]) -> list[Spot]:
    """The places that lie in a grid."""
    with engine.connect() as connection:
        grids = grid_areas(connection).locate_many([p.lon for p in places], [p.lat for p in places])
    return [
        Spot(address=f"{place.address}{place.name}", lon=place.lon, lat=place.lat, district=place.district, grid=grid)
        for place, grid in zip(places, grids, strict=True)
        if grid is not None
    ]


def _by_class(rules: Iterable[LimitRule]) -> dict[str, list[LimitRule]]:
    """The rules that hold all year where the demo's cases happen: in areas of the first class."""
    by_class: dict[str, list[LimitRule]] = {}
    for rule in rules:
        if rule.area_class in (0, AREA_CLASS) and not rule.season:
            by_class.setdefault(rule.class_code, []).append(rule)
    return by_class


def _objects(
    engine: Engine, rng: random.Random, district: str, places: Sequence[Spot], rules: Mapping[str, object]
) -> list[Spot]:
    """Components in some of the district's grids, each with the address of a place nearby."""
    near = {spot.grid: spot.address for spot in places if spot.district == district}
    grids = _sample(rng, sorted(near), OBJECT_GRIDS)
    columns = components.c
    query = (
        select(columns.code, columns.class_code, columns.lon, columns.lat, columns.grid)
        .where(columns.grid.in_(grids), columns.class_code.in_(sorted(rules)))
        .order_by(columns.code)
    )
    with engine.connect() as connection:
        rows = _sample(rng, connection.execute(query).all(), OBJECTS)
    return [
        Spot(
            address=f"{near[row.grid]}附近",
            lon=row.lon,
            lat=row.lat,
            district=district,
            grid=row.grid,
            class_code=row.class_code,
            component_code=row.code,
        )
        for row in rows
    ]


def _sample(rng: random.Random, things: Sequence[Thing], most: int) -> list[Thing]:
    return rng.sample(things, min(most, len(things)))
