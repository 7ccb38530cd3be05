"""`/ws/video`: all pictures of a page over one socket; snapshot and overview. Who may is asked of injected parts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter, HTTPException, Request, Response, WebSocket, WebSocketDisconnect
from starlette.requests import HTTPConnection

from domain.camera import Camera
from domain.roles import Identity, Role
from runtime.clock import Clock, SystemClock
from video import wire
from video.hub import TileHub
from video.overview import Overview
from video.tasks import first_of
from video.tile import Tile
from video.viewer import Viewer
from video.wire import Command, Subscription, WireError

BATCH_SECONDS = 0.015
"""Least time between two batches: half of it is what a tile waits here. At 50 ms, as the video sheet has it, pictures
were 20 ms older and the server as busy (ADR 0015)."""
SILENCE_SECONDS = 2.0
"""Longest silence on a socket: the browser takes five times as much for a lost connection."""
RECHECK_SECONDS = 60.0
SEND_SECONDS = 10.0
"""A socket that takes no batch for this long is closed; the browser opens a new one when it can again."""

_FIRST = frozenset({Role.LEADER, Role.WALL_DEVICE})
"""Whose screens lose quality last."""

CLOSE_NO_SESSION = 4401
CLOSE_FORBIDDEN = 4403
CLOSE_NONSENSE = 4400
CLOSE_TOO_SLOW = 4408

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What the hall knows about the one who asks. `valid`: whether a session that began earlier still stands.

    `opened` is told, again every minute, who watches which camera and for which case.
    """

    identify: Callable[[HTTPConnection], Identity | None]
    origin_allowed: Callable[[HTTPConnection], bool]
    may_see: Callable[[Identity, Camera], bool]
    opened: Callable[[Identity, Camera, str | None], None]
    valid: Callable[[Identity], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hall:
    """What every socket of this process shares."""

    hub: TileHub
    cameras: Mapping[int, Camera]
    access: Access
    clock: Clock

    def now_ms(self) -> int:
        return round(self.clock.now().timestamp() * 1000)


def tiles_router(
    hub: TileHub, cameras: Mapping[int, Camera], access: Access, *, clock: Clock | None = None
) -> APIRouter:
    """The routes of the cameras. `cameras` by wire number."""
    hall = _Hall(hub=hub, cameras=cameras, access=access, clock=clock or SystemClock())
    router = APIRouter()
    _add_socket(router, hall)
    _add_overview(router, hall)
    _add_snapshot(router, hall)
    return router


def _add_socket(router: APIRouter, hall: _Hall) -> None:
    access = hall.access

    @router.websocket("/ws/video")
    async def video_socket(socket: WebSocket) -> None:
        identity = access.identify(socket)
        if identity is None or not access.origin_allowed(socket):
            await socket.close(CLOSE_NO_SESSION if identity is None else CLOSE_FORBIDDEN)
            return
        await socket.accept()
        await _Socket(hall, socket, identity).serve()


def _add_snapshot(router: APIRouter, hall: _Hall) -> None:
    access = hall.access

    @router.get("/video/{camera_id}/snapshot.jpg", response_class=Response)
    async def snapshot(camera_id: str, request: Request) -> Response:
        """The newest picture of a camera, in full size where there is one, with its time in the headers."""
        identity = access.identify(request)
        camera = next((one for one in hall.cameras.values() if one.camera_id == camera_id), None)
        if camera is None or identity is None or not access.may_see(identity, camera):
            raise HTTPException(404, "no such camera")
        access.opened(identity, camera, None)
        tile = await hall.hub.picture(camera.number)
        if tile is None:
            raise HTTPException(503, "no picture within the last minute")
        return Response(tile.jpeg, media_type="image/jpeg", headers=_time_headers(camera, tile, hall.now_ms()))


def _add_overview(router: APIRouter, hall: _Hall) -> None:
    access = hall.access
    overview = Overview(hall.hub.thumbnails, monotonic=hall.clock.monotonic)

    @router.get("/video/overview.jpg", response_class=Response)
    async def overview_picture(request: Request) -> Response:
        """The cameras one may see, all in one picture of this second."""
        identity = access.identify(request)
        if identity is None:
            raise HTTPException(404, "no such page")
        seen = [camera for camera in hall.cameras.values() if access.may_see(identity, camera)]
        for camera in seen:
            access.opened(identity, camera, None)
        jpeg = await overview.picture(seen, hall.now_ms())
        return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


def _time_headers(camera: Camera, tile: Tile, now_ms: int) -> dict[str, str]:
    captured = datetime.fromtimestamp(tile.captured_ms / 1000, UTC)
    return {
        "X-Camera": camera.camera_id,
        "X-Captured-At": captured.isoformat(timespec="milliseconds"),
        "X-Age-Ms": str(max(0, now_ms - tile.captured_ms)),
        "Cache-Control": "no-store",
    }


class _Socket:
    """One accepted socket: three tasks, and the first to end ends all."""

    def __init__(self, hall: _Hall, socket: WebSocket, identity: Identity) -> None:
        self._hall = hall
        self._socket = socket
        self._identity = identity
        self._viewer = Viewer(first=identity.role in _FIRST, monotonic=hall.clock.monotonic)
        self._slowed: frozenset[int] = frozenset()

    async def serve(self) -> None:
        self._hall.hub.add(self._viewer)
        try:
            await self._say(wire.hello(self._hall.now_ms()))
            await first_of(self._listen(), self._send(), self._recheck())
        except (WebSocketDisconnect, RuntimeError, TimeoutError) as error:
            # The browser has left or reads no more; what it watched lingers in the hub in case it comes back.
            log.debug("socket of %s ended: %s", self._identity.name, type(error).__name__)
        finally:
            self._hall.hub.remove(self._viewer)

    async def _listen(self) -> None:
        while True:
            try:
                command = wire.parse_command(await self._socket.receive_text())
            except (WireError, KeyError) as error:
                await self._socket.close(CLOSE_NONSENSE, str(error)[:120])
                return
            await self._obey(command)

    async def _obey(self, command: Command) -> None:
        hub, viewer = self._hall.hub, self._viewer
        for number in command.unsub:
            hub.unwatch(viewer, number)
        taken = self._watch(command)
        if command.ack is not None and viewer.acknowledge(command.ack):
            hub.repace(viewer)
        if command.states:
            viewer.list_states(frozenset(number for number in self._hall.cameras if self._may_see(number)))
        refused = [wish.number for wish in command.sub if wish not in taken]
        if refused:
            await self._say(wire.refused_text(refused))
        await self._tell_slowed()
        await hub.prefill(taken)

    def _watch(self, command: Command) -> list[Subscription]:
        """Begin with what may be watched, as far as there is room, and have it written down."""
        seen = [wish for wish in command.sub if self._may_see(wish.number)]
        new = [wish for wish in seen if wish.number not in self._viewer.watched]
        beyond = new[max(0, wire.MOST_CAMERAS - len(self._viewer.watched)) :]
        taken = [wish for wish in seen if wish not in beyond]
        for wish in taken:
            self._hall.hub.watch(self._viewer, wish)
            self._opened(wish)
        return taken

    def _opened(self, wish: Subscription) -> None:
        self._hall.access.opened(self._identity, self._hall.cameras[wish.number], wish.case)

    async def _send(self) -> None:
        """A batch as soon as something is new, at most every `BATCH_SECONDS`, at most two under way."""
        viewer, hub = self._viewer, self._hall.hub
        while True:
            woken = await _woken(viewer.wake, SILENCE_SECONDS)
            viewer.wake.clear()
            batch = viewer.batch(hub.newest, hub.status, hub.focus_news) if woken else None
            if batch is None:
                await self._wait_on(silent=not woken)
            elif await self._sent(batch):
                await self._hall.clock.sleep(BATCH_SECONDS)
            else:
                return

    async def _wait_on(self, *, silent: bool) -> None:
        """Nothing may or need be sent: perhaps because the browser owes answers, and then it gets less from now on."""
        if self._viewer.overdue():
            self._hall.hub.repace(self._viewer)
            await self._tell_slowed()
        if silent:
            await self._say(wire.now_text(self._hall.now_ms()))

    async def _tell_slowed(self) -> None:
        slowed = self._hall.hub.slowed(self._viewer)
        if slowed != self._slowed:
            self._slowed = slowed
            await self._say(wire.slowed_text(slowed))

    async def _sent(self, batch: bytes) -> bool:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._socket.send_bytes(batch)
        except TimeoutError:
            await self._socket.close(CLOSE_TOO_SLOW)
            return False
        return True

    async def _say(self, text: str) -> None:
        async with asyncio.timeout(SEND_SECONDS):
            await self._socket.send_text(text)

    async def _recheck(self) -> None:
        """A session that ended or a right that was taken away ends the pictures within a minute."""
        while await self._hall.access.valid(self._identity):
            for wish in list(self._viewer.asked.values()):
                if self._may_see(wish.number):
                    self._opened(wish)
                else:
                    self._hall.hub.unwatch(self._viewer, wish.number)
            await self._hall.clock.sleep(RECHECK_SECONDS)
        await self._socket.close(CLOSE_NO_SESSION)

    def _may_see(self, number: int) -> bool:
        camera = self._hall.cameras.get(number)
        return camera is not None and self._hall.access.may_see(self._identity, camera)


async def _woken(wake: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await wake.wait()
    except TimeoutError:
        return False
    return True
