"""A capture process: its share of the cameras pulled once whoever watches, statuses and what is wanted out to Redis.

Start: publishers, leases, then cameras as they are leased. Stop: the loops, then all threads at once with one deadline,
then the leases, so that others may take the cameras at once. It runs on when Redis is away (pictures are lost,
connections are not for a while) and says so through `report`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import socket
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Sequence

import psutil
from redis.asyncio import Redis
from redis.exceptions import RedisError

from runtime.backoff import pauses
from runtime.clock import Clock, SystemClock
from video import demand, keys
from video.address import CameraAddress
from video.answers import RequestDesk
from video.checks.keeper import BaselineKeeper
from video.clock_check import ClockCheck
from video.crash_notes import NoNotes
from video.fleet import Worker
from video.lease_keeper import TURN_SECONDS, LeaseKeeper
from video.load import LoadGuard
from video.outbox import FocusOutbox, TileOutbox
from video.pull import PullTools
from video.pull_tools import default_tools
from video.stream import Outlets
from video.tasks import first_of
from video.team import CameraTeam
from video.tell import Report, StatusTeller
from video.unit import CameraUnit

CHECK_SECONDS = 0.5
JOIN_SECONDS = 6.0
DEMAND_SECONDS = 1.0
TOGETHER_SECONDS = 0.005
"""Least time between two round trips with tiles: with 500 a second each on its own, they cost a quarter of a core."""
RELEARN_SECONDS = 5.0
"""How often the city is asked which cameras it has."""
BUDGET_CORES = 1.5
_REDIS_PAUSES_SECONDS = (0.2, 0.5, 1.0, 2.0)
HELD_SECONDS = 5.0
"""A connection to Redis that held this long was a good one: the next loss is news and is answered quickly."""
_MEGABYTE = 1 << 20

Cameras = Callable[[], Sequence[CameraAddress]]
"""Reads the city's cameras as they are now; called in a thread."""

log = logging.getLogger(__name__)


async def _say_nothing(state: str, detail: str) -> None:
    log.debug("cameras %s: %s", state, detail)


class CaptureService:
    """One capture process. `workers` is how many of them are to be started on this machine."""

    def __init__(
        self,
        cameras: Cameras,
        redis_url: str,
        *,
        report: Report = _say_nothing,
        clock: Clock | None = None,
        tools: PullTools | None = None,
        workers: int = 1,
        budget_cores: float = BUDGET_CORES,
        notes: NoNotes | None = None,
    ) -> None:
        self._cameras = cameras
        self._redis = Redis.from_url(redis_url)
        self._clock = clock or SystemClock()
        self._rng = random.SystemRandom()
        self._tiles, self._focus = TileOutbox(), FocusOutbox()
        used = tools or default_tools(self._clock)
        outlets = Outlets(self._tiles.put, self._focus.put, notes=notes or NoNotes())
        self._team = CameraTeam(lambda address: CameraUnit(address, used, outlets), self._clock)
        self._load = LoadGuard(budget_cores)
        self._process = psutil.Process()
        self.worker_id = uuid.uuid4().hex
        self._leases = LeaseKeeper(self._redis, self._team, self._describe, clock=self._clock, expected=workers)
        self._teller = StatusTeller(report, self._clock)
        self._desk = RequestDesk(self._team.unit)
        self._learn_at = float("-inf")
        self._baselines = BaselineKeeper(self._team.checks, self._clock)
        self._clocks = ClockCheck(used.clock_drift, used.gate, self._clock, self._rng)

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`."""
        self._tiles.attach()
        self._focus.attach()
        steps = (
            *(self._keep_leases, self._publish_tiles, self._publish_focus),
            *(self._follow_demand, self._tell_statuses, self._answer, self._keep_baselines),
        )
        try:
            # A step that breaks ends the whole service, loudly: half a service would go on telling old states.
            alone = (self._look_after(), self._clocks.run(self._team.clock_subjects), _until(stop))
            await first_of(*(self._keep_doing(step) for step in steps), *alone)
        finally:
            await self._team.end_all(seconds=JOIN_SECONDS)
            await self._leave()
            await self._redis.aclose()

    async def _keep_doing(self, step: Callable[[], Awaitable[None]]) -> None:
        """`step` ends only by an exception; Redis being away is answered with growing pauses, said once."""
        waits = self._redis_pauses()
        began, said = self._clock.monotonic(), False
        while True:
            try:
                await step()
            except (RedisError, OSError) as error:
                if self._clock.monotonic() - began > HELD_SECONDS:
                    waits, said = self._redis_pauses(), False
                if not said:
                    log.warning("Redis is away (%s): pictures are lost until it is back", type(error).__name__)
                await self._clock.sleep(next(waits))
                began, said = self._clock.monotonic(), True

    def _redis_pauses(self) -> Iterator[float]:
        return pauses(_REDIS_PAUSES_SECONDS, jitter=0.2, rng=self._rng)

    async def _keep_leases(self) -> None:
        """Our share of the city's cameras, as both change."""
        while True:
            if self._clock.monotonic() >= self._learn_at:
                await self._team.learn(await asyncio.to_thread(self._cameras))
                self._learn_at = self._clock.monotonic() + RELEARN_SECONDS
            await self._leases.turn()
            await self._clock.sleep(TURN_SECONDS)

    async def _look_after(self) -> None:
        """What has to go on whether Redis is there or not."""
        while True:
            step = self._load.see(time.process_time(), self._clock.monotonic(), shown=self._team.shown)
            self._team.check(step)
            await self._leases.end_if_alone()
            await self._clock.sleep(CHECK_SECONDS)

    async def _publish_tiles(self) -> None:
        """Newest tiles out, all that wait in one round trip, the first at once."""
        while True:
            taken = await self._tiles.take()
            pipe = self._redis.pipeline(transaction=False)
            for slot, tile in taken.items():
                if slot.ttl_seconds is None:
                    pipe.publish(slot.name, tile.pack())
                else:
                    pipe.set(slot.name, tile.pack(), ex=slot.ttl_seconds)
            await pipe.execute()
            await self._clock.sleep(TOGETHER_SECONDS)

    async def _publish_focus(self) -> None:
        """Focus messages out in their order; a stream with a gap begins anew."""
        while True:
            messages, broken = await self._focus.take()
            self._team.ask_focus(broken)
            pipe = self._redis.pipeline(transaction=False)
            for number, message in messages:
                pipe.publish(keys.focus(number), message.pack())
            await pipe.execute()

    async def _follow_demand(self) -> None:
        """Wishes in: when somebody says that they changed, and once a second for those that ran out."""
        async with self._redis.pubsub() as channel:
            await channel.subscribe(keys.DEMAND_WAKE, keys.FOCUS_ASK, keys.TURNED)
            while True:
                self._team.want(await demand.read(self._redis))
                message = await channel.get_message(ignore_subscribe_messages=True, timeout=DEMAND_SECONDS)
                if message is not None and message["channel"] == keys.FOCUS_ASK.encode():
                    self._team.ask_focus([int(message["data"])])
                elif message is not None and message["channel"] == keys.TURNED.encode():
                    self._team.view_changed(int(message["data"]))

    async def _tell_statuses(self) -> None:
        """Changed statuses at once, all of them every few seconds so that silence means that we are gone."""
        self._teller.forget()
        while True:
            await self._teller.tell(self._redis, self._team.statuses(), self._leases.book.fences, self._team.ids())
            await self._clock.sleep(CHECK_SECONDS)

    async def _answer(self) -> None:
        await self._desk.run(self._redis)

    async def _keep_baselines(self) -> None:
        await self._baselines.run(self._redis)

    async def _leave(self) -> None:
        try:
            await self._leases.leave()
        except (RedisError, OSError) as error:
            log.warning("leases run out by themselves, Redis is away: %s", type(error).__name__)

    def _describe(self) -> Worker:
        return Worker(
            worker_id=self.worker_id,
            host=f"{socket.gethostname()}:{os.getpid()}",
            cameras=self._team.held,
            pulled=self._team.pulled,
            cpu=round(self._load.cores, 2),
            rss_mb=self._process.memory_info().rss // _MEGABYTE,
            shed=self._load.step,
        )


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()
