"""Carries cameras' baselines to Redis and back, and hears which cameras are to learn their picture anew."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from redis.asyncio import Redis

from runtime.clock import Clock
from video import keys
from video.checks.baseline import decode_baseline
from video.checks.picture import PictureChecks

SAVE_EVERY_SECONDS = 300.0
LOOK_EVERY_SECONDS = 2.0

log = logging.getLogger(__name__)


class BaselineKeeper:
    """One a capture process. `checks` answers with the cameras it holds now, by number."""

    def __init__(self, checks: Callable[[], Mapping[int, PictureChecks]], clock: Clock) -> None:
        self._checks = checks
        self._clock = clock
        self._known: dict[int, tuple[PictureChecks, float]] = {}
        """Number → the checks that were given their baseline, and when it was last read or saved (monotonic)."""

    async def run(self, redis: Redis) -> None:
        """Look after the baselines for ever.

        Raises:
            RedisError, OSError: Redis is away; what was learned stays in memory.
        """
        while True:
            await self.run_once(redis)
            await self._clock.sleep(LOOK_EVERY_SECONDS)

    async def run_once(self, redis: Redis) -> None:
        """Restore what is new here, save what is due, forget what was asked to be.

        Raises:
            RedisError, OSError: Redis is away.
        """
        held = self._checks()
        self._known = {
            number: (checks, at) for number, (checks, at) in self._known.items() if held.get(number) is checks
        }
        await self._relearn(redis, held)
        await self._restore(redis, {number: checks for number, checks in held.items() if number not in self._known})
        await self._save(redis, held)

    async def _restore(self, redis: Redis, new: Mapping[int, PictureChecks]) -> None:
        if not new:
            return
        now = self._clock.monotonic()
        found = await redis.mget([keys.baseline(number) for number in new])
        for (number, checks), data in zip(new.items(), found, strict=True):
            self._known[number] = (checks, now)
            if data is not None:
                _take_over(number, checks, data)

    async def _save(self, redis: Redis, held: Mapping[int, PictureChecks]) -> None:
        now = self._clock.monotonic()
        due = [number for number in held if now - self._known[number][1] >= SAVE_EVERY_SECONDS]
        if not due:
            return
        async with redis.pipeline(transaction=False) as pipe:
            for number in due:
                pipe.set(keys.baseline(number), held[number].baseline().encode(), ex=keys.BASELINE_TTL_SECONDS)
            await pipe.execute()
        self._known.update({number: (held[number], now) for number in due})

    async def _relearn(self, redis: Redis, held: Mapping[int, PictureChecks]) -> None:
        """Cameras somebody has asked about; each worker answers for its own."""
        asked = {int(number) for number in await redis.smembers(keys.RELEARN)}
        for number in asked & held.keys():
            held[number].relearn()
            async with redis.pipeline(transaction=True) as pipe:
                pipe.delete(keys.baseline(number))
                pipe.srem(keys.RELEARN, number)
                await pipe.execute()
            log.info("camera %d learns its picture anew", number)


def _take_over(number: int, checks: PictureChecks, data: bytes | str) -> None:
    try:
        checks.restore(decode_baseline(data))
    except ValueError as error:
        log.warning("camera %d: its kept baseline is not used (%s)", number, error)
