"""The source lamps: every part that feeds the screens says every few seconds that it lives; who falls silent is stale.

A lamp needs nobody to put it out: it carries its own time to live, and each reader judges by its age.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import orjson
from redis.asyncio import Redis

from data_access import keys
from data_access.redis_client import LINE_ERRORS
from domain.journal import milliseconds, moment
from runtime.clock import Clock, SystemClock

log = logging.getLogger(__name__)

TTL_SECONDS = 15.0
REPORT_EVERY_SECONDS = 5.0


class SourceState(StrEnum):
    """What a source says of itself; `STALE` is what readers say of one that fell silent."""

    LIVE = "live"
    DOWN = "down"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class SourceLamp:
    """One source as of its last word. `detail` is a short text for engineers, without addresses."""

    name: str
    state: SourceState
    as_of: datetime
    ttl_seconds: float
    detail: str = ""

    def seen_at(self, now: datetime) -> SourceLamp:
        """The lamp as a reader shows it: stale once its time to live is over."""
        silent = now - self.as_of > timedelta(seconds=self.ttl_seconds)
        return replace(self, state=SourceState.STALE) if silent else self


class Sources:
    """All lamps, in one Redis hash."""

    def __init__(self, redis: Redis, clock: Clock | None = None) -> None:
        self._redis = redis
        self._clock = clock or SystemClock()

    async def report(
        self, name: str, state: SourceState, detail: str = "", *, ttl_seconds: float = TTL_SECONDS
    ) -> None:
        """Say how a source is.

        Raises:
            RedisError, OSError: the word did not get through; the lamp turns stale by its age.
        """
        wire = {"state": state, "as_of": milliseconds(self._clock.now()), "ttl": ttl_seconds, "detail": detail}
        await self._redis.hset(keys.SOURCES, name, orjson.dumps(wire).decode())

    async def all(self) -> list[SourceLamp]:
        """Every source that ever reported, by name, as it is to be shown now.

        Raises:
            RedisError, OSError: Redis does not answer.
        """
        found: dict[Any, Any] = await self._redis.hgetall(keys.SOURCES)
        now = self._clock.now()
        lamps = [_lamp(name.decode(), orjson.loads(wire)) for name, wire in found.items()]
        return sorted((lamp.seen_at(now) for lamp in lamps), key=lambda lamp: lamp.name)


def _lamp(name: str, wire: dict[str, Any]) -> SourceLamp:
    return SourceLamp(name, SourceState(wire["state"]), moment(wire["as_of"]), wire["ttl"], wire["detail"])


class OwnLamp:
    """One part's own lamp: lit again every few seconds while it works, put out with the reason when it fails."""

    def __init__(self, sources: Sources, name: str, clock: Clock) -> None:
        self._sources = sources
        self._name = name
        self._clock = clock
        self._lit_at = float("-inf")

    async def live(self, detail: str = "") -> None:
        """Say that all is well, if the last time is some seconds ago."""
        if self._clock.monotonic() - self._lit_at < REPORT_EVERY_SECONDS:
            return
        await self._sources.report(self._name, SourceState.LIVE, detail)
        self._lit_at = self._clock.monotonic()

    async def down(self, error: Exception) -> None:
        """Say what went wrong, in the log and on the lamp; without Redis the lamp turns stale by itself."""
        self._lit_at = float("-inf")
        facts: dict[str, object] = {"source": self._name, "error": type(error).__name__, "text": str(error)}
        try:
            await self._sources.report(self._name, SourceState.DOWN, type(error).__name__)
        except LINE_ERRORS as unheard:
            facts["unheard"] = type(unheard).__name__
        log.warning("source failed", extra={"facts": facts})
