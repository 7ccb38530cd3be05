"""The one writer of cameras' history: hears what is said of cameras, keeps spells, raises and ends platform alarms.

One works at a time, any number stand by. It goes on while the database is away, keeping what it heard, up to a bound;
while Redis is away nothing is heard, and that time stays unknown.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import timedelta

import orjson
from redis.asyncio import Redis

from data_access import keys
from data_access.camera_history import CameraHistory
from data_access.errors import StoreError
from data_access.keep_trying import keep_trying
from data_access.lease import Lease, LeaseLost
from data_access.redis_client import LINE_ERRORS
from data_access.sources import REPORT_EVERY_SECONDS, OwnLamp, Sources, SourceState
from domain.camera_health import Spell, SpellBook, Word
from domain.journal import milliseconds
from domain.platform_alarm import PlatformAlarm, PlatformWatch
from runtime.backoff import pauses
from runtime.clock import Clock, SystemClock

SOURCE = "camera history"
PLATFORMS = "platforms"
STRETCH_EVERY_SECONDS = 20.0
"""How often spells that only go on are stretched in the database."""
GAP_SECONDS = 0.5
"""Least time between two writings; what is new is stored this soon."""
PRUNE_EVERY_SECONDS = 6 * 3600.0
MOST_WAITING = 20_000
"""Spells kept in memory while the database is away; above it the oldest are given up and counted."""
FRESH = timedelta(seconds=15)
"""An older word says nothing about now: the capture process behind it is gone."""
_STORE_PAUSES_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0)

Words = Callable[[], AsyncGenerator[Sequence[Word], None]]
"""Begins to listen: what is said of cameras, batch by batch, at least one (perhaps empty) a second."""

log = logging.getLogger(__name__)


class CameraRecorder:
    """`platforms`: camera id → whose it is."""

    def __init__(
        self,
        redis: Redis,
        history: CameraHistory,
        words: Words,
        *,
        platforms: Mapping[str, str],
        clock: Clock | None = None,
    ) -> None:
        self._redis = redis
        self._history = history
        self._words = words
        self._platforms = platforms
        self._clock = clock or SystemClock()
        self._lease = Lease(redis, keys.CAMERA_HISTORY_LEASE, self._clock)
        self._lamp = OwnLamp(Sources(redis, self._clock), SOURCE, self._clock)

    async def run(self, stop: asyncio.Event) -> None:
        """Record until told to stop; whatever breaks, begin anew after a pause."""
        expected = (*LINE_ERRORS, StoreError, LeaseLost)
        await keep_trying(self.run_once, stop, expected=expected, failed=self._lamp.down, clock=self._clock)

    async def run_once(self) -> None:
        """Wait for the lease, then record until something breaks.

        Raises:
            RedisError, OSError: the line is lost. StoreError: what is stored cannot be read. LeaseLost: ran out.
        """
        async with self._lease.held():
            newest = await self._lease.renewing(asyncio.to_thread(self._history.newest))
            standing = await self._lease.renewing(asyncio.to_thread(self._history.standing))
            watch = PlatformWatch(self._platforms, standing)
            ledger = _Ledger(self._history, self._lease, self._lamp, self._clock)
            try:
                await self._record(SpellBook(newest), watch, ledger)
            finally:
                await ledger.close()

    async def _record(self, book: SpellBook, watch: PlatformWatch, ledger: _Ledger) -> None:
        board = _AlarmBoard(self._redis, self._clock)
        async with aclosing(self._words()) as batches:
            async for words in batches:
                await self._lease.renew()
                now = self._clock.now()
                for word in words:
                    ledger.add(book.hear(word))
                    if now - word.at <= FRESH:
                        watch.hear(word.camera_id, word.state, word.since)
                changed = watch.look(now)
                ledger.add_alarms(changed)
                await board.show(watch.alarms, changed=bool(changed))
                await ledger.write_if_due()


class _Ledger:
    """What is to be stored. While the database is away it waits, with growing pauses between attempts."""

    def __init__(self, history: CameraHistory, lease: Lease, lamp: OwnLamp, clock: Clock) -> None:
        self._history = history
        self._lease = lease
        self._lamp = lamp
        self._clock = clock
        self._spells: dict[tuple[str, int], Spell] = {}
        self._alarms: dict[tuple[str, int], PlatformAlarm] = {}
        self._begun: dict[str, int] = {}
        """Camera id → beginning of its newest spell here (epoch ms)."""
        self._due_at = self._prune_at = clock.monotonic()
        self._written_at = float("-inf")
        self._waits = pauses(_STORE_PAUSES_SECONDS, jitter=0.2, rng=random.SystemRandom())
        self._given_up = 0
        self._failing = False

    def add(self, spells: Sequence[Spell]) -> None:
        """Spells as they now are; one that begins makes writing due at once."""
        for spell in spells:
            since = milliseconds(spell.since)
            if self._begun.get(spell.camera_id) != since:
                self._begun[spell.camera_id] = since
                self._hurry()
            self._spells[spell.camera_id, since] = spell
        while len(self._spells) > MOST_WAITING:
            self._spells.pop(next(iter(self._spells)))
            self._given_up += 1

    def add_alarms(self, alarms: Sequence[PlatformAlarm]) -> None:
        """Alarms as they now are."""
        for alarm in alarms:
            self._alarms[alarm.platform, milliseconds(alarm.since)] = alarm
            self._hurry()

    async def write_if_due(self) -> None:
        """Store what waits; a database that is away is told by the lamp and tried again later.

        Raises:
            LeaseLost: somebody else may write now.
        """
        if self._clock.monotonic() < self._due_at:
            if not self._failing:
                await self._lamp.live()
            return
        try:
            await self._lease.renewing(asyncio.to_thread(self._write))
        except StoreError as error:
            self._failing = True
            self._due_at = self._clock.monotonic() + next(self._waits)
            await self._lamp.down(error)
            return
        self._stored()
        self._written_at = self._clock.monotonic()
        self._due_at = self._written_at + STRETCH_EVERY_SECONDS
        await self._lamp.live()

    async def close(self) -> None:
        """Store the last of it."""
        try:
            await asyncio.to_thread(self._write)
        except StoreError as error:
            log.warning("the last of cameras' history is lost", extra={"facts": {"error": type(error).__name__}})

    def _stored(self) -> None:
        if self._failing:
            log.info("cameras' history is kept again", extra={"facts": {"given_up": self._given_up}})
            self._waits = pauses(_STORE_PAUSES_SECONDS, jitter=0.2, rng=random.SystemRandom())
        self._failing, self._given_up = False, 0

    def _hurry(self) -> None:
        if not self._failing:
            self._due_at = min(self._due_at, self._written_at + GAP_SECONDS)

    def _write(self) -> None:
        spells, alarms = list(self._spells.values()), list(self._alarms.values())
        if spells or alarms:
            self._history.keep(spells, alarms)
        for spell in spells:
            key = (spell.camera_id, milliseconds(spell.since))
            if self._spells.get(key) is spell:
                del self._spells[key]
        for alarm in alarms:
            self._alarms.pop((alarm.platform, milliseconds(alarm.since)), None)
        self._prune_if_due()

    def _prune_if_due(self) -> None:
        if self._clock.monotonic() < self._prune_at:
            return
        self._prune_at = self._clock.monotonic() + PRUNE_EVERY_SECONDS
        gone = self._history.prune(self._clock.now())
        if gone:
            log.info("old camera history removed", extra={"facts": {"rows": gone}})


class _AlarmBoard:
    """Where every web process reads which platforms' alarms stand, and the lamp that says so on the wall."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._sources = Sources(redis, clock)
        self._clock = clock
        self._shown_at = float("-inf")

    async def show(self, alarms: Sequence[PlatformAlarm], *, changed: bool) -> None:
        """Say it anew, if something changed or the last time is some seconds ago.

        Raises:
            RedisError, OSError: it could not be said; readers find that nobody says anything.
        """
        if not changed and self._clock.monotonic() - self._shown_at < REPORT_EVERY_SECONDS:
            return
        wire = orjson.dumps([alarm_wire(alarm) for alarm in alarms])
        await self._redis.set(keys.PLATFORM_ALARMS, wire, ex=keys.PLATFORM_ALARMS_TTL_SECONDS)
        told = "，".join(f"{alarm.platform} {alarm.lost}/{alarm.total}" for alarm in alarms)
        await self._sources.report(PLATFORMS, SourceState.DOWN if alarms else SourceState.LIVE, told)
        self._shown_at = self._clock.monotonic()


def alarm_wire(alarm: PlatformAlarm) -> dict[str, object]:
    """Plain JSON of an alarm; times in epoch milliseconds."""
    return {
        "platform": alarm.platform,
        "since": milliseconds(alarm.since),
        "lost": alarm.lost,
        "total": alarm.total,
        "most_lost": alarm.most_lost,
        "cleared_at": milliseconds(alarm.cleared_at) if alarm.cleared_at else None,
    }
