"""`/supervision`: which orders wait for an answer, whose is what nobody wants, and what emergencies cost."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from components.supervision_desk import supervision_desk
from domain.action import Action
from domain.transitions import TRANSITIONS
from pages._desk import desk_page
from pages._services import services

dash.register_page(__name__, path="/supervision", title="督办 · 城墙")


def layout(**_: Any) -> html.Div:
    """The page; `supervision.js` fills it and keeps it new."""
    hall = services()
    identity = hall.identity()
    may_order = identity is not None and identity.role in TRANSITIONS[Action.SUPERVISE].posts
    return desk_page("/supervision", [supervision_desk(city=hall.city.name, may_order=may_order, t=hall.t)])
