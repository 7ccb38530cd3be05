"""`/intake`: to be built."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from pages._desk import desk_page

dash.register_page(__name__, path="/intake", title="受理 · 城墙")


def layout(**_: Any) -> html.Div:
    """The frame only."""
    return desk_page("/intake", [])
