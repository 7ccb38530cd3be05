"""`/replay`: the wall at a past moment, from the journal; the address carries moment and speed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import dash
from dash.development.base_component import Component

from components.replay_frame import replay_frame
from components.wall_frame import WallSetup, wall_frame
from domain.journal import moment
from domain.playback import SPEEDS
from pages._services import services

dash.register_page(__name__, path="/replay", title="回放 · 城墙 CityWall")

_BACK = timedelta(hours=1)
"""Where a replay begins that was given no moment."""


def _moment_of(text: str | None, now: datetime) -> datetime:
    """The moment an address names; an impossible one is taken for none."""
    try:
        at = moment(int(text)) if text else now - _BACK
    except (ValueError, OverflowError, OSError):
        return now - _BACK
    return min(max(at, datetime(1970, 1, 2, tzinfo=UTC)), now)


def layout(
    at: str | None = None, speed: str | None = None, scene: str | None = None, play: str = "", **_: Any
) -> Component:
    """The frame with an empty wall in it; figures come over the replay's own socket."""
    hall = services()
    setup = WallSetup(
        city=(hall.language() != "zh" and hall.city.name_en) or hall.city.name,
        zone=hall.city.zone.key,
        box=hall.city.box,
        cameras=(),
        places=(),
        distance_mm=hall.wall_distance_mm,
        pitch_mm=hall.wall_pitch_mm,
        demo=hall.demo,
        language=hall.language(),
        then=True,
    )
    known = int(speed) if speed and speed.isascii() and speed.isdigit() and int(speed) in SPEEDS else SPEEDS[0]
    return replay_frame(
        wall_frame(setup, scene=scene, pane="L", t=hall.t),
        at=_moment_of(at, hall.now()),
        speed=known,
        playing=bool(play),
        zone=hall.city.zone,
        t=hall.t,
    )
