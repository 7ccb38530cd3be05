"""Whatever a camera sends, its tiles come, and coming and going leaves nothing behind."""

from __future__ import annotations

import threading
from collections import defaultdict

import numpy as np
import psutil
from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from domain.camera import CameraError, CameraState
from tests.fakes.rtsp_camera import FakeCameras, Fault, fake_cameras
from tests.video.hall import capturing, status_when
from tests.video.made import address
from tests.waiting import eventually, eventually_async
from video import demand, keys
from video.cv import cv2
from video.demand import Wish
from video.ladder import BY_NAME
from video.opencv_source import CvOpener
from video.status import read_statuses
from video.tile import Tile

SIZE = BY_NAME["480x270"]
LIVE = CameraState.LIVE
ODD_ONES = (Fault.HEVC, Fault.MJPEG, Fault.MPEG4, Fault.ODD, Fault.UNEVEN, Fault.RESIZED)


async def test_every_codec_uneven_time_odd_width_and_new_size_gives_steady_tiles(
    valkey: Redis, valkey_url: str, rtsp: FakeCameras
) -> None:
    cameras = [address(number, rtsp.url(fault)) for number, fault in enumerate(ODD_ONES, 1)]
    numbers = range(1, len(cameras) + 1)
    async with valkey.pubsub() as channel, capturing(cameras, valkey_url):
        await channel.subscribe(*(keys.tiles(number, str(SIZE)) for number in numbers))
        await demand.renew(valkey, "test", {number: Wish({SIZE: 10.0}) for number in numbers}, changed=True)
        seen: defaultdict[str, list[Tile]] = defaultdict(list)
        await eventually_async(lambda: _enough(channel, seen, len(cameras)), within=40)
        states = await read_statuses(valkey)
        errors = {status.error for status in states.values()}
    assert errors == {None}
    assert {status.state for status in states.values()} <= {LIVE, CameraState.DELAYED}
    for tiles in seen.values():
        times = [tile.captured_ms for tile in tiles]
        assert times == sorted(times)  # by our clock, whatever the camera's says
        assert shape(tiles[-1]) in {(270, 360), (180, 240), (270, 332)}
    assert shape(seen[keys.tiles(6, str(SIZE))][-1]) == (180, 240)


async def _enough(channel: PubSub, seen: defaultdict[str, list[Tile]], cameras: int) -> bool:
    """Whether every camera has shown thirty tiles."""
    message = await channel.get_message(ignore_subscribe_messages=True, timeout=1)
    if message is not None:
        seen[message["channel"].decode()].append(Tile.unpack(message["data"]))
    return len(seen) == cameras and all(len(tiles) >= 30 for tiles in seen.values())


def shape(tile: Tile) -> tuple[int, int]:
    rows, columns = cv2.imdecode(np.frombuffer(tile.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE).shape
    return int(rows), int(columns)


async def test_a_picture_that_breaks_the_decoder_costs_its_own_camera_a_pause_and_no_other(
    valkey: Redis, valkey_url: str, rtsp: FakeCameras
) -> None:
    """What breaks is whatever our code does with a picture; here the encoder of one camera's tiles."""
    cameras = [address(1, rtsp.url()), address(2, rtsp.url(number=2))]
    async with capturing(cameras, valkey_url) as service:
        for camera in cameras:
            await status_when(valkey, camera.camera.camera_id, lambda s: s.state is LIVE)
        unit = service._team.unit(1)
        assert unit is not None
        maker = unit._watch.maker

        def broken(*_: object) -> None:
            maker.take = whole  # type: ignore[method-assign]
            raise ZeroDivisionError("a picture broke us")

        whole, maker.take = maker.take, broken  # type: ignore[method-assign,assignment]
        broke = await status_when(valkey, "QD-001", lambda s: s.error is CameraError.DAMAGED)
        assert broke.attempt == 1
        await status_when(valkey, "QD-001", lambda s: s.state is LIVE and s.reconnects == 1)
        assert (await read_statuses(valkey))["QD-002"].reconnects == 0
    assert rtsp.opened == {"/ok/1": 2, "/ok/2": 1}


def test_many_reconnects_leave_threads_and_descriptors_where_they_were() -> None:
    """Two hundred, and memory, are the benchmark's; here as many as fit into seconds."""
    with fake_cameras() as cameras:
        url = cameras.url(Fault.KILL)

        def once() -> None:
            session = CvOpener().open(url)
            while session.read() is not None:
                pass
            session.close()

        once()
        process = psutil.Process()
        threads, descriptors = threading.active_count(), process.num_fds()
        for _ in range(5):
            once()
        eventually(lambda: process.num_fds() <= descriptors, within=10)
        assert threading.active_count() == threads
