"""`/video`: the supervisor's screen. Any camera of the city in any place of any layout."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from components.video_case import case_line
from components.video_desk import video_desk
from domain.video_scene import MOST_PLACES
from domain.wall_places import chosen_cameras
from pages._desk import desk_page
from pages._services import services

dash.register_page(__name__, path="/video", title="视频 · 城墙")


async def layout(case: str = "", **_: Any) -> html.Div:
    """The screen, with the cameras that see `case` if one is named.

    A camera (`?cam=`), places (`?layout=&cams=`) or what the viewer chose last its scripts put in place.
    """
    hall = services()
    identity = hall.identity()
    if identity is None:  # the door lets nobody in without one
        return desk_page("/video", [])
    cameras = list(hall.cameras())
    sight = await hall.cameras_for_case(case) if case else None
    desk = video_desk(
        cameras,
        [view.camera for view in sight.views] if sight else chosen_cameras(cameras, MOST_PLACES),
        districts=hall.district_names,
        identity=identity,
        about=case_line(case, sight, hall.t) if case else None,
        t=hall.t,
    )
    return desk_page("/video", [desk])
