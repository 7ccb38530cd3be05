"""A camera that somebody turns is not called blurred for it, whichever process pulls it."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from tests.fakes.rtsp_camera import FakeCameras
from tests.video.made import address
from tests.waiting import eventually_async
from video import keys
from video.capture import CaptureService
from video.checks.picture import PictureChecks


async def test_the_process_that_pulls_a_camera_hears_that_it_turns(
    valkey: Redis, valkey_url: str, rtsp: FakeCameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[float] = []
    monkeypatch.setattr(PictureChecks, "view_changed", lambda _self, at: heard.append(at))
    stop = asyncio.Event()
    running = asyncio.create_task(CaptureService(lambda: [address(7, rtsp.url())], valkey_url).run(stop))

    async def told() -> bool:
        await valkey.publish(keys.TURNED, "404")
        await valkey.publish(keys.TURNED, "7")
        return bool(heard)

    await eventually_async(told, within=30)
    stop.set()
    await running
