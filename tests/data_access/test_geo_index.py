from __future__ import annotations

import random
from pathlib import Path

import pytest
import shapely
from sqlalchemy import Engine

from data_access.city_import import import_city
from data_access.city_store import CityStore
from data_access.geo_index import AreaIndex, GridIndex
from domain.geo import point_in_polygon
from tests.city_folder import SOUTH, STEP, WEST, write_small_city

LEFT, RIGHT = ("B", shapely.box(0, 0, 1, 1)), ("A", shapely.box(1, 0, 2, 1))


@pytest.fixture
def index(engine: Engine, tmp_path: Path) -> GridIndex:
    import_city(write_small_city(tmp_path / "city"), engine)
    return GridIndex.load(engine)


def test_a_point_is_found_in_its_area() -> None:
    index = AreaIndex([LEFT, RIGHT])
    assert [index.locate(0.5, 0.5), index.locate(1.5, 0.5), index.locate(3, 0.5)] == ["B", "A", None]


def test_a_point_on_a_common_border_belongs_to_the_lower_code() -> None:
    assert AreaIndex([LEFT, RIGHT]).locate(1, 0.5) == "A"
    assert AreaIndex([RIGHT, LEFT]).locate(1, 0.5) == "A"


def test_many_points_are_located_like_each_alone() -> None:
    index, rng = AreaIndex([LEFT, RIGHT]), random.Random(1)
    points = [(rng.uniform(-0.5, 2.5), rng.uniform(-0.5, 1.5)) for _ in range(500)] + [(1.0, 0.5)]
    assert index.locate_many(*zip(*points, strict=True)) == [index.locate(*point) for point in points]


def test_an_empty_index_finds_nothing() -> None:
    index = AreaIndex([])
    assert index.locate(0, 0) is None
    assert index.locate_many([0, 1], [0, 1]) == [None, None]


def test_the_citys_grids_and_districts_are_found(index: GridIndex) -> None:
    lon, lat = WEST + STEP / 4, SOUTH + STEP / 4
    grid = index.locate(lon, lat)
    assert grid is not None
    assert grid.startswith("370202")
    assert index.district(lon, lat) == "370202"


def test_a_neighbouring_area_is_no_district_of_the_hall(index: GridIndex) -> None:
    lon, lat = WEST + STEP / 4, SOUTH + STEP * 1.25
    assert index.district(lon, lat) is None
    assert index.locate(lon, lat) is None


def test_the_index_agrees_with_the_plain_geometry(engine: Engine, index: GridIndex) -> None:
    grids, rng = {grid.code: grid for grid in CityStore(engine).grids()}, random.Random(2)
    for _ in range(200):
        lon, lat = rng.uniform(WEST, WEST + 2 * STEP), rng.uniform(SOUTH, SOUTH + STEP)
        found = index.locate(lon, lat)
        assert found is not None
        assert point_in_polygon(lon, lat, grids[found].polygon)
