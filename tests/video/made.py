"""Valid values in one call."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import SecretStr

from domain.camera import Camera, CameraError, CameraState, CameraStatus
from domain.roles import Identity, Role
from video.address import CameraAddress

NOON = datetime(2026, 8, 6, 4, 0, tzinfo=UTC)
SUPERVISOR = Identity(name="supervisor", display_name="督察员", role=Role.SUPERVISOR)


def camera(
    number: int, *, name: str = "", shared: bool = False, owner: str = "指挥中心", district: str = "370202"
) -> Camera:
    return Camera(
        camera_id=f"QD-{number:03d}",
        number=number,
        name=name or f"台东三路 {number}",
        district_code=district,
        lon=120.36,
        lat=36.08,
        bearing=None,
        fov=None,
        owner_unit=owner,
        shared=shared,
        ptz=False,
    )


def address(number: int, url: str, sub_url: str | None = None) -> CameraAddress:
    return CameraAddress(
        camera=camera(number), main_url=SecretStr(url), sub_url=None if sub_url is None else SecretStr(sub_url)
    )


def status(
    number: int,
    state: CameraState = CameraState.LIVE,
    *,
    since: datetime = NOON,
    error: CameraError | None = None,
    attempt: int = 1,
) -> CameraStatus:
    return CameraStatus(
        camera_id=f"QD-{number:03d}",
        state=state,
        since=since,
        last_frame_at=since,
        error=error,
        attempt=attempt,
        width=352,
        height=288,
        fps=15.0,
        kbps=300.5,
        codec="h264",
        reconnects=2,
    )
