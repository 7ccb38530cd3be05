"""The supervisor's screen: the places, the tree beside them, layouts, tours, events and the states of all cameras."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from dash import dcc, html
from dash.development.base_component import Component

from components.camera_facts import camera_facts
from components.camera_tile import camera_tile
from components.camera_tree import Order, camera_trees
from components.cells import Translate
from components.dispatch_desk import DeskSetup, facts
from components.video_bar import video_bar
from components.video_keys import key_card
from domain.camera import Camera
from domain.roles import Identity, Permission
from domain.video_scene import FIRST_LAYOUT, MOST_PLACES, SPLITS

_RIGHTS = {
    Permission.TURN_CAMERA: "turn",
    Permission.DIRECT_WALL: "direct",
    Permission.SAVE_EVIDENCE: "save",
    Permission.REPORT_CASE: "report",
    Permission.SEE_CASES: "cases",
}


def video_desk(
    cameras: Sequence[Camera],
    first: Sequence[Camera],
    *,
    districts: Mapping[str, str],
    identity: Identity,
    about: Component | None = None,
    reporting: DeskSetup | None = None,
    t: Translate,
) -> Component:
    """`first`: the cameras shown to someone who has not chosen any yet. `assets/js/video-*.js` bring it to life.

    `about` stands above the places: the case this screen was opened for. `reporting`: what the form for a report
    of what is seen must know, where this person may make one.
    """
    shown = SPLITS[FIRST_LAYOUT].places
    cells = [
        camera_tile(first[i] if i < len(first) else None, place=i + 1, shown=i < shown, t=t) for i in range(MOST_PLACES)
    ]
    side = [_states(t), _finder(t), camera_trees(cameras, districts=districts, t=t)]
    places = html.Div(cells, className="video-cells")
    stage = [about, places, video_bar(identity, t)] if about else [places, video_bar(identity, t)]
    return html.Div(
        [
            html.Section(stage, className="video-stage"),
            html.Aside(side, className="video-side", **{"aria-label": t("摄像机")}),
            key_card(identity, t),
            html.Div(className="video-prefetch", **{"aria-hidden": "true"}),
            html.Div(className="video-toasts", role="status"),
            *_reporting(reporting, t),
        ],
        className="video-desk",
        **{
            "data-layout": FIRST_LAYOUT.value,
            "data-may": " ".join(word for right, word in _RIGHTS.items() if identity.may(right)),
            "data-cameras": camera_facts(cameras, districts=districts),
        },
    )


def _reporting(setup: DeskSetup | None, t: Translate) -> list[Component]:
    """Unseen: words and rights for the form."""
    if setup is None:
        return []
    known = {"data-may-personal": "", "data-may-join": "", "data-box": json.dumps(setup.box)}
    return [html.Div(className="video-reporting", hidden=True, **known, **facts(setup, t))]


def _states(t: Translate) -> Component:
    """How many cameras are in which state; pressing one shows only those."""
    chips = (
        ("", t("全部")),
        ("live", t("实时")),
        ("frozen", t("冻结")),
        ("offline", t("离线")),
        ("condition", t("异常")),
    )
    return html.Div(
        [
            html.Button(
                [html.Span(words), html.B("–", **{"data-count": state, "data-zero": ""})],
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


def _finder(t: Translate) -> Component:
    """The search, and which way the tree is ordered."""
    search = dcc.Input(
        type="search",
        placeholder=t("找摄像机 /"),
        className="video-search",
        autoComplete="off",
        debounce=False,
    )
    names = {Order.PLACE: t("按地点"), Order.OWNER: t("按单位")}
    orders = [
        html.Button(
            names[order],
            type="button",
            className="video-order",
            **{"data-order": order.value, "aria-pressed": "true" if order is Order.PLACE else "false"},
        )
        for order in Order
    ]
    return html.Div(
        [search, html.Div(orders, className="video-orders", role="group", **{"aria-label": t("排列")})],
        className="video-finder",
    )
