from __future__ import annotations

from datetime import timedelta

import pytest

from domain.board import ATTENTION_ROWS, StageLoad
from domain.case import CaseState, Severity, Stage
from domain.open_cases import OpenCases
from tests.domain.facts_made import NOW, make_facts
from tests.domain.tallies import working


def listed(*facts) -> OpenCases:  # type: ignore[no-untyped-def]
    cases = OpenCases()
    for case in facts:
        cases.put(case, NOW)
    return cases


def test_a_case_put_again_stands_where_it_now_belongs() -> None:
    cases = listed(make_facts(grid="G1", severity=Severity.L1))
    cases.put(make_facts(grid="G2", state=CaseState.PENDING_CHECK), NOW)
    assert cases.grids() == {"G2": (1, 0)}
    assert cases.attention_total == 0
    assert [load.count for load in cases.stages(0)] == [0, 0, 0, 0, 0, 1, 0]


def test_when_the_last_case_goes_nothing_is_left() -> None:
    late = working(deadline=NOW - timedelta(hours=1))
    cases = listed(late)
    cases.drop(late.case_no)
    empty = (cases.rows(), cases.grids(), cases.attention(), cases.overdue_departments())
    assert empty == ({}, {}, (), ())


def test_dropping_a_case_that_is_not_listed_changes_nothing() -> None:
    cases = OpenCases()
    cases.drop("nobody")
    assert not cases.changed


def test_a_closed_case_is_refused_loudly() -> None:
    with pytest.raises(ValueError, match="not an open case"):
        listed(make_facts(state=CaseState.VOIDED))


def test_the_attention_list_is_cut_and_its_total_is_not() -> None:
    cases = listed(*(make_facts(f"case-{number:02}", severity=Severity.L1) for number in range(30)))
    assert len(cases.attention()) == ATTENTION_ROWS
    assert cases.attention_total == 30


def test_the_oldest_of_each_step_is_known() -> None:
    older, newer = NOW - timedelta(days=31), NOW - timedelta(hours=2)
    cases = listed(working(case_no="a", state_since=newer), working(case_no="b", state_since=older))
    assert cases.stages(7)[3] == StageLoad(Stage.DISPOSAL, 2, older)
    assert cases.stages(7)[-1] == StageLoad(Stage.EVALUATION, 7, None)


def test_departments_are_ordered_by_overdue_cases_then_by_the_oldest() -> None:
    def late(case_no: str, department: str | None, hours: int):  # type: ignore[no-untyped-def]
        return working(case_no=case_no, department=department, deadline=NOW - timedelta(hours=hours))

    cases = listed(late("a", "D1", 1), late("b", "D2", 5), late("c", "D3", 1), late("d", "D3", 2), late("e", None, 9))
    lines = [(line.department, line.overdue, NOW - line.oldest_at) for line in cases.overdue_departments()]
    assert lines == [("D3", 2, timedelta(hours=2)), ("D2", 1, timedelta(hours=5)), ("D1", 1, timedelta(hours=1))]


def test_a_grid_counts_its_open_and_its_overdue_cases() -> None:
    late = working(case_no="late", grid="G1", deadline=NOW - timedelta(hours=1))
    assert listed(late, make_facts("calm", grid="G1"), make_facts("nowhere", grid=None)).grids() == {"G1": (2, 1)}
