"""What lies over the wall when asked for: the key card, the black screen, and the case in focus."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from components.cells import LOADING, Translate, cell, slot


def scene_keys(t: Translate) -> Sequence[tuple[str, str]]:
    """The remote's keys and what each does; nothing on the wall changes data."""
    return (
        ("0 1", t("总览")),
        ("2", t("聚焦一件")),
        ("3", t("各区")),
        ("4", t("部门")),
        ("5", t("视频")),
        ("6", t("需要关注")),
        ("↑ ↓", t("选择案卷")),
        ("Enter", t("聚焦所选")),
        ("V", t("所选案卷的摄像机")),
        ("Esc", t("返回")),
        ("F", t("地图复位")),
        ("B", t("黑屏")),
        ("R", t("重新载入")),
        ("?", t("按键说明")),
    )


def key_card(*, t: Translate) -> Component:
    """Shown and hidden by `?`."""
    keys = [html.Div([html.Kbd(key), html.Span(what)], className="cw-key") for key, what in scene_keys(t)]
    return html.Aside(
        [html.H2(t("按键说明"), className="cw-title"), html.Div(keys, className="cw-keys")],
        className="cw-key-card",
        hidden=True,
        **{"data-overlay": "keys"},
    )


def black_screen() -> Component:
    """Shown and hidden by `B`."""
    return html.Div(className="cw-black", hidden=True, **{"data-overlay": "black"})


def case_card(*, t: Translate, face: str = LOADING) -> Component:
    """The case in focus: what, where, whose, and the countdown."""
    facts = (
        ("where", t("地点")),
        ("department", t("责任部门")),
        ("state", t("环节")),
        ("reported", t("上报")),
        ("deadline", t("时限")),
        ("who", t("认领")),
    )
    return cell(
        [
            html.Div(
                [
                    slot("shape", class_name="cw-sym"),
                    slot("severity", class_name="cw-sev"),
                    slot("what", t("没有选中的案卷")),
                ],
                className="cw-case-title",
            ),
            html.Div([slot("reason"), slot("left", class_name="cw-case-left")], className="cw-case-clock"),
            html.Dl(
                [part for name, label in facts for part in (html.Dt(label), slot(name, "–", tag=html.Dd))],
                className="cw-case-facts",
            ),
            slot("case_no", class_name="cw-num"),
        ],
        name="case",
        class_name="cw-case cw-panel",
        face=face,
        tag=html.Section,
    )
