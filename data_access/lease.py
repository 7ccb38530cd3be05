"""A lease in Redis: one holder at a time, who must renew it; a dead holder's place is free within seconds."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from redis.asyncio import Redis

from data_access.redis_client import LINE_ERRORS
from runtime.clock import Clock

log = logging.getLogger(__name__)

TTL_SECONDS = 5.0
RENEW_EVERY_SECONDS = TTL_SECONDS / 4
ASK_EVERY_SECONDS = 0.5

_IF_MINE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call({}) else return 0 end"
_RENEW = _IF_MINE.format("'pexpire', KEYS[1], ARGV[2]")
_GIVE_BACK = _IF_MINE.format("'del', KEYS[1]")

Result = TypeVar("Result")


class LeaseLost(Exception):
    """Somebody else may hold the lease now: stop acting as its holder."""


class Lease:
    """One contender for the lease `key`. `token` is what the key holds while it is ours."""

    def __init__(self, redis: Redis, key: str, clock: Clock, *, ttl_seconds: float = TTL_SECONDS) -> None:
        self.key = key
        self.token = secrets.token_hex(8).encode()
        self.ttl_ms = round(ttl_seconds * 1000)
        self._redis = redis
        self._clock = clock
        self._renewed_at = float("-inf")

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Wait until the lease is ours, and give it back at the end."""
        while not await self._redis.set(self.key, self.token, nx=True, px=self.ttl_ms):
            await self._clock.sleep(ASK_EVERY_SECONDS)
        self.was_renewed()
        try:
            yield
        finally:
            await self._give_back()

    async def renew(self) -> None:
        """Hold on to the lease, if the last time is a while ago.

        Raises:
            LeaseLost: it ran out meanwhile.
        """
        if self._clock.monotonic() - self._renewed_at < RENEW_EVERY_SECONDS:
            return
        if not await self._redis.eval(_RENEW, 1, self.key, self.token, self.ttl_ms):
            raise LeaseLost(self.key)
        self.was_renewed()

    def was_renewed(self) -> None:
        """Note that the key's time to live was just set anew."""
        self._renewed_at = self._clock.monotonic()

    async def renewing(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Hold on to the lease until a long piece of work is done.

        Raises:
            LeaseLost: it ran out meanwhile; the work is cancelled.
        """
        task = asyncio.ensure_future(work)
        try:
            while not (await asyncio.wait({task}, timeout=RENEW_EVERY_SECONDS))[0]:
                await self.renew()
        finally:
            task.cancel()
        return await task

    async def _give_back(self) -> None:
        try:
            await self._redis.eval(_GIVE_BACK, 1, self.key, self.token)
        except LINE_ERRORS as error:
            log.info(
                "lease not given back; it runs out by itself", extra={"facts": {"key": self.key, "why": str(error)}}
            )
