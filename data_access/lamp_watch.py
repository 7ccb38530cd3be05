"""A web process's view of the source lamps: read once a second for all its pages, aged here while Redis is away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from data_access.keep_trying import keep_trying
from data_access.redis_client import LINE_ERRORS
from data_access.sources import SourceLamp, Sources
from runtime.clock import Clock

EVERY_SECONDS = 1.0

log = logging.getLogger(__name__)


class LampWatch:
    """Answers from memory; lamps that are no longer read turn stale by their own age."""

    def __init__(self, sources: Sources, clock: Clock) -> None:
        self._sources = sources
        self._clock = clock
        self._lamps: Sequence[SourceLamp] = ()

    def lamps(self) -> list[SourceLamp]:
        """Every lamp as it is to be shown now."""
        now = self._clock.now()
        return [lamp.seen_at(now) for lamp in self._lamps]

    async def run(self, stop: asyncio.Event) -> None:
        """Read until told to stop."""
        await keep_trying(self._read, stop, expected=LINE_ERRORS, failed=self._lost, clock=self._clock)

    async def _read(self) -> None:
        while True:
            self._lamps = await self._sources.all()
            await self._clock.sleep(EVERY_SECONDS)

    async def _lost(self, error: Exception) -> None:
        log.warning("source lamps cannot be read", extra={"facts": {"error": type(error).__name__}})
