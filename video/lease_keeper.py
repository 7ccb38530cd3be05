"""One worker's fair share of the cameras: says that it lives, renews, takes what is free, gives back a surplus."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from typing import Protocol

from redis.asyncio import Redis

from runtime.clock import Clock
from video import fleet
from video.leases import LeaseBook, share_out

TURN_SECONDS = 1.0
SETTLE_SECONDS = 7.0
"""A surplus is given away only when it has lasted this long: until then a dead worker still counts beside the new one
that replaces it, and cameras would be handed over only to be taken back."""
GATHER_SECONDS = 5.0
"""So long a fresh worker counts on as many others as are to be started here, whether it has heard them or not."""
HOLD_SECONDS = 60.0
"""How long cameras are pulled on while Redis is away. Others may be able to reach it and take them over."""

log = logging.getLogger(__name__)


class Team(Protocol):
    """The cameras as the keeper sees them."""

    def numbers(self) -> Collection[int]:
        """Of every camera the city has."""
        ...

    def wanted(self) -> Collection[int]:
        """Of the cameras somebody looks at."""
        ...

    def begin(self, numbers: Collection[int]) -> None:
        """They are ours from now on."""
        ...

    async def end(self, numbers: Collection[int]) -> None:
        """They are ours no longer; returns when their connections are closed, or the time for that is over."""
        ...


class LeaseKeeper:
    """One a worker; all methods in its event loop. What Redis raises is passed on: whoever takes turns knows pauses."""

    def __init__(
        self, redis: Redis, team: Team, describe: Callable[[], fleet.Worker], *, clock: Clock, expected: int = 1
    ) -> None:
        """`describe` tells what the heartbeat says; `expected` is how many workers are to be started here."""
        self._redis = redis
        self._team = team
        self._describe = describe
        self._worker_id = describe().worker_id
        self._clock = clock
        self._expected = expected
        self._began = clock.monotonic()
        self._surplus_since: float | None = None
        self._heard_at = clock.monotonic()
        self.book = LeaseBook(redis, self._worker_id)

    async def turn(self) -> None:
        """One round, some times a lease's life."""
        workers = len(await fleet.beat(self._redis, self._describe()))
        await self._keep()
        share = share_out(self._team.numbers(), self.book.fences, self._count(workers), self._team.wanted())
        self._team.begin(await self.book.acquire(share.others, at_most=share.room))
        await self._give(share.gone + self._lasting(share.surplus))
        self._heard_at = self._clock.monotonic()

    async def end_if_alone(self) -> None:
        """Let go of everything when Redis has been away for too long; called whether it is away or not."""
        if self.book.fences and self._clock.monotonic() - self._heard_at > HOLD_SECONDS:
            log.warning("Redis away for %.0f s: cameras are let go", HOLD_SECONDS)
            numbers = set(self.book.fences)
            self.book.fences.clear()
            await self._team.end(numbers)

    async def leave(self) -> None:
        """Give everything back at once; the connections are closed already."""
        await self.book.release(list(self.book.fences))
        await fleet.leave(self._redis, self._worker_id)

    async def _keep(self) -> None:
        """What ran out while Redis or we were away is taken again, unless somebody else has it by now."""
        lost = await self.book.renew()
        gone = lost - await self.book.acquire(sorted(lost), at_most=len(lost))
        if gone:
            log.warning("%d cameras are another worker's now", len(gone))
            await self._team.end(gone)

    async def _give(self, numbers: tuple[int, ...]) -> None:
        """Close first, then release: nobody opens what we still pull."""
        if numbers:
            log.info("%d cameras are given to other workers", len(numbers))
            await self._team.end(numbers)
            await self.book.release(numbers)

    def _lasting(self, surplus: tuple[int, ...]) -> tuple[int, ...]:
        now = self._clock.monotonic()
        if not surplus:
            self._surplus_since = None
            return ()
        if self._surplus_since is None:
            self._surplus_since = now
        return surplus if now - self._surplus_since >= SETTLE_SECONDS else ()

    def _count(self, alive: int) -> int:
        young = self._clock.monotonic() - self._began < GATHER_SECONDS
        return max(alive, self._expected) if young else alive
