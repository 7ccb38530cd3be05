"""The live worker on a real Valkey and a real store: it begins, follows, confirms, hands over, begins anew."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copy

import orjson
import pytest
from redis.asyncio import Redis

from data_access import keys
from data_access.change_feed import FIELD
from data_access.codec import REBUILD, encode_change
from data_access.live_worker import CONFIRM_SECONDS, GAP_SECONDS, LiveWorker
from data_access.relay import Relay, waker
from data_access.sources import Sources, SourceState
from domain.action import Action
from domain.board import Board, from_wire, row_from_wire
from domain.case import Severity
from domain.period import Period
from domain.tally import TallySeed
from tests.data_access.live_parts import Office, running
from tests.domain.facts_made import make_facts
from tests.domain.loop import ZONE
from tests.domain.tallies import change_to, working
from tests.waiting import eventually_async


@pytest.fixture
def office(sqlite_template: Path, tmp_path: Path, valkey_url: str) -> Iterator[Office]:
    copy(sqlite_template, tmp_path / "cases.db")
    office = Office(tmp_path / "cases.db", on_commit=waker(valkey_url))
    yield office
    office.engine.dispose()


class Published:
    """Reads the board as a web process finds it."""

    def __init__(self, valkey: Redis) -> None:
        self._valkey = valkey

    async def board(self) -> Board | None:
        async with self._valkey.pipeline(transaction=True) as pipe:
            pipe.get(keys.BOARD)
            pipe.hgetall(keys.BOARD_CASES)
            board, rows = await pipe.execute()
        cases = {case_no.decode(): row_from_wire(orjson.loads(row)) for case_no, row in rows.items()}
        return from_wire(orjson.loads(board), cases) if board else None

    async def where(self, holds, within: float = 5.0) -> Board:  # type: ignore[no-untyped-def]
        async def found() -> Board | None:
            board = await self.board()
            return board if board is not None and holds(board) else None

        board = await eventually_async(found, within=within)
        assert board is not None
        return board


@pytest.fixture
def published(valkey: Redis) -> Published:
    return Published(valkey)


def worker(valkey: Redis, office: Office) -> LiveWorker:
    return LiveWorker(valkey, office.store.tally_seed, zone=ZONE)


async def test_it_begins_from_the_store_and_follows_what_happens(
    valkey: Redis, office: Office, published: Published
) -> None:
    (first,) = await office.report()
    async with running(worker(valkey, office).run, Relay(valkey, office.store).run):
        board = await published.where(lambda board: board.open_total == 1)
        assert set(board.cases) == {first}
        await office.report(2)
        board = await published.where(lambda board: board.open_total == 3)
        await asyncio.to_thread(office.act, Action.TRANSFER, first)
        board = await published.where(lambda board: board.open_total == 2)
        assert first not in board.cases
        assert board.counts(Period.TODAY).reported == 3


async def test_changes_the_seed_already_holds_are_not_counted_twice(
    valkey: Redis, office: Office, published: Published
) -> None:
    """The reports lie in the outbox and in the store: the seed has them, then the stream brings them again, twice."""
    await office.report(3)
    payloads = [payload for _, payload in office.store.outbox(10)]
    async with running(worker(valkey, office).run):
        await published.where(lambda board: board.open_total == 3)
        async with running(Relay(valkey, office.store).run):
            for payload in payloads:
                await valkey.xadd(keys.CHANGES_STREAM, {FIELD: payload})
            await office.report()
            board = await published.where(lambda board: board.open_total != 3)
    assert board.open_total == board.counts(Period.TODAY).reported == 4


async def test_a_change_after_quiet_is_published_at_once_and_a_flood_four_times_a_second(
    valkey: Redis, office: Office, published: Published
) -> None:
    loop, frames = asyncio.get_running_loop(), []
    async with running(worker(valkey, office).run), valkey.pubsub(ignore_subscribe_messages=True) as channel:
        first = await published.where(lambda board: True)
        await published.where(lambda board: board.as_of > first.as_of + timedelta(seconds=GAP_SECONDS))
        await channel.subscribe(keys.BOARD_CHANGES)
        began = loop.time()
        for number in range(1, 61):
            change = change_to(make_facts(f"flood-{number}"), entry_id=number)
            await valkey.xadd(keys.CHANGES_STREAM, {FIELD: encode_change(change)})
            message = await channel.get_message(timeout=0.02)
            frames += [orjson.loads(message["data"])["put"]] if message is not None else []
        lasted = loop.time() - began
    frames = [put for put in frames if put]
    assert len(frames[0]) < 6
    assert 2 <= len(frames) <= lasted / GAP_SECONDS + 2


async def test_a_first_severity_case_does_not_wait_for_the_next_frame(
    valkey: Redis, office: Office, published: Published
) -> None:
    async with running(worker(valkey, office).run):
        await published.where(lambda board: True)
        loop, lags = asyncio.get_running_loop(), []
        for number in range(1, 7):
            calm, urgent = make_facts(f"calm-{number}"), make_facts(f"urgent-{number}", severity=Severity.L1)
            for entry_id, facts in ((2 * number, calm), (2 * number + 1, urgent)):
                await valkey.xadd(keys.CHANGES_STREAM, {FIELD: encode_change(change_to(facts, entry_id=entry_id))})
            began = loop.time()
            await published.where(lambda board, case_no=urgent.case_no: case_no in board.cases)
            lags.append(loop.time() - began)
    assert sorted(lags)[3] < GAP_SECONDS


async def test_a_quiet_night_is_confirmed_every_second_under_the_same_version(
    valkey: Redis, office: Office, published: Published
) -> None:
    async with running(worker(valkey, office).run):
        first = await published.where(lambda board: True)
        later = await published.where(lambda board: board.as_of >= first.as_of + timedelta(seconds=1))
    assert later.version == first.version
    assert later.as_of - first.as_of < timedelta(seconds=3 * CONFIRM_SECONDS)


async def test_a_deadline_that_passes_shows_by_itself(valkey: Redis, office: Office, published: Published) -> None:
    async with running(worker(valkey, office).run):
        calm = await published.where(lambda board: True)
        facts = working(
            reported_at=calm.as_of - timedelta(minutes=2),
            dispatched_at=calm.as_of - timedelta(minutes=1),
            deadline=calm.as_of + timedelta(seconds=1.5),
        )
        await valkey.xadd(keys.CHANGES_STREAM, {FIELD: encode_change(change_to(facts))})
        before = await published.where(lambda board: board.open_total == 1)
        after = await published.where(lambda board: board.overdue == 1)
    assert before.overdue == 0
    assert after.as_of > facts.deadline > before.as_of  # type: ignore[operator]


async def test_an_import_past_the_outbox_makes_it_begin_anew(
    valkey: Redis, office: Office, published: Published
) -> None:
    async with running(worker(valkey, office).run):
        first = await published.where(lambda board: board.open_total == 0)
        await office.report(3)
        await valkey.xadd(keys.CHANGES_STREAM, {FIELD: REBUILD})
        rebuilt = await published.where(lambda board: board.open_total == 3)
    assert rebuilt.version > first.version


async def test_a_change_that_does_not_follow_makes_it_begin_anew(
    valkey: Redis, office: Office, published: Published
) -> None:
    async with running(worker(valkey, office).run):
        await published.where(lambda board: True)
        await office.report()
        gap = change_to(make_facts("lost", version=3), before=make_facts("lost", version=2))
        await valkey.xadd(keys.CHANGES_STREAM, {FIELD: encode_change(gap)})
        await published.where(lambda board: board.open_total == 1)
        await eventually_async(lambda: _lamp_is(valkey, SourceState.LIVE), within=10)


async def _lamp_is(valkey: Redis, state: SourceState) -> bool:
    return any(lamp.name == "live" and lamp.state is state for lamp in await Sources(valkey).all())


async def test_an_unreadable_change_puts_the_lamp_out_and_the_store_is_read_again(
    valkey: Redis, office: Office, published: Published
) -> None:
    stop_seeds = asyncio.Event()

    def seed(at: datetime) -> TallySeed:
        if stop_seeds.is_set():
            raise OSError("the store is away")
        return office.store.tally_seed(at)

    async with running(LiveWorker(valkey, seed, zone=ZONE).run):
        await published.where(lambda board: True)
        stop_seeds.set()
        await valkey.xadd(keys.CHANGES_STREAM, {FIELD: b"\xff"})
        await eventually_async(lambda: _lamp_is(valkey, SourceState.DOWN))
        stop_seeds.clear()
        await eventually_async(lambda: _lamp_is(valkey, SourceState.LIVE), within=10)


async def test_of_two_workers_one_publishes_and_the_other_takes_over_with_higher_versions(
    valkey: Redis, office: Office, published: Published
) -> None:
    first, second = worker(valkey, office), worker(valkey, office)
    async with running(Relay(valkey, office.store).run):
        async with running(first.run):
            before = await published.where(lambda board: True)
            holder = await valkey.get(keys.LIVE_LEASE)
            async with running(second.run):
                await office.report()
                await published.where(lambda board: board.open_total == 1)
                assert await valkey.get(keys.LIVE_LEASE) == holder
        async with running(second.run):
            await office.report()
            after = await published.where(lambda board: board.open_total == 2)
    assert after.version > before.version


async def test_a_worker_that_lost_its_lease_publishes_nothing_more_until_it_is_free(
    valkey: Redis, office: Office, published: Published
) -> None:
    async with running(worker(valkey, office).run):
        await published.where(lambda board: True)
        await valkey.set(keys.LIVE_LEASE, b"another", px=1500)
        taken = await published.board()
        await eventually_async(lambda: _is_free_or_other(valkey, b"another"), within=5)
        still = await published.board()
        later = await published.where(lambda board: board.as_of > still.as_of, within=10)  # type: ignore[union-attr]
    assert taken is not None
    assert still is not None
    assert still.as_of - taken.as_of < timedelta(seconds=CONFIRM_SECONDS)
    assert later.version > still.version


async def _is_free_or_other(valkey: Redis, other: bytes) -> bool:
    return await valkey.get(keys.LIVE_LEASE) != other
