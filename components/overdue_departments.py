"""The departments with most overdue cases."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.cells import LOADING, Translate, cell, panel, rows, slot, value


def overdue_departments(*, t: Translate, face: str = LOADING) -> Component:
    """Most overdue first, with the age of the one overdue longest, and how many more will be late (`wall-risk.js`)."""
    return panel(rows(_row(t)), name="departments", title=t("超期最多的部门"), face=face)


def _row(t: Translate) -> Component:
    return cell(
        [
            slot("name", class_name="cw-dept-name"),
            html.Span(
                [
                    html.Span(t("结案率")),
                    value("rate"),
                    html.Span("%", className="cw-unit"),
                    html.Span(
                        [value("numerator", "cw-num"), "/", value("denominator", "cw-num")], className="cw-dept-parts"
                    ),
                ],
                className="cw-dept-more",
            ),
            html.Span([slot("risk", class_name="cw-dept-risk"), slot("oldest")], className="cw-dept-age"),
            value(class_name="cw-strong cw-dept-count"),
            html.I(className="cw-dept-bar"),
        ],
        name="department",
        class_name="cw-dept cw-row",
    )
