from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.case import Case, CaseState, Severity
from domain.case_query import CaseQuery, Count, QueryError, from_params
from domain.period import Period
from domain.roles import Identity, Role
from pages._case_rows import Names, in_words, row, span, within_rights

NOW = datetime(2026, 8, 6, 6, 32, 7, tzinfo=UTC)
NAMES = Names({"370202": "市南区"}, {"D01": "市南市政"}, {"C0101": "上水井盖"}, ZoneInfo("Asia/Shanghai"))


def same(text: str) -> str:
    return text


def case(**facts: object) -> Case:
    known = {
        "case_no": "QD2026080600001",
        "state": CaseState.DISPOSING,
        "state_since": NOW,
        "reported_at": NOW - timedelta(hours=3),
        "class_code": "C0101",
        "severity": Severity.L1,
        "district": "370202",
        "department": "D01",
        "address": "香港中路12号",
    }
    return Case(**(known | facts))  # type: ignore[arg-type]


def test_a_row_says_names_not_codes() -> None:
    shown = row(case(), at=NOW, names=NAMES, t=same)
    assert (shown["class_name"], shown["district"], shown["department"]) == ("上水井盖", "市南区", "市南市政")
    assert shown["severity"] == "◆ 一级"
    assert shown["reported"] == "26-08-06 11:32"


def test_a_code_without_a_name_is_shown_as_it_is() -> None:
    assert row(case(department="PWDx"), at=NOW, names=NAMES, t=same)["department"] == "PWDx"


def test_a_row_carries_no_personal_data() -> None:
    shown = row(case(reporter="李雷", reporter_phone="13800000000"), at=NOW, names=NAMES, t=same)
    assert not {"李雷", "13800000000"} & {str(value) for value in shown.values()}


@pytest.mark.parametrize(
    ("deadline", "disposed", "words", "late"),
    [
        (None, None, "–", False),
        (NOW + timedelta(hours=1, minutes=34), None, "剩 01:34", False),
        (NOW - timedelta(days=2, hours=1), None, "▲ 超期 2天 01:00", True),
        (NOW - timedelta(hours=1), NOW - timedelta(hours=2), "按期", False),
        (NOW - timedelta(hours=2), NOW - timedelta(hours=1), "▲ 超期 01:00", True),
    ],
)
def test_lateness_is_told_to_the_minute(
    deadline: datetime | None, disposed: datetime | None, words: str, late: bool
) -> None:
    shown = row(case(deadline=deadline, disposed_at=disposed), at=NOW, names=NAMES, t=same)
    assert (shown["lateness"], shown["late"]) == (words, late)


def test_a_case_excused_from_its_late_mark_is_not_late() -> None:
    shown = row(case(deadline=NOW - timedelta(hours=1), timeout_exempt=True), at=NOW, names=NAMES, t=same)
    assert not shown["late"]


def test_ninety_minutes_are_not_rounded_to_hours() -> None:
    assert span(5400, same) == "01:30"


def test_a_department_seat_sees_only_its_own_cases() -> None:
    seat = Identity("seat", "市南市政", Role.DEPARTMENT, department="D01")
    assert within_rights(CaseQuery(department="D02"), seat).department == "D01"


def test_a_department_seat_without_department_sees_nothing() -> None:
    assert within_rights(CaseQuery(), Identity("seat", "", Role.DEPARTMENT)).department == "-"


def test_the_question_can_be_taken_apart() -> None:
    query = CaseQuery(count=Count.DUE_CLOSING, period=Period.DAYS_7, district="370202")
    parts = in_words(query, NAMES, same)
    assert [(name, value) for name, value, _ in parts] == [("指标", "应结案"), ("时段", "近7天"), ("区", "市南区")]
    assert parts[2][2] == "/cases?count=due_closing&period=d7"


def test_an_address_reads_back_to_the_same_query() -> None:
    query = CaseQuery(count=Count.CLOSED, period=Period.TODAY, as_of=NOW, severity=Severity.L2)
    assert from_params(query.to_params()) == query


@pytest.mark.parametrize(("name", "value"), [("count", "nonsense"), ("as_of", "yesterday"), ("colour", "red")])
def test_an_impossible_address_names_the_field(name: str, value: str) -> None:
    with pytest.raises(QueryError, match=name):
        from_params({name: value})
