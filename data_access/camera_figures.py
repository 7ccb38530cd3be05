"""What the health page asks of cameras' history: uptime in three windows, the bar of a day, alarms.

Counted once for all: a month of 101 cameras is three grouped queries and a day of spells, kept for some seconds, so
that any number of open pages costs one count.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from redis.asyncio import Redis

from data_access import keys
from data_access.camera_history import CameraHistory
from domain.camera_health import Mark, Uptime, bar, from_totals
from domain.platform_alarm import PlatformAlarm

KEPT_SECONDS = 20.0
BAR_PIECES = 144
"""Ten minutes each."""
BAR_SPAN = timedelta(hours=24)
PAST_ALARMS_SPAN = timedelta(days=30)
WINDOWS: Mapping[str, timedelta] = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraFigures:
    """As of one moment. A camera without any history has neither an uptime nor a bar here."""

    as_of: datetime
    uptimes: Mapping[str, Mapping[str, Uptime]]
    """Window → camera id → uptime."""
    bars: Mapping[str, str]
    alarms: tuple[PlatformAlarm, ...]
    """Of the last 30 days, those that stand included; newest first."""

    def uptime(self, window: str, camera_id: str) -> Uptime:
        """A camera's; of one without history all is unknown."""
        return self.uptimes[window].get(camera_id) or from_totals({}, _ms(WINDOWS[window]))

    def bar(self, camera_id: str) -> str:
        return self.bars.get(camera_id) or Mark.UNKNOWN * BAR_PIECES


class CameraFigureService:
    """Answers from memory while the last count is fresh; one count at a time."""

    def __init__(self, history: CameraHistory, *, now: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._history = history
        self._now = now
        self._monotonic = monotonic
        self._lock = asyncio.Lock()
        self._newest: CameraFigures | None = None
        self._counted_at = float("-inf")

    async def newest(self) -> CameraFigures:
        """The figures, some seconds old at most.

        Raises:
            StoreError: they cannot be counted.
        """
        async with self._lock:
            if self._newest is None or self._monotonic() - self._counted_at >= KEPT_SECONDS:
                self._newest = await asyncio.to_thread(self.count, self._now())
                self._counted_at = self._monotonic()
            return self._newest

    def count(self, now: datetime) -> CameraFigures:
        """The figures as of `now`; blocking.

        Raises:
            StoreError: the database does not answer.
        """
        uptimes = {name: self._uptimes(now - span, now) for name, span in WINDOWS.items()}
        day = self._history.spells(now - BAR_SPAN, now)
        bars = {camera: bar(spells, now - BAR_SPAN, now, BAR_PIECES) for camera, spells in day.items()}
        alarms = tuple(self._history.alarms(now - PAST_ALARMS_SPAN))
        return CameraFigures(as_of=now, uptimes=uptimes, bars=bars, alarms=alarms)

    def _uptimes(self, start: datetime, end: datetime) -> dict[str, Uptime]:
        window = _ms(end - start)
        return {camera: from_totals(spent, window) for camera, spent in self._history.totals(start, end).items()}


async def standing_alarms(redis: Redis) -> list[dict[str, Any]] | None:
    """The alarms that stand, as `camera_recorder.alarm_wire`; None when nobody watches over the platforms.

    Raises:
        RedisError, OSError: the line is lost.
    """
    wire = await redis.get(keys.PLATFORM_ALARMS)
    return None if wire is None else list(orjson.loads(wire))


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
