"""The dispatch desk at wall size: the officer's queue, the case they chose and its place. It takes no input."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.case_map import case_map
from components.cells import Translate
from components.dispatch_desk import DeskSetup, facts
from components.wall_header import clock, demo_mark
from domain import geometry


def dispatch_wall(
    setup: DeskSetup, *, city: str, distance_mm: int, pitch_mm: float, demo: bool, t: Translate
) -> Component:
    """The wall in its loading face; `dispatch-wall.js` fills it and follows the officer's desk."""
    share = geometry.arc_minute_share(distance_mm=distance_mm, pitch_mm=pitch_mm)
    head = html.Header(
        [
            html.H1([city, html.Span(t("派遣台"))]),
            *([demo_mark(t=t)] if demo else []),
            html.Span(t("读取中…"), className="dispatch-wall-mirrors", **{"data-dispatch": "mirrors"}),
            clock(),
        ],
        className="dispatch-wall-head",
    )
    queue = html.Section(
        [
            html.H2(className="dispatch-wall-title", **{"data-dispatch": "title"}),
            html.Ol(className="dispatch-wall-rows", **{"data-dispatch": "rows"}),
            html.P(className="dispatch-wall-more", **{"data-dispatch": "more"}),
        ],
        className="dispatch-wall-queue",
    )
    chosen = html.Section(className="dispatch-wall-case", **{"data-dispatch": "case"})
    return html.Div(
        [head, queue, case_map(setup.box, setup.cameras, t=t), chosen],
        className="dispatch-wall",
        style={"--cw-am-share": f"{share:.8f}"},
        **{"data-face": "loading", "data-scene": "dispatch"},
        **facts(setup, t),
    )
