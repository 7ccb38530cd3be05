"""What is known of every camera, on its way through Redis: written by the process that holds it, read by everybody."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from redis.asyncio import Redis

from domain.camera import CameraCondition, CameraError, CameraState, CameraStatus
from runtime.clock import Clock, SystemClock
from video import keys

REWRITE_SECONDS = 5.0
"""How often a capture process repeats every status, changed or not."""
QUIET_SECONDS = 1.0
"""Longest time `heard` says nothing."""
_LARGEST_BATCH = 1000
BELIEVED_SECONDS = 15.0
"""A status not repeated for this long is nobody's word any more: the capture process is gone, the camera unknown."""


log = logging.getLogger(__name__)


def encode_status(status: CameraStatus, *, as_of: datetime) -> bytes:
    """JSON of a status and the moment it was said."""
    return orjson.dumps(wire_status(status) | {"camera_id": status.camera_id, "as_of": _ms(as_of)})


def wire_status(status: CameraStatus) -> dict[str, Any]:
    """Plain JSON of a status, as sockets and the status hash carry it; times in epoch milliseconds."""
    return {
        "state": str(status.state),
        "since": _ms(status.since),
        "last_frame_at": _ms(status.last_frame_at),
        "error": None if status.error is None else str(status.error),
        "attempt": status.attempt,
        "retry_at": _ms(status.retry_at),
        "width": status.width,
        "height": status.height,
        "fps": status.fps,
        "kbps": status.kbps,
        "codec": status.codec,
        "reconnects": status.reconnects,
        "conditions": [str(condition) for condition in status.conditions],
        "drift_seconds": status.drift_seconds,
    }


def decode_status(data: bytes | str) -> tuple[CameraStatus, datetime]:
    """The status and the moment it was said.

    Raises:
        ValueError: not one of our statuses.
    """
    try:
        raw = orjson.loads(data)
        return _status(raw), _moment(raw["as_of"])
    except (KeyError, TypeError) as error:
        raise ValueError("not a camera status") from error


async def read_statuses(redis: Redis, *, clock: Clock | None = None) -> dict[str, CameraStatus]:
    """Every camera's status by camera id; those whose capture process has fallen silent are offline since then."""
    now = (clock or SystemClock()).now()
    found = await redis.hgetall(keys.STATUS)
    decoded = (decode_status(data) for data in found.values())
    return {status.camera_id: believed(status, as_of, now) for status, as_of in decoded}


async def heard(
    redis: Redis, *, clock: Clock | None = None
) -> AsyncGenerator[list[tuple[CameraStatus, datetime]], None]:
    """What capture processes say, as they say it: changes at once, everything every few seconds, and at least once a
    second a (perhaps empty) batch. Each status with the moment it was said; nothing is made up for silent ones.

    Raises:
        RedisError, OSError: the line is lost.
    """
    time = clock or SystemClock()
    async with redis.pubsub(ignore_subscribe_messages=True) as channel:
        await channel.subscribe(keys.EVENTS)
        read_at = float("-inf")
        while True:
            said: list[Any] = []
            if time.monotonic() - read_at >= REWRITE_SECONDS:
                read_at = time.monotonic()
                said += (await redis.hgetall(keys.STATUS)).values()
            message = await channel.get_message(timeout=0.0 if said else QUIET_SECONDS)
            while message is not None and len(said) < _LARGEST_BATCH:
                if message["type"] == "message":
                    said.append(message["data"])
                message = await channel.get_message(timeout=0.0)
            yield [status for data in said for status in _readable(data)]


def believed(status: CameraStatus, as_of: datetime, now: datetime) -> CameraStatus:
    """`status` as it may still be told at `now`."""
    if now - as_of <= timedelta(seconds=BELIEVED_SECONDS):
        return status
    return CameraStatus(
        camera_id=status.camera_id,
        state=CameraState.OFFLINE,
        since=as_of,
        last_frame_at=status.last_frame_at,
        error=CameraError.TIMEOUT,
        reconnects=status.reconnects,
    )


def _readable(data: bytes | str) -> list[tuple[CameraStatus, datetime]]:
    """The status, or nothing where another program version wrote it."""
    try:
        return [decode_status(data)]
    except ValueError as error:
        log.warning("a camera's status cannot be read: %s", error)
        return []


def _status(raw: Mapping[str, Any]) -> CameraStatus:
    return CameraStatus(
        camera_id=raw["camera_id"],
        state=CameraState(raw["state"]),
        since=_moment(raw["since"]),
        last_frame_at=None if raw["last_frame_at"] is None else _moment(raw["last_frame_at"]),
        error=None if raw["error"] is None else CameraError(raw["error"]),
        attempt=raw["attempt"],
        retry_at=None if raw["retry_at"] is None else _moment(raw["retry_at"]),
        width=raw["width"],
        height=raw["height"],
        fps=raw["fps"],
        kbps=raw["kbps"],
        codec=raw["codec"],
        reconnects=raw["reconnects"],
        conditions=tuple(CameraCondition(code) for code in raw.get("conditions", ())),
        drift_seconds=raw.get("drift_seconds"),
    )


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
