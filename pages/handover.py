"""`/handover`: what one officer hands to the next, signed by both."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from components.handover_desk import handover_desk
from pages._desk import desk_page
from pages._services import services

dash.register_page(__name__, path="/handover", title="交接班 · 城墙")


def layout(**_: Any) -> html.Div:
    """The page; `handover.js` asks for its content."""
    hall = services()
    identity = hall.identity()
    leaver = identity.display_name if identity else ""
    return desk_page("/handover", [handover_desk(leaver=leaver, t=hall.t)])
