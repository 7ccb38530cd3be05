from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from api.city_map import city_map_routers
from api.rules import line_for
from data_access.city_import import import_city
from data_access.component_tiles import EMPTY
from data_access.engine import open_engine
from data_access.mercator import BITS, to_world
from tests.city_folder import write_small_city

CODE = "3702020101000001"
X, Y = (int(value) >> (BITS - 17) for value in to_world(120.3021, 36.0521))


@pytest.fixture
def stored(tmp_path: Path, sqlite_template: Path) -> Iterator[Engine]:
    shutil.copy(sqlite_template, tmp_path / "citywall.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'citywall.db'}")
    import_city(write_small_city(tmp_path / "city"), engine)
    yield engine
    engine.dispose()


@pytest.fixture
def app(stored: Engine, tmp_path: Path) -> FastAPI:
    app = FastAPI()
    for router in city_map_routers(stored, tmp_path, monotonic=lambda: 0.0):
        app.include_router(router)
    return app


@pytest.fixture
def client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hall")


@pytest.mark.parametrize(("path", "features"), [("/api/v1/map/base", 3), ("/api/v1/map/grids", 40)])
async def test_the_maps_ground_is_geojson(client: httpx.AsyncClient, path: str, features: int) -> None:
    answer = await client.get(path)
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.json()["features"]) == features


async def test_a_client_without_gzip_gets_the_same_plain(client: httpx.AsyncClient) -> None:
    plain = await client.get("/api/v1/map/grids", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.json() == (await client.get("/api/v1/map/grids")).json()


@pytest.mark.parametrize("path", ["/api/v1/map/base", "/api/v1/map/grids", f"/tiles/components/17/{X}/{Y}.png"])
async def test_what_the_browser_has_is_not_sent_again(client: httpx.AsyncClient, path: str) -> None:
    first = await client.get(path)
    again = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


async def test_a_tile_is_a_png_that_may_be_kept(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/tiles/components/17/{X}/{Y}.png")
    assert answer.headers["content-type"] == "image/png"
    assert "max-age=3600" in answer.headers["cache-control"]
    assert answer.content.startswith(b"\x89PNG")
    assert answer.content != EMPTY


async def test_a_tile_of_the_sea_is_empty(client: httpx.AsyncClient) -> None:
    assert (await client.get("/tiles/components/16/1/1.png")).content == EMPTY


async def test_the_nearest_component_comes_with_its_owner(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/components/nearest", params={"lon": 120.30211, "lat": 36.05211})
    nearest = answer.json()["nearest"]
    assert nearest["component"]["code"] == CODE
    assert nearest["component"]["owner"] == "青岛水务"
    assert nearest["department_name"] == "青岛市市政工程管理处"
    assert 0 < nearest["distance_m"] < 3


async def test_nothing_near_is_null(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/components/nearest", params={"lon": 0, "lat": 0})
    assert answer.json() == {"nearest": None}


@pytest.mark.parametrize("params", [{"lon": 200, "lat": 1}, {"lon": 1}, {"lon": 1, "lat": 1, "within_m": 1e9}])
async def test_an_impossible_point_is_refused(client: httpx.AsyncClient, params: dict[str, float]) -> None:
    assert (await client.get("/api/v1/components/nearest", params=params)).status_code == 422


async def test_a_component_is_found_by_its_code(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"/api/v1/components/{CODE}")).json()["grid"].startswith("370202")
    assert (await client.get("/api/v1/components/1")).status_code == 404


async def test_many_tiles_at_once_are_all_answered(client: httpx.AsyncClient) -> None:
    paths = [f"/tiles/components/17/{X + i}/{Y + j}.png" for i in range(-4, 5) for j in range(-4, 5)]
    answers = await asyncio.gather(*(client.get(path) for path in paths))
    assert {answer.status_code for answer in answers} == {200}


async def test_nothing_of_a_camera_is_on_the_map(client: httpx.AsyncClient) -> None:
    bodies = [json.dumps((await client.get(f"/api/v1/map/{name}")).json()) for name in ("base", "grids")]
    assert "rtsp" not in "".join(bodies)


def test_every_route_has_a_rule_at_the_door(app: FastAPI) -> None:
    paths = ["/api/v1/map/base", "/api/v1/map/grids", f"/tiles/components/17/{X}/{Y}.png"]
    paths += ["/api/v1/components/nearest", f"/api/v1/components/{CODE}"]
    assert all(line_for(path, "GET") for path in paths)
