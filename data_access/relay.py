"""The relay: from the outbox table to the stream, in order and at least once.

A change leaves the outbox only after the stream has it; whoever reads may meet it twice (`Change.entry_id` tells).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from data_access import keys
from data_access.change_feed import FIELD
from data_access.errors import StoreError
from data_access.keep_trying import keep_trying
from data_access.lease import Lease, LeaseLost
from data_access.redis_client import LINE_ERRORS, open_sync_redis
from data_access.sources import OwnLamp, Sources
from runtime.clock import Clock, SystemClock

log = logging.getLogger(__name__)

SOURCE = "relay"
BATCH = 500
LOOK_EVERY_SECONDS = 1.0
"""How long a change waits at most when the wake call got lost."""

STREAM_LENGTH = 100_000
"""About how many changes the stream keeps; a reader that lags more begins anew."""


class Outbox(Protocol):
    """What the relay needs of the case store; both calls block."""

    def outbox(self, limit: int) -> list[tuple[int, bytes]]: ...

    def drop_outbox(self, ids: Sequence[int]) -> None: ...


class Relay:
    """One of possibly several relays; the lease lets one of them work."""

    def __init__(self, redis: Redis, outbox: Outbox, *, clock: Clock | None = None) -> None:
        self._redis = redis
        self._outbox = outbox
        self._clock = clock or SystemClock()
        self._lease = Lease(redis, keys.RELAY_LEASE, self._clock)
        self._lamp = OwnLamp(Sources(redis, self._clock), SOURCE, self._clock)

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until told to stop; a lost line or a busy database is tried again, after pauses."""
        expected = (*LINE_ERRORS, StoreError, LeaseLost)
        await keep_trying(self.run_once, stop, expected=expected, failed=self._lamp.down, clock=self._clock)

    async def run_once(self) -> None:
        """Relay until something fails.

        Raises:
            RedisError, OSError, StoreError, LeaseLost: what failed; nothing is lost.
        """
        async with self._lease.held(), self._redis.pubsub(ignore_subscribe_messages=True) as wakes:
            await wakes.subscribe(keys.OUTBOX_WAKE)
            while True:
                await self._lease.renew()
                await self._lamp.live()
                if not await self.move():
                    await _wait_for_wake(wakes)

    async def move(self) -> int:
        """Move one batch; returns how many changes it held."""
        batch = await asyncio.to_thread(self._outbox.outbox, BATCH)
        if not batch:
            return 0
        async with self._redis.pipeline(transaction=True) as pipe:
            for _, payload in batch:
                pipe.xadd(keys.CHANGES_STREAM, {FIELD: payload}, maxlen=STREAM_LENGTH, approximate=True)
            await pipe.execute()
        await asyncio.to_thread(self._outbox.drop_outbox, [number for number, _ in batch])
        return len(batch)


async def _wait_for_wake(wakes: PubSub) -> None:
    """Until somebody committed or the time to look anyway is over; calls that queued up meanwhile count as one."""
    await wakes.get_message(timeout=LOOK_EVERY_SECONDS)
    while await wakes.get_message(timeout=0) is not None:
        continue


def waker(redis_url: str) -> Callable[[], None]:
    """What the case store calls after each commit. It never raises: without Redis the relay's own look finds it."""
    redis = open_sync_redis(redis_url)

    def wake() -> None:
        try:
            redis.publish(keys.OUTBOX_WAKE, b"")
        except LINE_ERRORS as error:
            log.debug("relay not woken", extra={"facts": {"why": str(error)}})

    return wake
