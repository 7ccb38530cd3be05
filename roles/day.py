"""The demo city's day: its people live through it by the same commands as anybody."""

from __future__ import annotations

import asyncio
import random
from argparse import Namespace
from datetime import timedelta

from data_access.accounts import AccountStore
from data_access.claims import ClaimLeases
from data_access.errors import StoreError
from data_access.hall import database_url, open_hall, redis_url
from data_access.photos import PhotoStore
from data_access.redis_client import open_redis
from data_access.relay import waker
from demo.day import Day
from demo.pictures import Pictures
from demo.town_reader import read_town
from demo.visitors import Visitors
from domain.worktime import CalendarError
from runtime.clock import SystemClock
from runtime.settings import Settings
from runtime.supervision import run_until_stopped

TROUBLE = (StoreError, CalendarError)


def run(settings: Settings, _arguments: Namespace) -> int:
    """Until told to stop."""
    run_until_stopped(lambda stop: _live_through(settings, stop))
    return 0


async def _live_through(settings: Settings, stop: asyncio.Event) -> None:
    hall = await asyncio.to_thread(open_hall, database_url(settings), on_commit=waker(redis_url(settings)))
    town = await asyncio.to_thread(read_town, hall.engine, settings.demo_seed)
    clock, redis = SystemClock(), open_redis(redis_url(settings))
    accounts = AccountStore(hall.engine, now=clock.now)
    minutes = settings.demo_storm
    day = Day(
        hall.cases,
        town,
        hall.policy,
        clock=clock,
        rng=random.Random(),  # noqa: S311 (a demo's chances)
        speed=settings.demo_speed,
        leases=ClaimLeases(redis),
        visitors=Visitors(lambda: [account.name for account in accounts.all()]),
        storm_after=None if minutes is None else timedelta(minutes=minutes),
        pictures=Pictures(PhotoStore(hall.engine, hall.city.zone), town),
    )
    await day.run(stop)
    await redis.aclose()
