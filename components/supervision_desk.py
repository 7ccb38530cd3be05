"""`/supervision`: what needs attention on one side, orders, ownership and emergencies on the other."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.cells import Translate

SECTIONS = (("orders", "1"), ("ownership", "2"), ("emergencies", "3"))
"""The registers, and the key that shows each."""


def supervision_desk(*, city: str, may_order: bool, t: Translate) -> Component:
    """The whole page in its loading face. `may_order`: this person gives orders."""
    return html.Div(
        [
            _head(may_order, t),
            html.Div(
                [
                    _attention(t),
                    html.Div([_tabs(t), *(_section(name, t) for name, _ in SECTIONS)], className="sv-right"),
                ],
                className="sv-body",
            ),
        ],
        className="sv",
        **{"data-face": "loading", "data-city": city, "data-may-order": "1" if may_order else ""},
    )


def _head(may_order: bool, t: Translate) -> Component:
    order = [html.Form(className="sv-order", **{"data-sv": "order"})] if may_order else []
    note = html.Span(t("读取中…"), className="sv-note", role="status", **{"data-sv": "note"})
    return html.Header([html.H1(t("督办")), note, *order], className="sv-head")


def _attention(t: Translate) -> Component:
    heading = html.H2([t("需要关注"), html.B("–", **{"data-sv": "attention-count"})])
    rows = html.Ul(className="sv-list", **{"data-sv": "attention"})
    return html.Section([heading, rows], className="sv-attention", **{"aria-label": t("需要关注")})


def _titles(t: Translate) -> dict[str, str]:
    return {"orders": t("批示督办"), "ownership": t("确权"), "emergencies": t("应急处置")}


def _tabs(t: Translate) -> Component:
    titles = _titles(t)
    return html.Div(
        [
            html.Button(
                [titles[name], html.B("–", **{"data-sv": f"{name}-count"}), html.Kbd(key)],
                type="button",
                role="tab",
                **{"data-tab": name, "aria-selected": "true" if name == "orders" else "false"},
            )
            for name, key in SECTIONS
        ],
        className="sv-tabs",
        role="tablist",
    )


def _section(name: str, t: Translate) -> Component:
    title = _titles(t)[name]
    return html.Section(
        [
            html.H2([title, html.B("–", **{"data-sv": f"{name}-count"})]),
            html.Div(className="sv-scroll", **{"data-sv": name}),
        ],
        className="sv-section",
        role="tabpanel",
        **{"data-section": name, "aria-label": title, "data-chosen": "1" if name == "orders" else ""},
    )
