"""The one writer of cameras' history, on a real Valkey and a real database, with outages of both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as LineLost

from data_access import camera_recorder, keys
from data_access.camera_history import CameraHistory
from data_access.camera_recorder import PLATFORMS, SOURCE, CameraRecorder
from data_access.engine import migrate, open_engine
from data_access.errors import StoreUnreachable
from data_access.sources import Sources, SourceState
from domain.camera import CameraState
from domain.camera_health import Spell, Word
from domain.platform_alarm import PlatformAlarm
from tests.data_access.live_parts import running
from tests.waiting import eventually_async

LIVE, OFFLINE = CameraState.LIVE, CameraState.OFFLINE
PLATFORM = {f"QD-{number:03d}": "交警" for number in range(1, 6)}


def now() -> datetime:
    at = datetime.now(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


class Said:
    """What is said of cameras: a test says it, whoever records hears it."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[list[Word] | None] = asyncio.Queue()
        self.listeners = 0

    def say(self, state: CameraState, *numbers: int, ago: float = 0.0) -> None:
        at = now() - timedelta(seconds=ago)
        names = [f"QD-{number:03d}" for number in numbers]
        self._waiting.put_nowait([_word(name, state, at) for name in names])

    def lose_line(self) -> None:
        self._waiting.put_nowait(None)

    async def words(self) -> AsyncGenerator[Sequence[Word], None]:
        self.listeners += 1
        while True:
            try:
                batch = await asyncio.wait_for(self._waiting.get(), 0.05)
            except TimeoutError:
                batch = []
            if batch is None:
                raise LineLost("gone")
            yield batch


def _word(name: str, state: CameraState, at: datetime) -> Word:
    return Word(camera_id=name, state=state, error=None, conditions=(), since=at, at=at)


class MovedHistory(CameraHistory):
    """A database that can be away."""

    away = False

    def keep(self, spells: Sequence[Spell], alarms: Sequence[PlatformAlarm] = ()) -> None:
        if self.away:
            raise StoreUnreachable("the database does not answer")
        super().keep(spells, alarms)

    def states(self) -> dict[str, list[CameraState]]:
        found = self.spells(now() - timedelta(days=1), now() + timedelta(days=1))
        return {camera: [spell.state for spell in spells] for camera, spells in found.items()}


@pytest.fixture
def history(tmp_path: Path) -> Iterator[MovedHistory]:
    engine = open_engine(f"sqlite:///{tmp_path / 'hall.db'}")
    migrate(engine)
    yield MovedHistory(engine)
    engine.dispose()


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outages of a test last milliseconds, and so do the pauses after them."""
    monkeypatch.setattr(camera_recorder, "GAP_SECONDS", 0.01)
    monkeypatch.setattr(camera_recorder, "_STORE_PAUSES_SECONDS", (0.05,))


def recorder(redis: Redis, history: CameraHistory, said: Said) -> CameraRecorder:
    return CameraRecorder(redis, history, said.words, platforms=PLATFORM)


async def kept(history: MovedHistory, wanted: dict[str, list[CameraState]]) -> None:
    async def as_wanted() -> bool:
        return await asyncio.to_thread(history.states) == wanted

    await eventually_async(as_wanted, within=15)


async def test_every_change_becomes_a_spell(valkey: Redis, history: MovedHistory) -> None:
    said = Said()
    async with running(recorder(valkey, history, said).run):
        said.say(LIVE, 1, 2)
        await kept(history, {"QD-001": [LIVE], "QD-002": [LIVE]})
        said.say(OFFLINE, 1)
        said.say(LIVE, 2)
        await kept(history, {"QD-001": [LIVE, OFFLINE], "QD-002": [LIVE]})


async def test_of_two_recorders_one_writes_and_the_other_takes_over(valkey: Redis, history: MovedHistory) -> None:
    said = Said()
    async with running(recorder(valkey, history, said).run):
        await eventually_async(lambda: _is(said.listeners == 1), within=15)
        async with running(recorder(valkey, history, said).run):
            said.say(LIVE, 1)
            await kept(history, {"QD-001": [LIVE]})
            assert said.listeners == 1
    async with running(recorder(valkey, history, said).run):
        said.say(OFFLINE, 1)
        await kept(history, {"QD-001": [LIVE, OFFLINE]})


async def test_what_is_heard_while_the_database_is_away_is_kept_later(valkey: Redis, history: MovedHistory) -> None:
    said = Said()
    async with running(recorder(valkey, history, said).run):
        said.say(LIVE, 1)
        await kept(history, {"QD-001": [LIVE]})
        history.away = True
        said.say(OFFLINE, 1)
        await eventually_async(lambda: _lamp_is(valkey, SOURCE, SourceState.DOWN), within=15)
        said.say(LIVE, 1)
        history.away = False
        await kept(history, {"QD-001": [LIVE, OFFLINE, LIVE]})
        await eventually_async(lambda: _lamp_is(valkey, SOURCE, SourceState.LIVE), within=15)


async def test_a_lost_line_costs_a_pause_and_nothing_that_was_heard(valkey: Redis, history: MovedHistory) -> None:
    said = Said()
    async with running(recorder(valkey, history, said).run):
        said.say(LIVE, 1, ago=1)
        said.lose_line()
        said.say(OFFLINE, 1)
        await kept(history, {"QD-001": [LIVE, OFFLINE]})
        assert said.listeners == 2


async def test_what_waits_for_the_database_is_bounded(
    valkey: Redis, history: MovedHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_recorder, "MOST_WAITING", 2)
    said = Said()
    history.away = True
    async with running(recorder(valkey, history, said).run):
        said.say(LIVE, 1, 2, 3, 4)
        await eventually_async(lambda: _lamp_is(valkey, SOURCE, SourceState.DOWN), within=15)
        history.away = False
        await kept(history, {"QD-003": [LIVE], "QD-004": [LIVE]})


async def test_a_platform_that_goes_is_one_lamp_one_alarm_and_its_end_is_known(
    valkey: Redis, history: MovedHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.platform_alarm.DELAY_ON", timedelta(0))
    monkeypatch.setattr("domain.platform_alarm.DELAY_OFF", timedelta(0))
    said = Said()
    async with running(recorder(valkey, history, said).run):
        said.say(LIVE, *range(1, 6))
        await eventually_async(lambda: _lamp_is(valkey, PLATFORMS, SourceState.LIVE), within=15)
        said.say(OFFLINE, 1, 2, 3, 4)
        await eventually_async(lambda: _lamp_is(valkey, PLATFORMS, SourceState.DOWN), within=15)
        (told,) = orjson.loads(await valkey.get(keys.PLATFORM_ALARMS))
        assert (told["platform"], told["lost"], told["total"]) == ("交警", 4, 5)
        assert await valkey.ttl(keys.PLATFORM_ALARMS) <= keys.PLATFORM_ALARMS_TTL_SECONDS
        said.say(LIVE, *range(1, 6))
        await eventually_async(lambda: _lamp_is(valkey, PLATFORMS, SourceState.LIVE), within=15)
        await eventually_async(lambda: _is(history.standing() == []), within=15)
    (ended,) = history.alarms(now() - timedelta(hours=1))
    assert ended.cleared_at is not None


async def test_old_words_of_a_dead_capture_process_raise_no_alarm(
    valkey: Redis, history: MovedHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.platform_alarm.DELAY_ON", timedelta(0))
    said = Said()
    async with running(recorder(valkey, history, said).run):
        said.say(OFFLINE, 1, 2, 3, 4, 5, ago=600)
        await kept(history, {name: [OFFLINE] for name in PLATFORM})
        await eventually_async(lambda: _lamp_is(valkey, PLATFORMS, SourceState.LIVE), within=15)
        assert orjson.loads(await valkey.get(keys.PLATFORM_ALARMS)) == []


async def _is(answer: bool) -> bool:
    return answer


async def _lamp_is(redis: Redis, name: str, state: SourceState) -> bool:
    return any(lamp.name == name and lamp.state is state for lamp in await Sources(redis).all())
