"""The camera side of a hall for tests: capture, hub and socket around a real Valkey, behind a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from fastapi import FastAPI
from redis.asyncio import Redis
from starlette.requests import HTTPConnection
from websockets.asyncio.client import ClientConnection

from domain.camera import Camera, CameraStatus
from domain.roles import Identity
from tests.video.made import SUPERVISOR, camera
from tests.waiting import eventually_async
from video.address import CameraAddress
from video.capture import CaptureService
from video.hub import TileHub
from video.status import read_statuses
from video.tiles_socket import Access, tiles_router
from video.wire import Kind, entries


@dataclass
class Door:
    """Who is let in; a test changes it while sockets are open."""

    identity: Identity | None = SUPERVISOR
    session_valid: bool = True
    origin_allowed: bool = True
    hidden: set[int] = field(default_factory=set)
    opened: list[tuple[int, str | None]] = field(default_factory=list)
    """Camera and case of every opening that was to be written down."""

    def access(self) -> Access:
        async def valid(_identity: Identity) -> bool:
            return self.session_valid

        def origin(_asked: HTTPConnection) -> bool:
            return self.origin_allowed

        return Access(
            identify=lambda _asked: self.identity,
            origin_allowed=origin,
            may_see=lambda _identity, seen: seen.number not in self.hidden,
            opened=lambda _identity, seen, case: self.opened.append((seen.number, case)),
            valid=valid,
        )


@asynccontextmanager
async def capturing(cameras: Sequence[CameraAddress], redis_url: str, **more: object) -> AsyncIterator[CaptureService]:
    """A capture service for the length of a block."""
    service = CaptureService(lambda: cameras, redis_url, **more)  # type: ignore[arg-type]
    stop = asyncio.Event()
    task = asyncio.create_task(service.run(stop))
    try:
        yield service
    finally:
        stop.set()
        await task


@asynccontextmanager
async def socket_server(redis_url: str, numbers: Sequence[int], door: Door) -> AsyncIterator[tuple[str, TileHub]]:
    """The socket and snapshot routes behind uvicorn: host and port, and the hub."""
    cameras: dict[int, Camera] = {number: camera(number) for number in numbers}
    hub = TileHub(redis_url, {one.camera_id: one.number for one in cameras.values()})
    app = FastAPI()
    app.include_router(tiles_router(hub, cameras, door.access()))
    config = uvicorn.Config(
        app, port=0, log_level="warning", ws_per_message_deflate=False, ws="websockets-sansio", lifespan="off"
    )
    server, stop = uvicorn.Server(config), asyncio.Event()
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    tasks = [asyncio.create_task(server.serve()), asyncio.create_task(hub.run(stop))]
    try:
        await eventually_async(lambda: _now(server.started))
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"127.0.0.1:{port}", hub
    finally:
        server.should_exit = True
        stop.set()
        await asyncio.gather(*tasks)


async def status_when(
    redis: Redis, camera_id: str, wanted: Callable[[CameraStatus], bool], *, within: float = 20.0
) -> CameraStatus:
    """A camera's status as soon as it is as wanted."""

    async def found() -> CameraStatus | None:
        status = (await read_statuses(redis)).get(camera_id)
        return status if status is not None and wanted(status) else None

    status = await eventually_async(found, within=within)
    assert status is not None
    return status


async def next_batch(socket: ClientConnection) -> list[tuple[int, Kind, int, bytes]]:
    """The entries of the next binary message; texts between are skipped."""
    while True:
        message = await asyncio.wait_for(socket.recv(), 10)
        if isinstance(message, bytes):
            return entries(message)


async def _now(value: object) -> object:
    return value
