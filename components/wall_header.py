"""The wall's first line: whose hall this is, whether its data may be believed, and the server's time."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.cells import LOADING, Translate, cell, slot


def wall_header(city: str, *, demo: bool, t: Translate, face: str = LOADING) -> Component:
    """Lamps, date and clock are filled in by the browser; the clock runs by the server's time."""
    hall = t("数字化城市管理监督指挥中心")
    return html.Header(
        [
            html.Span(className="cw-crest", **{"aria-hidden": "true"}),
            html.H1(f"{city}{hall}", className="cw-city"),
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
    words = dict.fromkeys((t("演示"), "DEMO"))
    return html.Span([html.Span(word) for word in words], className="cw-demo")


def clock() -> Component:
    """The server's time."""
    return html.Time("--:--:--", className="cw-clock", **{"data-slot": "clock"})
