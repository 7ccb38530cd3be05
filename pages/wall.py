"""`/wall`: the screen leaders stand in front of."""

from __future__ import annotations

from typing import Any

import dash
from dash.development.base_component import Component

from components.wall_frame import WallSetup, wall_frame
from domain.roles import Permission, Role
from pages._services import Services, services

dash.register_page(__name__, path="/wall", title="大屏 · 城墙 CityWall")


def _opens_video(hall: Services) -> bool:
    """Whether a camera of the map opens on the desk: a wall in the hall has no desk, and nobody before it."""
    who = hall.identity()
    return who is not None and who.may(Permission.SEE_VIDEO) and who.role is not Role.WALL_DEVICE


def layout(scene: str | None = None, pane: str | None = None, **_: Any) -> Component:
    """The wall of the running system; its figures come over the live feed."""
    hall = services()
    setup = WallSetup(
        city=(hall.language() != "zh" and hall.city.name_en) or hall.city.name,
        zone=hall.city.zone.key,
        box=hall.city.box,
        cameras=hall.cameras(),
        places=hall.wall_places().cameras,
        opens_video=_opens_video(hall),
        distance_mm=hall.wall_distance_mm,
        pitch_mm=hall.wall_pitch_mm,
        demo=hall.demo,
        language=hall.language(),
    )
    return wall_frame(setup, scene=scene, pane=pane, t=hall.t)
