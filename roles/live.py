"""The live role: relay what was committed, keep the board, publish it."""

from __future__ import annotations

import asyncio
from argparse import Namespace

from data_access.errors import StoreError
from data_access.hall import database_url, open_hall, redis_url
from data_access.live_worker import LiveWorker
from data_access.redis_client import open_redis
from data_access.relay import Relay
from domain.worktime import CalendarError
from runtime.settings import Settings
from runtime.supervision import run_until_stopped

TROUBLE = (StoreError, CalendarError)


def run(settings: Settings, _arguments: Namespace) -> int:
    """Until told to stop."""
    run_until_stopped(lambda stop: _live(settings, stop))
    return 0


async def _live(settings: Settings, stop: asyncio.Event) -> None:
    hall = await asyncio.to_thread(open_hall, database_url(settings))
    redis = open_redis(redis_url(settings))
    async with asyncio.TaskGroup() as group:
        group.create_task(Relay(redis, hall.cases).run(stop))
        group.create_task(LiveWorker(redis, hall.cases.tally_seed, zone=hall.city.zone).run(stop))
    await redis.aclose()
