"""`/api/v1/cameras/health`: every camera and sharing platform as it is and as it fared, and the alarms that stand.

The states of this moment are told even while history or alarms cannot be: what is missing is null, with the reason.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, HTTPException, Response
from redis.exceptions import RedisError

from api.cameras import camera_json
from data_access.camera_figures import BAR_PIECES, BAR_SPAN, WINDOWS, CameraFigures
from data_access.camera_recorder import alarm_wire
from data_access.errors import StoreError
from domain.camera import Camera, CameraState, CameraStatus
from domain.camera_health import Uptime, together
from domain.journal import milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraHealth:
    """What the routes ask. `relearn` takes a camera's number."""

    now: Callable[[], datetime]
    cameras: Callable[[], Sequence[Camera]]
    statuses: Callable[[], Mapping[str, CameraStatus]]
    figures: Callable[[], Awaitable[CameraFigures]]
    alarms: Callable[[], Awaitable[list[dict[str, Any]] | None]]
    relearn: Callable[[int], Awaitable[None]]


def camera_health_router(health: CameraHealth) -> APIRouter:
    """Both routes."""
    router = APIRouter(tags=["cameras"])

    @router.get("/api/v1/cameras/health", summary="How every camera and sharing platform is, and how it fared")
    async def show() -> dict[str, Any]:
        figures = await _figures(health)
        cameras, statuses = health.cameras(), health.statuses()
        return {
            "as_of": milliseconds(health.now()),
            "cameras": [_camera(camera, statuses.get(camera.camera_id), figures) for camera in cameras],
            "platforms": _platforms(cameras, statuses, figures),
            "alarms": await _alarms(health),
            "past_alarms": [alarm_wire(alarm) for alarm in figures.alarms if alarm.cleared_at] if figures else None,
            "bar": {"pieces": BAR_PIECES, "span_ms": round(BAR_SPAN.total_seconds() * 1000)},
            "figures_as_of": milliseconds(figures.as_of) if figures else None,
        }

    @router.post(
        "/api/v1/cameras/{camera_id}/relearn",
        status_code=204,
        summary="Take a camera's present view as its normal one",
    )
    async def relearn(camera_id: str) -> Response:
        number = next((camera.number for camera in health.cameras() if camera.camera_id == camera_id), None)
        if number is None:
            raise HTTPException(404, "no such camera")
        try:
            await health.relearn(number)
        except (RedisError, OSError) as error:
            raise HTTPException(503, "the message server does not answer") from error
        return Response(status_code=204)

    return router


async def _figures(health: CameraHealth) -> CameraFigures | None:
    """The figures, or None where the database does not answer: the page says so beside the states."""
    try:
        return await health.figures()
    except StoreError:
        return None


async def _alarms(health: CameraHealth) -> list[dict[str, Any]] | None:
    try:
        return await health.alarms()
    except (RedisError, OSError):
        return None


def _camera(camera: Camera, status: CameraStatus | None, figures: CameraFigures | None) -> dict[str, Any]:
    name = camera.camera_id
    return {
        **camera_json(camera, status),
        "uptime": {window: uptime_json(figures.uptime(window, name)) for window in WINDOWS} if figures else None,
        "bar": figures.bar(name) if figures else None,
    }


def _platforms(
    cameras: Sequence[Camera], statuses: Mapping[str, CameraStatus], figures: CameraFigures | None
) -> list[dict[str, Any]]:
    """By name; own cameras first. A platform's uptime is the time of all its cameras together."""
    names = dict.fromkeys(camera.owner_unit for camera in sorted(cameras, key=lambda c: (c.shared, c.owner_unit)))
    return [
        _platform(name, [camera for camera in cameras if camera.owner_unit == name], statuses, figures)
        for name in names
    ]


def _platform(
    name: str, cameras: Sequence[Camera], statuses: Mapping[str, CameraStatus], figures: CameraFigures | None
) -> dict[str, Any]:
    states = [status.state for camera in cameras if (status := statuses.get(camera.camera_id)) is not None]
    flawed = sum(bool(status.conditions) for c in cameras if (status := statuses.get(c.camera_id)) is not None)
    return {
        "platform": name,
        "shared": any(camera.shared for camera in cameras),
        "cameras": len(cameras),
        "by_state": {state.value: states.count(state) for state in CameraState},
        "with_conditions": flawed,
        "uptime": _together(cameras, figures) if figures else None,
    }


def _together(cameras: Sequence[Camera], figures: CameraFigures) -> dict[str, Any]:
    def whole(window: str) -> Uptime:
        return together(figures.uptime(window, camera.camera_id) for camera in cameras)

    return {window: uptime_json(whole(window)) for window in WINDOWS}


def uptime_json(uptime: Uptime) -> dict[str, float | None]:
    """Share of known time with a picture, and share of the window that is known (both 0–1)."""
    share = uptime.share
    return {"share": None if share is None else round(share, 6), "covered": round(uptime.covered, 4)}
