"""A department's desk: its figures, its cases by the time left, the chosen case and its acts; filled by `unit.js`."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.case_queue import case_queue
from components.cells import Translate
from components.dispatch_desk import DeskSetup, facts


def unit_desk(grid_id: str, setup: DeskSetup, *, department: str, t: Translate) -> Component:
    """The whole page in its loading face. `department`: the seat's own, by name; empty where the account has none."""
    if not department:
        return html.Div(html.P(t("这个账号没有所属部门，请管理员用 citywall user 补上。")), className="unit-nobody")
    return html.Div(
        [
            html.Header(
                [
                    html.H1(department),
                    html.Span(t("读取中…"), className="unit-note", role="status", **{"data-unit": "note"}),
                    html.Div(className="unit-cards", **{"data-unit": "cards"}),
                ],
                className="unit-head",
            ),
            html.Section([_tabs(t), _queue(grid_id, t), _empty(t)], className="unit-queue"),
            html.Section(className="case-panel", tabIndex=-1, **{"aria-label": t("选中的案卷"), "data-unit": "case"}),
            _foot(t),
        ],
        className="unit",
        **{"data-face": "loading", "data-grid": grid_id},
        **facts(setup, t),
    )


def _tabs(t: Translate) -> Component:
    names = (
        ("all", t("全部")),
        ("pending_disposal", t("待签收")),
        ("disposing", t("处置中")),
        ("suspended", t("已挂账")),
        ("requests", t("待审批")),
        ("late", t("超期")),
        ("orders", t("督办")),
        ("fed", t("已反馈")),
    )
    tabs = [
        html.Button(
            [html.Kbd(str(number)), name, html.B("–")],
            type="button",
            role="tab",
            className="unit-tab",
            **{"data-tab": tab, "aria-selected": "true" if tab == "all" else "false"},
        )
        for number, (tab, name) in enumerate(names, 1)
    ]
    return html.Div(tabs, className="unit-tabs", role="tablist")


def _queue(grid_id: str, t: Translate) -> Component:
    columns = (
        ("left", t("剩余 / 超期"), 150),
        ("level_word", t("级别"), 78),
        ("what", t("问题与地点"), 380),
        ("state_word", t("状态"), 84),
        ("marks", t("标记"), 170),
        ("case_no", t("案卷编号"), 165),
    )
    return case_queue(grid_id, columns, nothing=t("此栏没有案卷"))


def _empty(t: Translate) -> Component:
    return html.Div(
        [html.H2(t("本部门现在没有案卷")), html.P(t("派来的案卷会自动出现在这里，不必刷新。"))],
        className="unit-empty",
    )


def _foot(t: Translate) -> Component:
    keys = (
        ("J K", t("下一件 / 上一件")),
        ("R", t("签收")),
        ("F", t("反馈")),
        ("E", t("延期")),
        ("B", t("回退")),
        ("P", t("挂账")),
        ("A", t("答复督办")),
        ("Enter", t("打开全文")),
    )
    return html.Footer([html.Span([html.Kbd(key), words]) for key, words in keys], className="unit-foot")
