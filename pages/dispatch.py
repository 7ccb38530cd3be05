"""`/dispatch`: the duty officers' desk; `?display=wall` shows the same queue at wall size and takes no input."""

from __future__ import annotations

from typing import Any

import dash
from dash.development.base_component import Component

from components.dispatch_desk import DeskSetup, dispatch_desk
from components.dispatch_wall import dispatch_wall
from domain.roles import Identity, Permission, Role
from pages import _ids as ids
from pages._desk import desk_page
from pages._services import Services, services

dash.register_page(__name__, path="/dispatch", title="派遣台 · 城墙")

NOBODY = Identity("", "", Role.WALL_DEVICE)


def layout(display: str = "", case: str = "", **_: Any) -> Component:
    """The desk for whoever may see cases; a wall device always gets the wall. The queue comes over the live feed."""
    hall = services()
    who = hall.identity() or NOBODY
    setup = _setup(hall, who)
    if display == "wall" or not who.may(Permission.SEE_CASES):
        return dispatch_wall(
            setup,
            city=(hall.language() != "zh" and hall.city.name_en) or hall.city.name,
            distance_mm=hall.wall_distance_mm,
            pitch_mm=hall.wall_pitch_mm,
            demo=hall.demo,
            t=hall.t,
        )
    return desk_page("/dispatch", [dispatch_desk(ids.DispatchPage.GRID, setup, open_case=case, t=hall.t)])


def _setup(hall: Services, who: Identity) -> DeskSetup:
    return DeskSetup(
        who=who,
        box=hall.city.box,
        cameras=hall.cameras(),
        zone=hall.city.zone.key,
        departments=hall.department_names,
        classes=hall.class_names,
        districts=hall.district_names,
    )
