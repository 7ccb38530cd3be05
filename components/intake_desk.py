"""The intake desk: queues of the post on the left, the form for a new report, the chosen case on the right."""

from __future__ import annotations

import json

from dash import html
from dash.development.base_component import Component

from components.case_queue import case_queue
from components.cells import Translate
from components.dispatch_desk import DeskSetup, facts
from domain.action import Action
from domain.case import CaseState
from domain.roles import Permission, Role
from domain.transitions import TRANSITIONS
from domain.words import STATES

QUEUES = (
    CaseState.PENDING_ACCEPTANCE,
    CaseState.PENDING_VERIFY,
    CaseState.PENDING_FILING,
    CaseState.PENDING_FEEDBACK_REVIEW,
    CaseState.PENDING_CHECK,
    CaseState.PENDING_CLOSE,
)
"""Stages 1, 2 and 6 as a centre works them, in the order of the loop."""

_OUT = frozenset({CaseState.PENDING_VERIFY, CaseState.PENDING_CHECK})
"""With a collector: watched here, answered there."""


def intake_desk(grid_id: str, setup: DeskSetup, *, t: Translate) -> Component:
    """The whole page in its loading face."""
    who = setup.who
    first = CaseState.PENDING_FILING if who.role is Role.SHIFT_LEADER else CaseState.PENDING_ACCEPTANCE
    may = {
        "data-may-personal": who.may(Permission.SEE_PERSONAL_DATA),
        "data-may-join": who.role in TRANSITIONS[Action.LINK].posts & TRANSITIONS[Action.REFUSE_ACCEPTANCE].posts,
    }
    return html.Div(
        [
            html.Section([_tabs(first, t), _queue(grid_id, t)], className="intake-queue"),
            html.Section(className="intake-form", **{"aria-label": t("登记"), "data-intake": "form"}),
            html.Section(className="case-panel", tabIndex=-1, **{"aria-label": t("选中的案卷"), "data-intake": "case"}),
            _foot(t),
        ],
        className="intake",
        **{"data-face": "loading", "data-grid": grid_id, "data-first": first.value},
        **{name: "1" if held else "" for name, held in may.items()},
        **{"data-box": json.dumps(setup.box), "data-source": "video" if who.role is Role.SUPERVISOR else "hotline"},
        **facts(setup, t),
    )


def _tabs(first: CaseState, t: Translate) -> Component:
    tabs = [
        html.Button(
            [html.Kbd(str(number)), html.Span(t(STATES[state])), html.B("–")],
            type="button",
            role="tab",
            className=f"intake-tab{' is-out' if state in _OUT else ''}",
            title=t("在采集员处，等待回复") if state in _OUT else "",
            **{"data-tab": state.value, "aria-selected": "true" if state is first else "false"},
        )
        for number, state in enumerate(QUEUES, 1)
    ]
    note = html.Span(t("读取中…"), className="intake-note", role="status", **{"data-intake": "note"})
    return html.Div([*tabs, note], className="intake-tabs", role="tablist")


def _queue(grid_id: str, t: Translate) -> Component:
    columns = (
        ("left", t("时限"), 132),
        ("level_word", t("级别"), 88),
        ("what", t("问题与地点"), 270),
        ("marks", t("认领"), 84),
    )
    return case_queue(grid_id, columns, nothing=t("此栏没有案卷"))


def _foot(t: Translate) -> Component:
    keys = (
        ("N", t("新登记")),
        ("Ctrl Enter", t("提交登记")),
        ("J K", t("下一件 / 上一件")),
        ("C", t("认领")),
        ("V", t("发送核实")),
        ("F", t("立案")),
        ("X", t("不予受理 / 退回")),
        ("H", t("发送核查")),
        ("L", t("结案")),
        ("Enter", t("打开全文")),
    )
    return html.Footer([html.Span([html.Kbd(key), words]) for key, words in keys], className="unit-foot")
