"""Closing rate by district against the target."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.cells import LOADING, Translate, cell, panel, rows, slot, value


def district_rates(*, t: Translate, face: str = LOADING) -> Component:
    """A bar a district with the mark of the target; the missing part up to the mark is what asks for action."""
    return panel(
        [_city(t), *rows(_row(t))], name="districts", title=t("各区结案率"), context=t("30天 目标90%"), face=face
    )


def _city(t: Translate) -> Component:
    """The whole city's line, shown where the panel has a screen to itself."""
    return cell(_parts(t("全市")), name="closing", class_name="cw-district cw-district-city")


def _row(t: Translate) -> Component:
    return cell(_parts(""), name="district", class_name="cw-district cw-row")


def _parts(name: str) -> list[Component]:
    return [
        slot("name", name, "cw-district-name"),
        html.Span(
            [value("numerator", "cw-num"), "/", value("denominator", "cw-num")], className="cw-district-parts cw-num"
        ),
        html.Span([value(class_name="cw-strong"), html.Span("%", className="cw-unit")], className="cw-district-value"),
        html.Div([html.I(className="cw-bar-done"), html.I(className="cw-bar-missing")], className="cw-bar"),
        html.Span(
            [
                html.Span([slot("on_time_label"), value("on_time"), html.Span("%", className="cw-unit")]),
                html.Span([slot("open_label"), value("open")]),
                html.Span([slot("overdue_label"), value("overdue")]),
            ],
            className="cw-district-more",
        ),
    ]
