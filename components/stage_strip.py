"""The seven-step strip: how many cases stand at each step of the loop, and how long the oldest has stood there."""

from __future__ import annotations

from collections.abc import Mapping

from dash import html
from dash.development.base_component import Component

from components.cells import LOADING, Translate, cell, slot, value
from domain.case import Stage


def stage_strip(labels: Mapping[Stage, str], *, t: Translate, face: str = LOADING) -> Component:
    """The widest step is the bottleneck: widths grow with the root of the counts above one that keeps words legible."""
    return html.Section(
        [_stage(stage, label, t, face) for stage, label in labels.items()],
        className="cw-stages cw-panel",
        **{"aria-label": t("处置流程")},
    )


def _stage(stage: Stage, label: str, t: Translate, face: str) -> Component:
    last = stage is Stage.EVALUATION
    return cell(
        [
            html.Div(
                [html.H2(label, className="cw-label"), value(class_name="cw-stage-count")], className="cw-stage-head"
            ),
            html.Span(t("积压最多"), className="cw-stage-most"),
            html.Div(
                [html.Span(t("今日结案") if last else t("最久")), slot("oldest", class_name="cw-num")],
                className="cw-stage-age",
            ),
        ],
        name=f"stage-{stage.value}",
        class_name="cw-stage",
        face=face,
    )
