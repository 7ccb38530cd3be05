"""Below the camera wall's places: layouts, the chosen place and what can be done with it, tours, and what happened."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from components.cells import Translate
from domain.roles import Identity, Permission
from domain.video_scene import FIRST_LAYOUT, SPLITS, Layout, Use


def video_bar(identity: Identity, t: Translate) -> Component:
    """The two lines; `video-*.js` fills the second."""
    return html.Div(
        [
            html.Div([_layouts(t), html.Output(className="video-note"), *_acts(identity, t)], className="video-bar"),
            html.Div([_rounds(t), _events(t)], className="video-strip"),
        ],
        className="video-foot",
    )


def _layouts(t: Translate) -> Component:
    buttons = [_layout(layout, t) for layout in SPLITS]
    return html.Div([*buttons, html.Kbd("G")], className="video-layouts", role="group", **{"aria-label": t("布局")})


def _layout(layout: Layout, t: Translate) -> Component:
    split = SPLITS[layout]
    mark, note = _use(split.use, t)
    return html.Button(
        [html.Span(className=f"video-icon video-icon-{split.places}"), html.B(layout.value), html.Small(mark)],
        type="button",
        className="video-layout",
        title=f"{split.places} {t('画面')} {note}".strip(),
        **{
            "data-to-layout": layout.value,
            "data-places": str(split.places),
            "data-layout-fps": str(split.fps),
            "data-layout-focus": "true" if split.focus else "false",
            "data-note": note,
            "aria-pressed": "true" if layout is FIRST_LAYOUT else "false",
        },
    )


def _use(use: Use, t: Translate) -> tuple[str, str]:
    """Nobody watches sixteen pictures: the button says what such a layout is good for (product sheet, finding 8)."""
    if use is Use.PATROL:
        return t("巡视"), t("只宜巡视：一人盯不住 16 路")
    if use is Use.OVERVIEW:
        return t("概览"), t("概览：每秒 2 帧缩略图")
    return "", ""


def _acts(identity: Identity, t: Translate) -> Sequence[Component]:
    """What the chosen place's camera can be asked for; without the right there is no button."""
    rights = (Permission.TURN_CAMERA, Permission.DIRECT_WALL, Permission.SAVE_EVIDENCE, Permission.REPORT_CASE)
    turn, direct, save, report = (identity.may(right) for right in rights)
    known = (
        (True, "solo", t("单画面"), "Enter"),
        (True, "snapshot", t("抓拍"), "S"),
        (turn, "ptz", t("云台"), "P"),
        (True, "map", t("地图"), "M"),
        (save, "link", t("附案卷"), "K"),
        (save and report, "report", t("上报…"), "R"),
        (save, "recent", t("回看"), "B"),
        (direct, "wall", t("上墙"), "W"),
        (True, "clear", t("清空"), "Del"),
    )
    buttons = [_button(act, words, key) for allowed, act, words, key in known if allowed]
    return [html.Div(buttons, className="video-bar-acts")]


def _button(act: str, words: str, key: str) -> Component:
    return html.Button([words, html.Kbd(key)], type="button", className="video-button", **{"data-act": act})


def _rounds(t: Translate) -> Component:
    """The chosen place's tour (or the one of all places) and its hands, and the scenes."""
    hands = (("tour-back", "◀", t("轮巡上一站"), "["), ("tour-next", "▶", t("轮巡下一站"), "]"))
    return html.Div(
        [
            _button("tour", t("轮巡"), "T"),
            *(
                html.Button(
                    sign,
                    type="button",
                    className="video-button",
                    title=f"{words}（{key}）",
                    **{"data-act": act, "aria-label": words},
                )
                for act, sign, words, key in hands
            ),
            html.Output(t("未轮巡"), className="video-tour"),
            html.Button(
                t("编排…"), type="button", className="video-button", title="Shift+T", **{"data-act": "tour-edit"}
            ),
            _button("scenes", t("预案"), "Y"),
        ],
        className="video-rounds",
    )


def _events(t: Translate) -> Component:
    events = html.Ol(className="video-events", **{"aria-live": "polite"})
    return html.Div([html.B(t("事件带")), events, _button("keys", t("按键"), "?")], className="video-happened")
