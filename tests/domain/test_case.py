from __future__ import annotations

from dataclasses import fields

import pytest

from domain.case import FINAL_STATES, STAGE_OF, Case, CaseState, Stage
from domain.facts import CaseFacts, facts_of
from tests.domain.loop import walk_to


def test_every_state_has_its_stage_or_says_that_it_has_none() -> None:
    assert set(STAGE_OF) == set(CaseState)
    assert set(STAGE_OF.values()) == {None, *Stage}


@pytest.mark.parametrize("state", CaseState)
def test_a_case_is_final_exactly_in_the_final_states(state: CaseState) -> None:
    case = walk_to(state).standing
    assert case.is_final is (state in FINAL_STATES)
    assert case.stage is STAGE_OF[state]


def test_only_public_facts_leave_the_store() -> None:
    personal = {"reporter", "reporter_phone", "description", "attributes", "photos"}
    names = {f.name for f in fields(CaseFacts)}
    assert personal <= {f.name for f in fields(Case)}
    assert not names & personal


def test_the_facts_are_those_of_the_case() -> None:
    case = walk_to(CaseState.CLOSED).standing
    facts = facts_of(case)
    assert all(getattr(facts, f.name) == getattr(case, f.name) for f in fields(CaseFacts))
