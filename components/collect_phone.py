"""The collector's page, made for a phone: tasks, reports, what waits to be sent; filled by `collect.js`."""

from __future__ import annotations

import json

from dash import html
from dash.development.base_component import Component

from components.cells import Translate
from components.dispatch_desk import DeskSetup, facts


def collect_phone(setup: DeskSetup, *, t: Translate) -> Component:
    """The whole page in its loading face."""
    tabs = (
        ("tasks", "☰", t("任务")),
        ("report", "＋", t("上报")),
        ("dispose", "✓", t("自行处置")),
        ("outbox", "⇡", t("待发送")),
    )
    return html.Div(
        [
            html.Div(className="collect-line", role="status", **{"data-collect": "line"}),
            html.Div(className="collect-page", tabIndex=-1, **{"data-collect": "page"}),
            html.Nav(
                [
                    html.Button(
                        [html.Span(sign), name, html.B(**{"data-count": tab})],
                        type="button",
                        **{"data-tab": tab, "aria-pressed": "true" if tab == "tasks" else "false"},
                    )
                    for tab, sign, name in tabs
                ],
                className="collect-tabs",
                **{"aria-label": t("页面")},
            ),
        ],
        className="collect",
        **{"data-face": "loading", "data-box": json.dumps(setup.box)},
        **facts(setup, t),
    )
