"""`/case/<no>`: one case whole: where it stands, with whom, until when and why, and what may be done."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from components.case_page import case_page
from domain.roles import PERMISSIONS, Permission, Role
from domain.words import ROLES
from pages._desk import desk_page
from pages._services import services

dash.register_page(__name__, path_template="/case/<case_no>", title="案卷 · 城墙")


def layout(case_no: str = "", **_: Any) -> html.Div:
    """The page; `case-page-base.js` asks for its content and keeps asking."""
    hall = services()
    who = hall.identity()
    seers = [hall.t(ROLES[role]) for role in Role if Permission.SEE_CASES in PERMISSIONS[role]]
    return desk_page(
        "/cases",
        [
            case_page(
                case_no,
                acts=who is not None and who.may(Permission.ACT_ON_CASE),
                video=who is not None and who.may(Permission.SEE_VIDEO),
                sees_all=who is not None and who.may(Permission.SEE_CASES),
                seers=seers,
                t=hall.t,
            )
        ],
    )
