"""The bottleneck in words, and below it what explains the gap to the target, as a waterfall that adds up."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.cells import LOADING, Translate, cell, panel, rows, slot, value


def gap_waterfall(*, t: Translate, face: str = LOADING) -> Component:
    """Bars begin where the one above ends; the last one, the city, is as long as all of them together."""
    line = html.Div(
        [
            html.Div(
                [
                    html.Span(t("瓶颈")),
                    slot("step", class_name="cw-fall-step"),
                    value("waiting", "cw-strong"),
                    html.Span(t("今日进")),
                    value("came"),
                    html.Span(t("出")),
                    value("left"),
                ],
                className="cw-fall-line",
            ),
            html.Div(
                [slot("whose", class_name="cw-fall-whose"), slot("owed"), value("late", "cw-strong")],
                className="cw-fall-line",
            ),
        ],
        className="cw-fall-bottleneck",
    )
    return panel([line, *rows(_row())], name="waterfall", title=t("离目标差多少"), face=face)


def _row() -> Component:
    return cell(
        [
            slot("name", class_name="cw-fall-name"),
            html.Span(html.I(className="cw-fall-bar"), className="cw-fall-track"),
            value(class_name="cw-strong cw-fall-count"),
        ],
        name="fall-row",
        class_name="cw-fall-row cw-row",
    )
