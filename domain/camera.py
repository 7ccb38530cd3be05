"""A camera of the city and what is known of its picture right now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CameraState(StrEnum):
    """What a tile says of its picture (design 4): ages of the newest frame, not opinions about the scene."""

    IDLE = "idle"
    CONNECTING = "connecting"
    LIVE = "live"
    DELAYED = "delayed"
    FROZEN = "frozen"
    OFFLINE = "offline"


class CameraError(StrEnum):
    """Why a camera gives no picture: codes for the screen, never exception text."""

    AUTH = "auth"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    CODEC = "codec"
    STREAM_ENDED = "stream_ended"
    DAMAGED = "damaged"
    BAD_ADDRESS = "bad_address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """One row of `cameras.csv` (design 6). `number` is its stable wire number (1–65535) on `/ws/video`.

    Its addresses are not here: they may carry a password and stay inside the capture process (`video`).
    """

    camera_id: str
    number: int
    name: str
    district_code: str
    lon: float
    lat: float
    bearing: float | None
    fov: float | None
    owner_unit: str
    shared: bool
    ptz: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraStatus:
    """State of one camera. `since` is when it entered `state`; `last_frame_at` the arrival of its newest frame."""

    camera_id: str
    state: CameraState
    since: datetime
    last_frame_at: datetime | None = None
    error: CameraError | None = None
    attempt: int = 0
    retry_at: datetime | None = None
    width: int = 0
    height: int = 0
    fps: float = 0.0
    kbps: float = 0.0
    codec: str = ""
    reconnects: int = 0
