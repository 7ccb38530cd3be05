"""`/intake`: is it true, is it new, what class is it, may it be closed? Acceptors, shift leaders, video supervisors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import dash
from dash import html

from components.intake_desk import intake_desk
from pages import _ids as ids
from pages._desk import desk_page, desk_setup
from pages._services import services

dash.register_page(__name__, path="/intake", title="受理 · 城墙")


def layout(**_: Any) -> html.Div:
    """The intake desk, for whoever sits at it."""
    hall = services()
    setup = replace(desk_setup(hall), departments=hall.department_names)
    return desk_page("/intake", [intake_desk(ids.IntakePage.GRID, setup, t=hall.t)])
