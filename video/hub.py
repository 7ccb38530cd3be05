"""The web process's side of the cameras: one Redis subscription for all its viewers, the newest tile of each camera.

Register first, then fetch: on every (re)connection channels are subscribed, then statuses read; tiles need no fetch,
the next one is newer anyway. When Redis is away, viewers keep what they have and see its age grow.
"""

from __future__ import annotations

import asyncio
import logging
import random
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from domain.camera import CameraStatus
from runtime.backoff import pauses
from runtime.clock import Clock, SystemClock
from video import demand, keys, requests
from video.focus import FocusMessage
from video.focus_hub import FocusStream, Piece, Reading
from video.ladder import LARGEST, TileSize
from video.requests import CLIP_SECONDS, Clip, NoAnswer
from video.shed import shed_cameras
from video.status import REWRITE_SECONDS, decode_status, read_statuses
from video.tasks import first_of
from video.tile import Tile
from video.viewer import Viewer
from video.watchlist import Place, Watchlist
from video.wire import Subscription

_PAUSES_SECONDS = (0.2, 0.5, 1.0, 2.0)
_HELD_SECONDS = 5.0
_SNAPSHOT_WAIT_SECONDS = 1.5

log = logging.getLogger(__name__)


class TileHub:
    """One a web process. All methods belong to its event loop."""

    def __init__(self, redis_url: str, numbers: Mapping[str, int], *, clock: Clock | None = None) -> None:
        self._redis = Redis.from_url(redis_url)
        self._numbers = numbers
        self._clock = clock or SystemClock()
        self._web = uuid.uuid4().hex
        self._viewers: set[Viewer] = set()
        self._watchlist = Watchlist(self._clock.monotonic)
        self._tiles: dict[Place, Tile] = {}
        self._focus: dict[int, FocusStream] = {}
        self._statuses: dict[int, CameraStatus] = {}
        self._channels: dict[bytes, Place | int] = {}
        """What comes on each channel: tiles of a place, or the focus stream of a camera."""
        self._shed = frozenset[int]()
        """Watched cameras whose capture process is short of time and gives less than is asked."""
        self._changed = asyncio.Event()
        self.connected = False

    async def run(self, stop: asyncio.Event) -> None:
        """Follow Redis until `stop`; its absence is answered with growing pauses and said once."""
        waits, said = self._fresh_pauses(), False
        while not stop.is_set():
            began = self._clock.monotonic()
            try:
                await self._follow(stop)
            except (RedisError, OSError, ValueError) as error:
                if self._clock.monotonic() - began > _HELD_SECONDS:
                    waits, said = self._fresh_pauses(), False
                if not said:
                    log.warning("tiles stand still, Redis is away: %s", type(error).__name__)
                said = True
                await self._clock.sleep(next(waits))
        await self._redis.aclose()

    def _fresh_pauses(self) -> Iterator[float]:
        return pauses(_PAUSES_SECONDS, jitter=0.2, rng=random.SystemRandom())

    def add(self, viewer: Viewer) -> None:
        self._viewers.add(viewer)

    def remove(self, viewer: Viewer) -> None:
        """The socket is gone: what only it watched lingers a while."""
        for number in list(viewer.watched):
            self.unwatch(viewer, number)
        self._viewers.discard(viewer)

    def watch(self, viewer: Viewer, subscription: Subscription) -> None:
        """Replaces the viewer's former wish for the same camera."""
        former = viewer.watched.get(subscription.number)
        viewer.watch(subscription)
        self._moved(viewer, former, viewer.watched[subscription.number])

    def unwatch(self, viewer: Viewer, number: int) -> None:
        """Harmless when not watched."""
        former = viewer.watched.get(number)
        if former is None:
            return
        viewer.unwatch(number)
        self._watchlist.leave(viewer, former, linger=True)
        self._changed.set()

    def repace(self, viewer: Viewer) -> None:
        """The viewer can take less or more than before: ask for that much."""
        before = dict(viewer.watched)
        for wish in viewer.repace():
            self._moved(viewer, before[wish.number], wish)

    def _moved(self, viewer: Viewer, former: Subscription | None, wish: Subscription) -> None:
        if former is not None:
            self._watchlist.leave(viewer, former, linger=False)
        self._watchlist.join(viewer, wish)
        self._changed.set()

    def watched(self) -> set[int]:
        """Numbers of the cameras somebody watches now."""
        return self._watchlist.watched()

    def slowed(self, viewer: Viewer) -> frozenset[int]:
        """Cameras of which a viewer gets less than it asked for, by its own pace or its capture process's load."""
        plain = frozenset(wish.number for wish in viewer.watched.values() if not (viewer.first or wish.close))
        return viewer.slowed | (plain & self._shed)

    def newest(self, number: int, size: TileSize) -> Tile | None:
        """The newest tile of a camera in a size; None before the first one."""
        return self._tiles.get((number, size))

    def status(self, number: int) -> CameraStatus | None:
        """What is last known of a camera; None when nothing is."""
        return self._statuses.get(number)

    def statuses(self) -> dict[str, CameraStatus]:
        """What is last known of every camera, by camera id."""
        return {status.camera_id: status for status in self._statuses.values()}

    def focus_news(self, number: int, reading: Reading) -> tuple[list[Piece], Reading]:
        """What a viewer that has come as far as `reading` in a camera's focus stream gets now."""
        stream = self._focus.get(number)
        return stream.news(reading) if stream is not None else ([], reading)

    async def prefill(self, subscriptions: Iterable[Subscription]) -> None:
        """Put thumbnails where no tile is yet, so a page shows pictures before the first ones are decoded for it."""
        empty = [wish for wish in subscriptions if (wish.number, wish.size) not in self._tiles]
        for wish, tile in zip(empty, await self.thumbnails([wish.number for wish in empty]), strict=True):
            place = (wish.number, wish.size)
            if tile is not None and self._watchlist.watchers(place) and place not in self._tiles:
                self._took(place, tile)

    async def picture(self, number: int) -> Tile | None:
        """The newest picture, for a snapshot: full size from who holds the camera, else a large tile or a thumbnail."""
        try:
            return await requests.picture(self._redis, number)
        except (NoAnswer, RedisError, OSError) as error:
            log.info("snapshot of camera %d from a tile: %s", number, error if isinstance(error, NoAnswer) else "Redis")
        return await self._large_tile(number) or (await self.thumbnails([number]))[0]

    async def clip(self, number: int, from_ms: int, to_ms: int, *, seconds: float = CLIP_SECONDS) -> Clip:
        """What a watched camera sent in a span of the last minute (see `requests.clip`)."""
        return await requests.clip(self._redis, number, from_ms, to_ms, seconds=seconds)

    async def _large_tile(self, number: int) -> Tile | None:
        """A large tile, made now for this."""
        viewer = Viewer()
        self.add(viewer)
        self.watch(viewer, Subscription(number, LARGEST, 5.0))
        viewer.wake.clear()
        try:
            async with asyncio.timeout(_SNAPSHOT_WAIT_SECONDS):
                while self.newest(number, LARGEST) is None:
                    await viewer.wake.wait()
                    viewer.wake.clear()
            return self.newest(number, LARGEST)
        except TimeoutError:
            return None
        finally:
            self.remove(viewer)

    async def thumbnails(self, numbers: list[int]) -> list[Tile | None]:
        """The newest small pictures, None for cameras without one in the last minute."""
        if not numbers:
            return []
        try:
            found = await self._redis.mget([keys.thumbnail(number) for number in numbers])
        except (RedisError, OSError):
            log.warning("thumbnails cannot be read: Redis is away")
            return [None] * len(numbers)
        return [None if data is None else Tile.unpack(data) for data in found]

    async def _follow(self, stop: asyncio.Event) -> None:
        """One connection: listen, ask and look after the statuses side by side; the first to fail ends all three."""
        async with self._redis.pubsub() as channel:
            self._channels, self._focus = {}, {}  # what was missed meanwhile leaves a hole in every focus stream
            await channel.subscribe(keys.EVENTS)
            self.connected = True
            try:
                await first_of(self._listen(channel), self._ask(channel), self._reread_statuses(), _until(stop))
            finally:
                self.connected = False

    async def _listen(self, channel: PubSub) -> None:
        while True:
            message = await channel.get_message(timeout=5.0)
            if message is None:
                continue
            if message["type"] == "message":
                self._deliver(message)
            elif message["type"] == "subscribe":
                await self._ask_beginning(self._channels.get(message["channel"]))

    async def _ask(self, channel: PubSub) -> None:
        """Channels and demand follow the viewers: at once on a change, every three seconds so that it does not end."""
        changed = True
        while True:
            self._changed.clear()
            self._watchlist.end_lingering()
            await self._subscribe(channel)
            await demand.renew(self._redis, self._web, self._watchlist.demand(), changed=changed)
            changed = await _within(self._changed, demand.RENEW_SECONDS)

    async def _subscribe(self, channel: PubSub) -> None:
        places, focused = self._watchlist.places(), self._watchlist.focused()
        wanted: dict[bytes, Place | int] = {
            keys.tiles(number, str(size)).encode(): (number, size) for number, size in places
        }
        wanted |= {keys.focus(number).encode(): number for number in focused}
        gone = self._channels.keys() - wanted.keys()
        new = wanted.keys() - self._channels.keys()
        self._channels = wanted
        self._tiles = {place: tile for place, tile in self._tiles.items() if place in places}
        self._focus = {number: self._focus.get(number) or FocusStream() for number in focused}
        if new:
            await channel.subscribe(*new)
        if gone:
            await channel.unsubscribe(*gone)

    async def _ask_beginning(self, joined: Place | int | None) -> None:
        """A focus stream is under way perhaps: its beginning is sent again for those who join late."""
        if isinstance(joined, int):
            await self._redis.publish(keys.FOCUS_ASK, str(joined))

    async def _reread_statuses(self) -> None:
        """Events may be missed and capture may die: what stands in Redis is the word that counts."""
        while True:
            for status in (await read_statuses(self._redis, clock=self._clock)).values():
                self._heard(status)
            self._shed = await shed_cameras(self._redis, sorted(self.watched()))
            await self._clock.sleep(REWRITE_SECONDS)

    def _deliver(self, message: Mapping[str, Any]) -> None:
        joined = self._channels.get(message["channel"])
        if isinstance(joined, int):
            self._focus_came(joined, FocusMessage.unpack(message["data"]))
        elif joined is not None:
            self._took(joined, Tile.unpack(message["data"]))
        elif message["channel"] == keys.EVENTS.encode():
            self._heard(decode_status(message["data"])[0])

    def _took(self, place: Place, tile: Tile) -> None:
        self._tiles[place] = tile
        for viewer in self._watchlist.watchers(place):
            viewer.tile_came(place[0])

    def _focus_came(self, number: int, message: FocusMessage) -> None:
        if self._focus[number].take(message):
            for viewer in self._viewers:
                viewer.focus_came(number)

    def _heard(self, status: CameraStatus) -> None:
        number = self._numbers.get(status.camera_id)
        if number is None:
            return
        before = self._statuses.get(number)
        self._statuses[number] = status
        if before is None or _told(before) != _told(status):
            for viewer in self._viewers:
                viewer.state_came(number)


def _told(status: CameraStatus) -> tuple[object, ...]:
    """What of a status viewers are told as soon as it changes."""
    return status.state, status.error, status.attempt, status.conditions


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event came in time."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()
