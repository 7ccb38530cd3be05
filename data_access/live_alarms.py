"""The alarms in a web process: one subscription, one immutable board, and each scope's view made once per version."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import orjson
from redis.asyncio import Redis

from data_access import keys
from data_access.keep_trying import keep_trying
from data_access.redis_client import LINE_ERRORS
from domain.alarm import Alarm
from domain.alarm_board import AlarmBoard, Called, alarm_view, board_from_wire
from runtime.clock import Clock

ASK_EVERY_SECONDS = 3.0
"""A call may get lost: the board is read this often anyway."""
OLD_AFTER = timedelta(seconds=15)
"""Without a word of the keeper for so long, what is shown is called old."""

log = logging.getLogger(__name__)


async def _nobody() -> None:
    return


class LiveAlarms:
    """`current` is None until a keeper spoke; it stays, and grows old, when the keeper falls silent."""

    def __init__(
        self, redis: Redis, called: Called, clock: Clock, *, told: Callable[[], Awaitable[None]] = _nobody
    ) -> None:
        """`told` is called whenever `version` has changed."""
        self.current: AlarmBoard | None = None
        self._redis = redis
        self._called = called
        self._clock = clock
        self._told = told
        self._made: dict[str | None, str] = {}
        self._made_for = (0, False)

    @property
    def version(self) -> int:
        """0 before the first board; another one whenever the views are others."""
        return 0 if self.current is None else self.current.version + self.old

    @property
    def old(self) -> bool:
        """Whether the keeper has been silent for too long."""
        return self.current is None or self._clock.now() - self.current.as_of > OLD_AFTER

    def standing(self, name: str) -> Alarm | None:
        """An alarm that stands, by its id."""
        alarms = () if self.current is None else self.current.alarms
        return next((alarm for alarm in alarms if alarm.alarm_id == name), None)

    def view(self, district: str | None) -> dict[str, Any]:
        """One scope's view as of now."""
        board = self.current or AlarmBoard(version=0, as_of=self._clock.now())
        return alarm_view(board, district, self._clock.now(), self._called) | {"kept": not self.old}

    def text(self, district: str | None) -> str:
        """The same as JSON, made once a version however many pages are open."""
        if self._made_for != (self.version, self.old):
            self._made, self._made_for = {}, (self.version, self.old)
        if district not in self._made:
            self._made[district] = orjson.dumps(self.view(district)).decode()
        return self._made[district]

    async def call(self) -> None:
        """Tell the keeper that the log has something new.

        Raises:
            RedisError, OSError: it was not heard; the keeper finds it within seconds.
        """
        await self._redis.publish(keys.ALARM_NEWS, b"1")

    async def run(self, stop: asyncio.Event) -> None:
        """Follow the keeper until told to stop."""
        await keep_trying(self._follow, stop, expected=LINE_ERRORS, failed=self._lost, clock=self._clock)

    async def _follow(self) -> None:
        async with self._redis.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.subscribe(keys.ALARM_CHANGES)
            while True:
                await self._read()
                await channel.get_message(timeout=ASK_EVERY_SECONDS)

    async def _read(self) -> None:
        before, wire = self.version, await self._redis.get(keys.ALARMS)
        if wire is not None:
            self.current = board_from_wire(orjson.loads(wire))
        if self.version != before:
            await self._told()

    async def _lost(self, error: Exception) -> None:
        log.warning("alarms cannot be read; showing the last ones", extra={"facts": {"error": type(error).__name__}})
