"""Evidence joins a case through the workflow, like everything that happens to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.action import Action, RefusalCode
from domain.case import FINAL_STATES, OPEN_STATES, CaseState
from domain.roles import PERMISSIONS, Permission, Role
from tests.domain.loop import PEOPLE, walk_to

KEEPERS = [role for role in Role if Permission.SAVE_EVIDENCE in PERMISSIONS[role]]


def reference(evidence_id: str) -> str:
    return f"{evidence_id}:{'5e' * 32}:1780275600000:QD-017"


ONE, TWO = reference("0a1b2c3d"), reference("0a1b2c3e")


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_an_open_case_takes_evidence_and_nothing_else_of_it_changes(state: CaseState) -> None:
    walk = walk_to(state)
    before = walk.standing
    walk.do(Action.ATTACH_EVIDENCE, facts={"evidence": [ONE]}, reason="")
    assert walk.standing == replace(before, version=before.version + 1, evidence=(ONE,))
    assert walk.entries[-1].changes == {"evidence": [ONE]}


@pytest.mark.parametrize("state", sorted(FINAL_STATES))
def test_a_case_at_its_end_takes_none(state: CaseState) -> None:
    refusal = walk_to(state).refused(Action.ATTACH_EVIDENCE)
    assert (refusal.code, "附加证据" in refusal.text) == (RefusalCode.NOT_IN_THIS_STATE, True)


@pytest.mark.parametrize("role", Role)
def test_who_may_keep_evidence_may_attach_it(role: Role) -> None:
    walk = walk_to(CaseState.DISPOSING)
    if role in KEEPERS:
        walk.do(Action.ATTACH_EVIDENCE, actor=PEOPLE[role])
    else:
        assert walk.refused(Action.ATTACH_EVIDENCE, actor=PEOPLE[role]).code is RefusalCode.NO_RIGHT


def test_further_evidence_joins_what_is_there() -> None:
    walk = walk_to(CaseState.PENDING_DISPATCH)
    for piece in (ONE, TWO):
        walk.do(Action.ATTACH_EVIDENCE, facts={"evidence": [piece]})
    assert walk.standing.evidence == (ONE, TWO)


@pytest.mark.parametrize("pieces", [[ONE], [TWO, TWO]])
def test_one_piece_is_attached_once(pieces: list[str]) -> None:
    walk = walk_to(CaseState.PENDING_DISPATCH).do(Action.ATTACH_EVIDENCE, facts={"evidence": [ONE]})
    refusal = walk.refused(Action.ATTACH_EVIDENCE, facts={"evidence": pieces})
    assert (refusal.code, refusal.field) == (RefusalCode.DUPLICATE, "evidence")


@pytest.mark.parametrize("wrong", [[], ["QD-017"], "QD-017", 5, [5]])
def test_what_is_no_evidence_is_refused_by_its_name(wrong: object) -> None:
    refusal = walk_to(CaseState.PENDING_DISPATCH).refused(Action.ATTACH_EVIDENCE, facts={"evidence": wrong})
    assert (refusal.code, refusal.field, "证据" in refusal.text) == (RefusalCode.FACT_WRONG, "evidence", True)


def test_without_evidence_there_is_nothing_to_attach() -> None:
    refusal = walk_to(CaseState.PENDING_DISPATCH).refused(Action.ATTACH_EVIDENCE, facts={})
    assert (refusal.code, refusal.field) == (RefusalCode.FACT_MISSING, "evidence")
