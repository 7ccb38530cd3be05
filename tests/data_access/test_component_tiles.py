from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import Engine

from data_access.city_import import import_city
from data_access.component_tiles import COLOURS, EMPTY, SIZE, ComponentTiles
from data_access.components_index import open_components
from data_access.engine import open_engine
from data_access.mercator import BITS, to_world
from tests.city_folder import FILES, write_small_city

LON, LAT = 120.3021, 36.0521


@pytest.fixture
def stored(tmp_path: Path, sqlite_template: Path) -> Iterator[Engine]:
    shutil.copy(sqlite_template, tmp_path / "citywall.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'citywall.db'}")
    yield engine
    engine.dispose()


def tiles_with(engine: Engine, tmp_path: Path, *rows: str) -> ComponentTiles:
    folder = write_small_city(tmp_path / "city")
    header = FILES["components.csv"].splitlines()[0]
    (folder / "components.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    import_city(folder, engine)
    return ComponentTiles(open_components(engine, tmp_path))


def one(lon: float = LON, lat: float = LAT) -> str:
    return f"3702020101000001,{lon},{lat},,D001,,,"


def tile_of(zoom: int, lon: float = LON, lat: float = LAT) -> tuple[int, int, int]:
    x, y = (int(value) >> (BITS - zoom) for value in to_world(lon, lat))
    return zoom, x, y


def pixel_of(zoom: int) -> tuple[int, int]:
    x, y = (int(value) * SIZE / 2 ** (BITS - zoom) % SIZE for value in to_world(LON, LAT))
    return int(x), int(y)


def image_of(png: bytes) -> NDArray[np.uint8]:
    return np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED), np.uint8)


@pytest.mark.parametrize("zoom", range(14, 21))
def test_a_component_is_drawn_where_it_stands_in_its_major_colour(stored: Engine, tmp_path: Path, zoom: int) -> None:
    tiles = tiles_with(stored, tmp_path, one())
    image = image_of(tiles.png(*tile_of(zoom)))
    across, down = pixel_of(zoom)
    blue, green, red, alpha = image[down, across].tolist()
    assert image.shape == (SIZE, SIZE, 4)
    assert alpha > 90
    assert np.abs(np.array([red, green, blue]) - COLOURS["01"]).max() <= 3
    assert (image[..., 3] > 0).mean() < 0.01


def test_dots_grow_with_the_zoom(stored: Engine, tmp_path: Path) -> None:
    tiles = tiles_with(stored, tmp_path, one())
    covered = [int((image_of(tiles.png(*tile_of(zoom)))[..., 3] > 0).sum()) for zoom in range(14, 21)]
    assert covered == sorted(covered)
    assert covered[0] == 1


def test_a_crowd_is_denser_than_one(stored: Engine, tmp_path: Path) -> None:
    crowd = [f"3702020101{n:06d},{LON},{LAT},,D001,,," for n in range(1, 11)]
    alone = [f"3702020101000011,{LON + 0.002},{LAT},,D001,,,"]
    image = image_of(tiles_with(stored, tmp_path, *crowd, *alone).png(*tile_of(14)))
    opacities = sorted(image[..., 3][image[..., 3] > 0].tolist())
    assert len(opacities) == 2
    assert opacities[1] > opacities[0]


@pytest.mark.parametrize("zoom", [16, 18, 20])
def test_a_dot_on_a_tiles_edge_is_drawn_on_both_sides(stored: Engine, tmp_path: Path, zoom: int) -> None:
    _, x, y = tile_of(zoom)
    edge = x / 2**zoom * 360 - 180
    tiles = tiles_with(stored, tmp_path, one(lon=round(edge, 7)))
    left, right = image_of(tiles.png(zoom, x - 1, y)), image_of(tiles.png(zoom, x, y))
    assert left[:, -1, 3].any()
    assert right[:, 0, 3].any()


@pytest.mark.parametrize("tile", [(13, 6832, 3210), (21, 0, 0), (16, 0, 0), (0, 0, 0), (16, -5, 3)])
def test_tiles_outside_city_and_zooms_are_empty(stored: Engine, tmp_path: Path, tile: tuple[int, int, int]) -> None:
    assert tiles_with(stored, tmp_path, one()).png(*tile) is EMPTY


def test_an_empty_tile_is_transparent() -> None:
    assert not image_of(EMPTY).any()


def test_a_dots_rim_is_clear_not_dark(stored: Engine, tmp_path: Path) -> None:
    image = image_of(tiles_with(stored, tmp_path, one()).png(*tile_of(18)))
    faint = image[(image[..., 3] > 20) & (image[..., 3] < 120)]
    assert len(faint)
    assert faint[:, :3].min() > 100


def test_a_tile_is_drawn_once(stored: Engine, tmp_path: Path) -> None:
    tiles = tiles_with(stored, tmp_path, one())
    assert tiles.png(*tile_of(16)) is tiles.png(*tile_of(16))
