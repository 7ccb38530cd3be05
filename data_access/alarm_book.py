"""What the keeper has said and not yet written, and what others wrote meanwhile: the log as one worker sees it."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Iterator, Sequence

from data_access.alarm_log import AlarmLog, Written
from data_access.errors import StoreError
from data_access.lease import Lease
from data_access.sources import OwnLamp
from domain.alarm_log import AlarmEntry, AlarmSet
from runtime.backoff import pauses
from runtime.clock import Clock

READ_EVERY_SECONDS = 5.0
"""How often the log is read although nobody called: a call may get lost."""
MOST_WAITING = 20_000
"""Lines kept in memory while the database is away; above it the oldest are given up and counted."""
_STORE_PAUSES_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0)

log = logging.getLogger(__name__)


class AlarmBook:
    """Goes on while the database is away: alarms are raised and shown all the same, their lines wait."""

    def __init__(self, alarm_log: AlarmLog, written: Written, lease: Lease, lamp: OwnLamp, clock: Clock) -> None:
        self.standing = AlarmSet(written.entries)
        self._log = alarm_log
        self._last = written.last
        self._lease = lease
        self._lamp = lamp
        self._clock = clock
        self._waiting: list[AlarmEntry] = []
        self._given_up = 0
        self._retry_at = self._read_at = float("-inf")
        self._waits = _new_waits()
        self._failing = False

    def add(self, entries: Sequence[AlarmEntry]) -> None:
        """Lines that hold already and are to be written."""
        self._waiting.extend(entries)
        surplus = len(self._waiting) - MOST_WAITING
        if surplus > 0:
            del self._waiting[:surplus]
            self._given_up += surplus

    async def sync(self, *, called: bool) -> bool:
        """Write what waits, read what others wrote; whether anything was read.

        Raises:
            LeaseLost: somebody else may write now.
        """
        now = self._clock.monotonic()
        due = called or bool(self._waiting) or now - self._read_at >= READ_EVERY_SECONDS
        if not due or now < self._retry_at:
            if not self._failing:
                await self._lamp.live()
            return False
        try:
            read = await self._lease.renewing(asyncio.to_thread(self._exchange))
        except StoreError as error:
            self._failing = True
            self._retry_at = self._clock.monotonic() + next(self._waits)
            await self._lamp.down(error)
            return False
        self._recovered()
        self._read_at = self._clock.monotonic()
        for entry in read:
            self.standing.take(entry)
        await self._lamp.live()
        return bool(read)

    async def close(self) -> None:
        """Write the last of it."""
        try:
            await asyncio.to_thread(self._exchange)
        except StoreError as error:
            facts = {"lines": len(self._waiting), "error": type(error).__name__}
            log.warning("the last of the alarm log is lost", extra={"facts": facts})

    def _exchange(self) -> Sequence[AlarmEntry]:
        """What people wrote; the keeper's own lines, that have nobody's name, are known."""
        mine = self._waiting[:]
        self._log.append(mine)
        del self._waiting[: len(mine)]
        read = self._log.since(self._last)
        self._last = read.last
        return [entry for entry in read.entries if entry.who]

    def _recovered(self) -> None:
        if self._failing:
            log.info("the alarm log is kept again", extra={"facts": {"given_up": self._given_up}})
            self._waits = _new_waits()
        self._failing, self._given_up, self._retry_at = False, 0, float("-inf")


def _new_waits() -> Iterator[float]:
    return pauses(_STORE_PAUSES_SECONDS, jitter=0.2, rng=random.SystemRandom())
