"""The wall's first line: whose hall this is, whether its data may be believed, and the server's time."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.cells import LOADING, Translate, cell, slot


def wall_header(city: str, *, demo: bool, t: Translate, face: str = LOADING) -> Component:
    """Lamps, date and clock are filled in by the browser; the clock runs by the server's time."""
    return html.Header(
        [
            html.Span(className="cw-crest", **{"aria-hidden": "true"}),
            html.H1(f"{city}{t('数字化城市管理监督指挥中心')}", className="cw-city"),
            *([demo_mark(t=t)] if demo else []),
            cell(
                [slot("shape", "○", "cw-lamp-shape"), slot("count", "", "cw-strong"), slot("worst")],
                name="sources",
                class_name="cw-lamps",
                face=face,
            ),
            html.Span("", className="cw-date", **{"data-slot": "date"}),
            clock(),
        ],
        className="cw-head",
    )


def demo_mark(*, t: Translate) -> Component:
    """On every pane of a demo: nobody may take its figures for the city's."""
    return html.Span([t("演示"), html.Span("DEMO")], className="cw-demo")


def clock() -> Component:
    """The server's time."""
    return html.Time("--:--:--", className="cw-clock", **{"data-slot": "clock"})
