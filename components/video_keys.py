"""The key card of the camera wall. Keys are physical (`event.code`): a Chinese input method does not swallow them."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.cells import Translate
from domain.roles import Identity, Permission

Keys = list[tuple[str, str]]


def key_card(identity: Identity, t: Translate) -> Component:
    """Every key this person has, by matter; `?` opens it."""
    groups = [(t("画面"), _places(t)), (t("找摄像机"), _finding(t)), (t("轮巡与预案"), _rounds(identity, t))]
    if identity.may(Permission.TURN_CAMERA):
        groups.append((t("云台"), _turning(t)))
    groups.append((t("案卷与证据"), _cases(identity, t)))
    return html.Dialog(
        [
            html.Div([html.H2(t("按键说明")), _close(t)], className="video-dialog-head"),
            *(_group(*one) for one in groups),
        ],
        className="video-dialog video-key-card",
        **{"aria-label": t("按键说明")},
    )


def _close(t: Translate) -> Component:
    return html.Button(
        ["✕", html.Kbd("Esc")], type="button", className="video-button", title=t("关闭"), **{"data-act": "close"}
    )


def _group(title: str, keys: Keys) -> Component:
    pairs = [html.Div([html.Dt([html.Kbd(key) for key in pressed.split()]), html.Dd(words)]) for pressed, words in keys]
    return html.Section([html.H3(title), html.Dl(pairs)])


def _places(t: Translate) -> Keys:
    return [
        ("1–9", t("选画面")),
        ("↑ ↓ ← →", t("移到相邻画面")),
        ("Shift+↑↓←→", t("与相邻画面互换")),
        ("Enter", t("单画面")),
        ("Esc", t("返回")),
        (", .", t("上一路 / 下一路")),
        ("G", t("换布局")),
        ("Delete", t("清空")),
        ("M", t("在地图上看")),
    ]


def _finding(t: Translate) -> Keys:
    return [
        ("/", t("查找：名称、拼音、编号、地点")),
        ("Enter", t("放入所选画面")),
        ("← →", t("收起 / 展开")),
    ]


def _rounds(identity: Identity, t: Translate) -> Keys:
    return [
        ("T", t("轮巡开 / 停")),
        ("Shift+T", t("编排轮巡")),
        ("[ ]", t("轮巡上一站 / 下一站")),
        ("Y", t("预案")),
        *([("W", t("上墙 / 撤下")), ("Shift+1–4", t("直接上墙 1–4"))] if identity.may(Permission.DIRECT_WALL) else []),
    ]


def _turning(t: Translate) -> Keys:
    return [
        ("P", t("按住取得云台，松开即放")),
        ("P+↑↓←→", t("转动")),
        ("P+＋－", t("拉近 / 拉远")),
        ("Alt+1–9", t("预置位")),
    ]


def _cases(identity: Identity, t: Translate) -> Keys:
    keys = [("S", t("抓拍"))]
    if identity.may(Permission.SAVE_EVIDENCE):
        keys += [("K", t("附到案卷")), ("B", t("刚才发生了什么（60 秒）"))]
    if identity.may(Permission.SAVE_EVIDENCE) and identity.may(Permission.REPORT_CASE):
        keys.append(("R", t("上报所见")))
    return [*keys, ("?", t("本说明"))]
