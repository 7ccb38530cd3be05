"""The keeper of alarms: follows the board, judges once a second, writes the log, tells every web process what stands.

One works at a time, any number stand by; who takes over reads from the log what stood. What people do (acknowledge,
shelve) is written into the log by the web process that heard it; the keeper reads on there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from data_access import keys
from data_access.alarm_book import AlarmBook
from data_access.alarm_log import AlarmLog
from data_access.alarm_signs import HallSigns, Signs
from data_access.errors import StoreError
from data_access.keep_trying import keep_trying
from data_access.lease import Lease, LeaseLost
from data_access.live_board import LiveBoard
from data_access.redis_client import LINE_ERRORS
from data_access.sources import OwnLamp, Sources
from domain.alarm import AlarmKey, AlarmKind, Condition
from domain.alarm_board import AlarmBoard, board_to_wire
from domain.alarm_cases import CaseWatch
from domain.alarm_flood import WINDOW, FloodWatch
from domain.alarm_log import AlarmEntry, AlarmEvent, AlarmSet
from domain.alarm_watch import AlarmWatch
from domain.board import OpenRow
from domain.journal import milliseconds
from domain.snapshots import Snapshot
from domain.worktime import utc
from runtime.clock import Clock, SystemClock

SOURCE = "alarms"
JUDGE_EVERY_SECONDS = 1.0
CONFIRM_EVERY_SECONDS = 5.0
"""How often what stands is told anew while nothing changes: who hears nothing for long knows that nobody keeps it."""


class AlarmKeeper:
    """One keeper of possibly several. `devices` names the walls that are meant to call."""

    def __init__(
        self,
        redis: Redis,
        board: LiveBoard,
        alarm_log: AlarmLog,
        devices: Callable[[], Awaitable[frozenset[str]]],
        *,
        clock: Clock | None = None,
    ) -> None:
        self._redis = redis
        self._board = board
        self._log = alarm_log
        self._devices = devices
        self._clock = clock or SystemClock()
        self._lease = Lease(redis, keys.ALARM_LEASE, self._clock)
        self._lamp = OwnLamp(Sources(redis, self._clock), SOURCE, self._clock)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep alarms until told to stop; whatever breaks, begin anew after a pause."""
        expected = (*LINE_ERRORS, StoreError, LeaseLost)
        await keep_trying(self.run_once, stop, expected=expected, failed=self._lamp.down, clock=self._clock)

    async def run_once(self) -> None:
        """Wait for the lease, then judge until something breaks.

        Raises:
            RedisError, OSError: the line is lost. StoreError: what stands cannot be read. LeaseLost: ran out.
        """
        async with self._lease.held(), self._redis.pubsub(ignore_subscribe_messages=True) as news:
            await news.subscribe(keys.ALARM_NEWS)
            written = await self._lease.renewing(asyncio.to_thread(self._log.standing))
            book = AlarmBook(self._log, written, self._lease, self._lamp, self._clock)
            now = utc(self._clock.now())
            recent = await self._lease.renewing(asyncio.to_thread(self._log.between, now - WINDOW, now))
            try:
                await self._keep(book, Judge(book.standing, recent, now), news)
            finally:
                await book.close()

    async def _keep(self, book: AlarmBook, judge: Judge, news: PubSub) -> None:
        alarms = judge.standing.alarms
        missed = {alarm.key.subject: alarm.raised_at for alarm in alarms if alarm.key.kind is AlarmKind.WALL_SILENT}
        signs = HallSigns(self._redis, self._devices, self._clock, missed)
        crier = _Crier(self._redis, self._clock)
        called = True
        while True:
            await self._lease.renew()
            read = await book.sync(called=called)
            if self._board.current is not None:
                said = judge.look(self._board.current.cases, await signs.look(), utc(self._clock.now()))
                book.add(said)
                await crier.tell(judge, changed=read or bool(said))
            called = await _called(news, JUDGE_EVERY_SECONDS)


async def _called(news: PubSub, within: float) -> bool:
    """Whether somebody wrote into the log; waits as long for it."""
    return await news.get_message(timeout=within) is not None


class Judge:
    """Cases, signs and loads held against what stands; moves `standing` on by every line it gives out."""

    def __init__(self, standing: AlarmSet, recent: Sequence[AlarmEntry], now: datetime) -> None:
        self.now = now
        self.standing = standing
        self._first = [] if standing.watched_from else [AlarmEntry(at=now, event=AlarmEvent.WATCH_BEGAN)]
        self._watch = AlarmWatch(standing, standing.watched_from or now)
        self._cases = CaseWatch()
        self._loads = {scope: FloodWatch(since) for scope, since in standing.floods.items()}
        self._loads.setdefault("", FloodWatch())
        self._hear(recent)

    def look(self, rows: Snapshot[OpenRow], signs: Signs, now: datetime) -> list[AlarmEntry]:
        """The lines that are due at `now`; a clock that went back stands still instead."""
        self.now = max(self.now, now)
        conditions = {**self._cases.look(rows, self.now), **signs.found}
        said = self._watch.look(conditions | self._carried(conditions, signs), self.now)
        self._hear(said)
        first, self._first = self._first, []
        return [*first, *said, *self._turned()]

    def board(self, version: int) -> AlarmBoard:
        """What is to be told."""
        scopes = {"": None} | {district: district for district in self._watch.backlog_districts()}
        return AlarmBoard(
            version=version,
            as_of=self.now,
            alarms=tuple(self.standing.alarms),
            floods=dict(self.standing.floods),
            backlog={scope: self._backlog(district) for scope, district in scopes.items()},
        )

    def _backlog(self, district: str | None) -> Mapping[str, int]:
        return {kind.value: count for kind, count in self._watch.backlog(district).items()}

    def _carried(self, found: Mapping[AlarmKey, Condition], signs: Signs) -> dict[AlarmKey, Condition]:
        """What nobody can tell at the moment goes on standing."""
        return {
            alarm.key: Condition(key=alarm.key, level=alarm.level, since=None, about=alarm.about)
            for alarm in self.standing.alarms
            if alarm.key.kind in signs.unknown and alarm.key not in found
        }

    def _hear(self, entries: Iterable[AlarmEntry]) -> None:
        """The loads: of the whole city's officers (""), and of each district's."""
        for entry in entries:
            if entry.event is AlarmEvent.RAISED:
                for scope in {"", str(entry.about.get("district") or "")}:
                    self._loads.setdefault(scope, FloodWatch()).hear(entry.at)

    def _turned(self) -> list[AlarmEntry]:
        """Floods that begin or end now."""
        turned = [self._turn(scope, load) for scope, load in self._loads.items() if load.look(self.now)]
        for entry in turned:
            self.standing.take(entry)
        self._loads = {scope: load for scope, load in self._loads.items() if scope == "" or not load.idle}
        return turned

    def _turn(self, scope: str, load: FloodWatch) -> AlarmEntry:
        event = AlarmEvent.FLOOD_ENDED if load.since is None else AlarmEvent.FLOOD_BEGAN
        return AlarmEntry(at=self.now, event=event, subject=scope)


class _Crier:
    """Where every web process reads what stands, and the call that it is new."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._told_at = float("-inf")
        self._version = 0

    async def tell(self, judge: Judge, *, changed: bool) -> None:
        """Say it anew, if something changed or the last time is some seconds ago.

        Raises:
            RedisError, OSError: it could not be said.
        """
        if not changed and self._clock.monotonic() - self._told_at < CONFIRM_EVERY_SECONDS:
            return
        if changed or not self._version:
            self._version = max(milliseconds(judge.now), self._version + 1)
        wire: dict[str, Any] = board_to_wire(judge.board(self._version))
        async with self._redis.pipeline(transaction=True) as commands:
            commands.set(keys.ALARMS, orjson.dumps(wire), ex=keys.ALARMS_TTL_SECONDS)
            commands.publish(keys.ALARM_CHANGES, str(self._version))
            await commands.execute()
        self._told_at = self._clock.monotonic()
