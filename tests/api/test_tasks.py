"""What collectors and department seats are told: tasks, places, a new case's grid, who gave it and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.case_actions import CaseDesk, case_actions_router
from api.case_offers import OfferDesk
from api.places import places_router
from api.tasks import TaskDesk, tasks_router
from api.unit_desk import UnitDesk, unit_router
from data_access.city_import import import_city
from data_access.claims import ClaimLeases
from data_access.field_tasks import cases_to_look_at
from data_access.ownership import OwnershipDecisions
from data_access.whereabouts import Whereabouts
from domain.action import Action
from domain.case import CaseState
from domain.duty import Duty, DutyTable
from domain.rights import Mode
from domain.roles import Identity, Role
from tests.api.hall import Hall
from tests.city_folder import SOUTH, STEP, WEST, write_small_city
from tests.domain.loop import ACTORS, FACTS, PATHS, PEOPLE, command

SEAT = Identity("seat", "席位", Role.DEPARTMENT, department="A01")
INSIDE = (WEST + STEP / 4, SOUTH + STEP / 4)


@dataclass
class Field:
    hall: Hall

    def case(self, state: CaseState, **facts: Any) -> str:
        """A stored case in the state, by the shortest way."""
        number: str | None = None
        for action in PATHS[state]:
            actor = SEAT if ACTORS.get(action) is Role.DEPARTMENT else PEOPLE[ACTORS.get(action, Role.DISPATCHER)]
            more = {"department": "A01"} if action is Action.DISPATCH else facts if number is None else {}
            told = FACTS.get(action, {}) | more
            done: Any = self.hall.cases.execute(
                command(action, self.hall.clock.now(), case_no=number, actor=actor, facts=told)
            )
            number = done.case.case_no
        assert number is not None
        return number

    async def get(self, role: Role, path: str, **asked: Any) -> Any:
        async with self.hall.client(role, accept="*/*") as client:
            return await client.get(f"/api/v1{path}", params=asked)

    async def begin(self, **facts: Any) -> Any:
        async with self.hall.client(Role.COLLECTOR, accept="*/*") as client:
            return await client.post("/api/v1/cases", json={"action": "report", "facts": facts})


@pytest.fixture
def field(hall: Hall, tmp_path: Path) -> Field:
    import_city(write_small_city(tmp_path / "city"), hall.engine)
    now = hall.clock.now
    offers = OfferDesk(
        policy=hall.cases.policy,
        duties=DutyTable([Duty("E0101", "370202", "A01")], [], []),
        decisions=OwnershipDecisions(hall.engine),
        component=lambda code: None,
        department=str,
        now=now,
    )
    whereabouts = Whereabouts(hall.engine, monotonic=hall.clock.monotonic)
    waiting = partial(cases_to_look_at, hall.engine)
    tasks = TaskDesk(waiting=waiting, class_name={"E0101": "店外经营"}.get, mode=Mode.TWO_TWO, now=now)  # type: ignore[arg-type]
    unit = UnitDesk(board=lambda: None, cases=hall.cases, offers=offers, person={"dispatcher": "王磊"}.get, now=now)  # type: ignore[arg-type]
    leases = ClaimLeases(hall.redis)
    desk = CaseDesk(cases=hall.cases, leases=leases, offers=offers, now=now, told=whereabouts.told)
    for router in (case_actions_router(desk), places_router(whereabouts), tasks_router(tasks), unit_router(unit)):
        hall.server.include_router(router)
    return Field(hall)


async def test_a_collector_is_told_what_to_look_at_with_its_clock(field: Field) -> None:
    number = field.case(CaseState.PENDING_CHECK)
    told = (await field.get(Role.COLLECTOR, "/tasks", lon=120.38, lat=36.0709)).json()
    task = told["tasks"][0]
    assert (task["case_no"], task["task"], task["metres"], task["class_name"]) == (number, "check", 100, "店外经营")
    assert task["due"] - task["since"] == timedelta(minutes=30) / timedelta(milliseconds=1)


async def test_a_task_says_nothing_about_who_reported_it(field: Field) -> None:
    number = field.case(CaseState.PENDING_VERIFY, reporter="王秀英", reporter_phone="13805321234")
    told = await field.get(Role.COLLECTOR, "/tasks")
    assert number in told.text
    assert "13805321234" not in told.text
    assert "王秀英" not in told.text


async def test_an_answered_task_is_gone(field: Field) -> None:
    number = field.case(CaseState.PENDING_CHECK)
    field.hall.cases.execute(
        command(
            Action.PASS_CHECK, field.hall.clock.now(), case_no=number, actor=PEOPLE[Role.COLLECTOR],
            facts={"photos": ["far:c1"]},
        )
    )  # fmt: skip
    assert (await field.get(Role.COLLECTOR, "/tasks")).json()["tasks"] == []


async def test_the_server_finds_grid_district_and_address_of_a_report(field: Field) -> None:
    lon, lat = INSIDE
    case = (await field.begin(class_code="E0101", lon=lon, lat=lat)).json()["case"]
    assert case["grid"].startswith("370202")
    assert case["district"] == "370202"


async def test_what_the_reporter_says_of_the_place_stands(field: Field) -> None:
    lon, lat = INSIDE
    case = (await field.begin(class_code="E0101", lon=lon, lat=lat, address="东门口")).json()["case"]
    assert case["address"] == "东门口"


async def test_a_report_from_nowhere_is_told_so(field: Field) -> None:
    answer = await field.begin(class_code="E0101", lon="east", lat=1)
    assert (answer.status_code, answer.json()["field"]) == (422, "lon")


async def test_the_same_report_sent_twice_is_one_case(field: Field) -> None:
    lon, lat = INSIDE
    sent = {"class_code": "E0101", "lon": lon, "lat": lat, "source_system": "collect", "outside_id": "a-b-c"}
    first, again = await field.begin(**sent), await field.begin(**sent)
    assert (first.status_code, again.status_code, again.json()["error"]) == (201, 409, "duplicate")


async def test_a_place_is_found_by_part_of_its_name_landmarks_first(field: Field) -> None:
    found = (await field.get(Role.ACCEPTOR, "/places", q="广场")).json()["places"]
    assert found
    assert all("广场" in place["name"] + place["address"] for place in found)
    assert (await field.get(Role.ACCEPTOR, "/places", q="没有这个地方")).json()["places"] == []
    assert (await field.get(Role.ACCEPTOR, "/places", q="100%")).json()["places"] == []


async def test_a_point_outside_the_city_has_no_grid(field: Field) -> None:
    found = (await field.get(Role.COLLECTOR, "/where", lon=0, lat=0)).json()
    assert (found["grid"], found["district"], found["address"], found["near"]) == (None, None, "", [])


async def test_a_department_is_told_who_gave_it_the_case_and_why(field: Field) -> None:
    number = field.case(CaseState.PENDING_DISPOSAL, district="370202")
    told = (await field.get(Role.DEPARTMENT, f"/unit/cases/{number}/given")).json()
    assert (told["given"]["by"], told["given"]["post"]) == ("王磊", "派遣员")
    assert told["why"] == "职责表：本类别 × 370202"


async def test_a_department_is_told_nothing_of_anothers_case(field: Field) -> None:
    number = field.case(CaseState.PENDING_FILING)
    assert (await field.get(Role.DEPARTMENT, f"/unit/cases/{number}/given")).status_code == 404


async def test_a_departments_figures_say_that_they_are_not_known_yet(field: Field) -> None:
    assert (await field.get(Role.DEPARTMENT, "/unit/figures")).json()["as_of"] is None


@pytest.mark.parametrize("path", ["/tasks", "/unit/figures"])
async def test_field_routes_are_for_their_posts_only(field: Field, path: str) -> None:
    assert (await field.get(Role.LEADER, path)).status_code == 403
