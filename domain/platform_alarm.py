"""One alarm instead of many: a sharing platform whose cameras go together (product sheet 3.5).

It begins when at least three cameras and 60 % of a platform's were lost within one minute, and that has held for 5 s;
it ends when it has not held for 60 s. A camera that is idle by policy counts on neither side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from domain.camera import CameraState

LEAST_CAMERAS = 3
LEAST_SHARE = 0.6
TOGETHER = timedelta(seconds=60)
DELAY_ON = timedelta(seconds=5)
DELAY_OFF = timedelta(seconds=60)

_COUNTED = frozenset({CameraState.LIVE, CameraState.DELAYED, CameraState.FROZEN, CameraState.OFFLINE})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformAlarm:
    """`lost` of `total` cameras of `platform` give no picture; `since`: the first went; `cleared_at`: it is over."""

    platform: str
    since: datetime
    lost: int
    total: int
    most_lost: int
    cleared_at: datetime | None = None


class PlatformWatch:
    """All platforms of the city. Fed every camera's state as it is heard, asked once a second."""

    def __init__(self, platforms: Mapping[str, str], standing: Iterable[PlatformAlarm] = ()) -> None:
        """`platforms`: camera id → whose it is. `standing`: alarms that an earlier watch had raised."""
        self._platforms = platforms
        self._lost_since: dict[str, datetime | None] = {}
        self._standing = {alarm.platform: alarm for alarm in standing}
        self._pending: dict[str, datetime] = {}
        self._calm: dict[str, datetime] = {}

    def hear(self, camera_id: str, state: CameraState, at: datetime) -> None:
        """A camera is in `state` at `at`; cameras that no catalogue knows are nobody's."""
        if camera_id not in self._platforms:
            return
        if state not in _COUNTED:
            self._lost_since.pop(camera_id, None)
        elif state is not CameraState.OFFLINE:
            self._lost_since[camera_id] = None
        elif self._lost_since.get(camera_id) is None:
            self._lost_since[camera_id] = at

    def look(self, now: datetime) -> list[PlatformAlarm]:
        """What has changed: alarms raised, grown or shrunk, and those that ended (with `cleared_at`)."""
        names = dict.fromkeys(self._platforms.values())
        return [alarm for name in names if (alarm := self._judge(name, now)) is not None]

    @property
    def alarms(self) -> list[PlatformAlarm]:
        """Those that stand, oldest first."""
        return sorted(self._standing.values(), key=lambda alarm: alarm.since)

    def _judge(self, platform: str, now: datetime) -> PlatformAlarm | None:
        counted = [lost for camera, lost in self._lost_since.items() if self._platforms[camera] == platform]
        lost = sorted(since for since in counted if since is not None)
        if not counted:
            return None
        many = len(lost) >= LEAST_CAMERAS and len(lost) >= LEAST_SHARE * len(counted)
        if platform in self._standing:
            return self._go_on(platform, lost, len(counted), many=many, now=now)
        if not (many and _together(lost, len(counted))):
            self._pending.pop(platform, None)
            return None
        if now - self._pending.setdefault(platform, now) < DELAY_ON:
            return None
        del self._pending[platform]
        count = len(lost)
        alarm = PlatformAlarm(platform=platform, since=lost[0], lost=count, total=len(counted), most_lost=count)
        self._standing[platform] = alarm
        return alarm

    def _go_on(
        self, platform: str, lost: list[datetime], total: int, *, many: bool, now: datetime
    ) -> PlatformAlarm | None:
        before = self._standing[platform]
        most = max(before.most_lost, len(lost))
        alarm = self._standing[platform] = replace(before, lost=len(lost), total=total, most_lost=most)
        if many:
            self._calm.pop(platform, None)
        elif now - self._calm.setdefault(platform, now) >= DELAY_OFF:
            del self._calm[platform], self._standing[platform]
            return replace(alarm, cleared_at=now)
        return alarm if alarm != before else None


def _together(lost: list[datetime], total: int) -> bool:
    """Whether enough of the losses (in order) fall into one minute."""
    enough = max(LEAST_CAMERAS, ceil(round(LEAST_SHARE * total, 6)))
    return any(later - first <= TOGETHER for first, later in zip(lost, lost[enough - 1 :], strict=False))
