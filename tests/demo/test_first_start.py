"""Whose seat and district the demo's accounts are given: those with something to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from demo.first_start import busy_department, busy_district
from domain.case import CaseState
from domain.facts import CaseFacts
from tests.domain.facts_made import make_facts


def at(department: str, state: CaseState, number: int = 1, **more: object) -> list[CaseFacts]:
    return [replace(make_facts(), department=department, state=state, **more) for _ in range(number)]


def test_the_department_has_cases_of_most_kinds_and_not_too_many() -> None:
    one_kind = at("idle", CaseState.DISPOSING, 14)
    all_kinds = at("busy", CaseState.DISPOSING, 8) + at("busy", CaseState.PENDING_DISPOSAL, 5)
    all_kinds += at("busy", CaseState.SUSPENDED, 1, suspended_until=make_facts().reported_at + timedelta(days=1))
    swamped = [replace(facts, department="swamped") for facts in all_kinds * 20]
    assert busy_department(one_kind + swamped + all_kinds) == "busy"


def test_what_a_department_has_done_does_not_count() -> None:
    done = at("done", CaseState.PENDING_CHECK, 14)
    assert busy_department(done + at("working", CaseState.DISPOSING)) == "working"
    assert busy_department(done) is None


def test_the_district_has_verifying_and_checking_to_do() -> None:
    checks = [replace(make_facts(), district="370202", state=CaseState.PENDING_CHECK) for _ in range(9)]
    verify = replace(make_facts(), district="370203", state=CaseState.PENDING_VERIFY)
    assert busy_district([*checks, verify]) == "370202"
    assert busy_district([*checks, verify, replace(checks[0], district="370203")]) == "370203"
    assert busy_district([]) is None
