"""The map's own ground, offline: outlines, unit grids, component tiles, and the component nearest to a click."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from sqlalchemy import Engine

from data_access.by_content import ByContent
from data_access.component_tiles import ComponentTiles
from data_access.components_index import FARTHEST_M, ComponentIndex, open_components
from data_access.map_documents import Document, MapDocuments, make_documents

TILE_THREADS = 2
"""Drawing has threads of its own: the first start's long work must not hold up other routes."""

TILE_MAX_AGE_SECONDS = 3_600


def city_map_routers(engine: Engine, data_dir: Path, *, monotonic: Callable[[], float]) -> tuple[APIRouter, ...]:
    """Both routers on one stored city; they follow every later import."""
    documents = ByContent(engine, lambda version: make_documents(engine, version), monotonic=monotonic)
    tiles = ByContent(engine, lambda _: ComponentTiles(open_components(engine, data_dir)), monotonic=monotonic)
    return map_router(documents.current), components_router(tiles.current)


def map_router(documents: Callable[[], MapDocuments]) -> APIRouter:
    """`/api/v1/map/base` and `/api/v1/map/grids`."""
    router = APIRouter(tags=["map"], prefix="/api/v1/map")

    @router.get("/base", summary="Outlines of districts and their neighbours (GeoJSON)")
    async def base(request: Request) -> Response:
        return _answer(request, (await asyncio.to_thread(documents)).base)

    @router.get("/grids", summary="All unit grids (GeoJSON)")
    async def grids(request: Request) -> Response:
        return _answer(request, (await asyncio.to_thread(documents)).grids)

    return router


def _answer(request: Request, document: Document) -> Response:
    headers = {"ETag": document.etag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
    if document.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(document.gzipped, media_type="application/geo+json", headers=headers)
    return Response(document.body, media_type="application/geo+json", headers=headers)


def _named(index: ComponentIndex, code: str) -> dict[str, Any] | None:
    component = index.by_code(code)
    return None if component is None else asdict(component) | index.names_of(component)


def components_router(tiles: Callable[[], ComponentTiles]) -> APIRouter:
    """`/tiles/components/{z}/{x}/{y}.png` and `/api/v1/components/…`."""
    router = APIRouter(tags=["map"])
    threads = ThreadPoolExecutor(TILE_THREADS, thread_name_prefix="tiles")

    async def drawn(work: Callable[[ComponentTiles], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(threads, lambda: work(tiles()))

    @router.get("/tiles/components/{z}/{x}/{y}.png", summary="Components as a map tile", response_class=Response)
    async def tile(request: Request, z: int, x: int, y: int) -> Response:
        version, png = await drawn(lambda made: (made.index.version, made.png(z, x, y)))
        headers = {"ETag": f'"{version}"', "Cache-Control": f"private, max-age={TILE_MAX_AGE_SECONDS}"}
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(png, media_type="image/png", headers=headers)

    @router.get("/api/v1/components/nearest", summary="The component nearest to a point, with its owner")
    async def nearest(
        lon: Annotated[float, Query(ge=-180, le=180)],
        lat: Annotated[float, Query(ge=-90, le=90)],
        within_m: Annotated[float, Query(gt=0, le=FARTHEST_M)] = 50.0,
    ) -> dict[str, Any]:
        found = await drawn(lambda made: made.index.nearest(lon, lat, within_m))
        return {"nearest": None if found is None else asdict(found)}

    @router.get("/api/v1/components/{code}", summary="One component, with its owner")
    async def component(code: str) -> dict[str, Any]:
        found: dict[str, Any] | None = await drawn(lambda made: _named(made.index, code))
        if found is None:
            raise HTTPException(404, f"there is no component {code[:20]}")
        return found

    return router
