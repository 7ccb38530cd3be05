"""What was sent to the wall, in Redis: one value for all web processes, changed only by who saw its newest version.

It outlives every web process; an embedded Valkey that ends forgets it, and each place then shows its own camera again.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import orjson
from redis.asyncio import Redis
from redis.exceptions import WatchError

from data_access.keep_trying import keep_trying
from data_access.keys import WALL_CHOICE
from data_access.redis_client import LINE_ERRORS
from domain.journal import milliseconds, moment
from domain.wall_places import TILES, WallChoice
from runtime.clock import Clock

EVERY_SECONDS = 0.5
"""How often a web process looks; a wall follows with its next tick."""

log = logging.getLogger(__name__)


class WallMoved(Exception):
    """Somebody else changed the choice since; `now` is what stands there."""

    def __init__(self, now: WallChoice) -> None:
        super().__init__(f"the wall's choice stands at version {now.version}")
        self.now = now


class WallChoices:
    """One web process's view of the choice: read twice a second for all its pages, and the way to change it."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._current = WallChoice()

    @property
    def current(self) -> WallChoice:
        """The newest known choice; the last one while Redis is away."""
        return self._current

    async def put(self, cameras: tuple[int, ...], *, by: str, version: int) -> tuple[WallChoice, WallChoice]:
        """Change the choice, if it still is the one of `version`; the choice before and after.

        Raises:
            WallMoved: it is not.
            RedisError: Redis does not answer; nothing changed.
        """
        async with self._redis.pipeline(transaction=True) as commands:
            await commands.watch(WALL_CHOICE)
            before = _decoded(await commands.get(WALL_CHOICE))
            if before.version != version:
                raise WallMoved(before)
            after = WallChoice(cameras=cameras, by=by, at=self._clock.now(), version=version + 1)
            commands.multi()  # type: ignore[no-untyped-call]
            commands.set(WALL_CHOICE, _encoded(after))
            try:
                await commands.execute()
            except WatchError:
                raise WallMoved(await self.read()) from None
        self._current = after
        return before, after

    async def read(self) -> WallChoice:
        """The choice as Redis has it now."""
        self._current = _decoded(await self._redis.get(WALL_CHOICE))
        return self._current

    async def run(self, stop: asyncio.Event) -> None:
        """Follow the choice until told to stop."""
        await keep_trying(self._follow, stop, expected=LINE_ERRORS, failed=self._lost, clock=self._clock)

    async def _follow(self) -> None:
        while True:
            await self.read()
            await self._clock.sleep(EVERY_SECONDS)

    async def _lost(self, error: Exception) -> None:
        log.warning("what was sent to the wall cannot be read", extra={"facts": {"error": type(error).__name__}})


def _encoded(choice: WallChoice) -> bytes:
    at = None if choice.at is None else milliseconds(choice.at)
    return orjson.dumps({"cameras": choice.cameras, "by": choice.by, "at": at, "version": choice.version})


def _decoded(stored: bytes | str | None) -> WallChoice:
    """What Redis holds; something unreadable there is told and taken for nothing sent, so that it can be replaced."""
    if stored is None:
        return WallChoice()
    try:
        told = orjson.loads(stored)
        numbers = tuple(int(number) for number in told["cameras"])
        at = None if told["at"] is None else moment(told["at"])
        choice = WallChoice(cameras=numbers, by=str(told["by"]), at=at, version=int(told["version"]))
    except (ValueError, KeyError, TypeError) as error:
        log.error("%s holds no choice for the wall (%s); the wall shows its own cameras", WALL_CHOICE, error)
        return WallChoice()
    return choice if len(numbers) == TILES else replace(choice, cameras=WallChoice().cameras)
