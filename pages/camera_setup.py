"""`/cameras/setup`: the administrator's catalogue. Add or change a camera, and see its picture before it is saved."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from components.camera_setup import camera_setup
from pages._desk import desk_page
from pages._services import services

dash.register_page(__name__, path="/cameras/setup", title="摄像机设置 · 城墙")


def layout(**_: Any) -> html.Div:
    """The page; `camera-setup.js` asks for the catalogue and sends what is typed. No address is ever in it."""
    hall = services()
    return desk_page("/cameras/setup", [camera_setup(hall.district_names, t=hall.t)])
