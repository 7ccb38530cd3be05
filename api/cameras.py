"""`/api/v1/cameras`: every camera, where it looks, its state, since when and why. Never its address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter

from domain.camera import Camera, CameraState, CameraStatus
from domain.journal import milliseconds


def cameras_router(
    cameras: Callable[[], Sequence[Camera]], statuses: Callable[[], Awaitable[Mapping[str, CameraStatus]]]
) -> APIRouter:
    """The route. A camera nobody has reported on yet has no status: its state is null, not "live"."""
    router = APIRouter(tags=["cameras"])

    @router.get("/api/v1/cameras", summary="All cameras and their state")
    async def show() -> dict[str, Any]:
        known = await statuses()
        rows = [camera_json(camera, known.get(camera.camera_id)) for camera in cameras()]
        by_state = {state.value: sum(row["state"] == state.value for row in rows) for state in CameraState}
        return {"total": len(rows), "by_state": by_state, "cameras": rows}

    return router


def camera_json(camera: Camera, status: CameraStatus | None) -> dict[str, Any]:
    """One camera; the command line prints the same."""
    return {
        "camera_id": camera.camera_id,
        "number": camera.number,
        "name": camera.name,
        "district_code": camera.district_code,
        "lon": camera.lon,
        "lat": camera.lat,
        "bearing": camera.bearing,
        "fov": camera.fov,
        "owner_unit": camera.owner_unit,
        "shared": camera.shared,
        "ptz": camera.ptz,
        "policy": camera.policy.value,
        **_status_json(status),
    }


def _status_json(status: CameraStatus | None) -> dict[str, Any]:
    if status is None:
        return {"state": None}
    return {
        "state": status.state.value,
        "since": milliseconds(status.since),
        "last_frame_at": _ms(status.last_frame_at),
        "error": status.error.value if status.error else None,
        "attempt": status.attempt,
        "retry_at": _ms(status.retry_at),
        "width": status.width,
        "height": status.height,
        "fps": status.fps,
        "kbps": status.kbps,
        "codec": status.codec,
        "reconnects": status.reconnects,
        "conditions": [condition.value for condition in status.conditions],
        "drift_seconds": status.drift_seconds,
    }


def _ms(at: datetime | None) -> int | None:
    return None if at is None else milliseconds(at)
