"""`/evaluation`: who is graded how, may one believe it, and where the time goes; filled in by `evaluation.js`."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.cells import Translate
from components.evaluation_dialogs import dialogs

PERIODS = ("today", "week", "month", "quarter")
OBJECTS = ("district", "department", "collector", "acceptor", "shift_leader", "dispatcher")
CONVENTIONS = ("flow", "cohort", "due")

PANELS = ("trend", "credibility", "gap", "times", "bottleneck", "ageing", "pauses", "alarms")
"""The panels beside and below the ranking, in the order of the `Tab` key."""


def evaluation_desk(*, zone: str, may_lock: bool, t: Translate) -> Component:
    """The whole page in its loading face. `zone` is the city's; `may_lock`: this person locks and corrects."""
    return html.Div(
        [
            html.Div(
                html.I(),
                className="ev-progress",
                role="progressbar",
                hidden=True,
                **{"data-ev": "progress", "aria-label": t("读取中…")},
            ),
            _head(t),
            _state(may_lock, t),
            html.Div([_ranking(t), *(_panel(name, t) for name in PANELS)], className="ev-body"),
            *dialogs(may_lock, t),
            html.Div(className="ev-tip", role="tooltip", hidden=True, **{"data-ev": "tip"}),
        ],
        className="ev",
        **{"data-face": "loading", "data-zone": zone, "data-may-lock": "1" if may_lock else ""},
    )


def _head(t: Translate) -> Component:
    periods = {"today": t("今日"), "week": t("周"), "month": t("月"), "quarter": t("季")}
    objects = {
        "district": t("区域"),
        "department": t("部门"),
        "collector": t("采集员"),
        "acceptor": t("受理员"),
        "shift_leader": t("值班长"),
        "dispatcher": t("派遣员"),
    }
    conventions = {"flow": t("按发生时间"), "cohort": t("按上报时间"), "due": t("按到期时间")}
    return html.Header(
        [
            html.H1(t("综合评价")),
            _choice("period", t("周期"), [(name, periods[name]) for name in PERIODS]),
            _stepper(t),
            _choice("object", t("对象"), [(name, objects[name]) for name in OBJECTS]),
            _choice("convention", t("口径"), [(name, conventions[name]) for name in CONVENTIONS]),
        ],
        className="ev-head",
    )


def _choice(name: str, label: str, options: list[tuple[str, str]]) -> Component:
    """One of a few, all in sight; the browser marks the chosen one."""
    return html.Div(
        [
            html.Span(label, className="ev-choice-name"),
            *(
                html.Button(
                    words,
                    type="button",
                    role="radio",
                    className="ev-option",
                    **{"data-choose": name, "data-value": value, "aria-checked": "false"},
                )
                for value, words in options
            ),
        ],
        className=f"ev-choice ev-choice-{name}",
        role="radiogroup",
        **{"aria-label": label},
    )


def _stepper(t: Translate) -> Component:
    """The period before, any day's period, the next one."""
    return html.Div(
        [
            _button("‹", "earlier", t("上一期"), key="["),
            html.Label(
                [
                    html.Span("–", className="ev-period", **{"data-ev": "period"}),
                    html.Span(className="ev-date", **{"data-ev": "date"}),
                ]
            ),
            _button("›", "later", t("下一期"), key="]"),
        ],
        className="ev-stepper",
    )


def _button(face: str, act: str, title: str, *, key: str = "", class_name: str = "ev-button") -> Component:
    return html.Button(
        face,
        type="button",
        className=class_name,
        title=f"{title} ({key})" if key else title,
        **{"data-do": act, "aria-label": title},
    )


def _tools(t: Translate) -> Component:
    return html.Div(
        [
            html.Span(t("读取中…"), className="ev-as-of", role="status", **{"data-ev": "as-of"}),
            html.Button([t("导出"), html.Kbd("X")], type="button", className="ev-button", **{"data-do": "export"}),
            html.Button("◐", type="button", className="ev-button", title=t("浅色 / 深色"), **{"data-do": "theme"}),
            html.Button("?", type="button", className="ev-button", title=t("按键说明"), **{"data-do": "keys"}),
        ],
        className="ev-tools",
    )


def _state(may_lock: bool, t: Translate) -> Component:
    """What the table stands on: convention, period, rules, and whether it still moves."""
    lock = [
        html.Button(t("锁定本期…"), type="button", className="ev-button", hidden=True, **{"data-do": "lock"}),
        html.Button(t("更正…"), type="button", className="ev-button", hidden=True, **{"data-do": "correct"}),
    ]
    return html.Div(
        [
            html.Span("", className="ev-basis", **{"data-ev": "basis"}),
            html.Button("–", type="button", className="ev-link", **{"data-do": "scheme", "data-ev": "scheme"}),
            html.Span("", className="ev-status", role="status", **{"data-ev": "status"}),
            html.Button("", type="button", className="ev-link", hidden=True, **{"data-do": "corrections"}),
            *(lock if may_lock else []),
            _tools(t),
        ],
        className="ev-state",
    )


def _ranking(t: Translate) -> Component:
    note = html.Span("", className="ev-panel-note", role="status", **{"data-slot": "note"})
    again = html.Button(t("更新排名"), type="button", className="ev-button", hidden=True, **{"data-do": "reorder"})
    return html.Section(
        [
            html.Header([html.H2(t("排名")), note, again], className="ev-panel-head"),
            html.Div(_waiting(t), className="ev-table-frame", **{"data-slot": "body"}),
            html.P("", className="ev-foot", **{"data-slot": "foot"}),
        ],
        className="ev-panel ev-ranking",
        **{"data-panel": "ranking", "data-face": "loading", "aria-label": t("排名")},
    )


def _panel(name: str, t: Translate) -> Component:
    titles = {
        "trend": t("趋势（12 个月）"),
        "credibility": t("可信度"),
        "gap": t("距 90% 的缺口"),
        "times": t("各环节用时"),
        "bottleneck": t("瓶颈"),
        "ageing": t("积压年龄"),
        "pauses": t("停表"),
        "alarms": t("报警质量"),
    }
    head = [html.H2(titles[name]), html.Span("", className="ev-panel-note", **{"data-slot": "note"})]
    return html.Section(
        [
            html.Header(
                [*head, html.Div(className="ev-panel-tools", **{"data-slot": "tools"})], className="ev-panel-head"
            ),
            html.Div(_waiting(t), className="ev-panel-body", **{"data-slot": "body"}),
        ],
        className=f"ev-panel ev-{name}",
        tabIndex="0",
        **{"data-panel": name, "data-face": "loading", "aria-label": titles[name]},
    )


def _waiting(t: Translate) -> Component:
    return html.P(t("读取中…"), className="ev-empty")
