"""The dispatch desk: queue, map and case side by side (product sheet 3.8); `dispatch*.js` fills it, hears its keys."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dash_ag_grid as dag
from dash import html
from dash.development.base_component import Component

from components.case_list import THEME
from components.case_map import case_map
from components.cells import Translate
from components.dispatch_keys import key_card
from domain import words
from domain.camera import Camera
from domain.case import CaseState
from domain.fact_kinds import LIMIT_UNITS
from domain.pinyin import typed
from domain.roles import Identity, Permission, Role
from domain.step_clock import step_limit
from domain.transition import REQUEST_WORDS
from domain.transitions import TRANSITIONS

ROW_PX = 32

_WAITING: dict[Role, tuple[str, ...]] = {
    Role.ACCEPTOR: ("pending_acceptance", "pending_feedback_review"),
    Role.DUTY_OFFICER: ("pending_acceptance", "pending_feedback_review"),
    Role.SHIFT_LEADER: ("pending_filing", "pending_close"),
}
"""What waits for a post beside dispatching: each is a view of the queue of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSetup:
    """What the desk and its wall are built from. `box` is (west, south, east, north); `who` sits there."""

    who: Identity
    box: tuple[float, float, float, float]
    cameras: Sequence[Camera]
    zone: str
    departments: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    districts: Mapping[str, str] = field(default_factory=dict)


def dispatch_desk(grid_id: str, setup: DeskSetup, *, open_case: str = "", t: Translate) -> Component:
    """The whole desk in its loading face. `open_case`: chosen as soon as the queue is there."""
    return html.Div(
        [
            _queue(grid_id, setup.who, t),
            case_map(setup.box, setup.cameras, t=t),
            html.Section(className="dispatch-case", tabIndex=-1, **{"aria-label": t("案卷"), "data-dispatch": "case"}),
            _foot(t),
            _command(t),
            key_card(setup.who, t),
        ],
        className="dispatch",
        **{"data-face": "loading", "data-grid": grid_id, "data-open": open_case},
        **facts(setup, t),
    )


def facts(setup: DeskSetup, t: Translate) -> dict[str, str]:
    """What the scripts must know, as attributes: who acts, how things are called, how long a step may take."""
    who = setup.who
    called = {
        "departments": [[code, name, typed(name)] for code, name in setup.departments.items()],
        "classes": dict(setup.classes),
        "districts": dict(setup.districts),
        "states": {state.value: t(label) for state, label in words.STATES.items()},
        "levels": {level.value: [words.SHAPES[level], t(label)] for level, label in words.SEVERITIES.items()},
        "sources": {source.value: t(label) for source, label in words.SOURCES.items()},
        "requests": {request.value: t(label) for request, label in REQUEST_WORDS.items()},
        "roles": {role.value: t(label) for role, label in words.ROLES.items()},
        "units": {unit.value: t(label) for unit, label in LIMIT_UNITS.items()},
        "actions": {action.value: t(row.zh) for action, row in TRANSITIONS.items()},
    }
    limits = {state.value: limit.total_seconds() * 1000 for state in CaseState if (limit := step_limit(state))}
    return {
        "data-who": who.name,
        "data-may-act": "1" if who.may(Permission.ACT_ON_CASE) else "",
        "data-mirrors": "1" if who.may(Permission.HANDLE_ALARMS) else "",
        "data-may-alike": "1" if who.may(Permission.REPORT_CASE) else "",
        "data-zone": setup.zone,
        "data-names": json.dumps(called, ensure_ascii=False),
        "data-limits": json.dumps(limits),
    }


def _queue(grid_id: str, who: Identity, t: Translate) -> Component:
    bar = html.Div(
        [
            html.Span(className="dispatch-marked", **{"data-dispatch": "marked"}),
            html.Span(className="dispatch-search", **{"data-dispatch": "search"}),
            html.Span(t("读取中…"), className="dispatch-note", role="status", **{"data-dispatch": "note"}),
            html.Button(
                [html.Span(**{"data-dispatch": "arrivals"}), html.Kbd("N")],
                type="button",
                className="dispatch-arrivals",
                hidden=True,
                **{"data-act": "settle"},
            ),
        ],
        className="dispatch-queue-bar",
    )
    return html.Section(
        [_tabs(who, t), _grid(grid_id, t), bar],
        className="dispatch-queue",
        **{"aria-label": t("队列")},
    )


def _tabs(who: Identity, t: Translate) -> Component:
    """Views of the queue, with how many cases each holds. `data-view` is what `dispatch-base.js` calls them."""
    waiting = [(state, words.STATES[CaseState(state)]) for state in _WAITING.get(who.role, ())]
    views = [("pending_dispatch", words.STATES[CaseState.PENDING_DISPATCH]), ("mine", t("我的")), *waiting]
    views += [("risk", t("将超期")), ("overdue", t("超期")), ("all", t("全部"))]
    return html.Div(
        [_view(name, t(label), "dispatch-tab") for name, label in views],
        className="dispatch-tabs",
        role="group",
        **{"aria-label": t("队列")},
    )


def _view(name: str, label: str, class_name: str) -> html.Button:
    count = html.B("–", **{"data-count": name})
    return html.Button(
        [label, count], type="button", className=class_name, **{"data-view": name, "aria-pressed": "false"}
    )


def _foot(t: Translate) -> Component:
    """What must not be forgotten, counted; pressing one shows only those."""
    views = (
        ("bounced", t("退回")),
        ("frozen", t("扯皮（冻结再派）")),
        ("requests", t("待审批申请")),
        ("suspended", t("挂账")),
    )
    return html.Footer([_view(name, label, "dispatch-chip") for name, label in views], className="dispatch-foot")


def _command(t: Translate) -> Component:
    return html.Div(
        [
            html.Kbd("/"),
            html.Span(className="dispatch-command-input", **{"data-dispatch": "command"}),
            html.Span(className="dispatch-command-said", role="status", **{"data-dispatch": "said"}),
            html.Button([t("按键"), html.Kbd("?")], type="button", className="desk-button", **{"data-act": "keys"}),
        ],
        className="dispatch-command",
    )


def _grid(grid_id: str, t: Translate) -> dag.AgGrid:
    """The queue. The case number is a row's identity; rows change by transactions only, and only `order` sorts them."""
    return dag.AgGrid(
        id=grid_id,
        columnDefs=_columns(t),
        rowData=[],
        getRowId="params.data.case_no",
        defaultColDef={
            "resizable": True,
            "sortable": False,
            "suppressMovable": True,
            "suppressHeaderContextMenu": True,
            "minWidth": 36,
        },
        dashGridOptions={
            "rowHeight": ROW_PX,
            "headerHeight": ROW_PX,
            "loading": True,
            "animateRows": False,
            "suppressCellFocus": True,
            "suppressModelUpdateAfterUpdateTransaction": True,
            "suppressScrollOnNewData": True,
            "suppressRowHoverHighlight": False,
            "tooltipShowDelay": 400,
            "rowClassRules": {
                "is-current": "params.data.current",
                "is-marked": "params.data.marked",
                "is-gone": "params.data.gone",
                "is-frozen": "params.data.send_backs >= 2",
            },
            "localeText": {"noRowsToShow": t("今日暂无"), "loadingOoo": t("读取中…")},
            "theme": {"function": THEME},
        },
        className="dispatch-grid",
        dangerously_allow_code=False,
    )


def _columns(t: Translate) -> list[dict[str, Any]]:
    """Widths are shares of the queue; what a filter compares is the text that is shown."""

    def column(name: str, header: str, flex: int, **more: Any) -> dict[str, Any]:
        return {"field": name, "headerName": header, "flex": flex, **more}

    def words_of(name: str, header: str, flex: int, **more: Any) -> dict[str, Any]:
        return column(name, header, flex, filter="agTextColumnFilter", tooltipField=name, **more)

    about_risk = t("◇ 为错过时限的概率；粗体为将超期（一半以上）")
    about_left = t("剩余时间；▲ 为超期，‖ 为停表")
    return [
        {"field": "order", "hide": True, "sort": "asc"},
        column("level", t("级"), 62, cellRenderer="DispatchLevel"),
        column("number", t("编号"), 60, cellRenderer="DispatchNumber", tooltipField="case_no"),
        words_of("class_name", t("类别"), 104),
        words_of("place", t("地点"), 180, cellRenderer="DispatchPlace"),
        column("due", t("剩余"), 100, cellDataType=False, cellRenderer="DispatchLeft", headerTooltip=about_left),
        column(
            "risk", t("风险"), 66, hide=True, cellDataType=False, cellRenderer="DispatchRisk", headerTooltip=about_risk
        ),
        words_of("claimed", t("认领"), 62, cellRenderer="DispatchClaim"),
        words_of("department", t("部门"), 100),
        column("bounce", t("退回/无主"), 82, cellRenderer="DispatchBounce"),
        words_of("source", t("来源"), 62),
        words_of("request", t("申请"), 68),
    ]
