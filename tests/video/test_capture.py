"""Capture against real sockets: fake RTSP cameras with faults, a real Valkey, the service as it runs in the hall."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from redis.asyncio import Redis

from domain.camera import CameraState, CameraStatus
from tests.fakes.http_camera import mjpeg_camera
from tests.fakes.rtsp_camera import USER, FakeCameras, Fault
from tests.video.hall import capturing, status_when
from tests.video.made import address
from tests.waiting import eventually, eventually_async
from video import demand, keys
from video.capture import CaptureService
from video.ladder import BY_NAME
from video.status import read_statuses
from video.tell import summary
from video.tile import Tile

SIZE = BY_NAME["320x180"]
LIVE, FROZEN, OFFLINE = CameraState.LIVE, CameraState.FROZEN, CameraState.OFFLINE


def is_state(*states: CameraState) -> Callable[[CameraStatus], bool]:
    return lambda status: status.state in states


async def look(valkey: Redis, number: int, rate: float = 10.0) -> None:
    await demand.renew(valkey, "test", {number: demand.Wish({SIZE: rate})}, changed=True)


async def test_a_silent_stream_is_frozen_within_six_seconds_of_its_last_picture(
    valkey: Redis, valkey_url: str, rtsp: FakeCameras
) -> None:
    url = rtsp.url()
    async with capturing([address(1, url)], valkey_url):
        await status_when(valkey, "QD-001", is_state(LIVE))
        rtsp.become(url, Fault.SILENT)  # no new connection gets through either
        rtsp.close()
        frozen = await status_when(valkey, "QD-001", is_state(FROZEN), within=15)
    assert frozen.last_frame_at is not None
    assert (frozen.since - frozen.last_frame_at).total_seconds() < 6


async def test_a_new_picture_size_in_mid_stream_is_followed(valkey: Redis, valkey_url: str, rtsp: FakeCameras) -> None:
    async with valkey.pubsub() as channel:
        await channel.subscribe(keys.tiles(1, "320x180"))
        async with capturing([address(1, rtsp.url(Fault.RESIZED))], valkey_url):
            await look(valkey, 1)
            shapes = {(240, 180), (240, 180)[::-1]}

            async def resized() -> bool:
                message = await channel.get_message(ignore_subscribe_messages=True, timeout=2)
                return message is not None and jpeg_size(Tile.unpack(message["data"]).jpeg) in shapes

            await eventually_async(resized, within=20)


def jpeg_size(jpeg: bytes) -> tuple[int, int]:
    import numpy as np

    from video.cv import cv2

    height, width = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR).shape[:2]
    return width, height


async def _truth(value: object) -> object:
    return value


async def test_an_http_camera_is_pulled_like_any_other(valkey: Redis, valkey_url: str) -> None:
    async with mjpeg_camera() as url, valkey.pubsub() as channel:
        await channel.subscribe(keys.tiles(1, str(SIZE)))
        async with capturing([address(1, url)], valkey_url):
            status = await status_when(valkey, "QD-001", lambda s: s.state is LIVE)
            await look(valkey, 1)
            await eventually_async(lambda: channel.get_message(ignore_subscribe_messages=True, timeout=1), within=15)
    assert (status.codec, status.width, status.height) == ("mjpeg", 320, 240)


async def test_good_cameras_do_not_wait_for_dead_ones(
    valkey: Redis, valkey_url: str, rtsp: FakeCameras, closed_url: str
) -> None:
    dead = [address(n, rtsp.url(Fault.SILENT, n)) for n in range(1, 12)] + [address(12, closed_url)]
    good = [address(n, rtsp.url(Fault.OK, n)) for n in range(20, 60)]
    began = time.monotonic()
    async with capturing([*dead, *good], valkey_url):

        async def all_good_live() -> bool:
            states = await read_statuses(valkey)
            return sum(status.state is LIVE for status in states.values()) == len(good)

        await eventually_async(all_good_live, within=30)
        took = time.monotonic() - began
    assert took < 20  # seconds on a machine full of other tests; the benchmark holds the real figure


@pytest.fixture
def closed_url() -> str:
    return "rtsp://127.0.0.1:1/nobody"


async def test_when_the_server_comes_back_so_do_all_cameras(valkey: Redis, valkey_url: str, rtsp: FakeCameras) -> None:
    cameras = [address(n, rtsp.url(Fault.OK, n)) for n in range(1, 9)]

    async def states(wanted: CameraState | None) -> bool:
        found = (await read_statuses(valkey)).values()
        return len(found) == 8 and all((s.state is wanted) if wanted else s.error for s in found)

    async with capturing(cameras, valkey_url):
        await eventually_async(lambda: states(LIVE), within=20)
        rtsp.close()
        await eventually_async(lambda: states(None), within=20)
        rtsp.open()
        await eventually_async(lambda: states(LIVE), within=30)


async def test_capture_goes_on_while_redis_is_away(
    valkey: Redis, valkey_url: str, rtsp: FakeCameras, caplog: pytest.LogCaptureFixture
) -> None:
    async with capturing([address(1, rtsp.url())], valkey_url):
        await status_when(valkey, "QD-001", is_state(LIVE))
        for kind in ("normal", "pubsub"):
            await valkey.client_kill_filter(_type=kind, skipme=True)
        await valkey.delete(keys.STATUS)
        await status_when(valkey, "QD-001", is_state(LIVE))
    assert rtsp.opened["/ok/1"] == 1


async def test_the_lamp_says_how_many_cameras_are_well(valkey: Redis, valkey_url: str, rtsp: FakeCameras) -> None:
    said: list[tuple[str, str]] = []

    async def report(state: str, detail: str) -> None:
        said.append((state, detail))

    cameras = [address(1, rtsp.url()), address(2, rtsp.url(Fault.MISSING))]
    async with capturing(cameras, valkey_url, report=report):
        await eventually_async(lambda: _truth(("live", "1/2") in said), within=20)


def test_a_city_whose_cameras_are_all_dark_is_not_well() -> None:
    from tests.video.made import status

    assert summary([status(1, OFFLINE), status(2, FROZEN)]) == ("late", "0/2")
    assert summary([status(1, OFFLINE), status(2, LIVE)]) == ("live", "1/2")
    assert summary([]) == ("live", "0/0")


def pull_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("pull ")]


@contextmanager
def no_threads_left() -> Iterator[None]:
    yield
    eventually(lambda: not pull_threads(), within=15)
    assert pull_threads() == []


async def test_no_thread_is_left_when_capture_ends_whatever_the_cameras_do(
    valkey: Redis, valkey_url: str, rtsp: FakeCameras
) -> None:
    faults = [Fault.OK, Fault.MISSING, Fault.AUTH, Fault.KILL, Fault.FREEZE, Fault.SLOW, Fault.SILENT, Fault.NO_MEDIA]
    cameras = [address(number, rtsp.url(fault, number)) for number, fault in enumerate(faults, 1)]
    with no_threads_left():
        async with capturing(cameras, valkey_url):
            await status_when(valkey, "QD-001", is_state(LIVE))
            assert len(pull_threads()) == len(cameras)
        rtsp.close()  # those inside a call come home when the other side is gone


async def test_no_word_about_a_camera_holds_its_password(
    valkey: Redis,
    valkey_url: str,
    rtsp: FakeCameras,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "Hidden-Word-77"
    urls = [
        rtsp.url(fault, number, user=USER, password=secret)
        for number, fault in enumerate((Fault.OK, Fault.AUTH, Fault.MISSING, Fault.KILL, Fault.CODEC), 1)
    ]
    urls += [
        f"rtsp://{USER}:{secret}@127.0.0.1:1/x",
        f"ftp://{USER}:{secret}@h/x",
        f"http://{USER}:{secret}@127.0.0.1:1/",
    ]
    cameras = [address(number, url) for number, url in enumerate(urls, 1)]
    async with capturing(cameras, valkey_url) as service:
        await status_when(valkey, "QD-001", is_state(LIVE))
        await eventually_async(lambda: _errors(valkey, 6), within=20)
        await look(valkey, 1)
        kept = [await valkey.hgetall(keys.STATUS), *[await valkey.dump(key) for key in await valkey.keys("*")]]
        told = [repr(vars(service)), str(cameras), str(kept), caplog.text, "".join(capfd.readouterr())]
    assert "live" in caplog.text
    assert not [text for text in told if secret in text]


async def _errors(valkey: Redis, count: int) -> bool:
    return sum(status.error is not None for status in (await read_statuses(valkey)).values()) >= count


def test_a_service_without_cameras_starts_and_stops(valkey_url: str) -> None:
    async def live_shortly() -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(CaptureService(list, valkey_url).run(stop))
        await asyncio.sleep(0)
        stop.set()
        await asyncio.wait_for(task, 5)

    asyncio.run(live_shortly())
