"""The web process's hub on a real Valkey."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis

from domain.camera import CameraError, CameraState
from tests.fakes.clock import ManualClock
from tests.video.made import status
from tests.waiting import eventually_async
from video import demand, hub, keys, watchlist
from video.hub import TileHub
from video.ladder import BY_NAME, LARGEST
from video.status import encode_status
from video.tile import Tile
from video.viewer import Viewer
from video.watchlist import LINGER_SECONDS
from video.wire import Subscription

SIZE = BY_NAME["320x180"]
NUMBERS = {"QD-001": 1, "QD-002": 2}


@pytest.fixture
async def tiles(valkey: Redis, valkey_url: str) -> AsyncIterator[TileHub]:
    """A hub that follows an empty server."""
    async with running(TileHub(valkey_url, NUMBERS)) as made:
        yield made


@asynccontextmanager
async def running(made: TileHub) -> AsyncIterator[TileHub]:
    stop = asyncio.Event()
    task = asyncio.create_task(made.run(stop))
    await eventually_async(lambda: _is(made.connected))
    try:
        yield made
    finally:
        stop.set()
        await task


async def _is(value: object) -> object:
    return value


async def wanted(valkey: Redis) -> dict[int, dict[str, float]]:
    return {n: {str(s): r for s, r in wish.sizes.items()} for n, wish in (await demand.read(valkey)).items()}


def watching(tiles: TileHub, number: int, rate: float = 10.0) -> Viewer:
    viewer = Viewer()
    tiles.add(viewer)
    tiles.watch(viewer, Subscription(number, SIZE, rate))
    return viewer


async def published(valkey: Redis, number: int, tile: Tile, size: str = "320x180") -> bool:
    return bool(await valkey.publish(keys.tiles(number, size), tile.pack()))


async def test_what_a_viewer_watches_is_asked_for_and_delivered(valkey: Redis, tiles: TileHub) -> None:
    viewer = watching(tiles, 1)
    await eventually_async(lambda: published(valkey, 1, Tile(5, b"jpeg")))
    assert await wanted(valkey) == {1: {"320x180": 10.0}}
    await eventually_async(lambda: _is(tiles.newest(1, SIZE)))
    assert viewer.batch(tiles.newest, tiles.status) is not None


async def test_one_subscription_serves_all_viewers_at_the_highest_rate(valkey: Redis, tiles: TileHub) -> None:
    viewers = [watching(tiles, 1, rate) for rate in (2.0, 10.0, 5.0)]

    async def asked() -> bool:
        return await wanted(valkey) == {1: {"320x180": 10.0}}

    await eventually_async(asked)
    assert await valkey.publish(keys.tiles(1, "320x180"), Tile(1, b"x").pack()) == 1
    tiles.remove(viewers[1])
    await eventually_async(lambda: _rate(valkey, 5.0))


async def _rate(valkey: Redis, rate: float) -> bool:
    return await wanted(valkey) == {1: {"320x180": rate}}


async def test_nobody_looking_costs_nothing_after_a_while(
    valkey: Redis, valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demand, "RENEW_SECONDS", 0.05)
    monkeypatch.setattr(watchlist, "LINGER_SECONDS", 0.3)
    assert LINGER_SECONDS == 20.0
    async with running(TileHub(valkey_url, NUMBERS)) as tiles:
        viewer = watching(tiles, 1)
        await eventually_async(lambda: published(valkey, 1, Tile(5, b"jpeg")))
        tiles.remove(viewer)
        assert await published(valkey, 1, Tile(6, b"jpeg"))  # still there for whoever comes back
        await eventually_async(lambda: _empty(valkey))
        assert not await published(valkey, 1, Tile(7, b"jpeg"))
        assert tiles.newest(1, SIZE) is None


async def _empty(valkey: Redis) -> bool:
    return await wanted(valkey) == {}


async def test_a_viewer_that_changes_size_leaves_the_old_one(valkey: Redis, tiles: TileHub) -> None:
    viewer = watching(tiles, 1)
    tiles.watch(viewer, Subscription(1, LARGEST, 10.0))
    await eventually_async(lambda: published(valkey, 1, Tile(5, b"jpeg"), "960x540"))
    await eventually_async(lambda: _is(tiles.newest(1, LARGEST)))
    assert set(viewer.watched) == {1}


async def test_states_reach_viewers_when_they_change(valkey: Redis, tiles: TileHub) -> None:
    viewer = watching(tiles, 1)
    said = encode_status(status(1, CameraState.FROZEN), as_of=datetime.now(UTC))
    await valkey.publish(keys.EVENTS, said)
    await eventually_async(lambda: _is(tiles.status(1)))
    assert viewer.batch(tiles.newest, tiles.status) is not None
    assert tiles.statuses()["QD-001"].state is CameraState.FROZEN


async def test_states_from_before_the_hub_began_are_known(valkey: Redis, valkey_url: str) -> None:
    now = datetime.now(UTC)
    await valkey.hset(keys.STATUS, "QD-002", encode_status(status(2, error=CameraError.AUTH), as_of=now))
    await valkey.hset(keys.STATUS, "QD-999", encode_status(status(999), as_of=now))  # a camera taken out of the city
    async with running(TileHub(valkey_url, NUMBERS)) as tiles:
        await eventually_async(lambda: _is(tiles.status(2)))
        assert set(tiles.statuses()) == {"QD-002"}


async def test_a_page_shows_thumbnails_before_the_first_tiles_are_made(valkey: Redis, tiles: TileHub) -> None:
    await valkey.set(keys.thumbnail(1), Tile(77, b"small").pack())
    watching(tiles, 1)
    await tiles.prefill([Subscription(1, SIZE, 10.0), Subscription(2, SIZE, 10.0)])
    assert tiles.newest(1, SIZE) == Tile(77, b"small")
    assert tiles.newest(2, SIZE) is None


async def test_a_thumbnail_never_replaces_a_newer_tile(valkey: Redis, tiles: TileHub) -> None:
    watching(tiles, 1)
    await eventually_async(lambda: published(valkey, 1, Tile(100, b"new")))
    await eventually_async(lambda: _is(tiles.newest(1, SIZE)))
    await valkey.set(keys.thumbnail(1), Tile(77, b"old").pack())
    await tiles.prefill([Subscription(1, SIZE, 10.0)])
    assert tiles.newest(1, SIZE) == Tile(100, b"new")


async def test_a_snapshot_is_a_large_picture_made_now(valkey: Redis, tiles: TileHub) -> None:
    asking = asyncio.create_task(tiles.picture(1))
    await eventually_async(lambda: published(valkey, 1, Tile(5, b"large"), "960x540"))
    assert await asking == Tile(5, b"large")


async def test_a_snapshot_falls_back_to_the_thumbnail_and_says_when_there_is_none(
    valkey: Redis, tiles: TileHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "_SNAPSHOT_WAIT_SECONDS", 0.05)
    assert await tiles.picture(2) is None
    await valkey.set(keys.thumbnail(2), Tile(3, b"small").pack())
    assert await tiles.picture(2) == Tile(3, b"small")


async def test_the_hub_comes_back_by_itself_after_its_connection_is_cut(valkey: Redis, tiles: TileHub) -> None:
    watching(tiles, 1)
    await eventually_async(lambda: published(valkey, 1, Tile(5, b"jpeg")))
    await valkey.client_kill_filter(_type="pubsub")
    await eventually_async(lambda: published(valkey, 1, Tile(6, b"jpeg")))
    await eventually_async(lambda: _newest(tiles, 6))


async def _newest(tiles: TileHub, captured_ms: int) -> bool:
    tile = tiles.newest(1, SIZE)
    return tile is not None and tile.captured_ms >= captured_ms


async def test_a_hub_without_redis_keeps_trying_with_pauses(caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock()
    lonely = TileHub("redis://127.0.0.1:1", NUMBERS, clock=clock)
    stop = asyncio.Event()
    task = asyncio.create_task(lonely.run(stop))
    await eventually_async(lambda: _is(len(clock.sleeps) > 6))
    stop.set()
    await task
    assert not lonely.connected
    assert max(clock.sleeps) <= 2.5
    assert caplog.text.count("Redis is away") == 1
