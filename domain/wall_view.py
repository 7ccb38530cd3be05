"""What the wall is told of a board: figures with their parts, each with the question whose answer is that many cases.

Plain JSON values, made once per board version for every screen in every language: labels are the hall's own words and
are translated where they are shown. Times are epoch milliseconds. No personal data: officers are named, callers never.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from domain import gap, words
from domain.attention import AttentionReason
from domain.board import Attention, Board, OverdueDepartment, StageLoad
from domain.case import Stage
from domain.case_query import CaseQuery, Count
from domain.indicators import FORMULAS, Counts, Dimension, Rate, rate
from domain.journal import milliseconds
from domain.period import Period

TARGET = float(gap.TARGET)
"""The mark every closing rate is shown against."""
RATE_PERIOD = Period.DAYS_30
"""A day's rate jumps with a handful of cases; the headline follows the month."""
GAP_RATE = Rate.ON_TIME_CLOSING
"""What the waterfall explains: the wall's first figure."""
GAP_ROWS = 3
"""Departments with a bar of their own; beside them the others, those at the target, and the whole."""
DEPARTMENT_ROWS = 14
"""Departments sent to the wall, most overdue first; more than any screen has room for."""

REASONS: dict[AttentionReason, str] = {
    AttentionReason.L1_OPEN: words.text("一级未结"),
    AttentionReason.SUPERVISED: words.text("督办"),
    AttentionReason.OVERDUE_3X: words.text("超期三倍"),
    AttentionReason.OVERDUE: words.text("超期"),
    AttentionReason.DUE_SOON: words.text("即将到期"),
    AttentionReason.SENT_BACK: words.text("多次退回"),
}
RATES: dict[Rate, str] = {
    Rate.CLOSING: words.text("结案率"),
    Rate.ON_TIME_CLOSING: words.text("按期结案率"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CityNames:
    """How the city calls its codes, and its time zone's name. `districts` holds every district of the hall."""

    zone: str
    districts: Mapping[str, str]
    departments: Mapping[str, str]
    classes: Mapping[str, str]


def wall_view(board: Board, names: CityNames) -> dict[str, Any]:
    """The whole wall as JSON values."""
    ask = CaseQuery(as_of=board.as_of)
    return {
        "version": board.version,
        "as_of": milliseconds(board.as_of),
        "zone": names.zone,
        "target": TARGET,
        "headline": _headline(board, ask),
        "districts": _districts(board, names, ask),
        "stages": [_stage(load, ask) for load in board.stages],
        "attention": [_attention(line, names, ask) for line in board.attention],
        "attention_total": board.attention_total,
        "overdue_departments": [
            _department(late, board, names, ask) for late in board.overdue_departments[:DEPARTMENT_ROWS]
        ],
        "overdue_departments_total": len(board.overdue_departments),
        "bottleneck": _bottleneck(board, names, ask),
        "gap": _gap(board, names, ask),
        "open": board.open_total,
        "overdue": board.overdue,
        "overdue_3x": board.overdue_3x,
        "suspended": board.counts(RATE_PERIOD).suspended,
    }


def _headline(board: Board, ask: CaseQuery) -> list[dict[str, Any]]:
    month, today = board.counts(RATE_PERIOD), board.counts(Period.TODAY)
    waiting = next((load for load in board.stages if load.stage is Stage.DISPATCH), StageLoad(Stage.DISPATCH, 0, None))
    return [
        _rate(Rate.ON_TIME_CLOSING, month, ask),
        _rate(Rate.CLOSING, month, ask),
        _count(Count.FILED, words.text("今日立案"), today, replace(ask, period=Period.TODAY)),
        _count(Count.CLOSED, words.text("今日结案"), today, replace(ask, period=Period.TODAY)),
        {**_stage(waiting, ask), "id": "pending_dispatch", "label": words.text("待派遣"), "value": waiting.count},
        _count(Count.OVERDUE_UNDISPOSED, words.text("超期未处置"), month, ask),
        _count(Count.OVERDUE_3X, words.text("超期三倍"), month, ask),
        _count(Count.OPEN, words.COUNTS[Count.OPEN], month, ask),
    ]


def _rate(kind: Rate, counts: Counts, ask: CaseQuery) -> dict[str, Any]:
    """A rate with both of its lists: `query` asks for the denominator, `numerator_query` for the numerator."""
    figure = rate(kind, counts)
    numerator, denominator = FORMULAS[kind]
    within = replace(ask, period=RATE_PERIOD)
    return {
        "id": kind.value,
        "label": RATES[kind],
        "period": RATE_PERIOD.value,
        "convention": figure.convention.value,
        "value": figure.value,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "numerator_query": replace(within, count=numerator).to_params(),
        "query": replace(within, count=denominator).to_params(),
    }


def _count(count: Count, label: str, counts: Counts, ask: CaseQuery) -> dict[str, Any]:
    return {
        "id": count.value,
        "label": label,
        "period": ask.period.value if ask.period else None,
        "value": counts.of(count),
        "query": replace(ask, count=count).to_params(),
    }


def _districts(board: Board, names: CityNames, ask: CaseQuery) -> list[dict[str, Any]]:
    """Every district, the worst closing rate first: what does not fit on a screen is never the worst."""
    rows = [_district(code, name, board, ask) for code, name in names.districts.items()]
    return sorted(rows, key=lambda row: (row["value"] is None, row["value"] or 0.0, row["code"]))


def _district(code: str, name: str, board: Board, ask: CaseQuery) -> dict[str, Any]:
    counts = board.counts(RATE_PERIOD, Dimension.DISTRICT, code)
    within = replace(ask, district=code)
    return {
        **_rate(Rate.CLOSING, counts, within),
        "code": code,
        "name": name,
        "on_time": _rate(Rate.ON_TIME_CLOSING, counts, within),
        "open": _count(Count.OPEN, words.COUNTS[Count.OPEN], counts, within),
        "overdue": _count(Count.OVERDUE_UNDISPOSED, words.text("超期"), counts, within),
    }


def _stage(load: StageLoad, ask: CaseQuery) -> dict[str, Any]:
    """A step of the loop. Nobody waits at the last one: it counts the cases closed today."""
    if load.stage is Stage.EVALUATION:
        query = replace(ask, count=Count.CLOSED, period=Period.TODAY)
    else:
        query = replace(ask, stage=load.stage)
    return {
        "stage": load.stage.value,
        "label": words.STAGES[load.stage],
        "count": load.count,
        "oldest_at": _ms(load.oldest_at),
        "query": query.to_params(),
    }


def _attention(line: Attention, names: CityNames, ask: CaseQuery) -> dict[str, Any]:
    row = line.row
    return {
        "case_no": row.case_no,
        "reason": line.reason.value,
        "reason_label": REASONS[line.reason],
        "severity": row.severity.value,
        "class_name": names.classes.get(row.class_code, row.class_code),
        "address": row.address,
        "district": names.districts.get(row.district or "", ""),
        "department": names.departments.get(row.department or "", ""),
        "lon": row.lon,
        "lat": row.lat,
        "state_label": words.STATES[row.state],
        "state_since": _ms(row.state_since),
        "reported_at": _ms(row.reported_at),
        "deadline": _ms(row.deadline),
        "overdue": row.overdue,
        "claimed_by": row.claimant or row.claimed_by,
        "order_due": _ms(row.order_due),
        "send_back_count": row.send_back_count,
        "query": replace(ask, text=row.case_no).to_params(),
    }


def _department(late: OverdueDepartment, board: Board, names: CityNames, ask: CaseQuery) -> dict[str, Any]:
    within = replace(ask, department=late.department)
    counts = board.counts(RATE_PERIOD, Dimension.DEPARTMENT, late.department)
    return {
        "code": late.department,
        "name": names.departments.get(late.department, late.department),
        "overdue": late.overdue,
        "oldest_at": _ms(late.oldest_at),
        "closing": _rate(Rate.CLOSING, counts, within),
        "query": replace(within, count=Count.OVERDUE_UNDISPOSED).to_params(),
    }


PASSING: dict[Stage, tuple[Count, Count]] = {
    Stage.COLLECTION: (Count.REPORTED, Count.ACCEPTED),
    Stage.FILING: (Count.ACCEPTED, Count.FILED),
    Stage.DISPATCH: (Count.FILED, Count.DISPATCHED),
    Stage.DISPOSAL: (Count.DISPATCHED, Count.DISPOSED),
    Stage.FEEDBACK: (Count.DISPOSED, Count.CLOSED),
    Stage.CHECK: (Count.DISPOSED, Count.CLOSED),
}
"""What comes to a step and what leaves it for the next one: today's two counts say how its queue moves."""


def _bottleneck(board: Board, names: CityNames, ask: CaseQuery) -> dict[str, Any] | None:
    """The step where most cases wait, what came and left today, and whose they are; None where nobody waits."""
    waiting = [load for load in board.stages if load.stage is not Stage.EVALUATION and load.count]
    if not waiting:
        return None
    load = max(waiting, key=attrgetter("count"))
    today, within = board.counts(Period.TODAY), replace(ask, period=Period.TODAY)
    came, left = PASSING[load.stage]
    return {
        **_stage(load, ask),
        "came": _count(came, words.COUNTS[came], today, within),
        "left": _count(left, words.COUNTS[left], today, within),
        "whose": _whose(load.stage, board, names, ask),
    }


def _whose(stage: Stage, board: Board, names: CityNames, ask: CaseQuery) -> dict[str, Any] | None:
    """The department with most overdue cases, or after its feedback with most awaiting closing."""
    late = {one.department: one.overdue for one in board.overdue_departments[:1]}
    count, label = Count.OVERDUE_UNDISPOSED, words.text("超期")
    if stage in (Stage.FEEDBACK, Stage.CHECK):
        count, label = Count.AWAITING_CLOSING, words.COUNTS[Count.AWAITING_CLOSING]
        keys = board.figures[RATE_PERIOD][Dimension.DEPARTMENT]
        late = {code: counts.awaiting_closing for code, counts in keys.items() if code and counts.awaiting_closing}
    elif stage is not Stage.DISPOSAL:
        late = {}
    code = max(late, key=lambda code: (late[code], code), default="")
    if not code:
        return None
    counts = board.counts(RATE_PERIOD, Dimension.DEPARTMENT, code)
    name = names.departments.get(code, code)
    return {"code": code, "name": name, **_count(count, label, counts, replace(ask, department=code))}


def _gap(board: Board, names: CityNames, ask: CaseQuery) -> dict[str, Any]:
    """What explains the gap between the wall's first figure and the target, by department, adding up exactly."""
    keys = board.figures[RATE_PERIOD][Dimension.DEPARTMENT]
    figures = {code: rate(GAP_RATE, counts) for code, counts in keys.items()}
    bars = gap.waterfall({code: gap.Closed(one.numerator, one.denominator) for code, one in figures.items()}, GAP_ROWS)
    city, leader = bars[-1].closed, gap.explains_most(bars)
    reached = None if leader is None else gap.if_reached(city, leader.closed)
    return {
        "rate_label": RATES[GAP_RATE],
        "rows": [_gap_row(bar, board, names, ask) for bar in bars],
        "leader": None if leader is None else names.departments.get(leader.key, leader.key),
        "what_if": None if reached is None else float(reached),
    }


def _gap_row(bar: gap.Bar, board: Board, names: CityNames, ask: CaseQuery) -> dict[str, Any]:
    tenths = gap.TARGET.denominator
    row = {
        "code": bar.key or bar.kind.value,
        "kind": bar.kind.value,
        "name": names.departments.get(bar.key, bar.key),
        "units": bar.units,
        "gap": bar.closed.gap_tenths / tenths,
        "from": bar.start / tenths,
        "to": bar.end / tenths,
    }
    if bar.kind not in (gap.BarKind.UNIT, gap.BarKind.TOTAL):
        return row
    whole = bar.kind is gap.BarKind.TOTAL
    dimension = Dimension.CITY if whole else Dimension.DEPARTMENT
    within = ask if whole else replace(ask, department=bar.key)
    return _rate(GAP_RATE, board.counts(RATE_PERIOD, dimension, bar.key), within) | row


def _ms(at: datetime | None) -> int | None:
    return None if at is None else milliseconds(at)
