"""Whoever asks for a picture or a film gets it from the process that holds the camera, or a reason."""

from __future__ import annotations

import io
import time

import av
import numpy as np
import pytest
from redis.asyncio import Redis

from domain.camera import CameraState
from tests.fakes.rtsp_camera import FakeCameras, Fault
from tests.video.hall import capturing, status_when
from tests.video.made import address
from tests.waiting import eventually_async
from video import demand, keys
from video.cv import cv2
from video.demand import Wish
from video.ladder import BY_NAME
from video.requests import NoAnswer, clip, picture

SIZE = BY_NAME["320x180"]
FAULTS = (Fault.OK, Fault.HEVC, Fault.MJPEG, Fault.MPEG4, Fault.ODD)


def now_ms() -> int:
    return round(time.time() * 1000)


async def test_pictures_and_films_of_every_codec_come_on_request(
    valkey: Redis, valkey_url: str, rtsp: FakeCameras
) -> None:
    cameras = [address(number, rtsp.url(fault)) for number, fault in enumerate(FAULTS, 1)]
    async with capturing(cameras, valkey_url):
        wishes = {number: Wish({SIZE: 10.0}) for number in range(1, 6)}
        await demand.renew(valkey, "test", wishes, changed=True)
        for camera in cameras:
            await status_when(valkey, camera.camera.camera_id, lambda s: s.state is CameraState.LIVE, within=30)
        await demand.renew(valkey, "test", wishes, changed=True)
        since = now_ms()
        await eventually_async(lambda: passed(since, 1500), within=5)
        for number in range(1, 6):
            await demand.renew(valkey, "test", wishes, changed=False)  # films are kept only while somebody looks
            tile = await picture(valkey, number, seconds=15)
            made = await clip(valkey, number, since, since + 1000, seconds=15)
            grey = cv2.imdecode(np.frombuffer(tile.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
            assert grey.shape == ((287, 353) if number == 5 else (288, 352))
            assert now_ms() - tile.captured_ms < 15_000
            with av.open(io.BytesIO(made.mp4)) as container:
                assert sum(1 for _ in container.decode(video=0)) >= 5
            assert made.to_ms <= since + 1000


async def passed(since_ms: int, span_ms: int) -> bool:
    return now_ms() - since_ms > span_ms


async def test_a_picture_is_taken_from_the_larger_stream(valkey: Redis, valkey_url: str, rtsp: FakeCameras) -> None:
    main, sub = rtsp.url(Fault.ODD), rtsp.url(number=2)
    async with capturing([address(1, main, sub)], valkey_url):
        await status_when(valkey, "QD-001", lambda s: s.state is CameraState.LIVE)

        async def large() -> bool:
            tile = await picture(valkey, 1, seconds=15)
            return cv2.imdecode(np.frombuffer(tile.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE).shape == (287, 353)

        await eventually_async(large, within=20)


async def test_what_cannot_be_given_is_refused_with_a_reason(valkey: Redis, valkey_url: str, rtsp: FakeCameras) -> None:
    async with capturing([address(1, rtsp.url())], valkey_url):
        await status_when(valkey, "QD-001", lambda s: s.state is CameraState.LIVE)
        with pytest.raises(NoAnswer) as refused:
            await clip(valkey, 1, 0, 1000, seconds=10)
        assert refused.value.code == "nothing_kept"
        await valkey.publish(keys.REQUESTS, b"not a request")  # and nothing breaks
        assert (await picture(valkey, 1, seconds=10)).jpeg.startswith(b"\xff\xd8")
