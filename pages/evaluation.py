"""`/evaluation`: areas, departments and posts graded, each figure with its formula, its sample and its list."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from components.evaluation_desk import evaluation_desk
from domain.roles import Permission
from pages._desk import desk_page
from pages._services import services

dash.register_page(__name__, path="/evaluation", title="综合评价 · 城墙")


def layout(**_: Any) -> html.Div:
    """The page; `evaluation.js` reads the address and asks for what it shows."""
    hall = services()
    identity = hall.identity()
    may_lock = identity is not None and identity.may(Permission.LOCK_FIGURES)
    return desk_page("/evaluation", [evaluation_desk(zone=hall.city.zone.key, may_lock=may_lock, t=hall.t)])
