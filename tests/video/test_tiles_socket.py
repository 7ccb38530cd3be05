"""The camera socket behind a real server: who gets in, what comes, what a slow browser gets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import numpy as np
import pytest
from redis.asyncio import Redis
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from domain.camera import CameraState
from domain.roles import Identity, Role
from tests.video.hall import Door, next_batch, socket_server
from tests.video.made import status
from tests.waiting import eventually_async
from video import demand, keys, tiles_socket
from video.cv import cv2
from video.focus import FocusKind, FocusMessage, beginning
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


FOCUS = '{"sub": [{"cam": %d, "size": "320x180", "fps": 10, "focus": true, "case": "C-7"}]}'
HEAD = FocusMessage(FocusKind.INIT, 5, beginning("avc1.64001f", b"moov"))
KEY = FocusMessage(FocusKind.KEY, 40, b"moof")


async def film(valkey: Redis, number: int, *messages: FocusMessage) -> bool:
    heard = [await valkey.publish(keys.focus(number), message.pack()) for message in messages]
    return bool(heard[0])


async def test_a_focus_comes_from_its_beginning_over_the_same_socket(
    served: tuple[str, TileHub], valkey: Redis
) -> None:
    async with opened(served) as socket:
        await socket.send(FOCUS % 2)
        await eventually_async(lambda: film(valkey, 2, HEAD, KEY), within=20)
        got: list[tuple[int, Kind, int, bytes]] = []
        while len(got) < 2:
            got += await next_batch(socket)
    assert [(number, kind, flags) for number, kind, flags, _ in got] == [
        (2, Kind.FOCUS_INIT, 0),
        (2, Kind.FOCUS_FRAGMENT, 1),
    ]
    assert got[0][3] == (5).to_bytes(8) + HEAD.payload
    assert got[1][3] == (40).to_bytes(8) + (0).to_bytes(2) + KEY.payload


async def test_a_focus_one_may_not_see_is_refused_and_ends_when_the_right_does(
    served: tuple[str, TileHub], door: Door, valkey: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles_socket, "RECHECK_SECONDS", 0.05)
    door.hidden = {3}
    async with opened(served) as socket:
        await socket.recv()
        await socket.send(FOCUS % 3)
        assert json.loads(await socket.recv()) == {"refused": [3]}
        assert not await film(valkey, 3, HEAD)
        await socket.send(FOCUS % 2)
        await eventually_async(lambda: film(valkey, 2, HEAD), within=20)
        door.hidden = {2, 3}
        await eventually_async(lambda: _unheard(valkey, 2), within=20)


async def _unheard(valkey: Redis, number: int) -> bool:
    return not await film(valkey, number, HEAD)


async def test_every_opening_is_written_down_with_the_case_it_is_for(served: tuple[str, TileHub], door: Door) -> None:
    door.hidden = {3}
    async with opened(served) as socket:
        await socket.recv()
        await socket.send('{"states": true}')
        await socket.send(SUB % 1)
        await socket.send(FOCUS % 2)
        await socket.send(FOCUS % 3)
        assert json.loads(await socket.recv()) == {"refused": [3]}
    assert set(door.opened) == {(1, None), (2, "C-7")}


@pytest.mark.parametrize(("role", "first"), [(Role.LEADER, True), (Role.WALL_DEVICE, True), (Role.SUPERVISOR, False)])
async def test_who_loses_quality_last_is_known_from_who_they_are(
    served: tuple[str, TileHub], door: Door, valkey: Redis, role: Role, first: bool
) -> None:
    door.identity = Identity("someone", "某人", role)
    async with opened(served) as socket:
        await socket.send(SUB % 1)
        await eventually_async(lambda: _asked(valkey), within=20)
        assert (await demand.read(valkey))[1].first is first


async def _asked(valkey: Redis) -> bool:
    return 1 in await demand.read(valkey)


async def test_a_browser_that_falls_behind_is_told_what_it_gets_less_of(
    served: tuple[str, TileHub], valkey: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles_socket, "SILENCE_SECONDS", 0.3)
    async with opened(served) as socket:
        await socket.send(SUB % 1)
        await eventually_async(lambda: publish(valkey, 1, 0), within=20)
        await next_batch(socket)  # and no answer to it
        while "slowed" not in (said := json.loads(await asyncio.wait_for(socket.recv(), 20))):
            pass
        assert said == {"slowed": [1]}
        await eventually_async(lambda: _slower(valkey), within=20)


async def _slower(valkey: Redis) -> bool:
    return max((await demand.read(valkey))[1].sizes.values()) < 10


async def test_the_overview_leaves_out_cameras_one_may_not_see(served: tuple[str, TileHub], door: Door) -> None:
    async def size() -> tuple[int, int]:
        answer = await client.get(f"http://{served[0]}/video/overview.jpg", timeout=20)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        picture = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
        return picture.shape[1] // 160, picture.shape[0] // 90

    async with httpx.AsyncClient() as client:
        assert await size() == (3, 2)
        assert {number for number, _ in door.opened} == {1, 2, 3, 4, 5}
        door.hidden = {1, 2, 3, 4}
        assert await size() == (1, 1)
        door.identity = None
        answer = await client.get(f"http://{served[0]}/video/overview.jpg", timeout=20)
        assert answer.status_code == 404
