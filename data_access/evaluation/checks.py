"""What the journal says about checks (核查): passed or not, by whom, how fast, and whether the problem came back.

Nobody draws an independent sample of passed checks, so agreement is measured by what happened after: a check that a
later one contradicts, and a closed case whose problem is reported again. Blocking; `HistoryBehind` and `StoreError`
as in `case_time`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from data_access.case_where import counted_condition
from data_access.evaluation.case_time import ends, unit_of
from data_access.history.reader import History, View
from data_access.history.sql import in_duckdb
from domain.case import CaseState
from domain.case_query import Count
from domain.credibility import CAME_BACK, SAME_PLACE_METRES, Checker
from domain.geo import distance_m
from domain.indicators import Dimension
from domain.period import Window
from domain.transition import AT_DEPARTMENT

_MS = timedelta(milliseconds=1)
_CELL_DEGREES = 0.0006
"""A little more than `SAME_PLACE_METRES` of latitude: whoever is that near is in the same strip or the next."""


@dataclass(frozen=True, slots=True)
class UnitChecks:
    """Checks of one unit's cases that ended in a period; second ones come after a failed check of the same case."""

    checks: int
    failed: int
    second: int
    second_failed: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """By unit: its checks; closed cases whose `CAME_BACK` days ended in the period, and how many came back."""

    checks: Mapping[str, UnitChecks]
    closed: Mapping[str, int]
    came_back: Mapping[str, int]


class Checks:
    """Thread-safe as `History` is."""

    def __init__(self, history: History) -> None:
        self._history = history

    def agreement(self, period: Window, by: Dimension) -> Agreement:
        """How far the checks that ended in the period held, by unit."""
        return self._history.ask(lambda view: _agreement(view, period, by))

    def checkers(self, period: Window) -> list[Checker]:
        """Everybody who ended checks in the period, in the order of their names."""
        return self._history.ask(lambda view: _checkers(view, period))


def _ended(view: View, period: Window) -> str:
    """The checks that ended with an answer: stays awaiting one, beside what the case became by it."""
    start, end = ends(period)
    states = ", ".join(f"'{state}'" for state in sorted(AT_DEPARTMENT))
    passed = f"bool_or(after.state = '{CaseState.PENDING_CLOSE}')"
    return (
        f"SELECT cases.*, after.passed FROM ({view.copy.stays(start, end)}) AS cases JOIN ("  # noqa: S608
        f"SELECT case_id, since, {passed} AS passed FROM ({view.copy.held(start, end)}) AS after "
        f"WHERE state IN ('{CaseState.PENDING_CLOSE}', {states}) GROUP BY case_id, since"
        f") AS after ON after.case_id = cases.case_id AND after.since = cases.until "
        f"WHERE cases.state = '{CaseState.PENDING_CHECK}'"
    )


def _agreement(view: View, period: Window, by: Dimension) -> Agreement:
    question = (
        f"SELECT {unit_of(by)} AS unit, count(*), count_if(NOT passed), count_if(rework_count > 0), "  # noqa: S608
        f"count_if(rework_count > 0 AND NOT passed) FROM ({_ended(view, period)}) AS cases GROUP BY unit"
    )
    checks = {unit: UnitChecks(*numbers) for unit, *numbers in view.rows(question)}
    closed = _closed_before(view, period)
    of_unit = f"SELECT {unit_of(by)} AS unit, count(*) FROM ({closed}) AS cases GROUP BY unit"  # noqa: S608
    return Agreement(checks, dict(view.rows(of_unit)), _came_back(view, period, by, closed))


def _closed_before(view: View, period: Window) -> str:
    """The cases whose days after closing ended in the period: each had all of them to come back."""
    start, end = ends(period)
    closed = in_duckdb(counted_condition(Count.CLOSED, Window(period.start - CAME_BACK, period.end - CAME_BACK)))
    where = f"{closed} AND cases.lon IS NOT NULL AND cases.lat IS NOT NULL AND since >= {start - CAME_BACK // _MS}"
    return view.copy.as_of(end, where)


def _came_back(view: View, period: Window, by: Dimension, closed: str) -> dict[str, int]:
    start, end = ends(period)
    days = CAME_BACK // _MS
    strip = f"floor(lat / {_CELL_DEGREES})::BIGINT"
    where = f"cases.reported_at >= {start - days} AND cases.lon IS NOT NULL AND cases.lat IS NOT NULL"
    again = view.copy.as_of(end, where)
    question = (
        f"SELECT {unit_of(by)}, cases.case_id, cases.lon, cases.lat, again.lon, again.lat "  # noqa: S608
        f"FROM (SELECT *, unnest([{strip} - 1, {strip}, {strip} + 1]) AS strip FROM ({closed}) AS cases) AS cases "
        f"JOIN (SELECT *, {strip} AS strip FROM ({again}) AS cases) AS again "
        f"ON again.class_code = cases.class_code AND again.strip = cases.strip AND again.case_id <> cases.case_id "
        f"AND again.reported_at > cases.closed_at AND again.reported_at <= cases.closed_at + {days}"
    )
    found = {
        (unit, case) for unit, case, *place in view.rows(question) if float(distance_m(*place)) <= SAME_PLACE_METRES
    }
    return Counter(unit for unit, _ in found)


def _checkers(view: View, period: Window) -> list[Checker]:
    question = (
        f"SELECT ended_by, count(*), count_if(passed), quantile_cont(spent_ms, 0.5) "  # noqa: S608
        f"FROM ({_ended(view, period)}) AS cases GROUP BY ended_by ORDER BY ended_by"
    )
    return [Checker(who, checks, passed, ms * _MS) for who, checks, passed, ms in view.rows(question)]
