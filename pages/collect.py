"""`/collect`: what do I report, verify, check? A collector on a phone; `collect.js` works on a bad line, too."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from components.collect_phone import collect_phone
from pages._desk import desk_page, desk_setup
from pages._services import services

dash.register_page(__name__, path="/collect", title="采集 · 城墙")


def layout(**_: Any) -> html.Div:
    """The collector's page."""
    hall = services()
    return desk_page("/collect", [collect_phone(desk_setup(hall), t=hall.t)])
