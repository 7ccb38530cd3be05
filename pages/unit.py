"""`/unit`: what is mine, what is late? A department's seat; `unit.js` follows its cases by the live feed."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from components.unit_desk import unit_desk
from pages import _ids as ids
from pages._desk import desk_page, desk_setup
from pages._services import services

dash.register_page(__name__, path="/unit", title="本部门 · 城墙")


def layout(**_: Any) -> html.Div:
    """The department's desk, for whoever sits at it."""
    hall = services()
    setup = desk_setup(hall)
    code = setup.who.department or ""
    department = hall.department_names.get(code, code)
    return desk_page("/unit", [unit_desk(ids.UnitPage.GRID, setup, department=department, t=hall.t)])
