from __future__ import annotations

import pytest
from redis.asyncio import Redis

from data_access import keys
from data_access.change_feed import BATCH, FIELD, ChangeFeed, FeedLost
from data_access.codec import REBUILD, CodecError, encode_change
from domain.facts import Change
from tests.domain.facts_made import make_facts
from tests.domain.tallies import change_to


async def add(valkey: Redis, *payloads: bytes) -> None:
    async with valkey.pipeline() as pipe:
        for payload in payloads:
            pipe.xadd(keys.CHANGES_STREAM, {FIELD: payload})
        await pipe.execute()


def changes(*numbers: int) -> list[Change]:
    return [change_to(make_facts(f"case-{number}"), entry_id=number) for number in numbers]


async def test_only_what_comes_after_the_noted_position_is_read_in_order(valkey: Redis) -> None:
    old, *new = changes(1, 2, 3)
    await add(valkey, encode_change(old))
    feed = await ChangeFeed.from_now(valkey)
    await add(valkey, *map(encode_change, new))
    assert await feed.read(within_seconds=1) == new
    assert await feed.read(within_seconds=0.01) == []


async def test_a_stream_that_does_not_exist_yet_is_read_from_its_first_entry(valkey: Redis) -> None:
    feed = await ChangeFeed.from_now(valkey)
    await add(valkey, *map(encode_change, changes(1)), REBUILD)
    assert await feed.read(within_seconds=1) == [*changes(1), None]


async def test_an_entry_of_another_program_version_is_refused(valkey: Redis) -> None:
    feed = await ChangeFeed.from_now(valkey)
    await add(valkey, b'{"schema":99}')
    with pytest.raises(CodecError, match="99"):
        await feed.read(within_seconds=1)


async def test_a_reader_that_the_trimming_overtook_notices(valkey: Redis) -> None:
    await add(valkey, REBUILD)
    feed = await ChangeFeed.from_now(valkey)
    await add(valkey, *[REBUILD] * (BATCH + 100))
    await valkey.xtrim(keys.CHANGES_STREAM, maxlen=BATCH, approximate=False)
    with pytest.raises(FeedLost, match="trimmed"):
        await feed.read(within_seconds=1)


async def test_a_reader_that_merely_lags_goes_on(valkey: Redis) -> None:
    await add(valkey, REBUILD)
    feed = await ChangeFeed.from_now(valkey)
    await add(valkey, *[REBUILD] * (BATCH + 100))
    assert len(await feed.read(within_seconds=1)) == BATCH
    assert len(await feed.read(within_seconds=1)) == 100


async def test_the_same_server_is_recognised(valkey: Redis) -> None:
    feed = await ChangeFeed.from_now(valkey)
    await feed.check_server()
