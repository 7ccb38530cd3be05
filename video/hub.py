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
from video import demand, keys
from video.demand import Wish
from video.ladder import LARGEST, TileSize
from video.status import REWRITE_SECONDS, decode_status, read_statuses
from video.tasks import first_of
from video.tile import Tile
from video.viewer import Viewer
from video.wire import Subscription

LINGER_SECONDS = 20.0
"""How long a tile nobody watches any more is still asked for: a page change or a closed solo view comes back to it."""
_PAUSES_SECONDS = (0.2, 0.5, 1.0, 2.0)
_HELD_SECONDS = 5.0
_SNAPSHOT_WAIT_SECONDS = 1.5

Place = tuple[int, TileSize]
"""A camera number in a size."""

log = logging.getLogger(__name__)


class TileHub:
    """One a web process. All methods belong to its event loop."""

    def __init__(self, redis_url: str, numbers: Mapping[str, int], *, clock: Clock | None = None) -> None:
        self._redis = Redis.from_url(redis_url)
        self._numbers = numbers
        self._clock = clock or SystemClock()
        self._web = uuid.uuid4().hex
        self._viewers: set[Viewer] = set()
        self._watchers: dict[Place, dict[Viewer, float]] = {}
        self._lingering: dict[Place, tuple[float, float]] = {}
        self._tiles: dict[Place, Tile] = {}
        self._statuses: dict[int, CameraStatus] = {}
        self._channels: dict[bytes, Place] = {}
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
        self.unwatch(viewer, subscription.number)
        place = (subscription.number, subscription.size)
        self._watchers.setdefault(place, {})[viewer] = subscription.rate
        self._lingering.pop(place, None)
        viewer.watch(subscription)
        self._changed.set()

    def unwatch(self, viewer: Viewer, number: int) -> None:
        """Harmless when not watched."""
        former = viewer.watched.get(number)
        if former is None:
            return
        viewer.unwatch(number)
        place = (number, former.size)
        watchers = self._watchers[place]
        rate = watchers.pop(viewer)
        if not watchers:
            del self._watchers[place]
            self._lingering[place] = (self._clock.monotonic() + LINGER_SECONDS, rate)
        self._changed.set()

    def newest(self, number: int, size: TileSize) -> Tile | None:
        """The newest tile of a camera in a size; None before the first one."""
        return self._tiles.get((number, size))

    def status(self, number: int) -> CameraStatus | None:
        """What is last known of a camera; None when nothing is."""
        return self._statuses.get(number)

    def statuses(self) -> dict[str, CameraStatus]:
        """What is last known of every camera, by camera id."""
        return {status.camera_id: status for status in self._statuses.values()}

    async def prefill(self, subscriptions: Iterable[Subscription]) -> None:
        """Put thumbnails where no tile is yet, so a page shows pictures before the first ones are decoded for it."""
        empty = [wish for wish in subscriptions if (wish.number, wish.size) not in self._tiles]
        for wish, tile in zip(empty, await self._thumbnails([wish.number for wish in empty]), strict=True):
            place = (wish.number, wish.size)
            if tile is not None and place in self._watchers and place not in self._tiles:
                self._took(place, tile)

    async def picture(self, number: int) -> Tile | None:
        """The newest picture for a snapshot: a large tile, made now for this; the thumbnail when none comes."""
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
            return (await self._thumbnails([number]))[0]
        finally:
            self.remove(viewer)

    async def _thumbnails(self, numbers: list[int]) -> list[Tile | None]:
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
            self._channels = {}
            await channel.subscribe(keys.EVENTS)
            self.connected = True
            try:
                await first_of(self._listen(channel), self._ask(channel), self._reread_statuses(), _until(stop))
            finally:
                self.connected = False

    async def _listen(self, channel: PubSub) -> None:
        while True:
            message = await channel.get_message(ignore_subscribe_messages=True, timeout=5.0)
            if message is not None:
                self._deliver(message)

    async def _ask(self, channel: PubSub) -> None:
        """Channels and demand follow the viewers: at once on a change, every three seconds so that it does not end."""
        changed = True
        while True:
            self._changed.clear()
            self._end_lingering()
            await self._subscribe(channel)
            await demand.renew(self._redis, self._web, self._demand(), changed=changed)
            changed = await _within(self._changed, demand.RENEW_SECONDS)

    async def _subscribe(self, channel: PubSub) -> None:
        wanted = {keys.tiles(number, str(size)).encode(): (number, size) for number, size in self._places()}
        gone = self._channels.keys() - wanted.keys()
        new = wanted.keys() - self._channels.keys()
        self._channels = wanted
        if new:
            await channel.subscribe(*new)
        if gone:
            await channel.unsubscribe(*gone)

    async def _reread_statuses(self) -> None:
        """Events may be missed and capture may die: what stands in Redis is the word that counts."""
        while True:
            for status in (await read_statuses(self._redis, clock=self._clock)).values():
                self._heard(status)
            await self._clock.sleep(REWRITE_SECONDS)

    def _deliver(self, message: Mapping[str, Any]) -> None:
        place = self._channels.get(message["channel"])
        if place is not None:
            self._took(place, Tile.unpack(message["data"]))
        elif message["channel"] == keys.EVENTS.encode():
            self._heard(decode_status(message["data"])[0])

    def _took(self, place: Place, tile: Tile) -> None:
        self._tiles[place] = tile
        for viewer in self._watchers.get(place, ()):
            viewer.tile_came(place[0])

    def _heard(self, status: CameraStatus) -> None:
        number = self._numbers.get(status.camera_id)
        if number is None:
            return
        before = self._statuses.get(number)
        self._statuses[number] = status
        if before is None or (before.state, before.error, before.attempt) != (
            status.state,
            status.error,
            status.attempt,
        ):
            for viewer in self._viewers:
                viewer.state_came(number)

    def _places(self) -> set[Place]:
        return self._watchers.keys() | self._lingering.keys()

    def _demand(self) -> dict[int, Wish]:
        lingering = [{number: Wish({size: rate})} for (number, size), (_, rate) in self._lingering.items()]
        watched = [{number: Wish({size: max(rates.values())})} for (number, size), rates in self._watchers.items()]
        return demand.union(lingering + watched)

    def _end_lingering(self) -> None:
        now = self._clock.monotonic()
        for place in [place for place, (until, _) in self._lingering.items() if until <= now]:
            del self._lingering[place]
            self._tiles.pop(place, None)


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
