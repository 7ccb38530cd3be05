"""The four headline cards: what a leader asks first."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.cells import LOADING, Translate, cell, slot, value


def headline_cards(*, t: Translate, face: str = LOADING) -> Component:
    """On-time closing against the target, today's filings and closings, what waits for dispatch, what is overdue."""
    return html.Section(
        [
            _card("on_time_closing", t("按期结案率"), t("30天"), face, unit="%", lines=_rate_lines(t)),
            _card("filed", t("今日立案"), "", face, lines=[_line(t("今日结案"), value("closed"))]),
            _card(
                "pending_dispatch",
                t("待派遣"),
                "",
                face,
                lines=[_line(t("最久"), slot("oldest", class_name="cw-strong"))],
            ),
            _card(
                "overdue_undisposed",
                t("超期未处置"),
                "",
                face,
                lines=[_line(t("超期三倍"), value("overdue_3x"))],
                act=True,
            ),
        ],
        className="cw-headline",
        **{"aria-label": t("总体指标")},
    )


def _card(
    name: str, label: str, period: str, face: str, *, lines: list[Component], unit: str = "", act: bool = False
) -> Component:
    """`act` marks a figure that asks for action when it is not zero: its colour comes with a shape."""
    mark = [html.Span("▲", className="cw-act-mark", **{"aria-hidden": "true"})] if act else []
    number = html.Div(
        [value(class_name="cw-kpi"), *([html.Span(unit, className="cw-unit")] if unit else [])], className="cw-number"
    )
    head = html.Div(
        [html.H2(label, className="cw-label"), html.Span([period, *mark], className="cw-context")],
        className="cw-card-head",
    )
    return cell(
        [head, number, *lines], name=name, class_name="cw-card cw-panel" + (" cw-act" if act else ""), face=face
    )


def _line(label: str, figure: Component) -> Component:
    return html.Div([html.Span(label), figure], className="cw-card-line")


def _rate_lines(t: Translate) -> list[Component]:
    """The distance to the target, the parts of the rate, and the plain closing rate beside it."""
    return [
        html.Div([value("numerator", "cw-num"), "/", value("denominator", "cw-num")], className="cw-card-parts cw-num"),
        html.Div(
            [html.Span([t("目标"), slot("target")]), slot("gap", class_name="cw-gap")],
            className="cw-card-line",
        ),
    ]
