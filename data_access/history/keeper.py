"""Keeps one machine's copy fresh: a refresh every half minute, each as large as what happened meanwhile."""

from __future__ import annotations

import asyncio
import logging

from redis.asyncio import Redis

from data_access.errors import StoreError
from data_access.history.folder import CopyBusy
from data_access.history.writer import HistoryWriter, Refreshed
from data_access.keep_trying import keep_trying
from data_access.redis_client import LINE_ERRORS
from data_access.sources import REPORT_EVERY_SECONDS, OwnLamp, Sources
from runtime.clock import Clock, SystemClock

log = logging.getLogger(__name__)

SOURCE = "history"
EVERY_SECONDS = 30.0
"""The journal since the last refresh is read with every question, so this is a matter of speed, not of truth."""


class HistoryKeeper:
    """Several on one machine take turns; each machine keeps a copy of its own, all under one lamp."""

    def __init__(self, redis: Redis, writer: HistoryWriter, *, clock: Clock | None = None) -> None:
        self._writer = writer
        self._clock = clock or SystemClock()
        self._lamp = OwnLamp(Sources(redis, self._clock), SOURCE, self._clock)

    async def run(self, stop: asyncio.Event) -> None:
        """Refresh until told to stop; whatever breaks leaves the last good state and is tried again."""
        expected = (*LINE_ERRORS, StoreError, CopyBusy)
        try:
            await keep_trying(self._keep, stop, expected=expected, failed=self._lamp.down, clock=self._clock)
        finally:
            self._writer.give_up()

    async def _keep(self) -> None:
        while True:
            refreshing = asyncio.ensure_future(asyncio.to_thread(self._writer.refresh))
            try:
                while not (await asyncio.wait({refreshing}, timeout=REPORT_EVERY_SECONDS))[0]:
                    await self._lamp.live("refreshing")
            finally:
                refreshing.cancel()
            if (done := await refreshing) is not None:
                _tell(done)
            await self._rest()

    async def _rest(self) -> None:
        """Until the next refresh, with the lamp burning."""
        for _ in range(round(EVERY_SECONDS / REPORT_EVERY_SECONDS)):
            await self._lamp.live()
            await self._clock.sleep(REPORT_EVERY_SECONDS)


def _tell(done: Refreshed) -> None:
    facts = {
        "cases": done.cases,
        "rows": done.rows,
        "segments": done.segments,
        "megabytes": round(done.size_bytes / 1e6, 1),
        "seconds": round(done.seconds, 2),
    }
    log.info("history refreshed", extra={"facts": facts})
