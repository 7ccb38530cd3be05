"""The live worker: keeps the tally, publishes the board. One works at a time, any number stand by.

It begins from the case store (position noted first, then the seed, then every change from the position on; those the
seed already holds are told by their number), so a restart, a lost line or an import costs one rebuild and no repair.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from redis.asyncio import Redis

from data_access import keys
from data_access.board_publisher import BoardPublisher, stored_version
from data_access.change_feed import ChangeFeed, FeedLost
from data_access.codec import CodecError
from data_access.errors import StoreError
from data_access.keep_trying import keep_trying
from data_access.lease import Lease, LeaseLost
from data_access.redis_client import LINE_ERRORS
from data_access.sources import OwnLamp, Sources
from domain.case import Severity
from domain.facts import Change
from domain.indicators import is_open
from domain.journal import milliseconds
from domain.tally import Tally, TallyGap, TallySeed
from runtime.clock import Clock, SystemClock

log = logging.getLogger(__name__)

SOURCE = "live"
GAP_SECONDS = 0.25
"""Least time between two boards in a flood; after a quiet spell a change is published at once."""

URGENT_GAP_SECONDS = 0.05
"""The same when a case of the first severity has come up."""

CONFIRM_SECONDS = 1.0
"""How often the board is confirmed while nothing changes."""

_EXPECTED = (*LINE_ERRORS, StoreError, LeaseLost, FeedLost, CodecError, TallyGap)


class LiveWorker:
    """`seed` reads what a tally begins from as of a moment, in one snapshot; it blocks and is called off the loop."""

    def __init__(
        self, redis: Redis, seed: Callable[[datetime], TallySeed], *, zone: ZoneInfo, clock: Clock | None = None
    ) -> None:
        self._redis = redis
        self._seed = seed
        self._zone = zone
        self._clock = clock or SystemClock()
        self._lease = Lease(redis, keys.LIVE_LEASE, self._clock)
        self._lamp = OwnLamp(Sources(redis, self._clock), SOURCE, self._clock)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the board until told to stop; whatever breaks, begin anew after a pause."""
        await keep_trying(self.run_once, stop, expected=_EXPECTED, failed=self._lamp.down, clock=self._clock)

    async def run_once(self) -> None:
        """Wait for the lease, then keep the board until something breaks.

        Raises:
            RedisError, OSError, StoreError, LeaseLost, FeedLost, CodecError, TallyGap: what broke.
        """
        async with self._lease.held():
            while True:
                await self._reign()

    async def _reign(self) -> None:
        """From one rebuild to the next: returns when the feed asks to begin anew."""
        feed = await ChangeFeed.from_now(self._redis)
        reign = _Reign(await self._begin(), BoardPublisher(self._redis, self._lease), self._clock)
        while not reign.over:
            if reign.due():
                await feed.check_server()
                await reign.publish()
                await self._lamp.live()
            reign.take(await feed.read(within_seconds=reign.wait_seconds()))

    async def _begin(self) -> Tally:
        began = self._clock.monotonic()
        now = self._clock.now()
        seed = await self._lease.renewing(asyncio.to_thread(self._seed, now))
        version = max(await stored_version(self._redis) + 1, milliseconds(now))
        tally = await self._lease.renewing(asyncio.to_thread(Tally, self._zone, seed, first_version=version))
        seconds = round(self._clock.monotonic() - began, 2)
        log.info("board rebuilt", extra={"facts": {"open": len(seed.open_facts), "seconds": seconds}})
        return tally


class _Reign:
    """One tally and its pace of publishing."""

    def __init__(self, tally: Tally, publisher: BoardPublisher, clock: Clock) -> None:
        self.over = False
        self._tally = tally
        self._publisher = publisher
        self._clock = clock
        self._published_at = self._changed_at = float("-inf")
        self._waiting = True
        self._urgent = False

    def take(self, changes: list[Change | None]) -> None:
        """Count what the feed brought."""
        for change in changes:
            if change is None:
                self.over = True
                return
            if self._tally.apply(change):
                self._waiting = True
                self._urgent = self._urgent or _comes_up_first(change)

    def wait_seconds(self) -> float:
        """How long nothing need be done unless a change arrives."""
        until_ripe = (self._tally.next_at() - self._clock.now()).total_seconds()
        return max(0.0, min(self._until_due(), until_ripe if not self._waiting else GAP_SECONDS))

    def _until_due(self) -> float:
        if self._waiting:
            at = self._changed_at + (URGENT_GAP_SECONDS if self._urgent else GAP_SECONDS)
        else:
            at = self._published_at + CONFIRM_SECONDS
        return at - self._clock.monotonic()

    def due(self) -> bool:
        """Whether there is something to publish, or the board to confirm."""
        now = self._clock.now()
        if self._tally.next_at() <= now:
            self._tally.advance(now)
            self._waiting = True
        return self._until_due() <= 0

    async def publish(self) -> None:
        """Publish the board as it is now."""
        await self._publisher.publish(self._tally.board(self._clock.now()))
        self._published_at = self._clock.monotonic()
        if self._waiting:
            self._changed_at = self._published_at
        self._waiting = self._urgent = False


def _comes_up_first(change: Change) -> bool:
    """Whether a case of the first severity has just come up."""
    before, after = change.before, change.after
    known = before is not None and before.severity is Severity.L1 and is_open(before)
    return after.severity is Severity.L1 and is_open(after) and not known
