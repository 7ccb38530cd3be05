from __future__ import annotations

import asyncio

import pytest
import redis.asyncio

from data_access.keys import WALL_CHOICE
from data_access.wall_choice import WallChoices, WallMoved
from domain.wall_places import NOTHING_SENT, WallChoice
from runtime.clock import SystemClock
from tests.data_access.live_parts import running
from tests.waiting import eventually_async


@pytest.fixture
def choices(valkey: redis.asyncio.Redis) -> WallChoices:
    return WallChoices(valkey, SystemClock())


async def test_nobody_has_sent_anything_at_first(choices: WallChoices) -> None:
    assert await choices.read() == WallChoice()


async def test_what_was_sent_is_known_to_a_web_process_that_starts_later(
    choices: WallChoices, valkey: redis.asyncio.Redis
) -> None:
    before, after = await choices.put((5, 0, 0, 9), by="赵", version=0)
    assert (before.cameras, after.cameras, after.by, after.version) == (NOTHING_SENT, (5, 0, 0, 9), "赵", 1)
    later = await WallChoices(valkey, SystemClock()).read()
    assert (later.cameras, later.by, later.version) == ((5, 0, 0, 9), "赵", 1)
    assert await valkey.ttl(WALL_CHOICE) == -1


async def test_of_two_who_saw_the_same_wall_one_is_told_who_was_faster(choices: WallChoices) -> None:
    await choices.put((5, 0, 0, 0), by="赵", version=0)
    with pytest.raises(WallMoved) as moved:
        await choices.put((6, 0, 0, 0), by="钱", version=0)
    assert (moved.value.now.by, moved.value.now.cameras) == ("赵", (5, 0, 0, 0))


async def test_a_crowd_sending_at_once_lets_exactly_one_through(valkey: redis.asyncio.Redis) -> None:
    async def send(number: int) -> bool:
        try:
            await WallChoices(valkey, SystemClock()).put((number, 0, 0, 0), by=f"{number}", version=0)
        except WallMoved:
            return False
        return True

    assert sum(await asyncio.gather(*(send(number) for number in range(1, 9)))) == 1


async def test_a_web_process_follows_what_another_one_sent(choices: WallChoices, valkey: redis.asyncio.Redis) -> None:
    async with running(choices.run):
        await WallChoices(valkey, SystemClock()).put((5, 0, 0, 0), by="赵", version=0)

        async def followed() -> bool:
            return choices.current.cameras == (5, 0, 0, 0)

        await eventually_async(followed, within=20)


@pytest.mark.parametrize("rubbish", [b"{", b"[]", b'{"cameras": "x"}', b'{"cameras":["a"],"by":"","at":0,"version":1}'])
async def test_something_unreadable_is_told_and_can_be_replaced(
    choices: WallChoices, valkey: redis.asyncio.Redis, caplog: pytest.LogCaptureFixture, rubbish: bytes
) -> None:
    await valkey.set(WALL_CHOICE, rubbish)
    assert await choices.read() == WallChoice()
    assert "holds no choice" in caplog.text
    await choices.put((5, 0, 0, 0), by="赵", version=0)
    assert (await choices.read()).cameras == (5, 0, 0, 0)


async def test_a_choice_of_another_number_of_places_shows_the_walls_own(
    choices: WallChoices, valkey: redis.asyncio.Redis
) -> None:
    await valkey.set(WALL_CHOICE, b'{"cameras":[1,2],"by":"x","at":0,"version":3}')
    assert ((await choices.read()).cameras, choices.current.version) == (NOTHING_SENT, 3)
