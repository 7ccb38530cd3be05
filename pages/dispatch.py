"""`/dispatch`: the duty officers' desk; `?display=wall` shows the same queue at wall size and takes no input."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import dash
from dash.development.base_component import Component

from components.dispatch_desk import dispatch_desk
from components.dispatch_wall import dispatch_wall
from domain.roles import Permission
from pages import _ids as ids
from pages._desk import desk_page, desk_setup
from pages._services import services

dash.register_page(__name__, path="/dispatch", title="派遣台 · 城墙")


def layout(display: str = "", case: str = "", **_: Any) -> Component:
    """The desk for whoever may see cases; a wall device always gets the wall. The queue comes over the live feed."""
    hall = services()
    setup = replace(desk_setup(hall), cameras=hall.cameras(), departments=hall.department_names)
    if display == "wall" or not setup.who.may(Permission.SEE_CASES):
        return dispatch_wall(
            setup,
            city=(hall.language() != "zh" and hall.city.name_en) or hall.city.name,
            distance_mm=hall.wall_distance_mm,
            pitch_mm=hall.wall_pitch_mm,
            demo=hall.demo,
            t=hall.t,
        )
    return desk_page("/dispatch", [dispatch_desk(ids.DispatchPage.GRID, setup, open_case=case, t=hall.t)])
