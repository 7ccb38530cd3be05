from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from data_access.by_content import content_version
from data_access.city_import import import_city
from data_access.city_store import CityStore
from data_access.components_index import CACHE_PREFIX, ComponentIndex, open_components
from data_access.engine import open_engine
from data_access.mercator import BITS, from_world, to_world
from domain.city import Component, ComponentState
from domain.geo import distance_m
from tests.city_folder import FILES, SOUTH, STEP, WEST, change, write_small_city

HEADER = FILES["components.csv"].splitlines()[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small city with 2,000 components strewn over it."""
    folder, rng = write_small_city(tmp_path / "city"), random.Random(3)
    points = [(rng.uniform(WEST, WEST + STEP), rng.uniform(SOUTH, SOUTH + STEP)) for _ in range(2_000)]
    rows = [f"3702020101{n:06d},{x:.7f},{y:.7f},,D001,水务,养护," for n, (x, y) in enumerate(points, 1)]
    (folder / "components.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def stored(folder: Path, tmp_path: Path, sqlite_template: Path) -> Iterator[Engine]:
    shutil.copy(sqlite_template, tmp_path / "citywall.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'citywall.db'}")
    import_city(folder, engine)
    yield engine
    engine.dispose()


@pytest.fixture
def index(stored: Engine, tmp_path: Path) -> ComponentIndex:
    return open_components(stored, tmp_path)


def all_components(engine: Engine) -> list[Component]:
    store = CityStore(engine)
    found = [store.component(f"3702020101{n:06d}") for n in range(1, 2_001)]
    return [component for component in found if component is not None]


def test_the_nearest_component_is_the_nearest_of_all(stored: Engine, index: ComponentIndex) -> None:
    known, rng = all_components(stored), random.Random(4)
    lons, lats = (np.array([getattr(c, name) for c in known]) for name in ("lon", "lat"))
    for _ in range(100):
        lon, lat = rng.uniform(WEST, WEST + STEP), rng.uniform(SOUTH, SOUTH + STEP)
        away = distance_m(lon, lat, lons, lats)
        found = index.nearest(lon, lat, within_m=200)
        assert found is not None
        assert found.component.code == known[int(away.argmin())].code
        assert found.distance_m == pytest.approx(away.min(), abs=0.02)


@pytest.mark.parametrize("within_m", [5, 40, 300, 1_500])
def test_near_finds_every_component_in_the_circle(stored: Engine, index: ComponentIndex, within_m: float) -> None:
    lon, lat = WEST + STEP / 2, SOUTH + STEP / 2
    expected = sum(distance_m(lon, lat, c.lon, c.lat) <= within_m for c in all_components(stored))
    found = index.near(lon, lat, within_m, limit=5_000)
    assert len(found) == expected
    assert [near.distance_m for near in found] == sorted(near.distance_m for near in found)


def test_the_owner_and_the_names_come_with_it(index: ComponentIndex) -> None:
    found = index.nearest(WEST + STEP / 2, SOUTH + STEP / 2, 500)
    assert found is not None
    assert (found.class_name, found.department_name) == ("上水井盖", "青岛市市政工程管理处")
    component = found.component
    assert (component.owner, component.maintainer, component.state) == ("水务", "养护", ComponentState.INTACT)


def test_far_from_everything_there_is_none(index: ComponentIndex) -> None:
    assert index.nearest(WEST - 1, SOUTH - 1, 2_000) is None
    assert index.nearest(0, 0, 1e9) is None


def test_a_component_is_found_by_its_code_as_the_store_has_it(stored: Engine, index: ComponentIndex) -> None:
    known = CityStore(stored).component("3702020101000777")
    found = index.by_code("3702020101000777")
    assert known is not None
    assert found is not None
    assert distance_m(found.lon, found.lat, known.lon, known.lat) < 0.01
    assert (found.grid, found.department, found.class_code) == (known.grid, known.department, known.class_code)


@pytest.mark.parametrize("code", ["3702020101009999", "0", "9" * 19, "9" * 40, "x", "", "３７０２"])
def test_an_unknown_code_has_no_component(index: ComponentIndex, code: str) -> None:
    assert index.by_code(code) is None


@pytest.mark.parametrize("zoom", [0, 10, 14, 16, 18])
def test_the_tiles_of_a_zoom_hold_every_component_once(index: ComponentIndex, zoom: int) -> None:
    west, north = (int(value) >> (BITS - zoom) for value in to_world(WEST, SOUTH + STEP))
    east, south = (int(value) >> (BITS - zoom) for value in to_world(WEST + STEP, SOUTH))
    tiles = [index.of_tile(zoom, x, y) for x in range(west, east + 1) for y in range(north, south + 1)]
    assert sum(len(kinds) for _, _, kinds in tiles) == len(index) == 2_000


def test_a_tile_holds_only_what_lies_in_it(index: ComponentIndex) -> None:
    x, y = (int(value) >> (BITS - 17) for value in to_world(WEST + STEP / 2, SOUTH + STEP / 2))
    across, down, kinds = index.of_tile(17, x, y)
    assert len(kinds)
    assert {(int(a) >> (BITS - 17), int(d) >> (BITS - 17)) for a, d in zip(across, down, strict=True)} == {(x, y)}
    assert from_world(across[:1], down[:1])[0][0] == pytest.approx(WEST + STEP / 2, abs=0.004)


@pytest.mark.parametrize("tile", [(3, -1, 0), (3, 8, 0), (3, 0, 9)])
def test_a_tile_outside_the_world_is_empty(index: ComponentIndex, tile: tuple[int, int, int]) -> None:
    assert len(index.of_tile(*tile)[2]) == 0


def test_the_cache_is_used_until_the_city_changes(stored: Engine, folder: Path, tmp_path: Path) -> None:
    open_components(stored, tmp_path)
    made = tmp_path / f"{CACHE_PREFIX}{content_version(stored)}"
    stamp = (made / "rows.npy").stat().st_mtime_ns
    open_components(stored, tmp_path)
    assert (made / "rows.npy").stat().st_mtime_ns == stamp
    change(folder, "components.csv", "3702020101000001,", "3702020101009001,")
    import_city(folder, stored)
    newer = open_components(stored, tmp_path)
    assert newer.by_code("3702020101009001") is not None
    assert [path.name for path in tmp_path.glob(f"{CACHE_PREFIX}*")] == [f"{CACHE_PREFIX}{content_version(stored)}"]


def test_two_may_make_the_cache_at_once(stored: Engine, tmp_path: Path) -> None:
    (tmp_path / f"{CACHE_PREFIX}old").mkdir()
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: len(open_components(stored, tmp_path)), range(4)))
    assert made == [2_000] * 4
    assert [path.name for path in tmp_path.iterdir() if path.is_dir() and path.name != "city"] == [
        f"{CACHE_PREFIX}{content_version(stored)}"
    ]


def test_a_hall_without_a_city_has_an_empty_index(engine: Engine, tmp_path: Path) -> None:
    index = open_components(engine, tmp_path)
    assert len(index) == 0
    assert index.nearest(WEST, SOUTH) is None
    assert index.by_code("3702020101000001") is None


def test_both_databases_give_the_same_index(engine: Engine, folder: Path, tmp_path: Path) -> None:
    import_city(folder, engine)
    index = open_components(engine, tmp_path)
    found = index.by_code("3702020101000042")
    assert len(index) == 2_000
    assert found is not None
    assert found.maintainer == "养护"
