"""Wishes of web processes and their union."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from video import demand, keys
from video.demand import Wish
from video.ladder import BY_NAME, LADDER, RATES

SMALL, LARGE = BY_NAME["160x90"], BY_NAME["960x540"]
sizes = st.dictionaries(st.sampled_from(LADDER), st.sampled_from(RATES))
wishes = st.dictionaries(st.integers(1, 65_535), st.builds(Wish, sizes, st.booleans(), st.booleans()), max_size=8)


@given(wishes)
def test_a_wish_comes_back_as_it_went(wish: demand.Demand) -> None:
    assert demand.decode(demand.encode(wish)) == wish


@given(wishes, wishes)
def test_the_union_serves_everybody_and_nobody_else(one: demand.Demand, other: demand.Demand) -> None:
    both = demand.union([one, other])
    assert both == demand.union([other, one])
    for number, wish in both.items():
        asked = [some[number] for some in (one, other) if number in some]
        for size, rate in wish.sizes.items():
            assert rate == max(each.sizes.get(size, 0) for each in asked)
        assert wish.focus == any(each.focus for each in asked)
        assert wish.first == any(each.first for each in asked)


def test_a_size_of_a_newer_version_is_left_out() -> None:
    assert demand.decode(b'{"3": {"sizes": {"7680x4320": 10, "160x90": 7}, "focus": false, "first": false}}') == {
        3: Wish({SMALL: 5.0})
    }


async def test_two_web_processes_are_both_served(valkey: Redis) -> None:
    await demand.renew(valkey, "a", {1: Wish({SMALL: 2.0})}, changed=True)
    await demand.renew(valkey, "b", {1: Wish({SMALL: 10.0, LARGE: 5.0}), 9: Wish({SMALL: 0.5})}, changed=True)
    assert await demand.read(valkey) == {1: Wish({SMALL: 10.0, LARGE: 5.0}), 9: Wish({SMALL: 0.5})}


async def test_a_dead_web_process_is_forgotten(valkey: Redis) -> None:
    await demand.renew(valkey, "a", {1: Wish({SMALL: 2.0})}, changed=False)
    await demand.renew(valkey, "b", {2: Wish({SMALL: 2.0})}, changed=False)
    assert 0 < await valkey.ttl(keys.demand("a")) <= keys.DEMAND_TTL_SECONDS
    await valkey.delete(keys.demand("a"))  # what its time to live does
    assert await demand.read(valkey) == {2: Wish({SMALL: 2.0})}
    assert await valkey.smembers(keys.DEMANDERS) == {b"b"}


async def test_a_change_wakes_capture(valkey: Redis) -> None:
    async with valkey.pubsub() as channel:
        await channel.subscribe(keys.DEMAND_WAKE)
        await channel.get_message(timeout=1)
        await demand.renew(valkey, "a", {}, changed=False)
        await demand.renew(valkey, "a", {1: Wish({SMALL: 2.0})}, changed=True)
        message = await channel.get_message(ignore_subscribe_messages=True, timeout=2)
        assert message is not None
        assert await channel.get_message(ignore_subscribe_messages=True, timeout=0.1) is None


async def test_without_demand_nothing_is_wanted(valkey: Redis) -> None:
    assert await demand.read(valkey) == {}
