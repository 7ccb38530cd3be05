"""Good, bad and broken cameras side by side in one capture over a real Valkey; each test looks at cameras of its own.

The capture runs on from test to test: what one waits for comes about while others are at work.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from fractions import Fraction
from pathlib import Path

import av
import pytest
from redis import Redis as PlainRedis
from redis.asyncio import Redis

from domain.camera import CameraError, CameraState, CameraStatus
from tests.fakes.film import drawn
from tests.fakes.rtsp_camera import PASSWORD, USER, FakeCameras, Fault, fake_cameras
from tests.video.hall import capturing_beside, status_when
from tests.video.made import address
from tests.waiting import eventually_async
from video import demand, health, keys, meter
from video.ladder import BY_NAME
from video.status import read_statuses
from video.tile import Tile

SIZE = BY_NAME["320x180"]
LIVE, FROZEN, OFFLINE = CameraState.LIVE, CameraState.FROZEN, CameraState.OFFLINE

GOOD, UNSEEN, LET_IN, LARGE, FILM, NO_FILM = 1, 2, 3, 4, 5, 6
KINDS: dict[int, Fault] = {
    11: Fault.MISSING,
    12: Fault.AUTH,
    13: Fault.CODEC,
    14: Fault.SAME,
    15: Fault.STILL,
    16: Fault.CORRUPT,
}
NUMBER = {kind: number for number, kind in KINDS.items()}
LOST = {Fault.FREEZE: 21, Fault.KILL: 22}
"""Good cameras that a test makes bad."""
MAIN, SUB = 40, 41


@pytest.fixture(scope="module")
def rtsp() -> Iterator[FakeCameras]:
    with fake_cameras() as cameras:
        yield cameras


@pytest.fixture(scope="module", autouse=True)
def capture(valkey_url: str, rtsp: FakeCameras, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """All of them, from the first test of this file to its last."""
    folder = tmp_path_factory.mktemp("films")
    with PlainRedis.from_url(valkey_url) as emptied:
        emptied.flushall()
    cameras = [
        *(address(number, rtsp.url(kind, number)) for number, kind in KINDS.items()),
        *(address(number, rtsp.url(number=number)) for number in (GOOD, UNSEEN, *LOST.values())),
        address(LET_IN, rtsp.url(Fault.AUTH, LET_IN, user=USER, password=PASSWORD)),
        address(LARGE, rtsp.url(number=MAIN), rtsp.url(number=SUB)),
        address(FILM, short_film(folder / "film.mp4").as_uri()),
        address(NO_FILM, (folder / "none.mp4").as_uri()),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(health, "REPEAT_SECONDS", 5.0)
        patch.setattr(meter, "DAMAGE_WINDOW_FRAMES", 40)
        with capturing_beside(cameras, valkey_url):
            yield


def short_film(path: Path, *, rate: int = 12) -> Path:
    """Three seconds of a moving picture: as long as the pause between two thumbnails, it would look frozen."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"x264-params": f"keyint={rate}:scenecut=0"})
        stream.width, stream.height, stream.time_base = 352, 288, Fraction(1, rate)
        for number in range(3 * rate):
            picture = av.VideoFrame.from_ndarray(drawn(number, 352, 288, dark=False), format="gray")
            container.mux(stream.encode(picture.reformat(format="yuv420p")))
        container.mux(stream.encode(None))
    return path


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    """A client; unlike `valkey` it leaves what the capture has written."""
    client = Redis.from_url(valkey_url)
    yield client
    await client.aclose()


def named(number: int) -> str:
    return address(number, "rtsp://h/1").camera.camera_id


def is_state(state: CameraState) -> Callable[[CameraStatus], bool]:
    return lambda status: status.state is state


async def look(redis: Redis, number: int, size: str = "320x180", rate: float = 10.0) -> None:
    await demand.renew(redis, f"viewer of {number}", {number: demand.Wish({BY_NAME[size]: rate})}, changed=True)


async def test_a_good_camera_is_live_and_its_facts_are_known(redis: Redis) -> None:
    status = await status_when(redis, named(GOOD), lambda s: s.state is LIVE and 12 < s.fps < 18)
    assert (status.width, status.height, status.codec, status.error) == (352, 288, "h264", None)
    assert status.kbps > 10


async def test_nothing_is_decoded_for_the_wall_until_somebody_looks(redis: Redis) -> None:
    async with redis.pubsub() as channel, aclosing(channel):
        await channel.subscribe(keys.tiles(UNSEEN, str(SIZE)))
        await eventually_async(lambda: redis.exists(keys.thumbnail(UNSEEN)), within=20)
        assert await channel.get_message(ignore_subscribe_messages=True, timeout=0.5) is None
        await look(redis, UNSEEN)
        message = await channel.get_message(ignore_subscribe_messages=True, timeout=10)
    assert message is not None
    tile = Tile.unpack(message["data"])
    assert tile.jpeg.startswith(b"\xff\xd8")
    assert abs(tile.captured_ms - time.time() * 1000) < 10_000
    assert 0 < await redis.ttl(keys.thumbnail(UNSEEN)) <= keys.THUMBNAIL_TTL_SECONDS


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.MISSING, CameraError.NOT_FOUND),
        (Fault.AUTH, CameraError.AUTH),
        (Fault.CODEC, CameraError.CODEC),
    ],
)
async def test_a_clear_no_is_shown_with_its_reason_and_asked_again_in_minutes(
    redis: Redis, fault: Fault, error: CameraError
) -> None:
    status = await status_when(redis, named(NUMBER[fault]), lambda s: s.error is not None)
    assert (status.state, status.error) == (OFFLINE, error)
    assert status.retry_at is not None
    assert 200 < (status.retry_at - status.since).total_seconds() < 400


async def test_a_password_that_is_right_lets_us_in(redis: Redis) -> None:
    await status_when(redis, named(LET_IN), is_state(LIVE))


@pytest.mark.parametrize("fault", [Fault.FREEZE, Fault.KILL])
async def test_a_camera_that_is_lost_is_said_to_be_and_comes_back_by_itself(
    redis: Redis, rtsp: FakeCameras, fault: Fault
) -> None:
    number = LOST[fault]
    url = rtsp.url(number=number)
    await status_when(redis, named(number), is_state(LIVE))
    rtsp.become(url, fault)
    lost = await status_when(
        redis, named(number), lambda s: s.error in (CameraError.TIMEOUT, CameraError.STREAM_ENDED), within=20
    )
    assert lost.last_frame_at is not None
    rtsp.become(url, Fault.OK)
    back = await status_when(redis, named(number), lambda s: s.state is LIVE and s.error is None, within=30)
    assert back.reconnects >= 1


async def test_an_encoder_that_repeats_one_picture_is_frozen_and_a_still_night_is_not(redis: Redis) -> None:
    same = await status_when(redis, named(NUMBER[Fault.SAME]), lambda s: s.state is FROZEN and s.fps > 0, within=40)
    still = (await read_statuses(redis))[named(NUMBER[Fault.STILL])]
    assert same.error is None
    assert still.state is LIVE


async def test_damaged_pictures_are_said_to_be(redis: Redis) -> None:
    number = NUMBER[Fault.CORRUPT]
    await status_when(redis, named(number), is_state(LIVE))
    await look(redis, number)
    status = await status_when(redis, named(number), lambda s: s.error is CameraError.DAMAGED, within=40)
    assert status.state in (LIVE, CameraState.DELAYED)


async def test_large_tiles_come_from_the_large_stream_while_somebody_looks_closely(
    redis: Redis, rtsp: FakeCameras
) -> None:
    main, sub = f"/ok/{MAIN}", f"/ok/{SUB}"
    await status_when(redis, named(LARGE), is_state(LIVE))
    assert rtsp.opened[main] == 0
    await look(redis, LARGE, "960x540", 5.0)

    async def opened() -> int:
        return rtsp.opened[main]

    await eventually_async(opened, within=20)
    assert (rtsp.opened[main], rtsp.opened[sub]) == (1, 1)


async def test_a_file_is_played_round_and_round(redis: Redis) -> None:
    """Three seconds of film, watched for longer than that; a first count also holds what was to be caught up with."""
    played = await status_when(redis, named(FILM), lambda s: s.state is LIVE and 8 < s.fps < 16, within=40)
    again = await status_when(redis, named(FILM), lambda s: _seconds(played, s) > 3.5 and s.state is LIVE, within=40)
    assert again.reconnects == 0


def _seconds(first: CameraStatus, later: CameraStatus) -> float:
    assert first.last_frame_at is not None
    assert later.last_frame_at is not None
    return (later.last_frame_at - first.last_frame_at).total_seconds()


async def test_a_file_that_is_not_there_is_said_to_be_missing(redis: Redis) -> None:
    assert (await status_when(redis, named(NO_FILM), lambda s: s.error is not None)).error is CameraError.NOT_FOUND
