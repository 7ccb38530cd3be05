"""Focused pictures in a browser without cameras: a real hub, socket and scripts; what capture would publish is ours.

So that a test can end a stream in the middle, break it, or say that a browser cannot play it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

import numpy as np
import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from redis.asyncio import Redis

from domain.camera import CameraCondition, CameraState, CameraStatus
from tests.fakes.film import FPS, GOP, Film, annex_b, film
from tests.shared_data import PROJECT
from tests.video.hall import Door
from tests.video.made import camera
from tests.waiting import eventually, eventually_async
from video import demand, keys
from video.cv import cv2
from video.demand import Wish
from video.fmp4 import TIMESCALE, beginning_boxes, fragment
from video.focus import FocusKind, FocusMessage, beginning
from video.h264 import ParameterSets
from video.hub import TileHub
from video.status import encode_status
from video.tasks import end as end_tasks
from video.tile import Tile
from video.tiles_socket import tiles_router

SCRIPTS = ("00-citywall.js", "01-mount.js", "02-format.js", "focus.js", "tiles.js")
_STYLE = "body{margin:0;display:grid;grid-template-columns:1fr 1fr;grid-auto-rows:300px;gap:4px}"


class Play(StrEnum):
    """What comes on the camera's focus channel."""

    WELL = "well"
    BROKEN = "broken"
    """Fragments whose boxes no browser reads."""
    NOTHING = "nothing"
    CANNOT = "cannot"


@dataclass
class StandIn:
    """One camera as its capture process shows it: wishes in; status, tiles and focus stream out."""

    number: int
    play: Play = Play.WELL
    tiles: bool = True
    state: CameraState = CameraState.LIVE
    conditions: tuple[CameraCondition, ...] = ()
    film: Film = field(default_factory=film)
    wish: Wish = field(default_factory=Wish)
    films: int = 0
    """How often somebody began to wish for its focus stream."""
    index: int = 0
    """Number of the newest picture sent; the film's own number is that modulo its length."""
    _group: list[FocusMessage] = field(default_factory=list)
    _begun: tuple[Film, Play] | None = None

    async def run(self, redis: Redis, asks: set[int]) -> None:
        """One picture after the other, at their pace, for ever."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            await asyncio.sleep(max(0.0, began + self.index / FPS - loop.time()))
            before, self.wish = self.wish, (await demand.read(redis)).get(self.number, Wish())
            self.films += self.wish.focus and not before.focus
            now = datetime.now(UTC)
            captured = round(now.timestamp() * 1000)
            await self._tell(redis, now)
            await self._send_tiles(redis, captured)
            if self.number in asks:
                asks.discard(self.number)
                await self._publish(redis, *self._group)
            if self.wish.focus:
                await self._publish(redis, *self._messages(captured))
            else:
                self._begun, self._group = None, []
            self.index += 1

    async def _tell(self, redis: Redis, now: datetime) -> None:
        if self.index % FPS == 0:
            status = CameraStatus(
                camera_id=camera(self.number).camera_id,
                state=self.state,
                since=now,
                last_frame_at=now,
                conditions=self.conditions,
            )
            await redis.hset(keys.STATUS, status.camera_id, encode_status(status, as_of=now))
            await redis.publish(keys.EVENTS, encode_status(status, as_of=now))

    async def _send_tiles(self, redis: Redis, captured: int) -> None:
        for size, rate in self.wish.sizes.items():
            if self.tiles and self.index % max(1, round(FPS / rate)) == 0:
                grey = np.full((size.height, size.width), 90 + self.index % 60, np.uint8)
                tile = Tile(captured, cv2.imencode(".jpg", grey)[1].tobytes())
                await redis.publish(keys.tiles(self.number, str(size)), tile.pack())

    def _messages(self, captured: int) -> list[FocusMessage]:
        """What goes out with this picture; a new beginning at a key frame when the film or the play is another."""
        now = (self.film, self.play)
        if self.play is Play.NOTHING:
            return []
        if self._begun != now:
            if self.index % GOP:
                return []
            self._begun, self._group = now, [self._beginning(captured)]
            if self.play is Play.CANNOT:
                return self._group[:]
            return [*self._group, self._add(captured)]
        return [] if self.play is Play.CANNOT else [self._add(captured)]

    def _beginning(self, captured: int) -> FocusMessage:
        if self.play is Play.CANNOT:
            return FocusMessage(FocusKind.CANNOT, captured, b"codec")
        sets = ParameterSets(*self.film.parameter_sets)
        return FocusMessage(FocusKind.INIT, captured, beginning(sets.codec, beginning_boxes(sets)))

    def _add(self, captured: int) -> FocusMessage:
        key = self.index % GOP == 0
        if key:
            del self._group[1:]
        picture = annex_b(self.film.pictures[self.index % len(self.film.pictures)])
        ticks = TIMESCALE // FPS
        data = fragment(picture, key=key, sequence=self.index, decode_ticks=self.index * ticks, duration_ticks=ticks)
        if self.play is Play.BROKEN:
            at = data.index(b"trun")
            data = data[: at - 4] + b"\xff\xff\xff\xff" + data[at:]
        self._group.append(FocusMessage(FocusKind.KEY if key else FocusKind.DELTA, captured, data))
        return self._group[-1]

    async def _publish(self, redis: Redis, *messages: FocusMessage) -> None:
        for message in messages:
            await redis.publish(keys.focus(self.number), message.pack())


@dataclass
class FocusServer:
    """A running server and its cameras by number."""

    redis_url: str
    cameras: dict[int, StandIn]
    address: str = ""
    hub: TileHub | None = None
    door: Door = field(default_factory=Door)

    async def run(self, stop: threading.Event, ready: threading.Event) -> None:
        records = {number: camera(number) for number in self.cameras}
        self.hub = TileHub(self.redis_url, {one.camera_id: one.number for one in records.values()})
        app = FastAPI()
        app.mount("/assets", StaticFiles(directory=PROJECT / "assets"))
        app.add_api_route("/tiles", _page, response_class=HTMLResponse)
        app.include_router(tiles_router(self.hub, records, self.door.access()))
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="websockets-sansio", lifespan="off"))
        redis, asks, end = Redis.from_url(self.redis_url), set[int](), asyncio.Event()
        running = [asyncio.create_task(one.run(redis, asks)) for one in self.cameras.values()]
        running.append(asyncio.create_task(_hear(redis, asks)))
        following, serving = asyncio.create_task(self.hub.run(end)), asyncio.create_task(server.serve())
        await eventually_async(lambda: _is(server.started), within=30)
        self.address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        ready.set()
        await asyncio.to_thread(stop.wait)
        server.should_exit = server.force_exit = True
        end.set()
        await end_tasks(running)
        await asyncio.gather(serving, following)
        await redis.aclose()


async def _is(value: bool) -> bool:
    return value


async def _hear(redis: Redis, asks: set[int]) -> None:
    async with redis.pubsub() as channel:
        await channel.subscribe(keys.FOCUS_ASK)
        while True:
            message = await channel.get_message(ignore_subscribe_messages=True, timeout=5.0)
            if message is not None:
                asks.add(int(message["data"]))


def _page(cams: str = "1", focus: str = "1") -> str:
    """Tiles of `cams`; those among `focus` show their main stream."""
    chosen = focus.split(",")
    places = "".join(
        f'<div class="cw-tile" data-camera="{number}" data-name="镜头 {number}"'
        f"{' data-focus' if number in chosen else ''}></div>"
        for number in cams.split(",")
    )
    styles = "".join(f'<link rel="stylesheet" href="/assets/css/{name}">' for name in ("00-tokens.css", "tiles.css"))
    scripts = "".join(f'<script src="/assets/js/{name}"></script>' for name in SCRIPTS)
    head = f'<head><meta charset="utf-8">{styles}<style>{_STYLE}</style></head>'
    return f'<!doctype html><html lang="zh-CN">{head}<body>{places}{scripts}</body></html>'


@contextmanager
def focus_server(redis_url: str, *numbers: int) -> Iterator[FocusServer]:
    """Serve until the block is left."""
    server = FocusServer(redis_url, {number: StandIn(number) for number in numbers})
    stop, ready = threading.Event(), threading.Event()
    thread = threading.Thread(target=asyncio.run, args=(server.run(stop, ready),), name="focus server")
    thread.start()
    try:
        eventually(ready.is_set, within=30)
        yield server
    finally:
        stop.set()
        thread.join(30)
