"""The alarm line under the bar of every desk page; filled by `alarm-bar.js`, until then it says it knows nothing."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.cells import Translate

LEVELS = (("L1", "◆"), ("L2", "▲"), ("L3", "■"), ("L4", "●"))


def alarm_strip(*, may_handle: bool, t: Translate) -> Component:
    """`may_handle`: this person acknowledges and shelves, and hears; others only see."""
    return html.Section(
        [
            html.Button(
                [
                    html.Span([html.I(shape), html.B("–", **{"data-count": level})], **{"data-level": level})
                    for level, shape in LEVELS
                ],
                type="button",
                className="alarm-counts",
                title=t("打开报警列表"),
                **{"aria-expanded": "false", "aria-label": t("打开报警列表"), "data-alarm": "open"},
            ),
            html.Div(t("报警读取中…"), className="alarm-line", role="status", **{"data-alarm": "line"}),
            html.Button(
                [t("确认"), html.Kbd("F8")], type="button", className="alarm-ack", hidden=True, **{"data-alarm": "ack"}
            )
            if may_handle
            else None,
            html.Span("", className="alarm-rate", **{"data-alarm": "rate"}),
            html.Button("", type="button", className="alarm-sound", hidden=True, **{"data-alarm": "sound"})
            if may_handle
            else None,
        ],
        className="alarm-strip",
        **{"data-face": "loading", "data-may-handle": "1" if may_handle else "", "aria-label": t("报警")},
    )
