from __future__ import annotations

import asyncio

import pytest
import redis.asyncio

from data_access.keys import login_failures
from data_access.login_throttle import ACCOUNT, ADDRESS, MEMORY_SECONDS, LoginThrottle

HOME = "10.0.0.7"


async def fail(throttle: LoginThrottle, valkey: redis.asyncio.Redis, times: int, account: str = "li.wei") -> float:
    """Fail so often, each time after waiting to the end; the wait before the next try."""
    for _ in range(times):
        await throttle.begin(account, HOME)
        waits = [key async for key in valkey.scan_iter(login_failures("wait:*"))]
        kept = {key: await valkey.pttl(key) for key in waits}
        if waits:
            await valkey.delete(*waits)
    return max(kept.values(), default=0) / 1000


async def test_the_first_tries_are_free(valkey: redis.asyncio.Redis) -> None:
    throttle = LoginThrottle(valkey)
    waits = [await throttle.begin("li.wei", HOME) for _ in range(ACCOUNT.free)]
    assert waits == [0.0] * ACCOUNT.free


async def test_then_the_wait_doubles_with_every_failure_up_to_its_bound(valkey: redis.asyncio.Redis) -> None:
    throttle = LoginThrottle(valkey)
    assert await fail(throttle, valkey, ACCOUNT.free) == pytest.approx(2, abs=0.5)
    grown = [round(await fail(throttle, valkey, 1)) for _ in range(9)]
    assert grown == [4, 8, 16, 32, 64, 128, 256, 300, 300]


async def test_whoever_must_wait_is_told_how_long(valkey: redis.asyncio.Redis) -> None:
    throttle = LoginThrottle(valkey)
    for _ in range(ACCOUNT.free):
        await throttle.begin("li.wei", HOME)
    assert 0 < await throttle.begin("li.wei", HOME) <= 2


async def test_trying_while_waiting_does_not_lengthen_the_wait(valkey: redis.asyncio.Redis) -> None:
    throttle = LoginThrottle(valkey)
    for _ in range(ACCOUNT.free + 10):
        await throttle.begin("li.wei", HOME)
    assert await throttle.begin("li.wei", HOME) <= 2


async def test_a_hundred_tries_at_once_are_a_hundred_tries(valkey: redis.asyncio.Redis) -> None:
    throttle = LoginThrottle(valkey)
    waits = await asyncio.gather(*(throttle.begin("li.wei", f"10.0.1.{n}") for n in range(100)))
    assert waits.count(0.0) == ACCOUNT.free


async def test_an_address_is_counted_over_all_accounts(valkey: redis.asyncio.Redis) -> None:
    throttle = LoginThrottle(valkey)
    waits = [await throttle.begin(f"account{n}", HOME) for n in range(ADDRESS.free + 1)]
    assert waits[:-1] == [0.0] * ADDRESS.free
    assert waits[-1] > 0


async def test_an_address_that_must_wait_harms_no_account(valkey: redis.asyncio.Redis) -> None:
    throttle = LoginThrottle(valkey)
    for n in range(ADDRESS.free):
        await throttle.begin(f"account{n}", HOME)
    for _ in range(ACCOUNT.free + 1):
        await throttle.begin("li.wei", HOME)
    assert await throttle.begin("li.wei", "10.0.0.8") == 0.0


async def test_the_right_password_starts_the_account_afresh(valkey: redis.asyncio.Redis) -> None:
    throttle = LoginThrottle(valkey)
    for _ in range(ACCOUNT.free):
        await throttle.begin("li.wei", HOME)
    await throttle.succeeded("li.wei", HOME)
    assert await throttle.begin("li.wei", HOME) == 0.0


async def test_a_whole_shift_may_log_in_from_one_address(valkey: redis.asyncio.Redis) -> None:
    throttle = LoginThrottle(valkey)
    for n in range(4 * ADDRESS.free):
        assert await throttle.begin(f"officer{n}", HOME) == 0.0
        await throttle.succeeded(f"officer{n}", HOME)


async def test_own_logins_do_not_buy_tries_at_other_accounts(valkey: redis.asyncio.Redis) -> None:
    throttle = LoginThrottle(valkey)
    for n in range(ADDRESS.free - 1):
        await throttle.begin(f"victim{n}", HOME)
    await throttle.begin("mine", HOME)
    await throttle.succeeded("mine", HOME)
    assert await throttle.begin("victim", HOME) == 0.0
    assert await throttle.begin("another", HOME) > 0


async def test_counts_are_forgotten_in_time(valkey: redis.asyncio.Redis) -> None:
    await LoginThrottle(valkey).begin("li.wei", HOME)
    keys = [key async for key in valkey.scan_iter("*")]
    assert len(keys) == 2
    assert all([0 < await valkey.ttl(key) <= MEMORY_SECONDS for key in keys])


async def test_what_was_typed_as_a_name_does_not_reach_redis(valkey: redis.asyncio.Redis) -> None:
    await LoginThrottle(valkey).begin("a password in the wrong field", HOME)
    keys = [key async for key in valkey.scan_iter("*")]
    assert all(b"password" not in key for key in keys)
