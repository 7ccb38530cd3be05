"""The video role: pull this process's share of the cameras, and say how they are."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Sequence

from data_access.errors import StoreError
from data_access.hall import Hall, database_url, open_hall, redis_url
from data_access.redis_client import open_redis
from data_access.sources import Sources, SourceState
from domain.worktime import CalendarError
from runtime.settings import Settings
from runtime.supervision import run_until_stopped
from video.address import CameraAddress
from video.capture import CaptureService

TROUBLE = (StoreError, CalendarError)
SOURCE = "cameras"


def run(settings: Settings, arguments: Namespace) -> int:
    """Until told to stop. `video_workers` processes take every n-th camera each."""
    run_until_stopped(lambda stop: _capture(settings, arguments.share, stop))
    return 0


async def _capture(settings: Settings, share: int, stop: asyncio.Event) -> None:
    hall = await asyncio.to_thread(open_hall, database_url(settings))
    cameras = [found for found in _addresses(hall) if found.camera.number % settings.video_workers == share]
    redis = open_redis(redis_url(settings))
    lamps = Sources(redis)

    async def report(state: str, detail: str) -> None:
        await lamps.report(SOURCE, SourceState.LIVE if state == "live" else SourceState.DOWN, detail)

    await CaptureService(cameras, redis_url(settings), report=report).run(stop)
    await redis.aclose()


def _addresses(hall: Hall) -> Sequence[CameraAddress]:
    urls = hall.city_store.camera_addresses()
    return [
        CameraAddress(camera=camera, main_url=urls[camera.camera_id][0], sub_url=urls[camera.camera_id][1])
        for camera in hall.city_store.cameras()
    ]
