"""The bottleneck: which step holds most case-time, and whose; now, in the period, and what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from api.evaluation_question import PanelQuestion, milliseconds_of
from api.evaluation_time import step_words
from data_access.evaluation.case_time import CaseTime, Spent, Waiting
from domain.case import CaseState
from domain.case_query import CaseQuery
from domain.indicators import Dimension
from domain.step_clock import STEP_WORDS
from runtime.i18n import t

MOST_ROWS = 30
"""Pairs of step and unit in one answer; further down nothing is a bottleneck."""

YESTERDAY, LAST_WEEK = timedelta(days=1), timedelta(days=7)


def bottleneck_panel(case_time: CaseTime, asked: PanelQuestion) -> dict[str, Any]:
    """Which step and unit hold most case-time: standing there at the moment asked for, and spent in the period."""
    moments = (asked.at, asked.at - YESTERDAY, asked.at - LAST_WEEK)
    waiting = [{(row.state, row.unit): row for row in rows} for rows in case_time.waiting(moments, asked.by)]
    spent = [
        {(row.state, row.unit): row for row in rows}
        for rows in case_time.spent((asked.period, asked.earlier), asked.by)
    ]
    return {
        "rule": t("案卷时间：所有案卷在这一环节停留时间之和。现在的看已停留多久，本期的看期内花了多久。"),
        "now": _now(asked, waiting),
        "period": _in_period(asked, spent),
    }


Standings = Sequence[Mapping[tuple[CaseState, str], Waiting]]
Spents = Sequence[Mapping[tuple[CaseState, str], Spent]]


def _now(asked: PanelQuestion, waiting: Standings) -> dict[str, Any]:
    whole = [_by_state((row.state, _numbers(row)) for row in rows.values()) for rows in waiting]
    steps = [step_words(state) | _load(found, whole, state) for state, found in _widest(whole[0], "waited_ms")]
    pairs = sorted(waiting[0].values(), key=lambda row: (-row.waited, row.state, row.unit))[:MOST_ROWS]
    rows = [_waiting_row(asked, row, waiting) for row in pairs if row.state in STEP_WORDS]
    return {"sentence": _now_sentence(steps, rows, asked), "rows": rows, "steps": steps}


def _numbers(row: Waiting | None) -> dict[str, int]:
    if row is None:
        return {"cases": 0, "waited_ms": 0, "overdue": 0}
    return {"cases": row.cases, "waited_ms": milliseconds_of(row.waited), "overdue": row.overdue}


def _by_state(rows: Iterable[tuple[CaseState, dict[str, int]]]) -> dict[CaseState, Counter[str]]:
    found: dict[CaseState, Counter[str]] = {}
    for state, numbers in rows:
        found.setdefault(state, Counter()).update(numbers)
    return found


def _widest(found: Mapping[CaseState, Counter[str]], name: str) -> list[tuple[CaseState, Counter[str]]]:
    shown = [(state, numbers) for state, numbers in found.items() if state in STEP_WORDS]
    return sorted(shown, key=lambda one: (-one[1][name], one[0]))


def _load(now: Counter[str], whole: Sequence[Mapping[CaseState, Counter[str]]], state: CaseState) -> dict[str, Any]:
    nothing: Counter[str] = Counter()
    yesterday, last_week = (rows.get(state, nothing) for rows in whole[1:])
    return {
        **{name: now[name] for name in ("cases", "waited_ms", "overdue")},
        "yesterday": {name: yesterday[name] for name in ("cases", "waited_ms")},
        "last_week": {name: last_week[name] for name in ("cases", "waited_ms")},
    }


def _waiting_row(asked: PanelQuestion, row: Waiting, waiting: Standings) -> dict[str, Any]:
    yesterday, last_week = (_numbers(rows.get((row.state, row.unit))) for rows in waiting[1:])
    query = CaseQuery(as_of=asked.at, state=row.state, **asked.asking(row.unit))  # type: ignore[arg-type]
    return {
        **step_words(row.state),
        **asked.row(row.unit, whole=asked.by is Dimension.CITY),
        **_numbers(row),
        "yesterday": {name: yesterday[name] for name in ("cases", "waited_ms")},
        "last_week": {name: last_week[name] for name in ("cases", "waited_ms")},
        "cases_list": query.to_params(),
    }


def _now_sentence(steps: list[dict[str, Any]], rows: list[dict[str, Any]], asked: PanelQuestion) -> str:
    """The widest step, what changed there, and whose it is."""
    if not steps:
        return t("没有在办案卷。")
    first = steps[0]
    told = t("“{step}”积压最重：{n} 件，共停留 {days} 天；比昨日此时 {day} 件，比上周此时 {week} 件。").format(
        step=first["label"],
        n=f"{first['cases']:,}",
        days=f"{first['waited_ms'] / 86_400_000:,.0f}",
        day=_signed(first["cases"] - first["yesterday"]["cases"]),
        week=_signed(first["cases"] - first["last_week"]["cases"]),
    )
    whose = next((row for row in rows if row["state"] == first["state"] and row["key"]), None)
    if whose is None or asked.by is Dimension.CITY:
        return told
    return told + t("其中{unit}最重：{n} 件，超期 {late} 件。").format(
        unit=whose["name"], n=f"{whose['cases']:,}", late=f"{whose['overdue']:,}"
    )


def _signed(number: int) -> str:
    return f"{number:+,}".replace("-", "−") if number else "±0"


def _in_period(asked: PanelQuestion, spent: Spents) -> dict[str, Any]:
    totals = [sum((row.spent for row in rows.values()), timedelta()) for rows in spent]
    whole = [_by_state((row.state, _spent_numbers(row)) for row in rows.values()) for rows in spent]
    steps = [
        step_words(state)
        | _share(numbers["spent_ms"], totals[0])
        | {"cases": numbers["cases"]}
        | {"before": _share(whole[1].get(state, Counter())["spent_ms"], totals[1])}
        for state, numbers in _widest(whole[0], "spent_ms")
    ]
    pairs = sorted(spent[0].values(), key=lambda row: (-row.spent, row.state, row.unit))[:MOST_ROWS]
    rows = [_spent_row(asked, row, spent[1], totals) for row in pairs if row.state in STEP_WORDS]
    return {"sentence": _period_sentence(steps, rows, asked), "rows": rows, "steps": steps}


def _spent_numbers(row: Spent | None) -> dict[str, int]:
    return {"cases": row.cases if row else 0, "spent_ms": milliseconds_of(row.spent) if row else 0}


def _share(spent_ms: int, total: timedelta) -> dict[str, Any]:
    whole = milliseconds_of(total)
    return {"spent_ms": spent_ms, "share": spent_ms / whole if whole else None}


def _spent_row(
    asked: PanelQuestion, row: Spent, before: Mapping[tuple[CaseState, str], Spent], totals: Sequence[timedelta]
) -> dict[str, Any]:
    earlier = before.get((row.state, row.unit))
    return {
        **step_words(row.state),
        **asked.row(row.unit, whole=asked.by is Dimension.CITY),
        "cases": row.cases,
        **_share(milliseconds_of(row.spent), totals[0]),
        "before": _spent_numbers(earlier) | _share(milliseconds_of(earlier.spent), totals[1]) if earlier else None,
    }


def _period_sentence(steps: list[dict[str, Any]], rows: list[dict[str, Any]], asked: PanelQuestion) -> str:
    if not steps or not steps[0]["spent_ms"]:
        return t("本期没有案卷时间。")
    first, earlier = steps[0], steps[0]["before"]["share"]
    told = t("“{step}”耗时最多：占全部案卷时间的 {share}%，上期 {before}%。").format(
        step=first["label"], share=_percent(first["share"]), before="–" if earlier is None else _percent(earlier)
    )
    whose = next((row for row in rows if row["state"] == first["state"] and row["key"]), None)
    if whose is None or asked.by is Dimension.CITY:
        return told
    part = _percent(whose["spent_ms"] / first["spent_ms"])
    return told + t("其中{unit}占 {part}%。").format(unit=whose["name"], part=part)


def _percent(share: float) -> str:
    return f"{share * 100:.1f}"
