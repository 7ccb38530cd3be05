"""The one door from a page to the running system: a frozen value that `app` puts on the server's state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

import dash

if TYPE_CHECKING:
    from data_access.cases import CaseStore
    from data_access.live_alarms import LiveAlarms
    from data_access.sources import SourceLamp
    from domain.camera import Camera, CameraStatus
    from domain.city import City
    from domain.roles import Identity
    from domain.sight import CaseSight
    from domain.wall_places import WallPlaces
    from pages._feed import Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What pages may ask of the running system. Everything but `store` answers from memory.

    `store` reads a database: pages call it through `asyncio.to_thread` only. `valid` asks whether a session that began
    earlier still stands (long-lived sockets ask once a minute). `cameras_for_case` names the cameras that see a case,
    for whoever asks; None: there is no such case for them. `wall_places` is what stands on the wall now.
    """

    t: Callable[[str], str]
    now: Callable[[], datetime]
    identity: Callable[[], Identity | None]
    valid: Callable[[Identity], Awaitable[bool]]
    feed: Feed
    alarms: LiveAlarms
    store: CaseStore
    city: City
    district_names: Mapping[str, str]
    department_names: Mapping[str, str]
    class_names: Mapping[str, str]
    cameras: Callable[[], Sequence[Camera]]
    camera_statuses: Callable[[], Mapping[str, CameraStatus]]
    cameras_for_case: Callable[[str], Awaitable[CaseSight | None]]
    wall_places: Callable[[], WallPlaces]
    sources: Callable[[], Sequence[SourceLamp]]
    wall_distance_mm: int
    wall_pitch_mm: float
    demo: bool
    language: Callable[[], str]


def services() -> Services:
    """The running system, from inside a layout or callback."""
    return cast(Services, dash.get_app().server.state.services)
