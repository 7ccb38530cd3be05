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


class CameraPolicy(StrEnum):
    """When a camera is pulled (video sheet 9.2): sharing platforms often allow less than always."""

    ALWAYS = "always"
    ON_DEMAND = "on_demand"
    SNAPSHOT = "snapshot"
    """A picture a minute while nobody watches; pulled as long as somebody does."""


class CameraCondition(StrEnum):
    """What is wrong with the picture itself while it keeps coming (video sheet 8)."""

    BLACK = "black"
    COVERED = "covered"
    BLURRED = "blurred"
    MOVED = "moved"
    DAMAGED = "damaged"
    WRONG_CLOCK = "wrong_clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A remembered view of a PTZ camera. `token` is the camera's own name for it; `bearing` and `fov` in degrees."""

    token: str
    name: str
    bearing: float | None = None
    fov: float | None = None


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
    street: str = ""
    policy: CameraPolicy = CameraPolicy.ALWAYS
    presets: tuple[Preset, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraStatus:
    """State of one camera. `since` is when it entered `state`; `last_frame_at` the arrival of its newest frame.

    `conditions` are what is wrong with the picture itself, gravest first; a live camera may look at a wall.
    `drift_seconds`: how far its own clock is ahead of ours, where it tells.
    """

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
    conditions: tuple[CameraCondition, ...] = ()
    drift_seconds: float | None = None
