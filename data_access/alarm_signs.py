"""What calls for alarms besides cases: cameras, sharing platforms, walls that fall silent, seats that hear nothing.

Read from what each part says of itself in Redis. What cannot be known at the moment is named, so that nobody takes
silence for calm.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import orjson
from redis.asyncio import Redis

from data_access import keys
from data_access.camera_figures import standing_alarms
from data_access.sources import SourceLamp, Sources, SourceState
from domain.alarm import LEVELS, AlarmKey, AlarmKind, Condition
from domain.journal import moment
from runtime.clock import Clock

WALL_SILENT_AFTER = timedelta(seconds=30)
SEAT_GONE_AFTER = timedelta(seconds=90)
"""A desk page that says nothing more was closed; what it could not hear matters no longer."""
CAMERAS = "cameras"
LOOK_EVERY_SECONDS = 3.0
DEVICES_EVERY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Signs:
    """The conditions found, and the kinds of which nothing is known now."""

    found: Mapping[AlarmKey, Condition]
    unknown: frozenset[AlarmKind]


class HallSigns:
    """Asks at most every few seconds. `devices` names the wall devices that are meant to be there, asked rarely.

    `silent`: walls that an earlier keeper missed, and since when; nothing else remembers that they ever called.
    """

    def __init__(
        self,
        redis: Redis,
        devices: Callable[[], Awaitable[frozenset[str]]],
        clock: Clock,
        silent: Mapping[str, datetime] | None = None,
    ) -> None:
        self._redis = redis
        self._sources = Sources(redis, clock)
        self._devices = devices
        self._clock = clock
        self._known: frozenset[str] = frozenset()
        self._known_at = self._looked_at = float("-inf")
        self._beats = {name: since - WALL_SILENT_AFTER for name, since in (silent or {}).items()}
        self._signs = Signs({}, frozenset(AlarmKind))

    async def look(self) -> Signs:
        """The newest signs.

        Raises:
            RedisError, OSError: Redis does not answer. StoreError: nobody can say which walls there are.
        """
        if self._clock.monotonic() - self._looked_at < LOOK_EVERY_SECONDS:
            return self._signs
        platforms = await standing_alarms(self._redis)
        conditions = [
            *(_platform(one) for one in platforms or ()),
            *_cameras(await self._sources.all()),
            *await self._walls(),
            *await self._seats(),
        ]
        unknown = frozenset({AlarmKind.PLATFORM_LOST}) if platforms is None else frozenset()
        self._signs = Signs({one.key: one for one in conditions}, unknown)
        self._looked_at = self._clock.monotonic()
        return self._signs

    async def _walls(self) -> list[Condition]:
        """Walls that called once and have been silent for half a minute. One that was withdrawn is nobody's."""
        if self._clock.monotonic() - self._known_at >= DEVICES_EVERY_SECONDS:
            self._known = await self._devices()
            self._known_at = self._clock.monotonic()
        for name in self._known:
            at = await cast("Awaitable[bytes | None]", self._redis.hget(keys.wall_heartbeat(name), "at"))
            if at is not None:
                self._beats[name] = moment(int(at))
        silent = self._clock.now() - WALL_SILENT_AFTER
        return [
            _condition(AlarmKind.WALL_SILENT, name, since=at + WALL_SILENT_AFTER)
            for name, at in self._beats.items()
            if name in self._known and at < silent
        ]

    async def _seats(self) -> list[Condition]:
        told = await cast("Awaitable[dict[bytes, bytes]]", self._redis.hgetall(keys.ALARM_SOUND))
        seats = {name.decode(): orjson.loads(wire) for name, wire in told.items()}
        gone = [name for name, seat in seats.items() if self._clock.now() - moment(seat["at"]) > SEAT_GONE_AFTER]
        if gone:
            await self._redis.hdel(keys.ALARM_SOUND, *gone)
        deaf = [name for name, seat in seats.items() if name not in gone and seat["state"] == "lost"]
        return [_condition(AlarmKind.SOUND_LOST, name, who=seats[name]["who"]) for name in deaf]


def _cameras(lamps: list[SourceLamp]) -> Iterator[Condition]:
    """The capture's lamp is out where no camera of all gives a picture, or nobody captures. Never lit: no cameras."""
    lamp = next((lamp for lamp in lamps if lamp.name == CAMERAS), None)
    if lamp is not None and lamp.state is not SourceState.LIVE:
        yield _condition(AlarmKind.CAMERAS_LOST, "", detail=lamp.detail)


def _platform(wire: Mapping[str, Any]) -> Condition:
    about = {"lost": wire["lost"], "total": wire["total"]}
    return _condition(AlarmKind.PLATFORM_LOST, str(wire["platform"]), since=moment(wire["since"]), **about)


def _condition(kind: AlarmKind, subject: str, *, since: datetime | None = None, **about: Any) -> Condition:
    return Condition(key=AlarmKey(kind, subject), level=LEVELS[kind], since=since, about=about)
