"""The health page's parts: counts by state, platforms, alarms, the table of cameras; filled by `video-health.js`."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
from dash import dcc, html
from dash.development.base_component import Component

from components.case_list import THEME
from components.cells import Translate
from domain.camera_health import Mark

ROW_PX = 34


def camera_health(grid_id: str, *, may_relearn: bool, t: Translate) -> Component:
    """The whole page in its loading face. `may_relearn`: this person may take a camera's present view as its normal."""
    return html.Div(
        [
            _head(t),
            html.Div(className="health-alarms", role="alert", **{"data-health": "alarms"}),
            html.Div([_platforms(t), _past(t)], className="health-bands"),
            health_grid(grid_id, t=t),
            html.P(t("还没有摄像机，请导入 cameras.csv。"), className="health-empty"),
            _legend(t),
        ],
        className="health",
        **{"data-face": "loading", "data-grid": grid_id, "data-may-relearn": "1" if may_relearn else ""},
    )


def _head(t: Translate) -> Component:
    return html.Header(
        [
            html.H1(t("摄像机健康")),
            html.Span(t("读取中…"), className="health-note", role="status", **{"data-health": "note"}),
            _chips(t),
            dcc.Input(
                type="search",
                placeholder=t("名称、编号、平台"),
                className="health-search",
                autoComplete="off",
                debounce=False,
            ),
        ],
        className="health-head",
    )


def _chips(t: Translate) -> Component:
    """How many cameras are how; pressing one shows only those. `data-only` is what `video-health.js` calls them."""
    chips = (
        ("", "", t("全部")),
        ("live", "●", t("实时")),
        ("frozen", "▲", t("冻结")),
        ("offline", "✕", t("离线")),
        ("flawed", "◪", t("画面异常")),
        ("idle", "○", t("未开启")),
    )
    return html.Div(
        [
            html.Button(
                [html.Span(shape), words, html.B("–", **{"data-count": only})],
                type="button",
                className="health-chip",
                **{"data-only": only, "aria-pressed": "true" if not only else "false"},
            )
            for only, shape, words in chips
        ],
        className="health-chips",
        role="group",
        **{"aria-label": t("状态")},
    )


def _platforms(t: Translate) -> Component:
    """One line a sharing platform, the hall's own cameras first."""
    heads = (t("平台"), t("有画面"), t("异常"), t("24 小时"), t("7 天"), t("30 天"))
    table = html.Table(
        [
            html.Thead(html.Tr([html.Th(head) for head in heads])),
            html.Tbody(**{"data-health": "platforms"}),
        ],
        className="health-platforms",
    )
    title = html.H2([t("各平台可用率"), html.Small(t("有画面的时间 ÷ 已知时间"))])
    return html.Section([title, html.Div(table, className="health-scroll")])


def _past(t: Translate) -> Component:
    """When platforms went as a whole, newest first."""
    return html.Section(
        [
            html.H2([t("平台整体中断"), html.Small(t("近 30 天"))]),
            html.Ol(className="health-past health-scroll", **{"data-health": "past"}),
        ]
    )


def health_grid(grid_id: str, *, t: Translate) -> dag.AgGrid:
    """All cameras; the number is the row's identity. Values change in place: no row moves under the hand."""
    return dag.AgGrid(
        id=grid_id,
        columnDefs=_columns(t),
        rowData=[],
        getRowId="params.data.number",
        defaultColDef={"resizable": True, "sortable": True, "suppressMovable": True, "minWidth": 56},
        dashGridOptions={
            "rowHeight": ROW_PX,
            "headerHeight": ROW_PX,
            "loading": True,
            "animateRows": False,
            "tooltipShowDelay": 300,
            "localeText": {
                "noRowsToShow": t("没有符合条件的摄像机"),
                "loadingOoo": t("读取中…"),
            },
            "theme": {"function": THEME},
        },
        className="health-grid",
        dangerously_allow_code=False,
    )


def _columns(t: Translate) -> list[dict[str, Any]]:
    """Widths are shares of the screen; every column sorts by the value behind what it shows."""

    def column(field: str, header: str, flex: int, **more: Any) -> dict[str, Any]:
        return {"field": field, "headerName": header, "flex": flex, **more}

    def share(field: str, header: str) -> dict[str, Any]:
        return number(field, header, 62, cellRenderer="HealthShare")

    def number(field: str, header: str, flex: int, **more: Any) -> dict[str, Any]:
        return column(field, header, flex, cellClass="is-number", headerClass="is-number", **more)

    return [
        column("gravity", t("状态"), 92, cellRenderer="HealthState", sort="desc"),
        column("since", t("自"), 100, cellRenderer="HealthTime"),
        column("name", t("摄像机"), 205, cellRenderer="HealthName"),
        column("platform", t("平台"), 150, tooltipField="platform"),
        column("flaw", t("画面"), 112, cellRenderer="HealthFlaw"),
        column("cause", t("原因与处理"), 250, cellRenderer="HealthCause", cellClass="is-act", tooltipField="cause"),
        column("bar", t("近 24 小时"), 250, cellRenderer="HealthBar", cellClass="is-bar", sortable=False),
        share("day", t("24 小时")),
        share("week", t("7 天")),
        share("month", t("30 天")),
        number("fps", t("帧/秒"), 60),
        number("kbps", t("kb/s"), 62),
        column("picture", t("画面尺寸"), 118),
        number("reconnects", t("重连"), 60),
    ]


def _legend(t: Translate) -> Component:
    """What the colours of the bars mean, in the order of gravity."""
    marks = (
        (Mark.UP, t("实时")),
        (Mark.DELAYED, t("延迟")),
        (Mark.FLAWED, t("画面异常")),
        (Mark.FROZEN, t("冻结")),
        (Mark.OFFLINE, t("离线")),
        (Mark.IDLE, t("未开启")),
        (Mark.UNKNOWN, t("无记录")),
    )
    shown = [html.Span([html.I(**{"data-mark": mark.value}), words]) for mark, words in marks]
    hint = html.Span(t("每格 10 分钟，取其中最差的状态。点击一行打开该摄像机。"), className="health-hint")
    return html.Footer([*shown, hint], className="health-legend")
