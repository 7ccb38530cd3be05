"""The key card of the dispatch desk. Keys are physical (`event.code`): a Chinese input method does not swallow them."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.cells import Translate
from domain.roles import Identity, Permission

Keys = list[tuple[str, str]]


def key_card(who: Identity, t: Translate) -> Component:
    """Every key this person has, by matter; `?` opens it."""
    groups = [(t("队列"), _queue(t))]
    if who.may(Permission.ACT_ON_CASE):
        groups.append((t("办理"), _acts(t)))
    groups += [(t("查看"), _looks(t)), (t("命令栏"), _commands(t))]
    head = html.Div(
        [
            html.H2(t("按键说明")),
            html.Button(
                [t("关闭"), html.Kbd("Esc")], type="button", className="desk-button", **{"data-act": "close-keys"}
            ),
        ],
        className="dispatch-dialog-head",
    )
    return html.Dialog(
        [head, html.Div([_group(*one) for one in groups], className="dispatch-key-groups")],
        className="dispatch-dialog dispatch-key-card",
        **{"aria-label": t("按键说明")},
    )


def _group(title: str, keys: Keys) -> Component:
    pairs = [html.Div([html.Dt([html.Kbd(key) for key in pressed.split()]), html.Dd(words)]) for pressed, words in keys]
    return html.Section([html.H3(title), html.Dl(pairs)])


def _queue(t: Translate) -> Keys:
    return [
        ("↑ ↓ J K", t("上一件 / 下一件")),
        ("Space", t("选入批量 / 取消")),
        ("Shift+↑↓", t("连选")),
        ("N", t("插入新到案卷，移走已离开的")),
        ("Esc", t("返回；输入的文字不会丢失")),
    ]


def _acts(t: Translate) -> Keys:
    return [
        ("C F2", t("认领 / 放弃认领")),
        ("Shift+C", t("接管（须写理由）")),
        ("D F3", t("派遣：已选部门，Enter 确认；多选时批量派遣")),
        ("R", t("退回、申请审批")),
        ("L", t("关联重复案卷")),
    ]


def _looks(t: Translate) -> Keys:
    return [
        ("Enter", t("打开案卷页")),
        ("V F4", t("看现场视频")),
        ("F", t("地图回到案卷")),
        ("?", t("按键说明")),
    ]


def _commands(t: Translate) -> Keys:
    return [
        ("/", t("命令栏：中文动词或拼音首字母")),
        (t("派 1284 市南市政"), "p 1284 snsz"),
        (t("查 香港中路"), "c xgzl"),
        (t("视 1284"), "s 1284"),
        (t("领 1284"), "l 1284"),
        (t("退 1284"), "t 1284"),
        (t("开 1284"), "k 1284"),
        (t("接班"), "jb"),
    ]
