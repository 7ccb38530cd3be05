"""The handover page's parts; filled by `handover.js`, which asks for what is to be handed over and for past ones."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.cells import Translate


def handover_desk(*, leaver: str, t: Translate) -> Component:
    """The whole page in its loading face. `leaver`: who is signed in, and so hands over."""
    return html.Div(
        [
            html.Header(
                [
                    html.H1(t("交接班")),
                    html.Span(t("读取中…"), className="handover-note", role="status", **{"data-handover": "note"}),
                    html.Button(t("刷新清单"), type="button", **{"data-handover": "refresh"}),
                    html.Button(t("打印"), type="button", **{"data-handover": "print"}),
                ],
                className="handover-head",
            ),
            html.Div(
                [
                    html.Article(className="handover-sheet", **{"data-handover": "sheet"}),
                    html.Aside([_form(leaver, t), _past(t)], className="handover-side"),
                ],
                className="handover-body",
            ),
        ],
        className="handover",
        **{"data-face": "loading"},
    )


def _form(leaver: str, t: Translate) -> Component:
    """Both signatures. The taker's browser fills nothing in: the leaver's own account is known there."""
    return html.Form(
        [
            html.H2(t("双方确认")),
            html.Label([t("交班人"), html.Output(leaver, **{"data-handover": "leaver"})]),
            html.Label(
                [t("接班人账号"), _input("taker", "text")],
            ),
            html.Label([t("接班人密码"), _input("password", "password")]),
            html.Label([t("交接说明（可不填）"), html.Textarea(name="note", maxLength=1000, rows=3)]),
            html.P("", className="handover-problem", role="alert", **{"data-handover": "problem"}),
            html.Button(t("双方确认交接"), type="submit", className="handover-sign", **{"data-handover": "sign"}),
            html.P(t("接班人签字表示已看过左侧清单。清单连同校验码存入日志，不能更改。"), className="handover-hint"),
        ],
        className="handover-form",
        autoComplete="off",
        **{"data-handover": "form"},
    )


def _input(name: str, kind: str) -> Component:
    """A plain field: Dash's own `dcc.Input` would keep the password as a property of the page."""
    return html.Span(className="handover-field", **{"data-field": name, "data-kind": kind})


def _past(t: Translate) -> Component:
    return html.Section(
        [html.H2(t("以往交接")), html.Ol(className="handover-past", **{"data-handover": "past"})],
    )
