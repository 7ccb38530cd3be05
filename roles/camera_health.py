"""The health page's route, put together: states from the hub, figures from the history, alarms from the live role."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fastapi import APIRouter
from redis.asyncio import Redis

from api.camera_health import CameraHealth, camera_health_router
from data_access.camera_figures import CameraFigureService, standing_alarms
from data_access.camera_history import CameraHistory
from data_access.hall import Hall
from domain.camera import Camera, CameraStatus
from runtime.clock import Clock
from video import keys


def health_router(
    hall: Hall,
    redis: Redis,
    *,
    cameras: Callable[[], Sequence[Camera]],
    statuses: Callable[[], Mapping[str, CameraStatus]],
    clock: Clock,
) -> APIRouter:
    """The routes of one web process."""
    figures = CameraFigureService(CameraHistory(hall.engine), now=clock.now, monotonic=clock.monotonic)

    async def relearn(number: int) -> None:
        await redis.sadd(keys.RELEARN, number)

    return camera_health_router(
        CameraHealth(
            now=clock.now,
            cameras=cameras,
            statuses=statuses,
            figures=figures.newest,
            alarms=lambda: standing_alarms(redis),
            relearn=relearn,
        )
    )
