"""The windows of `/evaluation`: the whole scheme, locking, corrections, export, and the key card."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.cells import Translate


def dialogs(may_lock: bool, t: Translate) -> list[Component]:
    """Every window this person may open."""
    return [
        _dialog("scheme", t("评价规则"), [html.Div(**{"data-ev": "scheme-text"})], t),
        _dialog("corrections", t("更正记录"), [html.Div(**{"data-ev": "corrections-text"})], t),
        _dialog("export", t("导出"), [html.Div(className="ev-export", **{"data-ev": "export-list"})], t),
        _dialog("keys", t("按键说明"), [_keys(t)], t),
        *([_lock(t), _correct(t)] if may_lock else []),
    ]


def _dialog(name: str, title: str, content: list[Component], t: Translate) -> Component:
    close = html.Button([t("关闭"), html.Kbd("Esc")], type="button", className="ev-button", **{"data-do": "close"})
    return html.Dialog(
        [html.Header([html.H2(title), close], className="ev-dialog-head"), *content],
        className=f"ev-dialog ev-dialog-{name}",
        **{"data-dialog": name, "aria-label": title},
    )


def _lock(t: Translate) -> Component:
    meaning = [
        t("锁定后，本期、本对象、本口径的结果连同所用规则版本永久保存，以后一律按此回答。"),
        t("此后案卷再有变动、规则再有新版，都不改变锁定的结果；发现有误只能更正，更正注明日期和理由，列在原结果旁边。"),
        t("锁定不能撤销。"),
    ]
    return _dialog(
        "lock",
        t("锁定本期"),
        [
            html.P("", className="ev-lock-what", **{"data-ev": "lock-what"}),
            html.Ul([html.Li(sentence) for sentence in meaning]),
            html.P("", className="ev-problem", role="alert", **{"data-ev": "lock-problem"}),
            html.Button(t("锁定"), type="button", className="ev-button is-main", **{"data-do": "lock-now"}),
        ],
        t,
    )


def _correct(t: Translate) -> Component:
    return _dialog(
        "correct",
        t("更正"),
        [
            html.P(t("原结果不改；更正写在旁边，注明谁在何时因何更正。"), className="ev-hint"),
            html.Form(className="ev-form", **{"data-ev": "correct-form"}),
            html.P("", className="ev-problem", role="alert", **{"data-ev": "correct-problem"}),
        ],
        t,
    )


def _keys(t: Translate) -> Component:
    pairs = [
        ("Tab", t("到下一栏")),
        ("↑ ↓ ← →", t("在表格里移动")),
        ("Home End", t("到首行 / 末行")),
        ("Enter", t("打开这个数的案卷清单")),
        ("Shift+Enter", t("打开分子的案卷清单")),
        ("Space", t("选这一行：各栏随之改变")),
        ("Backspace", t("返回上一层：全市，再到首页")),
        ("[ ]", t("上一期 / 下一期")),
        ("X", t("导出")),
        ("R", t("评价规则")),
        ("T", t("浅色 / 深色")),
        ("Esc", t("关闭窗口或说明")),
        ("?", t("按键说明")),
    ]
    return html.Dl(
        [html.Div([html.Dt([html.Kbd(key) for key in pressed.split()]), html.Dd(words)]) for pressed, words in pairs],
        className="ev-keys",
    )
