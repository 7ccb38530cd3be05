"""The camera side of a hall for tests: capture, hub and socket around a real Valkey, behind a real server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import pytest
import uvicorn
from fastapi import FastAPI
from redis.asyncio import Redis
from starlette.requests import HTTPConnection
from websockets.asyncio.client import ClientConnection

from domain.camera import Camera, CameraStatus
from domain.roles import Identity
from tests.video.made import SUPERVISOR, camera
from tests.waiting import eventually_async
from video import capture, meter, tell
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


@contextmanager
def hurried() -> Iterator[None]:
    """What a capture process does every few seconds it does several times a second, so that tests wait less."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(capture, "TURN_SECONDS", 0.2)
        patch.setattr(capture, "CHECK_SECONDS", 0.1)
        patch.setattr(capture, "RELEARN_SECONDS", 0.5)
        patch.setattr(capture, "JOIN_SECONDS", 1.0)
        patch.setattr(tell, "REWRITE_SECONDS", 0.5)
        patch.setattr(meter, "WINDOW_SECONDS", 2.0)
        yield


@asynccontextmanager
async def capturing(cameras: Sequence[CameraAddress], redis_url: str, **more: object) -> AsyncIterator[CaptureService]:
    """A capture service for the length of a block, hurried."""
    with hurried():
        service = CaptureService(lambda: cameras, redis_url, **more)  # type: ignore[arg-type]
        stop = asyncio.Event()
        task = asyncio.create_task(service.run(stop))
        try:
            yield service
        finally:
            stop.set()
            await task


@contextmanager
def capturing_beside(cameras: Sequence[CameraAddress], redis_url: str, **more: object) -> Iterator[None]:
    """As `capturing`, in a thread with a loop of its own: one capture for all tests of a file, cameras side by side."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="capture beside")
    thread.start()
    stop = asyncio.Event()

    async def run() -> None:
        async with capturing(cameras, redis_url, **more):
            await stop.wait()

    running = asyncio.run_coroutine_threadsafe(run(), loop)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        running.result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


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
    """A camera's status as soon as it is as wanted; what was said instead stands in the failure."""
    said: list[CameraStatus] = []

    async def found() -> bool:
        status = (await read_statuses(redis)).get(camera_id)
        if status is not None and (not said or said[-1] != status):
            said.append(status)
        return status is not None and wanted(status)

    try:
        await eventually_async(found, within=within)
    except AssertionError as late:
        told = [f"{one.state} {one.error} {one.fps}" for one in said]
        raise AssertionError(f"{camera_id} was never as wanted: {told}") from late
    return said[-1]


async def next_batch(socket: ClientConnection) -> list[tuple[int, Kind, int, bytes]]:
    """The entries of the next binary message; texts between are skipped."""
    while True:
        message = await asyncio.wait_for(socket.recv(), 10)
        if isinstance(message, bytes):
            return entries(message)


async def _now(value: object) -> object:
    return value
