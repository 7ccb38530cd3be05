"""Risks over HTTP: sorted, bounded to what one may see, in words, with the model that says so."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import APIRouter

from api.risk import RiskDesk, risk_router
from data_access.risk_scoring import assessed
from data_access.risk_training import train
from domain.case import Case, CaseState
from domain.risk import RiskModel
from domain.risk_wire import RiskBoard
from domain.roles import Role
from tests.api.hall import Hall
from tests.domain.loop import CALENDAR, ZONE
from tests.risk_cases import DILIGENT, LIMIT, TARDY, UNTIL, running, runs


@pytest.fixture(scope="module")
def model() -> RiskModel:
    return train(list(runs()), CALENDAR, until=UNTIL, capacity=2)


class Desk:
    """The risks of some cases, and the cases themselves."""

    def __init__(self, model: RiskModel) -> None:
        self.held = {
            case.case_no: case
            for case in (
                running(1, UNTIL - 0.9 * LIMIT, TARDY),
                running(2, UNTIL - 0.5 * LIMIT, TARDY, state=CaseState.PENDING_DISPOSAL, send_back_count=1),
                running(3, UNTIL - 0.1 * LIMIT, "A01"),
                running(4, UNTIL - 0.3 * LIMIT, DILIGENT),
                running(5, UNTIL - 2 * LIMIT, TARDY),
            )
        }
        self.board: RiskBoard | None = assessed(list(self.held.values()), model, CALENDAR, UNTIL)

    async def newest(self) -> RiskBoard | None:
        return self.board

    def get(self, case_no: str) -> Case | None:
        return self.held.get(case_no)

    def router(self) -> APIRouter:
        return risk_router(RiskDesk(newest=self.newest, cases=self, zone=ZONE, now=lambda: UNTIL))


@pytest.fixture
def desk(hall: Hall, model: RiskModel) -> Desk:
    desk = Desk(model)
    hall.server.include_router(desk.router())
    return desk


async def asked(hall: Hall, role: Role, path: str, expected: int = 200) -> Any:
    async with hall.client(role, accept="application/json") as client:
        answer = await client.get(path)
    assert answer.status_code == expected, answer.text
    return answer.json()


async def test_the_list_is_what_falls_due_soon_and_will_be_late_most_probable_first(hall: Hall, desk: Desk) -> None:
    soon = await asked(hall, Role.DUTY_OFFICER, "/api/v1/risk")
    assert [one["case_no"] for one in soon["cases"]] == ["QD00001"], "due within two hours, one half or more"
    every = await asked(hall, Role.DUTY_OFFICER, "/api/v1/risk?within=48&least=0")
    told = [one["probability"] for one in every["cases"]]
    assert (every["total"], told) == (4, sorted(told, reverse=True))
    tardy = await asked(hall, Role.DUTY_OFFICER, f"/api/v1/risk?within=48&least=0&department={TARDY}")
    assert {one["case_no"] for one in tardy["cases"]} == {"QD00001", "QD00002"}


async def test_each_case_says_why_what_to_do_and_out_of_how_many(hall: Hall, desk: Desk) -> None:
    told = await asked(hall, Role.DUTY_OFFICER, "/api/v1/cases/QD00002/risk")
    risk = told["risk"]
    assert risk["reasons"][0]["text"].startswith("该部门")
    assert 1 <= len(risk["reasons"]) <= 3
    assert risk["similar"]["cases"] >= risk["similar"]["late"]
    assert risk["advice"]["code"] == "receive"
    assert 0 < risk["advice"]["if_done"] < 1
    assert told["model"]["measures"]["brier"] < told["model"]["rivals"]["class_rate"]["brier"]


async def test_a_departments_seat_sees_its_own_cases_only(hall: Hall, desk: Desk) -> None:
    own = await asked(hall, Role.DEPARTMENT, "/api/v1/risk?within=48&least=0")
    assert {one["department"] for one in own["cases"]} == {"A01"}
    other = await asked(hall, Role.DEPARTMENT, f"/api/v1/risk?department={TARDY}", 422)
    assert other["field"] == "department"
    await asked(hall, Role.DEPARTMENT, "/api/v1/cases/QD00001/risk", 404)


async def test_what_is_late_already_is_no_risk(hall: Hall, desk: Desk) -> None:
    told = await asked(hall, Role.DUTY_OFFICER, "/api/v1/cases/QD00005/risk")
    assert (told["runs"], told["risk"]) == (False, None)


async def test_the_wall_counts_those_of_one_half_or_more(hall: Hall, desk: Desk) -> None:
    told = await asked(hall, Role.WALL_DEVICE, "/api/v1/risk/departments")
    assert desk.board is not None
    tardy = [one.probability for one in desk.board.cases if one.department == TARDY]
    assert told["departments"][TARDY] == {
        "count": sum(one >= told["threshold"] for one in tardy),
        "expected": round(sum(tardy), 1),
    }


async def test_while_nobody_keeps_the_risks_nothing_is_claimed(hall: Hall, desk: Desk) -> None:
    desk.board = None
    told = await asked(hall, Role.DUTY_OFFICER, "/api/v1/risk")
    assert (told["as_of"], told["model"], told["cases"]) == (None, None, [])
    assert (await asked(hall, Role.LEADER, "/api/v1/risk/departments"))["as_of"] is None


async def test_an_impossible_span_is_refused_by_name(hall: Hall, desk: Desk) -> None:
    refused = await asked(hall, Role.DUTY_OFFICER, "/api/v1/risk?within=24000", 422)
    assert refused["field"] == "within"
