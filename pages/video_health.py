"""`/video/health`: how every camera and sharing platform is, and how it fared."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from components.camera_health import camera_health
from domain.roles import Permission
from pages import _ids as ids
from pages._desk import desk_page
from pages._services import services

dash.register_page(__name__, path="/video/health", title="摄像机健康 · 城墙")


def layout(**_: Any) -> html.Div:
    """The page; `video-health.js` asks for its content and keeps asking."""
    hall = services()
    identity = hall.identity()
    may_relearn = identity is not None and identity.may(Permission.TURN_CAMERA)
    return desk_page("/video/health", [camera_health(ids.HealthPage.GRID, may_relearn=may_relearn, t=hall.t)])
