from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest
from redis.asyncio import Redis

from data_access import keys
from data_access.change_feed import FIELD
from data_access.codec import decode_change
from data_access.relay import LOOK_EVERY_SECONDS, Relay, waker
from data_access.sources import Sources, SourceState
from domain.action import Action
from tests.data_access.live_parts import Office, running
from tests.waiting import eventually_async


@pytest.fixture
def office(sqlite_template: Path, tmp_path: Path, valkey_url: str) -> Iterator[Office]:
    copy(sqlite_template, tmp_path / "cases.db")
    office = Office(tmp_path / "cases.db", on_commit=waker(valkey_url))
    yield office
    office.engine.dispose()


async def stream(valkey: Redis) -> list[int]:
    """The entry numbers in the stream, in order."""
    found = [decode_change(fields[FIELD]) for _, fields in await valkey.xrange(keys.CHANGES_STREAM)]
    return [change.entry_id for change in found if change is not None]


async def stream_reaches(valkey: Redis, length: int, within: float = 5.0) -> list[int]:
    await eventually_async(lambda: _has_length(valkey, length), within=within)
    return await stream(valkey)


async def _has_length(valkey: Redis, length: int) -> bool:
    return await valkey.xlen(keys.CHANGES_STREAM) >= length


async def test_changes_go_to_the_stream_in_order_and_leave_the_outbox(valkey: Redis, office: Office) -> None:
    await office.report(5)
    async with running(Relay(valkey, office.store).run):
        await office.report(5)
        assert await stream_reaches(valkey, 10) == list(range(1, 11))
        await eventually_async(lambda: asyncio.to_thread(lambda: not office.store.outbox(1)))


async def test_a_commit_wakes_the_relay_before_its_own_look(valkey: Redis, office: Office) -> None:
    async with running(Relay(valkey, office.store).run):
        await office.report()
        await stream_reaches(valkey, 1)
        for length in range(2, 7):
            await office.report()
            await stream_reaches(valkey, length, within=0.5 * LOOK_EVERY_SECONDS)


async def test_a_lost_wake_call_costs_only_the_time_to_the_next_look(valkey: Redis, office: Office) -> None:
    deaf = Office(Path(office.engine.url.database or ""))
    async with running(Relay(valkey, office.store).run):
        await deaf.report(2)
        assert await stream_reaches(valkey, 2) == [1, 2]
    deaf.engine.dispose()


async def test_a_relay_that_died_between_stream_and_outbox_delivers_twice_but_never_loses(
    valkey: Redis, office: Office
) -> None:
    await office.report(3)
    waiting = office.store.outbox(10)
    await valkey.xadd(keys.CHANGES_STREAM, {FIELD: waiting[0][1]})
    await Relay(valkey, office.store).move()
    assert await stream(valkey) == [1, 1, 2, 3]


async def test_of_two_relays_one_works_and_the_other_takes_over(valkey: Redis, office: Office) -> None:
    first, second = Relay(valkey, office.store), Relay(valkey, office.store)
    async with running(second.run):
        async with running(first.run):
            await office.report(20)
            assert await stream_reaches(valkey, 20) == list(range(1, 21))
        await office.report(5)
        assert await stream_reaches(valkey, 25) == list(range(1, 26))


async def test_a_commit_succeeds_without_redis_and_within_a_moment(sqlite_template: Path, tmp_path: Path) -> None:
    copy(sqlite_template, tmp_path / "cases.db")
    office = Office(tmp_path / "cases.db", on_commit=waker(f"unix://{tmp_path}/nobody.sock"))
    assert office.act(Action.REPORT)
    assert len(office.store.outbox(10)) == 1
    office.engine.dispose()


async def test_a_working_relay_lights_its_lamp(valkey: Redis, office: Office) -> None:
    async with running(Relay(valkey, office.store).run):
        await eventually_async(lambda: Sources(valkey).all())
    lamp = (await Sources(valkey).all())[0]
    assert (lamp.name, lamp.state) == ("relay", SourceState.LIVE)
