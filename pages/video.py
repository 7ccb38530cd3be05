"""`/video`: the supervisor's screen. Nine places for any camera of the city."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from components.video_desk import PLACES, video_desk
from components.wall_tiles import chosen_cameras
from pages._desk import desk_page
from pages._services import services

dash.register_page(__name__, path="/video", title="视频 · 城墙")


def layout(**_: Any) -> html.Div:
    """The screen; what the viewer chose last (address, then this browser) is put in place by `video-page.js`."""
    hall = services()
    cameras = list(hall.cameras())
    desk = video_desk(cameras, chosen_cameras(cameras, PLACES), districts=hall.district_names, t=hall.t)
    return desk_page("/video", [desk])
