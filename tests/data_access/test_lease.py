from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from data_access.lease import RENEW_EVERY_SECONDS, Lease, LeaseLost
from runtime.clock import SystemClock
from tests.fakes.clock import ManualClock
from tests.waiting import eventually_async

KEY = "test:lease"


async def test_one_of_two_holds_the_lease_and_the_other_follows_when_it_is_given_back(valkey: Redis) -> None:
    held: list[str] = []
    done = asyncio.Event()

    async def contend(name: str) -> None:
        async with Lease(valkey, KEY, SystemClock()).held():
            held.append(name)
            await done.wait()

    first = asyncio.ensure_future(contend("first"))
    await eventually_async(lambda: valkey.exists(KEY))
    second = asyncio.ensure_future(contend("second"))
    assert held == ["first"]
    done.set()
    await asyncio.gather(first, second)
    assert held == ["first", "second"]
    assert not await valkey.exists(KEY)


async def test_renewing_sets_the_time_to_live_anew_but_not_at_every_call(valkey: Redis) -> None:
    clock = ManualClock()
    lease = Lease(valkey, KEY, clock)
    async with lease.held():
        await valkey.pexpire(KEY, 1000)
        await lease.renew()
        assert await valkey.pttl(KEY) <= 1000
        clock.forward(seconds=RENEW_EVERY_SECONDS)
        await lease.renew()
        assert await valkey.pttl(KEY) > 4000


async def test_a_lease_that_ran_out_is_lost_even_if_nobody_took_it(valkey: Redis) -> None:
    clock = ManualClock()
    lease = Lease(valkey, KEY, clock)
    async with lease.held():
        await valkey.delete(KEY)
        clock.forward(seconds=RENEW_EVERY_SECONDS)
        with pytest.raises(LeaseLost):
            await lease.renew()


async def test_somebody_else_s_lease_is_neither_renewed_nor_given_back(valkey: Redis) -> None:
    clock = ManualClock()
    lease = Lease(valkey, KEY, clock)
    async with lease.held():
        await valkey.set(KEY, b"other")
        clock.forward(seconds=RENEW_EVERY_SECONDS)
        with pytest.raises(LeaseLost):
            await lease.renew()
    assert await valkey.get(KEY) == b"other"


async def test_long_work_is_cancelled_when_the_lease_is_lost_under_it(valkey: Redis) -> None:
    lease = Lease(valkey, KEY, SystemClock())
    async with lease.held():
        await valkey.delete(KEY)
        with pytest.raises(LeaseLost):
            await lease.renewing(asyncio.Event().wait())
