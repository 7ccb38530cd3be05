"""`/case/<no>`: to be built."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from pages._desk import desk_page

dash.register_page(__name__, path_template="/case/<case_no>", title="案卷 · 城墙")


def layout(case_no: str = "", **_: Any) -> html.Div:
    """The frame only."""
    return desk_page("/cases", [])
