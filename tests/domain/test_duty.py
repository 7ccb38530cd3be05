"""Whose a case is, and why: the order of the rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from domain.case import Case, CaseKind
from domain.city import CaseClass, Component, Department, Edition, Level
from domain.duty import Duty, DutyReason, DutyTable, OwnershipDecision
from tests.domain.loop import START

GRID = "370202005003012"
EVENT = Case(case_no="QD1", state_since=START, reported_at=START, class_code="E0101", grid=GRID, district="370202")
LID = replace(EVENT, kind=CaseKind.COMPONENT, class_code="C0101", component_code="3702020101000123")


def _class(code: str, department: str) -> CaseClass:
    kind = CaseKind.COMPONENT if code.startswith("C") else CaseKind.EVENT
    return CaseClass(
        code=code,
        kind=kind,
        major=code[1:3],
        major_name_zh="",
        major_name_en="",
        minor=code[3:],
        name_zh=code,
        name_en="",
        edition=Edition.NATIONAL_2013,
        department=department,
    )


def _office(code: str, area: str) -> Department:
    return Department(code=code, name=code, level=Level.DISTRICT, district_code=area[:6], area_code=area)


def _component(department: str) -> Component:
    return Component(
        code="3702020101000123",
        class_code="C0101",
        lon=120.38,
        lat=36.07,
        grid=GRID,
        department=department,
        owner="",
        maintainer="",
    )


TABLE = DutyTable(
    duties=[Duty("E0101", "", "CITY"), Duty("E0101", "370202", "DISTRICT"), Duty("C0101", "370203", "ELSEWHERE")],
    classes=[_class("E0101", "CLASS"), _class("E0102", "CLASS"), _class("C0101", "WATER")],
    departments=[_office("STREET", "370202005"), _office("OTHER", "370202006")],
)


def _decision(**parts: object) -> OwnershipDecision:
    base = {"case_no": "QD0", "component_code": "", "class_code": "E0101", "grid": GRID, "department": "DECIDED"}
    return OwnershipDecision(**{**base, "decided_at": START, **parts})  # type: ignore[arg-type]


def reasons(case: Case, *decisions: OwnershipDecision, component: Component | None = None) -> list[tuple[str, str]]:
    found = TABLE.suggest(case, component, decisions, START + timedelta(days=1))
    return [(one.department, one.reason.value) for one in found]


def test_the_longest_area_of_the_duty_table_comes_first_then_territory_then_class() -> None:
    assert reasons(EVENT) == [
        ("DISTRICT", "duty_table"),
        ("CITY", "duty_table"),
        ("STREET", "territory"),
        ("CLASS", "class"),
    ]


def test_an_event_no_table_knows_goes_to_the_office_of_its_street() -> None:
    assert reasons(replace(EVENT, class_code="E0102"))[0] == ("STREET", "territory")


def test_a_component_goes_by_its_record_and_never_by_territory() -> None:
    assert reasons(LID, component=_component("GAS")) == [("GAS", "component"), ("WATER", "class")]


def test_what_was_decided_for_a_component_goes_before_its_record() -> None:
    decided = _decision(component_code="3702020101000123", class_code="C0101")
    assert reasons(LID, decided, component=_component("GAS"))[0] == ("DECIDED", "decided")


def test_what_was_decided_for_class_and_grid_goes_before_the_duty_table() -> None:
    assert reasons(EVENT, _decision())[0] == ("DECIDED", "decided")
    assert reasons(EVENT, _decision(grid="370202005003013"))[0] == ("DISTRICT", "duty_table")


def test_a_decision_that_ran_out_says_nothing() -> None:
    assert reasons(EVENT, _decision(until=START))[0] == ("DISTRICT", "duty_table")


def test_the_cases_own_decision_is_first_of_all() -> None:
    assert reasons(replace(EVENT, owner_department="OWN"), _decision())[0] == ("OWN", "decided")


def test_a_case_nobody_knows_anything_about_gets_no_suggestion() -> None:
    assert reasons(replace(EVENT, class_code="X", grid=None, district=None)) == []


def test_each_department_is_named_once_with_its_best_reason() -> None:
    twice = DutyTable([Duty("E0101", "", "CLASS")], [_class("E0101", "CLASS")], [])
    found = twice.suggest(EVENT, None, [], START)
    assert [(one.department, one.reason) for one in found] == [("CLASS", DutyReason.DUTY_TABLE)]
