"""The live role: relay what was committed, keep the board, publish it; keep alarms, and how the cameras fare."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime

from redis.asyncio import Redis

from data_access.camera_history import CameraHistory
from data_access.camera_recorder import CameraRecorder
from data_access.clerk import Clerk
from data_access.errors import StoreError
from data_access.hall import Hall, database_url, open_hall, redis_url
from data_access.live_board import LiveBoard
from data_access.live_worker import LiveWorker
from data_access.redis_client import open_redis
from data_access.relay import Relay, waker
from domain.camera import CameraStatus
from domain.camera_health import Word
from domain.worktime import CalendarError
from roles.alarms import alarm_keeper
from roles.camera_list import CameraList
from roles.risk import risk_keeper
from runtime.clock import SystemClock
from runtime.settings import Settings
from runtime.supervision import run_until_stopped
from video.status import heard

TROUBLE = (StoreError, CalendarError)


def run(settings: Settings, _arguments: Namespace) -> int:
    """Until told to stop."""
    run_until_stopped(lambda stop: _live(settings, stop))
    return 0


async def _live(settings: Settings, stop: asyncio.Event) -> None:
    hall = await asyncio.to_thread(open_hall, database_url(settings), on_commit=waker(redis_url(settings)))
    redis = open_redis(redis_url(settings))
    cameras = await asyncio.to_thread(CameraList, hall)
    board = LiveBoard(redis)
    async with asyncio.TaskGroup() as group:
        group.create_task(Relay(redis, hall.cases).run(stop))
        group.create_task(Clerk(redis, hall.cases, hall.policy.calendar).run(stop))
        group.create_task(cameras.run(stop))
        group.create_task(_recorder(redis, hall, cameras).run(stop))
        group.create_task(board.run(stop))
        group.create_task(alarm_keeper(redis, hall, board, SystemClock()).run(stop))
        group.create_task(risk_keeper(redis, hall, board, settings).run(stop))
        group.create_task(LiveWorker(redis, hall.cases.tally_seed, zone=hall.city.zone).run(stop))
    await redis.aclose()


def _recorder(redis: Redis, hall: Hall, cameras: CameraList) -> CameraRecorder:
    """The cameras' history, from what the video role says of them."""

    async def words() -> AsyncGenerator[Sequence[Word], None]:
        async with aclosing(heard(redis)) as batches:
            async for batch in batches:
                yield [_word(status, at) for status, at in batch]

    return CameraRecorder(redis, CameraHistory(hall.engine), words, platforms=cameras.owners)


def _word(status: CameraStatus, at: datetime) -> Word:
    return Word(
        camera_id=status.camera_id,
        state=status.state,
        error=status.error,
        conditions=status.conditions,
        since=status.since,
        at=at,
    )
