"""Ownership decisions that hold beyond their case, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from data_access.cases import CaseStore, Done
from data_access.ownership import OwnershipDecisions
from domain.action import Action
from domain.case import Case
from domain.journal import milliseconds
from tests.data_access.histories import CITY_ZONE
from tests.data_access.policies import PLAIN_POLICY
from tests.domain.loop import FACTS, START, command

Decide = Callable[..., Case]


@pytest.fixture
def decide(engine: Engine) -> Decide:
    """Decides whose a fresh case is."""
    store = CaseStore(engine, PLAIN_POLICY, number_prefix="QD", zone=CITY_ZONE)

    def decided(**facts: object) -> Case:
        reported = store.execute(command(Action.REPORT, more={"component_code": "3702020101000123"}))
        assert isinstance(reported, Done)
        number = reported.case.case_no
        filing = {**FACTS[Action.FILE], "class_code": "E0101"}
        assert isinstance(store.execute(command(Action.FILE, case_no=number, facts=filing)), Done)
        answer = store.execute(command(Action.DECIDE_OWNERSHIP, case_no=number, more=facts))
        assert isinstance(answer, Done), answer
        return answer.case

    return decided


def test_a_decision_about_class_and_grid_is_found_by_the_next_such_case(engine: Engine, decide: Decide) -> None:
    case = decide(owner_scope="duty")
    found = OwnershipDecisions(engine).about(replace(case, case_no="another", component_code=None))
    assert [(one.case_no, one.department, one.component_code) for one in found] == [(case.case_no, "D01", "")]
    assert OwnershipDecisions(engine).about(replace(case, grid="elsewhere", component_code=None)) == []


def test_a_decision_about_a_component_follows_the_component(engine: Engine, decide: Decide) -> None:
    case = decide(owner_scope="component", owner_until=milliseconds(START + timedelta(days=30)))
    found = OwnershipDecisions(engine).about(replace(case, class_code="C9999", grid=None))
    assert [(one.component_code, one.until) for one in found] == [("3702020101000123", START + timedelta(days=30))]


def test_a_decision_about_one_case_is_nobody_elses_business(engine: Engine, decide: Decide) -> None:
    assert OwnershipDecisions(engine).about(decide(owner_scope="case")) == []


def test_the_newest_decision_comes_first(engine: Engine, decide: Decide) -> None:
    decide(owner_scope="duty")
    newest = decide(owner_scope="duty", owner_department="D02")
    assert [one.department for one in OwnershipDecisions(engine).about(newest)] == ["D02", "D01"]
