from __future__ import annotations

from dataclasses import fields

import pytest

from api.case_json import PERSONAL, PUBLIC
from domain.board import OpenRow
from domain.case import Case
from domain.facts import CaseFacts
from domain.journal import milliseconds
from domain.roles import PERMISSIONS, Permission, Role
from tests.api.hall import CALLER, PHONE, Hall, store_cases

SEES_PEOPLE = [role for role in Role if Permission.SEE_PERSONAL_DATA in PERMISSIONS[role]]
SEES_CASES = [role for role in Role if Permission.SEE_CASES in PERMISSIONS[role]]


def test_of_every_fact_it_is_decided_whether_it_is_personal() -> None:
    assert set(PUBLIC) | set(PERSONAL) == {field.name for field in fields(Case)}
    assert not set(PUBLIC) & set(PERSONAL)


@pytest.mark.parametrize("carrier", [CaseFacts, OpenRow])
def test_what_travels_to_boards_and_walls_has_no_room_for_people(carrier: type) -> None:
    assert not {field.name for field in fields(carrier)} & {*PERSONAL, "description"}


async def test_the_list_counts_all_and_shows_a_page_newest_first(hall: Hall) -> None:
    store_cases(hall)
    async with hall.client(Role.LEADER) as client:
        answer = (await client.get("/api/v1/cases?limit=2")).json()
        rest = (await client.get("/api/v1/cases?limit=2&offset=2")).json()
    assert (answer["total"], answer["limit"], answer["offset"]) == (3, 2, 0)
    assert [case["case_no"] for case in answer["cases"] + rest["cases"]] == ["QD3", "QD2", "QD1"]
    assert answer["cases"][0]["reported_at"] == milliseconds(hall.clock.now()) - 5 * 3_600_000


async def test_a_filter_is_the_one_of_the_pages_address(hall: Hall) -> None:
    store_cases(hall)
    async with hall.client(Role.LEADER) as client:
        closed = (await client.get("/api/v1/cases?count=closed&period=today")).json()
        of_b = (await client.get("/api/v1/cases?department=B02&state=disposing")).json()
    assert (closed["total"], closed["cases"][0]["case_no"]) == (1, "QD2")
    assert closed["query"] == {"count": "closed", "period": "today"}
    assert [case["case_no"] for case in of_b["cases"]] == ["QD3"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("colour=red", "colour"),
        ("state=sleeping", "state"),
        ("as_of=yesterday", "as_of"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("offset=-1", "offset"),
        ("limit=many", "limit"),
    ],
)
async def test_a_wrong_filter_is_told_with_its_field(hall: Hall, query: str, field: str) -> None:
    async with hall.client(Role.LEADER) as client:
        answer = await client.get(f"/api/v1/cases?{query}")
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert field in answer.json()["message"]


@pytest.mark.parametrize("role", SEES_CASES)
async def test_people_are_shown_only_to_who_may_see_them(hall: Hall, role: Role) -> None:
    store_cases(hall)
    async with hall.client(role) as client:
        texts = [(await client.get(path)).text for path in ("/api/v1/cases", "/api/v1/cases/QD3")]
    for text in texts:
        assert (PHONE in text) is (role in SEES_PEOPLE)
        assert (CALLER in text) is (role in SEES_PEOPLE)


async def test_a_case_comes_with_its_whole_history(hall: Hall) -> None:
    store_cases(hall)
    async with hall.client(Role.LEADER) as client:
        answer = (await client.get("/api/v1/cases/QD2")).json()
    assert answer["case"]["state"] == "closed"
    assert [entry["version"] for entry in answer["history"]] == [1, 2, 3]
    assert answer["history"][2]["changes"]["state"] == "closed"
    assert len(answer["history"][2]["hash"]) == 64


async def test_a_department_sees_its_own_cases_only(hall: Hall) -> None:
    store_cases(hall)
    async with hall.client(Role.DEPARTMENT) as client:
        own = (await client.get("/api/v1/cases")).json()
        assert [case["case_no"] for case in own["cases"]] == ["QD2", "QD1"]
        assert own["total"] == 2
        assert (await client.get("/api/v1/cases/QD1")).status_code == 200
        assert (await client.get("/api/v1/cases/QD3")).status_code == 404
        asked = await client.get("/api/v1/cases?department=B02")
    assert (asked.status_code, asked.json()["field"]) == (422, "department")


@pytest.mark.parametrize("case_no", ["QD9", "%27--", "..%2f..", "x" * 2000])
async def test_an_unknown_case_is_a_404(hall: Hall, case_no: str) -> None:
    async with hall.client(Role.LEADER, accept="*/*") as client:
        answer = await client.get(f"/api/v1/cases/{case_no}")
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


async def test_a_lost_database_is_a_503_in_words_without_its_address(hall: Hall) -> None:
    with hall.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE cases")
    async with hall.client(Role.LEADER, accept="*/*") as client:
        answer = await client.get("/api/v1/cases")
    assert answer.status_code in (500, 503)
    assert "sqlite" not in answer.text.lower()
