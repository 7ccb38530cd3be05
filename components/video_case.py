"""The line above the camera wall's places when it was opened from a case, and what is said of each of its cameras."""

from __future__ import annotations

import json
from urllib.parse import quote

from dash import dcc, html
from dash.development.base_component import Component

from components.cells import Translate
from domain.sight import WITHIN_M, CaseSight, Sight, View
from domain.words import text

_SIGHTS = {
    Sight.SEES: text("朝向现场"),
    Sight.PRESET: text("转到预置位可见"),
    Sight.BY_HAND: text("可手动转向"),
    Sight.UNKNOWN: text("朝向不详"),
    Sight.AWAY: text("背向现场"),
}


def case_place(store_id: str, line_id: str, case_no: str) -> Component:
    """Where the line comes to stand; the store names the case it is asked for."""
    return html.Div([dcc.Store(id=store_id, data=case_no), html.Div(id=line_id)], className="video-about")


def case_line(case_no: str, sight: CaseSight | None, t: Translate) -> Component:
    """The case's number, how many cameras see it, and the way back: nothing about people. None: no such case."""
    back = html.A(t("回到案卷"), href=f"/case/{quote(case_no)}", className="video-button")
    told = html.Span(_told(sight, t), className="" if sight and sight.views else "video-warning")
    return html.Div(
        [html.B(f"{t('案')} {case_no}"), told, html.Span(className="video-case-turns"), back],
        className="video-case",
        **{"data-case-no": case_no if sight else "", "data-sight": _marks(sight, t)},
    )


def _told(sight: CaseSight | None, t: Translate) -> str:
    if sight is None:
        return t("没有这个案卷")
    if sight.place is None:
        return t("案卷没有位置，请自选摄像机")
    if sight.views:
        return t("{m} 米内 {n} 路").format(m=f"{WITHIN_M:.0f}", n=len(sight.views))
    none = t("{m} 米内没有摄像机").format(m=f"{WITHIN_M:.0f}")
    return f"{none} · {t('最近的是')} {_far(sight.beyond)}" if sight.beyond else none


def _far(view: View) -> str:
    return f"{view.camera.name} {view.distance_m:.0f} m"


def _marks(sight: CaseSight | None, t: Translate) -> str:
    """For the page's scripts: each camera's words, and whether it should be turned."""
    views = sight.views if sight else ()
    marks = [
        {
            "number": view.camera.number,
            "words": f"{view.distance_m:.0f} m · {t(_SIGHTS[view.sight])}",
            "turns": view.preset is not None,
        }
        for view in views
    ]
    return json.dumps(marks, ensure_ascii=False)
