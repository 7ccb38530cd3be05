"""`/unit`: what is mine, what is late? A department's seat; `unit.js` follows its cases by the live feed."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from components.dispatch_desk import DeskSetup
from components.unit_desk import unit_desk
from domain.roles import Identity, Role
from pages import _ids as ids
from pages._desk import desk_page
from pages._services import Services, services

dash.register_page(__name__, path="/unit", title="本部门 · 城墙")

NOBODY = Identity("", "", Role.SYSTEM)


def layout(**_: Any) -> html.Div:
    """The department's desk, for whoever sits at it."""
    hall = services()
    who = hall.identity() or NOBODY
    department = hall.department_names.get(who.department or "", who.department or "")
    return desk_page("/unit", [unit_desk(ids.UnitPage.GRID, desk_setup(hall, who), department=department, t=hall.t)])


def desk_setup(hall: Services, who: Identity) -> DeskSetup:
    """How the city calls things, for the page's script."""
    return DeskSetup(
        who=who,
        box=hall.city.box,
        cameras=(),
        zone=hall.city.zone.key,
        departments={},
        classes=hall.class_names,
        districts=hall.district_names,
    )
