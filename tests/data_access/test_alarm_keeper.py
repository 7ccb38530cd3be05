"""The keeper of alarms on a real Valkey and a real database, and the web process that hears it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from redis.asyncio import Redis

from data_access import alarm_book, alarm_keeper, alarm_signs, keys
from data_access.alarm_keeper import SOURCE, AlarmKeeper
from data_access.alarm_log import AlarmLog
from data_access.engine import migrate, open_engine
from data_access.errors import StoreUnreachable
from data_access.live_alarms import LiveAlarms
from data_access.sources import Sources, SourceState
from domain.alarm import Alarm, AlarmKind
from domain.alarm_board import Called
from domain.alarm_log import AlarmEntry, AlarmEvent, of_alarm
from domain.board import Board, row_of
from domain.case import CaseState, Severity
from domain.journal import milliseconds
from domain.snapshots import Snapshot
from runtime.clock import SystemClock
from tests.data_access.live_parts import now, running
from tests.domain.facts_made import make_facts
from tests.domain.tallies import empty_tally
from tests.waiting import eventually_async


class Shown:
    """A board that a test changes as cases would."""

    def __init__(self) -> None:
        self.current: Board | None = empty_tally(now()).board(now())

    def severe(self, *numbers: int, **more: Any) -> None:
        """Exactly these cases are open: of severity 一级, and no department has received them."""
        given = {"state": CaseState.PENDING_DISPATCH, "severity": Severity.L1, "reported_at": now()} | more
        rows = {f"QD{n}": row_of(make_facts(f"QD{n}", **given), now()) for n in numbers}
        assert self.current is not None
        self.current = replace(self.current, cases=Snapshot.of(rows))


class MovedLog(AlarmLog):
    """A database that can be away."""

    away = False

    def append(self, entries: Sequence[AlarmEntry]) -> None:
        if self.away:
            raise StoreUnreachable("the database does not answer")
        super().append(entries)

    def events(self) -> list[AlarmEvent]:
        return [entry.event for entry in self.since(0).entries]


class Parts:
    """A keeper, a web process that listens, and what a test moves."""

    def __init__(self, valkey: Redis, log: MovedLog) -> None:
        self.valkey, self.log, self.shown = valkey, log, Shown()
        self.live = LiveAlarms(valkey, Called({}, {}, {}), SystemClock())
        self.walls = frozenset({"lobby"})

    def keeper(self) -> AlarmKeeper:
        async def devices() -> frozenset[str]:
            return self.walls

        return AlarmKeeper(self.valkey, self.shown, self.log, devices)  # type: ignore[arg-type]

    async def stands(self, *kinds: AlarmKind) -> list[Alarm]:
        """Until exactly these stand in the web process."""

        async def as_wanted() -> list[Alarm] | bool:
            board = self.live.current
            alarms = [] if board is None else list(board.alarms)
            found = sorted(alarm.key.kind for alarm in alarms) == sorted(kinds)
            return (alarms or True) if board is not None and found else False

        found = await eventually_async(as_wanted, within=20)
        return found if isinstance(found, list) else []


@pytest.fixture
def log(sqlite_template: Path, tmp_path: Path) -> Iterator[MovedLog]:
    engine = open_engine(f"sqlite:///{tmp_path / 'hall.db'}")
    migrate(engine)
    yield MovedLog(engine)
    engine.dispose()


@pytest.fixture
def parts(valkey: Redis, log: MovedLog) -> Parts:
    return Parts(valkey, log)


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second of a test lasts milliseconds."""
    monkeypatch.setattr(alarm_keeper, "JUDGE_EVERY_SECONDS", 0.03)
    monkeypatch.setattr(alarm_signs, "LOOK_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(alarm_book, "_STORE_PAUSES_SECONDS", (0.05,))
    monkeypatch.setattr("domain.alarm_watch.DELAY_ON", timedelta(0))
    monkeypatch.setattr("domain.alarm_watch.DELAY_OFF", timedelta(0))


async def test_a_severe_case_is_raised_logged_and_ended(parts: Parts) -> None:
    async with running(parts.keeper().run, parts.live.run):
        parts.shown.severe(1)
        (alarm,) = await parts.stands(AlarmKind.SEVERE)
        assert alarm.about["case_no"] == "QD1"
        parts.shown.severe()
        await parts.stands()
    assert parts.log.events() == [AlarmEvent.WATCH_BEGAN, AlarmEvent.RAISED, AlarmEvent.CLEARED]


async def test_an_acknowledgement_written_by_a_web_process_reaches_every_other(parts: Parts) -> None:
    other = LiveAlarms(parts.valkey, Called({}, {}, {}), SystemClock())
    async with running(parts.keeper().run, parts.live.run, other.run):
        parts.shown.severe(1)
        (alarm,) = await parts.stands(AlarmKind.SEVERE)
        seen = of_alarm(alarm, AlarmEvent.ACKED, now(), who="wang.lei", who_name="王磊")
        await asyncio.to_thread(parts.log.append, [seen])
        await parts.live.call()

        async def told() -> bool:
            found = other.standing(alarm.alarm_id)
            return found is not None and found.acked_name == "王磊"

        await eventually_async(told, within=20)
        assert not other.view(None)["alarms"][0]["sounds"]


async def test_who_takes_over_stands_where_the_last_one_stood(parts: Parts) -> None:
    async with running(parts.live.run):
        async with running(parts.keeper().run):
            parts.shown.severe(1, 2)
            first = await parts.stands(AlarmKind.SEVERE, AlarmKind.SEVERE)
        await parts.valkey.delete(keys.ALARMS)
        parts.shown.severe(2)
        async with running(parts.keeper().run):
            (left,) = await parts.stands(AlarmKind.SEVERE)
    assert left.alarm_id in {alarm.alarm_id for alarm in first}
    assert parts.log.events().count(AlarmEvent.RAISED) == 2


async def test_of_two_keepers_one_judges(parts: Parts) -> None:
    async with running(parts.keeper().run, parts.keeper().run, parts.live.run):
        parts.shown.severe(1, 2, 3)
        await parts.stands(*[AlarmKind.SEVERE] * 3)
    assert parts.log.events().count(AlarmEvent.RAISED) == 3


async def test_alarms_are_shown_while_the_database_is_away_and_written_later(parts: Parts) -> None:
    async with running(parts.keeper().run, parts.live.run):
        await parts.stands()
        parts.log.away = True
        parts.shown.severe(1)
        await parts.stands(AlarmKind.SEVERE)
        await eventually_async(lambda: _lamp_is(parts.valkey, SourceState.DOWN), within=20)
        parts.log.away = False

        async def written() -> bool:
            return AlarmEvent.RAISED in await asyncio.to_thread(parts.log.events)

        await eventually_async(written, within=20)
        await eventually_async(lambda: _lamp_is(parts.valkey, SourceState.LIVE), within=20)


async def _lamp_is(valkey: Redis, state: SourceState) -> bool:
    return any(lamp.name == SOURCE and lamp.state is state for lamp in await Sources(valkey).all())


async def test_without_a_board_nothing_is_judged_and_nothing_ends(parts: Parts) -> None:
    async with running(parts.live.run):
        async with running(parts.keeper().run):
            parts.shown.severe(1)
            await parts.stands(AlarmKind.SEVERE)
        parts.shown.current = None
        async with running(parts.keeper().run):
            await eventually_async(lambda: _lamp_is(parts.valkey, SourceState.LIVE), within=20)
    assert AlarmEvent.CLEARED not in parts.log.events()


async def test_a_wall_that_called_once_and_falls_silent_is_an_alarm_until_it_is_withdrawn(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarm_signs, "DEVICES_EVERY_SECONDS", 0.0)
    await parts.valkey.hset(keys.wall_heartbeat("lobby"), "at", milliseconds(now() - timedelta(seconds=31)))
    await parts.valkey.hset(keys.wall_heartbeat("officer"), "at", milliseconds(now() - timedelta(seconds=31)))
    async with running(parts.keeper().run, parts.live.run):
        (alarm,) = await parts.stands(AlarmKind.WALL_SILENT)
        assert alarm.key.subject == "lobby"
        parts.walls = frozenset()
        await parts.stands()


async def test_a_wall_that_an_earlier_keeper_missed_is_still_missed(parts: Parts) -> None:
    await parts.valkey.hset(keys.wall_heartbeat("lobby"), "at", milliseconds(now() - timedelta(seconds=31)))
    async with running(parts.live.run):
        async with running(parts.keeper().run):
            await parts.stands(AlarmKind.WALL_SILENT)
        await parts.valkey.delete(keys.wall_heartbeat("lobby"))
        async with running(parts.keeper().run):
            parts.shown.severe(1)
            await parts.stands(AlarmKind.SEVERE, AlarmKind.WALL_SILENT)
            await parts.valkey.hset(keys.wall_heartbeat("lobby"), "at", milliseconds(now()))
            await parts.stands(AlarmKind.SEVERE)


async def test_a_seat_that_hears_nothing_is_an_alarm_until_it_hears_or_closes(parts: Parts) -> None:
    async def say(seat: str, state: str, ago: float = 0) -> None:
        told = {"state": state, "at": milliseconds(now() - timedelta(seconds=ago)), "who": "王磊"}
        await parts.valkey.hset(keys.ALARM_SOUND, seat, orjson.dumps(told).decode())

    async with running(parts.keeper().run, parts.live.run):
        await say("wang|a1", "lost")
        await say("wang|b2", "ok")
        (alarm,) = await parts.stands(AlarmKind.SOUND_LOST)
        assert alarm.about["who"] == "王磊"
        await say("wang|a1", "ok")
        await parts.stands()
        await say("wang|a1", "lost")
        await parts.stands(AlarmKind.SOUND_LOST)
        await say("wang|a1", "lost", ago=100)
        await parts.stands()


async def test_all_cameras_lost_is_one_alarm_of_the_first_level(parts: Parts) -> None:
    sources = Sources(parts.valkey)
    await sources.report("cameras", SourceState.DOWN, "0/101")
    async with running(parts.keeper().run, parts.live.run):
        (alarm,) = await parts.stands(AlarmKind.CAMERAS_LOST)
        assert alarm.level is Severity.L1
        await sources.report("cameras", SourceState.LIVE, "3/101")
        await parts.stands()


async def test_a_platforms_alarm_stands_while_nobody_watches_over_platforms(parts: Parts) -> None:
    wire = [{"platform": "公交", "since": milliseconds(now()), "lost": 8, "total": 9}]
    await parts.valkey.set(keys.PLATFORM_ALARMS, orjson.dumps(wire))
    async with running(parts.keeper().run, parts.live.run):
        await parts.stands(AlarmKind.PLATFORM_LOST)
        await parts.valkey.delete(keys.PLATFORM_ALARMS)
        parts.shown.severe(1)
        await parts.stands(AlarmKind.PLATFORM_LOST, AlarmKind.SEVERE)
        await parts.valkey.set(keys.PLATFORM_ALARMS, b"[]")
        await parts.stands(AlarmKind.SEVERE)


async def test_ten_alarms_begin_a_flood_that_outlives_its_keeper(parts: Parts) -> None:
    async def flooded() -> bool:
        return parts.live.current is not None and set(parts.live.current.floods) == {"", "370202"}

    async with running(parts.live.run):
        async with running(parts.keeper().run):
            parts.shown.severe(*range(10))
            await eventually_async(flooded, within=20)
        began = parts.live.current.floods if parts.live.current else {}
        async with running(parts.keeper().run):
            parts.shown.severe(*range(11))
            await parts.stands(*[AlarmKind.SEVERE] * 11)
            assert parts.live.current is not None
            assert parts.live.current.floods == began
    assert parts.log.events().count(AlarmEvent.FLOOD_BEGAN) == 2


async def test_a_keeper_that_falls_silent_is_told_as_old(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data_access.live_alarms.OLD_AFTER", timedelta(seconds=1))
    monkeypatch.setattr("data_access.live_alarms.ASK_EVERY_SECONDS", 0.05)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running(parts.live.run))
        async with running(parts.keeper().run):
            await parts.stands()
            version = parts.live.version
            assert parts.live.view(None)["kept"]
        await eventually_async(lambda: _is_old(parts.live), within=20)
        assert not parts.live.view(None)["kept"]
        assert parts.live.version != version


async def _is_old(live: LiveAlarms) -> bool:
    return live.old
