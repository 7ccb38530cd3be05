"""The supervisor's screen: nine places, the tree beside them, the layouts and the states of all cameras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import dcc, html
from dash.development.base_component import Component

from components.camera_tile import camera_tile
from components.camera_tree import camera_tree
from components.cells import Translate
from domain.camera import Camera

PLACES = 9
LAYOUTS = (1, 4, 9)
FIRST_LAYOUT = 9


def video_desk(
    cameras: Sequence[Camera], first: Sequence[Camera], *, districts: Mapping[str, str], t: Translate
) -> Component:
    """`first`: the cameras shown to someone who has not chosen any yet. `assets/js/video-page.js` brings it to life."""
    cells = [camera_tile(first[i] if i < len(first) else None, place=i + 1, t=t) for i in range(PLACES)]
    side = [_states(t), _search(t), camera_tree(cameras, districts=districts, t=t), _keys(t)]
    return html.Div(
        [
            html.Section([html.Div(cells, className="video-cells"), _bar(t)], className="video-stage"),
            html.Aside(side, className="video-side", **{"aria-label": t("摄像机")}),
        ],
        className="video-desk",
        **{"data-layout": str(FIRST_LAYOUT)},
    )


def _states(t: Translate) -> Component:
    """How many cameras are in which state; pressing one shows only those."""
    chips = (("", t("全部")), ("live", t("实时")), ("frozen", t("冻结")), ("offline", t("离线")))
    return html.Div(
        [
            html.Button(
                [html.Span(words), html.B("–", **{"data-count": state})],
                type="button",
                className="video-chip",
                **{"data-only": state, "aria-pressed": "true" if not state else "false"},
            )
            for state, words in chips
        ],
        className="video-chips",
        role="group",
        **{"aria-label": t("状态")},
    )


def _search(t: Translate) -> Component:
    return dcc.Input(
        type="search", placeholder=t("按名称或编号查找"), className="video-search", autoComplete="off", debounce=False
    )


def _bar(t: Translate) -> Component:
    """Layouts, and what the chosen place is."""
    buttons = [
        html.Button(
            [html.Span(className=f"video-icon video-icon-{count}"), f"{count} {t('画面')}"],
            type="button",
            className="video-layout",
            **{"data-to-layout": str(count), "aria-pressed": "true" if count == FIRST_LAYOUT else "false"},
        )
        for count in LAYOUTS
    ]
    return html.Div(
        [html.Div(buttons, className="video-layouts"), html.Output(className="video-note")], className="video-bar"
    )


def _keys(t: Translate) -> Component:
    """The key card: every key has a button as well."""
    keys = (
        ("1–9", t("选画面")),
        ("Enter", t("单画面")),
        ("Esc", t("返回")),
        (", .", t("上一路 / 下一路")),
        ("S", t("抓拍")),
    )
    pairs = [html.Div([html.Dt(html.Kbd(key)), html.Dd(words)]) for key, words in keys]
    return html.Dl(pairs, className="video-keys")
