"""The capture process: every camera pulled once whoever watches, statuses and wanted tiles out to Redis.

Start: threads, then publisher, demand and status loops. Stop: the loops, then all threads at once with one deadline.
It runs on when Redis is away (pictures are lost, connections are not) and says so through `report`.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime

from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.camera import CameraError, CameraState, CameraStatus
from runtime.backoff import pauses
from runtime.clock import Clock, SystemClock
from video import demand, keys
from video.address import CameraAddress, Scheme, scheme_of
from video.file_source import FileOpener
from video.open_gate import OpenGate
from video.opencv_source import CvOpener
from video.outbox import TileOutbox
from video.probe import probe
from video.pull import PullTools
from video.source import Opener
from video.status import REWRITE_SECONDS, encode_status
from video.tasks import first_of
from video.unit import CameraUnit

CHECK_SECONDS = 0.25
JOIN_SECONDS = 6.0
DEMAND_SECONDS = 1.0
_REDIS_PAUSES_SECONDS = (0.2, 0.5, 1.0, 2.0)
HELD_SECONDS = 5.0
"""A connection to Redis that held this long was a good one: the next loss is news and is answered quickly."""

Report = Callable[[str, str], Awaitable[None]]
"""Says how the cameras are as a source: state (`live` or `late`) and words for it."""

log = logging.getLogger(__name__)


async def _say_nothing(state: str, detail: str) -> None:
    log.debug("cameras %s: %s", state, detail)


class CaptureService:
    """All cameras of one capture process."""

    def __init__(
        self,
        cameras: Sequence[CameraAddress],
        redis_url: str,
        *,
        report: Report = _say_nothing,
        clock: Clock | None = None,
        tools: PullTools | None = None,
    ) -> None:
        self._redis_url = redis_url
        self._report = report
        self._clock = clock or SystemClock()
        self._rng = random.SystemRandom()
        self._outbox = TileOutbox()
        used = tools or default_tools(self._clock)
        self._units = [CameraUnit(address, used, self._outbox.put) for address in cameras]
        self._by_number = {unit.camera.number: unit for unit in self._units}
        self._said: dict[str, tuple[CameraState, CameraError | None]] = {}
        self._rewrite_at = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`."""
        self._outbox.attach()
        redis = Redis.from_url(self._redis_url)
        for unit in self._units:
            unit.start()
        steps = (self._publish, self._follow_demand, self._tell_statuses)
        try:
            # A step that breaks ends the whole service, loudly: half a service would go on telling old states.
            await first_of(*(self._keep_doing(step, redis) for step in steps), _until(stop))
        finally:
            await self._stop_units()
            await redis.aclose()

    async def _keep_doing(self, step: Callable[[Redis], Awaitable[None]], redis: Redis) -> None:
        """`step` ends only by an exception; Redis being away is answered with growing pauses, said once."""
        waits = self._redis_pauses()
        began, said = self._clock.monotonic(), False
        while True:
            try:
                await step(redis)
            except (RedisError, OSError) as error:
                if self._clock.monotonic() - began > HELD_SECONDS:
                    waits, said = self._redis_pauses(), False
                if not said:
                    log.warning("Redis is away (%s): pictures are lost until it is back", type(error).__name__)
                await self._clock.sleep(next(waits))
                began, said = self._clock.monotonic(), True

    def _redis_pauses(self) -> Iterator[float]:
        return pauses(_REDIS_PAUSES_SECONDS, jitter=0.2, rng=self._rng)

    async def _publish(self, redis: Redis) -> None:
        """Newest tiles out, all that wait in one round trip."""
        while True:
            taken = await self._outbox.take()
            pipe = redis.pipeline(transaction=False)
            for slot, tile in taken.items():
                if slot.ttl_seconds is None:
                    pipe.publish(slot.name, tile.pack())
                else:
                    pipe.set(slot.name, tile.pack(), ex=slot.ttl_seconds)
            await pipe.execute()

    async def _follow_demand(self, redis: Redis) -> None:
        """Wishes in: when somebody says that they changed, and once a second for those that ran out."""
        async with redis.pubsub() as channel:
            await channel.subscribe(keys.DEMAND_WAKE)
            while True:
                wanted = await demand.read(redis)
                for number, unit in self._by_number.items():
                    unit.want(wanted.get(number, demand.Wish()))
                await channel.get_message(ignore_subscribe_messages=True, timeout=DEMAND_SECONDS)

    async def _tell_statuses(self, redis: Redis) -> None:
        """Changed statuses at once, all of them every few seconds so that silence means that we are gone."""
        self._said.clear()
        while True:
            for unit in self._units:
                unit.check()
            await self._write(redis, [unit.status() for unit in self._units])
            await self._clock.sleep(CHECK_SECONDS)

    async def _write(self, redis: Redis, statuses: list[CameraStatus]) -> None:
        now, monotonic = self._clock.now(), self._clock.monotonic()
        changed = [status for status in statuses if self._said.get(status.camera_id) != (status.state, status.error)]
        due = monotonic >= self._rewrite_at
        if not changed and not due:
            return
        await _send(redis, statuses if due else changed, changed, now)
        self._said.update({status.camera_id: (status.state, status.error) for status in changed})
        if due:
            self._rewrite_at = monotonic + REWRITE_SECONDS
            await self._report(*summary(statuses))

    async def _stop_units(self) -> None:
        for unit in self._units:
            unit.stop()
        end = self._clock.monotonic() + JOIN_SECONDS
        late = await asyncio.to_thread(_join, self._units, lambda: end - self._clock.monotonic())
        if late:
            log.warning("%d camera threads did not end in time: %s", len(late), ", ".join(late))


def default_tools(clock: Clock) -> PullTools:
    """OpenCV behind real probes: what a capture process uses outside tests."""

    def opener_for(url: str, wait: Callable[[float], object]) -> Opener:
        if scheme_of(url) is not Scheme.FILE:
            return CvOpener()
        return FileOpener(CvOpener(), now_ms=lambda: clock.now().timestamp() * 1000, wait=wait)

    return PullTools(
        opener_for=opener_for,
        probe=lambda url: asyncio.run(probe(url)),
        gate=OpenGate(),
        clock=clock,
        rng=random.SystemRandom(),
    )


def summary(statuses: Sequence[CameraStatus]) -> tuple[str, str]:
    """How the cameras are as a source: live while any is, and how many of how many."""
    states = Counter(status.state for status in statuses)
    good = states[CameraState.LIVE] + states[CameraState.DELAYED]
    return ("live" if good or not statuses else "late"), f"{good}/{len(statuses)}"


async def _send(redis: Redis, stored: list[CameraStatus], told: list[CameraStatus], now: datetime) -> None:
    async with redis.pipeline(transaction=False) as pipe:
        if stored:
            pipe.hset(keys.STATUS, mapping={status.camera_id: encode_status(status, as_of=now) for status in stored})
        for status in told:
            pipe.publish(keys.EVENTS, encode_status(status, as_of=now))
        await pipe.execute()


def _join(units: Sequence[CameraUnit], left: Callable[[], float]) -> list[str]:
    """Names of the cameras whose threads did not end while time was left."""
    return [unit.camera.camera_id for unit in units if not unit.join(max(0.0, left()))]


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()
