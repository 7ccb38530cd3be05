"""The list of cases: what was asked for, in words, and the grid that shows exactly those."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
from dash import dcc, html

PAGE_ROWS = 100
THEME = (
    "themeQuartz.withParams({"
    "backgroundColor: 'var(--cw-bg)', foregroundColor: 'var(--cw-text)', textColor: 'var(--cw-text)',"
    "headerBackgroundColor: 'var(--cw-panel)', headerTextColor: 'var(--cw-text-2)', borderColor: 'var(--cw-line)',"
    "oddRowBackgroundColor: 'rgba(255,255,255,0.02)', rowHoverColor: 'rgba(255,255,255,0.06)',"
    "selectedRowBackgroundColor: 'rgba(79,168,255,0.18)', fontFamily: 'var(--cw-font)', fontSize: 15,"
    "wrapperBorder: false, browserColorScheme: 'dark'})"
)
"""The grid in the hall's colours; the tokens stand in `assets/css/00-tokens.css`."""


def question(parts: Sequence[tuple[str, str, str]], *, total_id: str, video: bool, t: Callable[[str], str]) -> html.Div:
    """What the list answers. `parts`: (name, value in words, address without this part).

    `video`: the asker may open the chosen case's cameras (V).
    """
    chips = [
        html.A(
            [html.Span(name, className="chip-name"), value, html.Span("×", className="chip-drop")],
            href=href,
            className="chip",
            title=t("去掉此条件"),
        )
        for name, value, href in parts
    ]
    title = html.H1([t("案卷"), html.Span("…", id=total_id, className="cases-total", role="status")])
    return html.Div(
        [
            html.Div([title, *([_video_button(t)] if video else [])], className="cases-head"),
            html.Div(chips or html.Span(t("全部案卷"), className="cases-all"), className="chips"),
        ],
        className="cases-question",
    )


def _video_button(t: Callable[[str], str]) -> html.Button:
    """Waits for a chosen row; `assets/js/view-case.js` knows it by its class."""
    return html.Button(
        [t("看现场视频"), html.Kbd("V")], type="button", disabled=True, className="desk-button cases-video"
    )


def case_grid(grid_id: str, *, t: Callable[[str], str]) -> dag.AgGrid:
    """Rows are fetched as they are scrolled to; the case number is the row's identity."""
    return dag.AgGrid(
        id=grid_id,
        rowModelType="infinite",
        columnDefs=_columns(t),
        getRowId="params.data.case_no",
        defaultColDef={"resizable": True, "sortable": False, "suppressMovable": True},
        dashGridOptions={
            "cacheBlockSize": PAGE_ROWS,
            "maxBlocksInCache": 20,
            "rowHeight": 34,
            "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
            "enableCellTextSelection": True,
            "localeText": {
                "noRowsToShow": t("没有符合条件的案卷"),
                "loadingOoo": t("读取中…"),
                "loadingError": t("读取失败"),
            },
            "theme": {"function": THEME},
        },
        className="cases-grid",
        dangerously_allow_code=False,
    )


def _columns(t: Callable[[str], str]) -> list[dict[str, Any]]:
    def column(field: str, header: str, width: int, **more: Any) -> dict[str, Any]:
        return {"field": field, "headerName": header, "width": width, **more}

    return [
        column("severity", t("级别"), 90, cellClassRules=_severity_classes()),
        column("case_no", t("案卷编号"), 180, cellRenderer="CaseLink"),
        column("class_name", t("类别"), 170),
        column("state", t("状态"), 100),
        column("address", t("地点"), 260, flex=1),
        column("district", t("区"), 90),
        column("department", t("责任部门"), 220),
        column("source", t("来源"), 90),
        column("reported", t("上报"), 150),
        column("deadline", t("时限"), 150),
        column("lateness", t("剩余 / 超期"), 180, cellClassRules={"is-late": "params.data && params.data.late"}),
        column("closed", t("结案"), 150),
        column("evidence", t("证据"), 80),
    ]


def _severity_classes() -> Mapping[str, str]:
    return {f"is-{level}": f"params.data && params.data.level == '{level}'" for level in ("L1", "L2", "L3", "L4")}


def wrong_question(message: str, *, t: Callable[[str], str]) -> html.Div:
    """The address asks for something that cannot be: say what, and offer the whole list."""
    return html.Div(
        [
            html.H1(t("无法按此条件查询")),
            html.P(message),
            html.A(t("查看全部案卷"), href="/cases", className="desk-button"),
        ],
        className="cases-wrong",
        role="alert",
    )


def address_store(store_id: str, params: Mapping[str, str]) -> dcc.Store:
    """The question as data, for the callback that fetches rows."""
    return dcc.Store(id=store_id, data=dict(params))
