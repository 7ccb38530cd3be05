"""What needs attention: two lines a case, severity by shape, word and colour."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.cells import LOADING, Translate, panel, rows, slot


def attention_list(*, t: Translate, face: str = LOADING) -> Component:
    """As many rows as fit; the list ends with how many more there are."""
    return panel(rows(_row()), name="attention", title=t("需要关注"), face=face)


def _row() -> Component:
    """Line one: what and how late. Line two: where, and who has it."""
    return html.A(
        [
            slot("shape", class_name="cw-sym"),
            html.Span(
                [
                    slot("severity", class_name="cw-sev"),
                    slot("what", class_name="cw-what"),
                    slot("left", class_name="cw-left"),
                ],
                className="cw-att-first",
            ),
            html.Span(
                [
                    slot("reason", class_name="cw-reason"),
                    slot("where", class_name="cw-where"),
                    slot("who", class_name="cw-who"),
                ],
                className="cw-att-second",
            ),
        ],
        className="cw-att cw-row",
    )
