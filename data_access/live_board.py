"""The board in a web process: one subscription, one immutable value swapped by reference, any number of readers.

Register first, then fetch, then apply what arrived meanwhile. On a gap the whole board is fetched again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime

import orjson
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import ConnectionError as LineLost

from data_access import keys
from data_access.keep_trying import keep_trying
from data_access.redis_client import LINE_ERRORS
from domain.board import Board, Resync, WireError, apply_message, from_wire, row_from_wire
from runtime.clock import Clock, SystemClock

log = logging.getLogger(__name__)

SILENCE_SECONDS = 3.0
"""After that long without a message the line itself is tried; a worker confirms the board every second."""


class LiveBoard:
    """`current` is None until the first board came. `connected` tells the line to Redis; how fresh the board itself is
    stands in `current.as_of`, which a live worker moves on at least once a second.
    """

    def __init__(self, redis: Redis, *, clock: Clock | None = None, silence_seconds: float = SILENCE_SECONDS) -> None:
        self.current: Board | None = None
        self.connected = False
        self.last_message_at: datetime | None = None
        self._redis = redis
        self._silence_seconds = silence_seconds
        self._clock = clock or SystemClock()
        self._arrival = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Follow the board until told to stop; a lost line is tried again, after pauses."""
        expected = (*LINE_ERRORS, WireError)
        try:
            await keep_trying(self.run_once, stop, expected=expected, failed=self._lost, clock=self._clock)
        finally:
            self.connected = False

    async def run_once(self) -> None:
        """Subscribe, fetch, follow until something fails.

        Raises:
            RedisError, OSError: the line is lost. WireError: another program version publishes.
        """
        async with self._redis.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.subscribe(keys.BOARD_CHANGES)
            await self._fetch()
            self.connected = True
            log.info("board connected", extra={"facts": {"version": self.current and self.current.version}})
            while True:
                await self._follow(await _next_message(channel, self._silence_seconds))

    async def newer(self, version: int, timeout: float) -> Board | None:  # noqa: ASYNC109 (a short answer is the point)
        """The board as soon as it has another version than `version`; None if that takes over `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                while self.current is None or self.current.version == version:
                    await self._arrival.wait()
        except TimeoutError:
            return None
        return self.current

    async def _follow(self, payload: bytes) -> None:
        wire = orjson.loads(payload)
        after = apply_message(self.current, wire)
        self.last_message_at = self._clock.now()
        if isinstance(after, Resync):
            await self._fetch()
        else:
            self._set(after)

    async def _fetch(self) -> None:
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.get(keys.BOARD)
            pipe.hgetall(keys.BOARD_CASES)
            board, rows = await pipe.execute()
        if board is not None:
            self._set(await asyncio.to_thread(_decoded, board, rows))

    def _set(self, board: Board) -> None:
        self.current = board
        self._arrival.set()
        self._arrival = asyncio.Event()

    async def _lost(self, error: Exception) -> None:
        if self.connected:
            facts = {"error": type(error).__name__, "text": str(error)}
            log.warning("board lost; showing the last one", extra={"facts": facts})
        self.connected = False


async def _next_message(channel: PubSub, silence_seconds: float) -> bytes:
    """The next board message. A silent line is asked for a sign of life, so that a dead one is noticed.

    Raises:
        ConnectionError: no message and no sign of life.
    """
    asked = False
    while True:
        found = await channel.get_message(timeout=silence_seconds)
        if found is not None and found["type"] == "message":
            data: bytes = found["data"]
            return data
        if found is None and asked:
            raise LineLost(f"no sign of life for {2 * silence_seconds:.0f} s")
        asked = found is None
        if asked:
            await channel.ping()


def _decoded(board: bytes, rows: Mapping[bytes, bytes]) -> Board:
    cases = {case_no.decode(): row_from_wire(orjson.loads(row)) for case_no, row in rows.items()}
    return from_wire(orjson.loads(board), cases)
