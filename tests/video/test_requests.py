"""Pictures and clips asked of whoever holds a camera, on a real Valkey."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import orjson
import pytest
from redis.asyncio import Redis

from tests.waiting import eventually_async
from video import keys, requests
from video.requests import Clip, NoAnswer
from video.tasks import end
from video.tile import Tile

PLENTY = 20.0
Answer = Callable[[dict[str, object]], bytes | None]


@asynccontextmanager
async def holder(valkey: Redis, answer: Answer) -> AsyncIterator[list[dict[str, object]]]:
    """A capture process that answers as `answer` says; what it was asked."""
    asked: list[dict[str, object]] = []

    async def work() -> None:
        async with valkey.pubsub() as channel:
            await channel.subscribe(keys.REQUESTS)
            while True:
                message = await channel.get_message(ignore_subscribe_messages=True, timeout=5.0)
                if message is None:
                    continue
                asked.append(orjson.loads(message["data"]))
                data = answer(asked[-1])
                if data is not None:
                    name = keys.answer(str(asked[-1]["id"]))
                    await valkey.set(name, data, px=keys.ANSWER_TTL_MS)
                    await valkey.publish(name, b"")

    task = asyncio.create_task(work())
    await eventually_async(lambda: _listened(valkey), within=PLENTY)
    try:
        yield asked
    finally:
        await end([task])


async def _listened(valkey: Redis) -> bool:
    return bool(dict(await valkey.pubsub_numsub(keys.REQUESTS)).get(keys.REQUESTS.encode()))


async def refused(asking: Awaitable[object]) -> str:
    with pytest.raises(NoAnswer) as caught:
        await asking
    return caught.value.code


async def test_a_picture_comes_with_its_time_and_is_taken_away(valkey: Redis) -> None:
    async with holder(valkey, lambda _asked: Tile(77, b"full size").pack()) as asked:
        assert await requests.picture(valkey, 9, seconds=PLENTY) == Tile(77, b"full size")
        assert (asked[0]["camera"], asked[0]["what"]) == (9, "picture")
        assert not await valkey.exists(keys.answer(str(asked[0]["id"])))


async def test_a_clip_says_which_span_it_really_has(valkey: Redis) -> None:
    async with holder(valkey, lambda _asked: struct.pack(">QQ", 900, 2100) + b"mp4") as asked:
        assert await requests.clip(valkey, 9, 1000, 2000, seconds=PLENTY) == Clip(900, 2100, b"mp4")
        assert (asked[0]["from_ms"], asked[0]["to_ms"]) == (1000, 2000)


async def test_the_holders_no_is_told_in_its_own_word(valkey: Redis) -> None:
    async with holder(valkey, lambda _asked: b'{"refused":"nothing_kept"}'):
        assert await refused(requests.clip(valkey, 9, 1, 2, seconds=PLENTY)) == "nothing_kept"


async def test_bytes_that_are_no_answer_are_no_picture(valkey: Redis) -> None:
    async with holder(valkey, lambda _asked: b"?"):
        assert await refused(requests.picture(valkey, 9, seconds=PLENTY)) == "damaged"
        assert await refused(requests.clip(valkey, 9, 1, 2, seconds=PLENTY)) == "damaged"


async def test_silence_ends_with_the_time_given(valkey: Redis) -> None:
    async with holder(valkey, lambda _asked: None):
        assert await refused(requests.picture(valkey, 9, seconds=0.3)) == "timeout"


async def test_without_any_capture_process_nobody_waits(valkey: Redis) -> None:
    assert await refused(requests.picture(valkey, 9, seconds=PLENTY)) == "nobody"
