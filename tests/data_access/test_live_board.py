"""The web process's board: told by messages, fetched after gaps, surviving the death of Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shutil import copy

import orjson
import pytest
from redis.asyncio import Redis

from data_access import keys
from data_access.board_publisher import BoardPublisher
from data_access.lease import Lease
from data_access.live_board import LiveBoard
from data_access.live_worker import LiveWorker
from data_access.redis_client import open_redis
from data_access.relay import Relay
from domain.board import Board, message
from domain.tally import Tally
from runtime.clock import SystemClock
from tests.data_access.live_parts import MortalValkey, Office, board_where, running
from tests.domain.facts_made import NOW, make_facts
from tests.domain.loop import ZONE
from tests.domain.tallies import change_to, empty_tally
from tests.waiting import eventually, eventually_async


class Writer:
    """Publishes boards step by step, as a live worker would."""

    def __init__(self, valkey: Redis, tally: Tally | None = None) -> None:
        self.lease = Lease(valkey, keys.LIVE_LEASE, SystemClock())
        self._publisher = BoardPublisher(valkey, self.lease)
        self._tally = tally or empty_tally(NOW)
        self._count = 0

    def happen(self) -> Board:
        self._count += 1
        self._tally.apply(change_to(make_facts(f"case-{self._count}"), entry_id=self._count))
        return self._tally.board(NOW)

    async def publish(self, board: Board) -> Board:
        await self._publisher.publish(board)
        return board


async def following(board: LiveBoard) -> None:
    """Until the subscription stands."""
    await eventually_async(lambda: _is_connected(board))


async def _is_connected(board: LiveBoard) -> bool:
    return board.connected


async def current_is(live: LiveBoard, board: Board) -> None:
    await board_where(lambda: live.current, lambda current: current == board)


async def test_it_fetches_what_is_there_and_applies_what_comes(valkey: Redis) -> None:
    writer, live = Writer(valkey), LiveBoard(valkey)
    async with writer.lease.held():
        first = await writer.publish(writer.happen())
        async with running(live.run):
            await current_is(live, first)
            for _ in range(5):
                await current_is(live, await writer.publish(writer.happen()))


async def test_before_any_board_there_is_none_and_the_first_one_arrives(valkey: Redis) -> None:
    writer, live = Writer(valkey), LiveBoard(valkey)
    async with writer.lease.held(), running(live.run):
        await following(live)
        assert live.current is None
        await current_is(live, await writer.publish(writer.happen()))


async def test_after_a_lost_message_the_whole_board_is_fetched(valkey: Redis) -> None:
    writer, live = Writer(valkey), LiveBoard(valkey)
    async with writer.lease.held():
        first = await writer.publish(writer.happen())
        lost, third = writer.happen(), writer.happen()
        async with running(live.run):
            await current_is(live, first)
            await writer.publish(lost)
            await writer.publish(third)
            await current_is(live, third)
            step = orjson.dumps(message(third, writer.happen()) | {"from": third.version + 7})
            await valkey.publish(keys.BOARD_CHANGES, step)
            await current_is(live, third)
            await current_is(live, await writer.publish(writer.happen()))


async def test_messages_delivered_twice_change_nothing(valkey: Redis) -> None:
    writer, live = Writer(valkey), LiveBoard(valkey)
    async with writer.lease.held(), running(live.run):
        first = await writer.publish(writer.happen())
        second = await writer.publish(writer.happen())
        for _ in range(3):
            await valkey.publish(keys.BOARD_CHANGES, orjson.dumps(message(first, second)))
        await current_is(live, await writer.publish(writer.happen()))


async def test_everybody_who_waits_is_woken_by_one_board(valkey: Redis) -> None:
    writer, live = Writer(valkey), LiveBoard(valkey)
    async with writer.lease.held(), running(live.run):
        await following(live)
        waiting = [asyncio.ensure_future(live.newer(-1, timeout=5)) for _ in range(50)]
        board = await writer.publish(writer.happen())
        assert await asyncio.gather(*waiting) == [board] * 50


async def test_who_has_the_newest_version_waits_in_vain_even_if_it_is_confirmed(valkey: Redis) -> None:
    writer, live = Writer(valkey), LiveBoard(valkey)
    async with writer.lease.held(), running(live.run):
        board = await writer.publish(writer.happen())
        await current_is(live, board)
        waiting = asyncio.ensure_future(live.newer(board.version, timeout=0.3))
        confirmed = writer._tally.board(NOW + timedelta(seconds=30))
        await current_is(live, await writer.publish(confirmed))
        assert await waiting is None
        assert live.current is not None
        assert live.current.as_of == NOW + timedelta(seconds=30)


async def test_a_message_of_another_program_version_is_not_guessed_at(valkey: Redis) -> None:
    writer, live = Writer(valkey), LiveBoard(valkey)
    async with writer.lease.held(), running(live.run):
        first = await writer.publish(writer.happen())
        await current_is(live, first)
        await valkey.publish(keys.BOARD_CHANGES, b'{"schema":99}')
        await eventually_async(lambda: _is_lost(live))
        await eventually_async(lambda: _is_connected(live))
        await current_is(live, first)


async def _is_lost(live: LiveBoard) -> bool:
    return not live.connected


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[MortalValkey]:
    server = MortalValkey(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def office(sqlite_template: Path, tmp_path: Path) -> Iterator[Office]:
    copy(sqlite_template, tmp_path / "cases.db")
    office = Office(tmp_path / "cases.db")
    yield office
    office.engine.dispose()


async def test_the_whole_chain_survives_the_death_of_redis_and_loses_nothing(
    mortal: MortalValkey, office: Office
) -> None:
    """Reports before, during and after: the board shows every one, and says meanwhile that the line is lost."""
    clients = [open_redis(mortal.url) for _ in range(3)]
    live = LiveBoard(clients[0])
    parts = LiveWorker(clients[1], office.store.tally_seed, zone=ZONE), Relay(clients[2], office.store)
    async with running(live.run, *(part.run for part in parts)):
        await office.report(2)
        seen = await board_where(lambda: live.current, lambda board: board.open_total == 2)
        await asyncio.to_thread(mortal.stop)
        await eventually_async(lambda: _is_lost(live))
        assert live.current is not None
        assert live.current.open_total == 2
        await office.report(3)
        await asyncio.to_thread(mortal.start)
        back = await board_where(lambda: live.current, lambda board: board.open_total == 5, within=20)
        assert back.version > seen.version
        await office.report()
        await board_where(lambda: live.current, lambda board: board.open_total == 6)
        assert live.connected
    for client in clients:
        await client.aclose()


async def test_the_hall_may_start_before_redis(mortal: MortalValkey, office: Office) -> None:
    mortal.stop()
    clients = [open_redis(mortal.url) for _ in range(3)]
    live = LiveBoard(clients[0])
    parts = LiveWorker(clients[1], office.store.tally_seed, zone=ZONE), Relay(clients[2], office.store)
    async with running(live.run, *(part.run for part in parts)):
        await office.report()
        assert await live.newer(-1, timeout=0.3) is None
        assert not live.connected
        await asyncio.to_thread(mortal.start)
        await board_where(lambda: live.current, lambda board: board.open_total == 1, within=20)
    for client in clients:
        await client.aclose()


async def test_the_last_message_s_time_is_known(valkey: Redis) -> None:
    writer, live = Writer(valkey), LiveBoard(valkey)
    async with writer.lease.held(), running(live.run):
        await following(live)
        assert live.last_message_at is None
        await current_is(live, await writer.publish(writer.happen()))
        eventually(lambda: live.last_message_at)


async def test_a_line_that_hangs_is_noticed_and_followed_again_when_it_answers(mortal: MortalValkey) -> None:
    client, writers_client = open_redis(mortal.url), open_redis(mortal.url)
    live, writer = LiveBoard(client, silence_seconds=0.3), Writer(writers_client)
    async with writer.lease.held(), running(live.run):
        first = await writer.publish(writer.happen())
        await current_is(live, first)
        with mortal.frozen():
            await eventually_async(lambda: _is_lost(live))
            assert live.current == first
        await eventually_async(lambda: _is_connected(live), within=15)
        await current_is(live, await writer.publish(writer.happen()))
    await client.aclose()
    await writers_client.aclose()


async def test_a_silent_worker_does_not_make_the_line_look_lost(valkey: Redis) -> None:
    writer, live = Writer(valkey), LiveBoard(valkey, silence_seconds=0.05)
    async with writer.lease.held(), running(live.run):
        first = await writer.publish(writer.happen())
        await current_is(live, first)
        assert await live.newer(first.version, timeout=0.5) is None
        assert live.connected
