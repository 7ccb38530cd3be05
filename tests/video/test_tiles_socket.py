"""The camera socket behind a real server: who gets in, what comes, what a slow browser gets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import pytest
from redis.asyncio import Redis
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from domain.camera import CameraState
from tests.video.hall import Door, next_batch, socket_server
from tests.video.made import status
from tests.waiting import eventually_async
from video import keys, tiles_socket
from video.hub import TileHub
from video.ladder import BY_NAME
from video.status import encode_status
from video.tile import Tile
from video.tiles_socket import CLOSE_NO_SESSION, CLOSE_NONSENSE
from video.wire import Kind

SUB = '{"sub": [{"cam": %d, "size": "320x180", "fps": 10}]}'
PICTURE = b"\xff\xd8 a picture"


@pytest.fixture
def door() -> Iterator[Door]:
    """An open door that the test may close."""
    return Door()


@pytest.fixture
async def served(valkey: Redis, valkey_url: str, door: Door) -> AsyncIterator[tuple[str, TileHub]]:
    async with socket_server(valkey_url, range(1, 6), door) as running:
        yield running


@asynccontextmanager
async def opened(served: tuple[str, TileHub]) -> AsyncIterator[ClientConnection]:
    async with connect(f"ws://{served[0]}/ws/video", compression=None) as socket:
        yield socket


async def publish(valkey: Redis, number: int, captured_ms: int) -> bool:
    return bool(await valkey.publish(keys.tiles(number, "320x180"), Tile(captured_ms, PICTURE).pack()))


async def test_the_first_word_is_the_servers_clock_and_tables(served: tuple[str, TileHub]) -> None:
    async with opened(served) as socket:
        hello = json.loads(await socket.recv())["hello"]
    assert abs(hello["now"] - datetime.now(UTC).timestamp() * 1000) < 10_000
    assert hello["states"]["removed"] == 60


async def test_a_tile_arrives_as_it_was_published(served: tuple[str, TileHub], valkey: Redis) -> None:
    async with opened(served) as socket:
        await socket.send(SUB % 2)
        await eventually_async(lambda: publish(valkey, 2, 1234))
        [(number, kind, flags, payload)] = await next_batch(socket)
    assert (number, kind, Tile.unpack(payload)) == (2, Kind.TILE, Tile(1234, PICTURE))
    assert list(BY_NAME)[flags] == "320x180"


async def test_states_come_over_the_same_socket(served: tuple[str, TileHub], valkey: Redis) -> None:
    async with opened(served) as socket:
        await socket.send('{"states": true}')
        said = encode_status(status(4, CameraState.FROZEN), as_of=datetime.now(UTC))
        await eventually_async(lambda: valkey.publish(keys.EVENTS, said))
        [(number, kind, _, payload)] = await next_batch(socket)
    assert (number, kind, json.loads(payload)["state"]) == (4, Kind.STATE, "frozen")


@pytest.mark.parametrize("wrong", ["identity", "origin"])
async def test_without_session_or_from_another_page_nobody_gets_in(
    served: tuple[str, TileHub], door: Door, wrong: str
) -> None:
    door.identity = None if wrong == "identity" else door.identity
    door.origin_allowed = wrong != "origin"
    with pytest.raises(InvalidStatus) as refused:
        async with opened(served):
            pass
    assert refused.value.response.status_code == 403


async def test_a_camera_one_may_not_see_is_refused_and_never_watched(
    served: tuple[str, TileHub], door: Door, valkey: Redis
) -> None:
    door.hidden = {3}
    async with opened(served) as socket:
        await socket.recv()
        await socket.send(SUB % 3)
        await socket.send(SUB % 77)
        assert json.loads(await socket.recv()) == {"refused": [3]}
        assert json.loads(await socket.recv()) == {"refused": [77]}
        assert not await publish(valkey, 3, 1)


async def test_a_right_taken_away_ends_the_pictures(
    served: tuple[str, TileHub], door: Door, valkey: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles_socket, "RECHECK_SECONDS", 0.05)
    async with opened(served) as socket:
        await socket.send(SUB % 1)
        await eventually_async(lambda: publish(valkey, 1, 1000))
        await next_batch(socket)
        door.hidden = {1}
        await eventually_async(lambda: _nobody(served[1]))


async def _nobody(hub: TileHub) -> bool:
    return not hub.watched()


async def test_a_session_that_ends_closes_the_socket(
    served: tuple[str, TileHub], door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles_socket, "RECHECK_SECONDS", 0.05)
    async with opened(served) as socket:
        await socket.recv()
        door.session_valid = False
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), 5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == CLOSE_NO_SESSION


@pytest.mark.parametrize("message", ["nonsense", '{"sub": 1}', b"\x00\x01"])
async def test_nonsense_closes_the_socket_with_a_reason(served: tuple[str, TileHub], message: str | bytes) -> None:
    async with opened(served) as socket:
        await socket.recv()
        await socket.send(message)
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), 5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == CLOSE_NONSENSE


async def test_a_browser_that_does_not_answer_gets_two_batches_and_then_the_newest(
    served: tuple[str, TileHub], valkey: Redis
) -> None:
    async with opened(served) as socket:
        await socket.send(SUB % 1)
        await eventually_async(lambda: publish(valkey, 1, 0))
        got = [Tile.unpack((await next_batch(socket))[0][3]).captured_ms]
        await publish(valkey, 1, 1000)
        got.append(Tile.unpack((await next_batch(socket))[0][3]).captured_ms)
        for captured in range(2000, 30_000, 1000):
            await publish(valkey, 1, captured)
        await eventually_async(lambda: _newest(served[1], 29_000))
        await socket.send('{"ack": 2}')
        [(_, _, _, payload)] = await next_batch(socket)
    assert got == [0, 1000]
    assert Tile.unpack(payload).captured_ms == 29_000


async def _newest(hub: TileHub, captured_ms: int) -> bool:
    tile = hub.newest(1, BY_NAME["320x180"])
    return tile is not None and tile.captured_ms == captured_ms


async def test_a_quiet_socket_still_says_that_it_lives(
    served: tuple[str, TileHub], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles_socket, "SILENCE_SECONDS", 0.05)
    async with opened(served) as socket:
        await socket.recv()
        assert set(json.loads(await asyncio.wait_for(socket.recv(), 5))) == {"now"}


async def test_a_page_that_leaves_is_forgotten(served: tuple[str, TileHub], valkey: Redis) -> None:
    async with opened(served) as socket:
        await socket.send(SUB % 1)
        await eventually_async(lambda: publish(valkey, 1, 0))
    await eventually_async(lambda: _nobody(served[1]))
    assert not served[1]._viewers


async def test_nobody_watches_more_cameras_than_a_city_has(
    served: tuple[str, TileHub], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles_socket.wire, "MOST_CAMERAS", 2)
    async with opened(served) as socket:
        await socket.recv()
        await socket.send(json.dumps({"sub": [{"cam": n, "size": "160x90", "fps": 2} for n in (1, 2, 3)]}))
        assert json.loads(await socket.recv()) == {"refused": [3]}


async def test_a_snapshot_says_when_it_was_taken(served: tuple[str, TileHub], valkey: Redis) -> None:
    captured = round(datetime.now(UTC).timestamp() * 1000) - 1500
    await valkey.set(keys.thumbnail(5), Tile(captured, PICTURE).pack())
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"http://{served[0]}/video/QD-005/snapshot.jpg", timeout=10)
    assert (answer.status_code, answer.content) == (200, PICTURE)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "no-store"
    assert 1400 < int(answer.headers["x-age-ms"]) < 20_000
    assert datetime.fromisoformat(answer.headers["x-captured-at"]).timestamp() * 1000 == pytest.approx(captured, abs=1)


@pytest.mark.parametrize(
    ("camera_id", "hidden", "status_code"), [("QD-777", set(), 404), ("QD-001", {1}, 404), ("QD-001", set(), 503)]
)
async def test_a_snapshot_that_cannot_be_had_says_so(
    served: tuple[str, TileHub], door: Door, camera_id: str, hidden: set[int], status_code: int
) -> None:
    door.hidden = hidden
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"http://{served[0]}/video/{camera_id}/snapshot.jpg", timeout=10)
    assert answer.status_code == status_code
