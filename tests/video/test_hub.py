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
from video import demand, fleet, hub, keys, watchlist
from video.focus import FocusKind, FocusMessage, beginning
from video.focus_hub import Reading
from video.hub import TileHub
from video.ladder import BY_NAME, LARGEST
from video.shed import shed_cameras
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


HEAD = FocusMessage(FocusKind.INIT, 0, beginning("avc1.64001f", b"moov"))


def focusing(tiles: TileHub, number: int, **more: object) -> Viewer:
    viewer = Viewer(**more)  # type: ignore[arg-type]
    tiles.add(viewer)
    tiles.watch(viewer, Subscription(number, SIZE, 10.0, focus=True))
    return viewer


async def film(valkey: Redis, number: int, *messages: FocusMessage) -> bool:
    heard = [await valkey.publish(keys.focus(number), message.pack()) for message in messages]
    return bool(heard[0])


def read(tiles: TileHub, number: int) -> list[FocusKind]:
    """What a new viewer of the stream would get now."""
    pieces, _ = tiles.focus_news(number, Reading())
    return [piece.message.kind for piece in pieces]


async def test_a_focus_is_asked_for_by_demand_and_its_beginning_by_name(valkey: Redis, tiles: TileHub) -> None:
    async with valkey.pubsub() as asks:
        await asks.subscribe(keys.FOCUS_ASK)
        await asks.get_message(timeout=5)
        focusing(tiles, 2)
        message = await eventually_async(lambda: asks.get_message(ignore_subscribe_messages=True, timeout=5), within=20)
        assert message is not None
        assert message["data"] == b"2"
    await eventually_async(lambda: _focused(valkey), within=20)


async def _focused(valkey: Redis) -> bool:
    wish = (await demand.read(valkey)).get(2)
    return wish is not None and wish.focus and wish.first


async def test_a_second_viewer_of_the_same_focus_begins_at_once_from_what_is_kept(
    valkey: Redis, tiles: TileHub
) -> None:
    first = focusing(tiles, 1)
    await eventually_async(lambda: film(valkey, 1, HEAD), within=20)
    await film(valkey, 1, FocusMessage(FocusKind.KEY, 40, b"moof"), FocusMessage(FocusKind.DELTA, 80, b"moof"))
    await eventually_async(lambda: _is(len(read(tiles, 1)) == 3), within=20)
    batch = first.batch(tiles.newest, tiles.status, tiles.focus_news)
    second = focusing(tiles, 1)
    assert batch is not None
    assert second.batch(tiles.newest, tiles.status, tiles.focus_news) == batch
    tiles.remove(first)
    tiles.remove(second)
    await eventually_async(lambda: _is(read(tiles, 1) == []), within=20)


async def test_a_hole_in_the_stream_is_not_shown_as_one(valkey: Redis, tiles: TileHub) -> None:
    focusing(tiles, 1)
    await eventually_async(lambda: film(valkey, 1, HEAD, FocusMessage(FocusKind.KEY, 40, b"moof")), within=20)
    await eventually_async(lambda: _is(len(read(tiles, 1)) == 2), within=20)
    await valkey.client_kill_filter(_type="pubsub")
    await eventually_async(lambda: _is(read(tiles, 1) == []), within=20)
    await eventually_async(lambda: film(valkey, 1, FocusMessage(FocusKind.DELTA, 120, b"moof")), within=20)
    assert read(tiles, 1) == []


async def test_another_size_of_the_same_camera_leaves_nothing_lingering(valkey: Redis, tiles: TileHub) -> None:
    viewer = watching(tiles, 1)
    await eventually_async(lambda: _wants(valkey, {1: {"320x180": 10.0}}))
    tiles.watch(viewer, Subscription(1, LARGEST, 5.0))
    await eventually_async(lambda: _wants(valkey, {1: {"960x540": 5.0}}))


async def _wants(valkey: Redis, wish: dict[int, dict[str, float]]) -> bool:
    return await wanted(valkey) == wish


async def test_a_browser_that_is_behind_asks_capture_for_less_and_leaders_are_known(
    valkey: Redis, tiles: TileHub
) -> None:
    clock = ManualClock()
    viewer = Viewer(first=True, monotonic=clock.monotonic)
    tiles.add(viewer)
    tiles.watch(viewer, Subscription(1, SIZE, 10.0))
    await eventually_async(lambda: _wants(valkey, {1: {"320x180": 10.0}}))
    assert (await demand.read(valkey))[1].first
    for count in (1, 2):
        viewer.state_came(1)
        tiles._statuses[1] = status(1)
        assert viewer.batch(tiles.newest, tiles.status) is not None
        clock.forward(seconds=1)
        if viewer.acknowledge(count):
            tiles.repace(viewer)
    assert tiles.slowed(viewer) == {1}
    await eventually_async(lambda: _wants(valkey, {1: {"320x180": 5.0}}))


async def test_cameras_of_a_worker_that_is_short_of_time_are_known_to_be_slowed(valkey: Redis, valkey_url: str) -> None:
    await fleet.beat(valkey, fleet.Worker(worker_id="w1", host="a", shed=2))
    await valkey.set(keys.lease(1), "w1 17")
    await valkey.set(keys.lease(2), "w2 18")
    assert await shed_cameras(valkey, [1, 2, 3]) == {1}
    async with running(TileHub(valkey_url, NUMBERS)) as tiles:
        tiles._shed = await shed_cameras(valkey, [1, 2])
        assert tiles.slowed(watching(tiles, 1)) == {1}
        assert tiles.slowed(focusing(tiles, 1)) == set()
        assert tiles.slowed(watching(tiles, 2)) == set()


async def test_two_web_processes_share_capture_and_one_that_dies_wants_nothing_any_more(
    valkey: Redis, valkey_url: str, tiles: TileHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "DEMAND_TTL_SECONDS", 2)
    monkeypatch.setattr(demand, "RENEW_SECONDS", 0.2)
    watching(tiles, 1, 2.0)
    async with running(TileHub(valkey_url, NUMBERS)) as other:
        viewer = watching(other, 1)
        focusing(other, 2)
        both = {1: {"320x180": 10.0}, 2: {"320x180": 10.0}}
        await eventually_async(lambda: _wants(valkey, both), within=20)
        await eventually_async(lambda: published(valkey, 1, Tile(5, b"jpeg")))
        await eventually_async(lambda: _is(tiles.newest(1, SIZE) and other.newest(1, SIZE)), within=20)
        assert viewer.may_send
    # gone without a word; the one left renews its own wish
    await eventually_async(lambda: _wants(valkey, {1: {"320x180": 2.0}}), within=20)


async def test_a_snapshot_is_the_full_picture_of_who_holds_the_camera(
    valkey: Redis, tiles: TileHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_redis: Redis, number: int) -> Tile:
        return Tile(number, b"full size")

    monkeypatch.setattr(hub.requests, "picture", full)
    assert await tiles.picture(2) == Tile(2, b"full size")
