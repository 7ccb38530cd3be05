"""The history role: keeps this machine's columnar copy of the journal, from which figures of any period are counted.

A process of its own: a refresh is heavy work in Python and in DuckDB, and neither pages nor the board should feel it.
"""

from __future__ import annotations

import asyncio
import os
from argparse import Namespace

from data_access.engine import migrate, open_engine
from data_access.errors import StoreError
from data_access.hall import database_url, history_bounds, redis_url
from data_access.history.folder import HistoryFolder
from data_access.history.keeper import HistoryKeeper
from data_access.history.writer import HistoryWriter
from data_access.redis_client import open_redis
from runtime.settings import Settings
from runtime.supervision import run_until_stopped

TROUBLE = (StoreError,)
_YIELDING = 10
"""Niceness: whoever acts or looks goes first."""


def run(settings: Settings, _arguments: Namespace) -> int:
    """Until told to stop. A refresh under way is broken off and leaves the last good state."""
    os.nice(_YIELDING)
    run_until_stopped(lambda stop: _keep(settings, stop))
    return 0


async def _keep(settings: Settings, stop: asyncio.Event) -> None:
    engine = open_engine(database_url(settings))
    await asyncio.to_thread(migrate, engine)
    redis = open_redis(redis_url(settings))
    writer = HistoryWriter(HistoryFolder(settings.data_dir), engine, history_bounds(settings))
    await HistoryKeeper(redis, writer).run(stop)
    await redis.aclose()
