"""The demo city's day: its people live through it by the same commands as anybody."""

from __future__ import annotations

import asyncio
import random
from argparse import Namespace

from data_access.errors import StoreError
from data_access.hall import database_url, open_hall, redis_url
from data_access.relay import waker
from demo.day import Day
from demo.town_reader import read_town
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
    rng = random.Random()  # noqa: S311 (a demo's chances)
    await Day(hall.cases, town, hall.policy, clock=SystemClock(), rng=rng, speed=settings.demo_speed).run(stop)
