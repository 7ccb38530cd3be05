"""Several workers, one Valkey: who holds which camera when workers come, go, die or lose the line."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from tests.fakes.clock import ManualClock
from tests.waiting import eventually_async
from video import fleet, keys
from video.fleet import Worker
from video.lease_keeper import GATHER_SECONDS, HOLD_SECONDS, SETTLE_SECONDS, LeaseKeeper
from video.leases import LEASE_MS, LeaseBook, fair_share, share_out

CITY = range(1, 102)


@given(cameras=st.integers(0, 300), workers=st.integers(1, 20))
def test_fair_shares_cover_the_city_and_are_no_larger_than_they_must(cameras: int, workers: int) -> None:
    share = fair_share(cameras, workers)
    assert share * workers >= cameras
    assert share == 0 or (share - 1) * workers < cameras


def test_too_many_are_given_away_beginning_with_those_nobody_looks_at() -> None:
    share = share_out({1, 2, 3, 4}, {1, 2, 3, 4}, 2, wanted={4, 2})
    assert (share.room, share.surplus, share.gone) == (0, (3, 1), ())


def test_room_is_filled_from_the_others_and_a_camera_the_city_gave_up_is_let_go() -> None:
    share = share_out({1, 2, 3, 4}, {1, 9}, 2)
    assert (share.room, share.others, share.surplus, share.gone) == (1, (2, 3, 4), (), (9,))


@dataclass
class Team:
    """Remembers which cameras it was given."""

    city: Iterable[int] = CITY
    looked_at: set[int] = field(default_factory=set)
    mine: set[int] = field(default_factory=set)

    def numbers(self) -> Collection[int]:
        return set(self.city)

    def wanted(self) -> Collection[int]:
        return self.looked_at

    def begin(self, numbers: Collection[int]) -> None:
        self.mine |= set(numbers)

    async def end(self, numbers: Collection[int]) -> None:
        self.mine -= set(numbers)


@dataclass
class Hand:
    """One worker whose turns a test takes; its clock is moved by hand, the leases live by the server's."""

    keeper: LeaseKeeper
    team: Team
    clock: ManualClock

    async def turn(self) -> int:
        await self.keeper.turn()
        return len(self.team.mine)


def worker(redis: Redis, name: str, *, expected: int = 1, city: Iterable[int] = CITY) -> Hand:
    team, clock = Team(city), ManualClock()
    keeper = LeaseKeeper(redis, team, lambda: Worker(worker_id=name, host="h"), clock=clock, expected=expected)
    return Hand(keeper, team, clock)


async def forget_worker(valkey: Redis, hand: Hand, name: str) -> None:
    """What the server does some seconds after a worker was killed."""
    await fleet.leave(valkey, name)
    await valkey.delete(*[keys.lease(number) for number in hand.team.mine])


async def test_a_worker_alone_holds_the_whole_city(valkey: Redis) -> None:
    assert await worker(valkey, "a").turn() == 101
    assert 0 < await valkey.pttl(keys.lease(7)) <= LEASE_MS


async def test_two_that_start_together_share_at_once_and_never_overlap(valkey: Redis) -> None:
    one, other = worker(valkey, "a", expected=2), worker(valkey, "b", expected=2)
    assert (await one.turn(), await other.turn()) == (51, 50)
    assert one.team.mine | other.team.mine == set(CITY)
    assert not one.team.mine & other.team.mine


async def test_a_worker_that_counted_on_another_takes_the_rest_when_none_came(valkey: Redis) -> None:
    one = worker(valkey, "a", expected=2)
    assert await one.turn() == 51
    one.clock.forward(seconds=GATHER_SECONDS + 1)
    assert await one.turn() == 101


async def test_a_newcomer_gets_its_share_after_a_while_beginning_with_what_nobody_watches(valkey: Redis) -> None:
    one, other = worker(valkey, "a"), worker(valkey, "b")
    await one.turn()
    one.team.looked_at = set(range(60, 102))
    assert await other.turn() == 0
    assert await one.turn() == 101
    one.clock.forward(seconds=SETTLE_SECONDS + 1)
    assert await one.turn() == 51
    assert await other.turn() == 50
    assert set(range(60, 102)) <= one.team.mine


async def test_a_dead_workers_cameras_go_to_the_living(valkey: Redis) -> None:
    one, other = worker(valkey, "a", expected=2), worker(valkey, "b", expected=2)
    await one.turn()
    await other.turn()
    one.clock.forward(seconds=GATHER_SECONDS + 1)
    await forget_worker(valkey, other, "b")
    assert await one.turn() == 101


async def test_a_dead_worker_and_its_successor_do_not_shake_the_others(valkey: Redis) -> None:
    """Until the dead one is forgotten there seem to be three; nothing may be given away for that."""
    one, other = worker(valkey, "a", expected=2), worker(valkey, "b", expected=2)
    await one.turn()
    await other.turn()
    successor = worker(valkey, "c", expected=2)
    assert await successor.turn() == 0
    assert await one.turn() == 51
    await forget_worker(valkey, other, "b")
    assert (await successor.turn(), await one.turn()) == (50, 51)


async def test_a_worker_that_stops_leaves_its_cameras_at_once(valkey: Redis) -> None:
    one, other = worker(valkey, "a", expected=2), worker(valkey, "b", expected=2)
    await one.turn()
    await other.turn()
    await one.keeper.leave()
    other.clock.forward(seconds=GATHER_SECONDS + 1)
    assert await other.turn() == 101
    assert [known.worker_id for known in await fleet.alive(valkey)] == ["b"]


async def test_who_lost_its_lease_to_another_lets_the_camera_go(valkey: Redis) -> None:
    one = worker(valkey, "a", city=(1, 2))
    await one.turn()
    await valkey.set(keys.lease(2), "b 9999999999999")
    assert await one.turn() == 1
    assert one.team.mine == {1}
    assert await valkey.get(keys.lease(2)) == b"b 9999999999999"


async def test_a_server_that_forgot_everything_costs_no_picture(valkey: Redis) -> None:
    """Leases are taken again with higher numbers, cameras are never let go meanwhile."""
    one = worker(valkey, "a", city=(1, 2))
    await one.turn()
    before = dict(one.keeper.book.fences)
    await valkey.flushall()
    assert await one.turn() == 2
    assert all(one.keeper.book.fences[number] > before[number] for number in before)


async def test_cameras_are_pulled_on_for_a_while_without_redis_and_then_let_go(valkey: Redis) -> None:
    one = worker(valkey, "a", city=(1, 2))
    await one.turn()
    one.clock.forward(seconds=HOLD_SECONDS - 1)
    await one.keeper.end_if_alone()
    assert one.team.mine == {1, 2}
    one.clock.forward(seconds=2)
    await one.keeper.end_if_alone()
    assert one.team.mine == set()


async def test_fencing_numbers_only_grow(valkey: Redis) -> None:
    book = LeaseBook(valkey, "a")
    seen = []
    for _ in range(3):
        await book.acquire([1], at_most=1)
        seen.append(book.fences[1])
        await book.release([1])
    assert seen == sorted(set(seen))


async def test_a_worker_that_falls_silent_is_forgotten(valkey: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet, "SILENT_MS", 50)
    await fleet.beat(valkey, Worker(worker_id="a", host="h", cameras=3))

    async def forgotten() -> bool:
        return [known.worker_id for known in await fleet.beat(valkey, Worker(worker_id="b", host="h"))] == ["b"]

    await eventually_async(forgotten)


async def test_many_turns_side_by_side_never_give_one_camera_to_two(valkey: Redis) -> None:
    hands = [worker(valkey, name, expected=4) for name in "abcd"]
    for _ in range(3):
        await asyncio.gather(*(hand.turn() for hand in hands))
    held = sorted(number for hand in hands for number in hand.team.mine)
    assert held == list(CITY)
