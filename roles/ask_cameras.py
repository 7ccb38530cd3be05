"""`citywall cameras`: every camera of a running hall, its state, since when, why."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from redis.exceptions import RedisError

from api.cameras import camera_json
from data_access.errors import StoreError
from data_access.hall import Hall, database_url, open_hall, redis_url
from data_access.redis_client import open_redis
from domain.camera import CameraStatus
from domain.journal import moment
from domain.worktime import CalendarError
from runtime.console import show_json, show_table
from runtime.settings import Settings
from video.status import read_statuses


class NotRunning(Exception):
    """Nobody holds the cameras; the message says what to start."""


TROUBLE = (StoreError, CalendarError, NotRunning)


def run(settings: Settings, arguments: Namespace) -> int:
    """Print the cameras."""
    hall = open_hall(database_url(settings))
    statuses = asyncio.run(_statuses(redis_url(settings)))
    rows = [camera_json(camera, statuses.get(camera.camera_id)) for camera in hall.city_store.cameras()]
    if arguments.json:
        show_json(rows)
    else:
        show_table(("camera", "name", "state", "since", "why"), [_row(row, hall) for row in rows])
    return 0


async def _statuses(url: str) -> Mapping[str, CameraStatus]:
    redis = open_redis(url)
    try:
        return await read_statuses(redis)
    except (RedisError, OSError) as error:
        raise NotRunning("No hall is running on this data folder: start one with `citywall run`.") from error
    finally:
        await redis.aclose()


def _row(row: dict[str, Any], hall: Hall) -> list[str]:
    since = row["since"]
    shown = f"{moment(since).astimezone(hall.city.zone):%m-%d %H:%M:%S}" if since else "–"
    return [row["camera_id"], row["name"], row["state"] or "unknown", shown, row["error"] or ""]
