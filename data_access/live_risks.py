"""The risks in a web process: read when somebody asks, kept for two seconds, one reading at a time."""

from __future__ import annotations

import asyncio

import orjson
from redis.asyncio import Redis

from data_access import keys
from domain.risk_wire import RiskBoard, board_from_wire
from runtime.clock import Clock

KEPT_SECONDS = 2.0


class LiveRisks:
    """Answers from memory while the last reading is fresh."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._lock = asyncio.Lock()
        self._newest: RiskBoard | None = None
        self._read_at = float("-inf")

    async def newest(self) -> RiskBoard | None:
        """The newest risks; None while nobody keeps them.

        Raises:
            RedisError, OSError: the line is lost.
        """
        async with self._lock:
            if self._clock.monotonic() - self._read_at >= KEPT_SECONDS:
                wire = await self._redis.get(keys.RISKS)
                self._newest = None if wire is None else await asyncio.to_thread(_decoded, wire)
                self._read_at = self._clock.monotonic()
            return self._newest


def _decoded(wire: bytes | str) -> RiskBoard | None:
    return board_from_wire(orjson.loads(wire))
