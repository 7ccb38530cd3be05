"""Acting on cases at the real door: what is offered, what is done, what is refused, and whose claim it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from api.case_actions import CaseDesk, case_actions_router
from api.case_offers import OfferDesk
from api.desk_lists import DeskLists, desk_lists_router
from data_access.claims import LEASE, Claim, ClaimLeases
from data_access.ownership import OwnershipDecisions
from domain.action import Action
from domain.case import CaseState
from domain.city import Department, Level
from domain.duty import Duty, DutyTable
from domain.roles import DESK_ROLES, Identity, Role
from tests.api.hall import Hall
from tests.domain.loop import ACTORS, FACTS, PATHS, PEOPLE, command

SEAT = Identity("seat", "席位", Role.DEPARTMENT, department="A01")
NAMES = {"A01": "市南市政", "B02": "市南环卫"}


@dataclass
class Desk:
    hall: Hall
    leases: ClaimLeases

    def case(self, state: CaseState, **facts: Any) -> str:
        """A stored case in the state, by the shortest way."""
        number = None
        for action in PATHS[state]:
            actor = SEAT if ACTORS.get(action) is Role.DEPARTMENT else PEOPLE[ACTORS.get(action, Role.DISPATCHER)]
            more = {"department": "A01"} if action is Action.DISPATCH else facts if number is None else {}
            done = self.hall.cases.execute(
                command(action, self.hall.clock.now(), case_no=number, actor=actor, facts=FACTS.get(action, {}) | more)
            )
            number = done.case.case_no  # type: ignore[union-attr]
        assert number is not None
        return number

    async def post(self, role: Role, path: str, **body: Any) -> Any:
        async with self.hall.client(role, accept="*/*") as client:
            return await client.post(f"/api/v1{path}", json=body)

    async def get(self, role: Role, path: str) -> Any:
        async with self.hall.client(role, accept="*/*") as client:
            return await client.get(f"/api/v1{path}")

    async def act(self, role: Role, case_no: str, action: str, version: int, **body: Any) -> Any:
        return await self.post(role, f"/cases/{case_no}/actions", action=action, expected_version=version, **body)


@pytest.fixture
def desk(hall: Hall) -> Desk:
    duties = DutyTable([Duty("E0101", "370202", "A01"), Duty("E0101", "", "B02")], [], [])
    offers = OfferDesk(
        policy=hall.cases.policy,
        duties=duties,
        decisions=OwnershipDecisions(hall.engine),
        component=lambda code: None,
        department=lambda code: NAMES.get(code, code),
        now=hall.clock.now,
    )
    leases = ClaimLeases(hall.redis)
    hall.server.include_router(
        case_actions_router(CaseDesk(cases=hall.cases, leases=leases, offers=offers, now=hall.clock.now))
    )
    known = [Department(code="A01", name="市南市政", level=Level.DISTRICT, district_code="370202")]
    lists = DeskLists(departments=known, classes=[], offers=offers, cases=hall.cases, now=hall.clock.now)
    hall.server.include_router(desk_lists_router(lists))
    return Desk(hall, leases)


async def test_a_dispatcher_is_offered_the_department_with_its_reason(desk: Desk) -> None:
    number = desk.case(CaseState.PENDING_DISPATCH)
    told = (await desk.get(Role.DISPATCHER, f"/cases/{number}/offers")).json()
    assert told["suggestions"][0] == {
        "department": "A01",
        "name": "市南市政",
        "reason": "duty_table",
        "why": "职责表：本类别 × 370202",
    }
    offers = {offer["action"]: offer for offer in told["offers"]}
    assert offers["dispatch"]["refusal"] is None
    assert next(field["name"] for field in offers["dispatch"]["fields"] if field["required"]) == "department"
    assert offers["dispatch"]["undo"] == "recall"
    assert "不能" in offers["approve_send_back"]["refusal"]["message"]
    assert [step["action"] for step in told["next"]] == ["dispatch"]


async def test_a_dispatch_is_in_the_journal_with_who_and_from_where(desk: Desk) -> None:
    number = desk.case(CaseState.PENDING_DISPATCH)
    answer = await desk.act(Role.DISPATCHER, number, "dispatch", 2, facts={"department": "A01"})
    told = answer.json()
    assert (answer.status_code, told["case"]["state"], told["undo"]) == (200, "pending_disposal", "recall")
    newest = desk.hall.cases.history(number)[-1]
    assert (newest.action, newest.actor, newest.seat) == (Action.DISPATCH, "dispatcher", "10.0.0.7")


async def test_the_second_of_two_is_told_who_was_faster_and_to_whom_it_went(desk: Desk) -> None:
    number = desk.case(CaseState.PENDING_DISPATCH)
    await desk.act(Role.DISPATCHER, number, "dispatch", 2, facts={"department": "A01"})
    answer = await desk.act(Role.DUTY_OFFICER, number, "dispatch", 2, facts={"department": "B02"})
    assert (answer.status_code, answer.json()["error"]) == (409, "stale_version")
    assert all(part in answer.json()["message"] for part in ("dispatcher", "14:32:07", "派遣 至 A01"))


async def test_the_same_click_twice_is_one_dispatch(desk: Desk) -> None:
    number = desk.case(CaseState.PENDING_DISPATCH)
    first = await desk.act(Role.DISPATCHER, number, "dispatch", 2, facts={"department": "A01"})
    again = await desk.act(Role.DISPATCHER, number, "dispatch", 2, facts={"department": "A01"})
    assert (first.json()["repeated"], again.json()["repeated"]) == (False, True)
    assert len(desk.hall.cases.history(number)) == 3


async def test_a_refusal_names_the_field(desk: Desk) -> None:
    number = desk.case(CaseState.PENDING_DISPATCH)
    answer = await desk.act(Role.DISPATCHER, number, "dispatch", 2)
    assert (answer.status_code, answer.json()["field"]) == (422, "department")


@pytest.mark.parametrize(
    "body",
    [
        {"action": "dance", "expected_version": 1},
        {"action": "dispatch"},
        {"action": "dispatch", "expected_version": 1, "actor": "boss"},
        {"action": "dispatch", "expected_version": 1, "reason": "x" * 3000},
    ],
)
async def test_a_malformed_wish_is_refused_with_its_field(desk: Desk, body: dict[str, Any]) -> None:
    number = desk.case(CaseState.PENDING_DISPATCH)
    answer = await desk.post(Role.DISPATCHER, f"/cases/{number}/actions", **body)
    assert answer.status_code == 422
    assert answer.json()["field"]


async def test_a_claim_has_a_lease_that_a_heartbeat_renews(desk: Desk) -> None:
    number = desk.case(CaseState.PENDING_DISPATCH)
    claimed = (await desk.act(Role.DISPATCHER, number, "claim", 2)).json()["case"]
    held = {"case_no": number, "token": claimed["claim_token"]}
    assert claimed["claimed_by"] == "dispatcher"
    assert (await desk.post(Role.DISPATCHER, "/claims/heartbeat", claims=[held])).json() == {
        "held": [number],
        "lost": [],
    }
    desk.hall.clock.forward(seconds=LEASE.total_seconds() + 1)
    assert await desk.leases.run_out(desk.hall.clock.now()) == [Claim(number, 1)]


async def test_nobody_keeps_anothers_claim_alive(desk: Desk) -> None:
    number = desk.case(CaseState.PENDING_DISPATCH)
    await desk.act(Role.DISPATCHER, number, "claim", 2)
    held = {"case_no": number, "token": 1}
    desk.hall.clock.forward(seconds=LEASE.total_seconds() - 1)
    beat = await desk.post(Role.DUTY_OFFICER, "/claims/heartbeat", claims=[held])
    assert beat.json() == {"held": [], "lost": [number]}
    desk.hall.clock.forward(seconds=2)
    assert await desk.leases.run_out(desk.hall.clock.now()) == [Claim(number, 1)]


async def test_a_claimed_case_is_anothers_and_taking_it_over_ends_the_first_lease(desk: Desk) -> None:
    number = desk.case(CaseState.PENDING_DISPATCH)
    await desk.act(Role.DISPATCHER, number, "claim", 2)
    refused = await desk.act(Role.DUTY_OFFICER, number, "dispatch", 3, facts={"department": "A01"})
    assert (refused.status_code, refused.json()["error"]) == (409, "claimed")
    taken = await desk.act(Role.DUTY_OFFICER, number, "take_over", 3, reason="紧急")
    assert taken.json()["case"]["claim_token"] == 2
    beat = await desk.post(Role.DISPATCHER, "/claims/heartbeat", claims=[{"case_no": number, "token": 1}])
    assert beat.json() == {"held": [], "lost": [number]}
    late = await desk.act(Role.DISPATCHER, number, "dispatch", 4, claim_token=1, facts={"department": "A01"})
    assert late.json()["error"] == "claimed"


async def test_a_claim_ends_with_the_dispatch_and_so_does_its_lease(desk: Desk) -> None:
    number = desk.case(CaseState.PENDING_DISPATCH)
    await desk.act(Role.DISPATCHER, number, "claim", 2)
    await desk.act(Role.DISPATCHER, number, "dispatch", 3, claim_token=1, facts={"department": "A01"})
    desk.hall.clock.forward(days=1)
    assert await desk.leases.run_out(desk.hall.clock.now()) == []


async def test_without_redis_a_claim_stands_all_the_same(desk: Desk) -> None:
    number = desk.case(CaseState.PENDING_DISPATCH)
    await desk.hall.redis.set("cw1:claims", "not a sorted set")
    answer = await desk.act(Role.DISPATCHER, number, "claim", 2)
    assert (answer.status_code, answer.json()["case"]["claimed_by"]) == (200, "dispatcher")


async def test_a_bulk_preview_says_what_becomes_of_each_case_and_does_nothing(desk: Desk) -> None:
    ready, gone = desk.case(CaseState.PENDING_DISPATCH), desk.case(CaseState.CLOSED)
    items = [
        {"case_no": ready, "expected_version": 2, "department": "A01"},
        {"case_no": gone, "expected_version": 6, "department": "A01"},
        {"case_no": "QD0", "expected_version": 1, "department": "A01"},
    ]
    looked = (await desk.post(Role.DISPATCHER, "/dispatch/preview", items=items)).json()["outcomes"]
    assert [one["ok"] for one in looked] == [True, False, False]
    assert [one.get("error") for one in looked] == [None, "not_in_this_state", "no_such_case"]
    assert looked[0]["deadline"] > 0
    assert desk.hall.cases.get(ready).version == 2  # type: ignore[union-attr]
    done = (await desk.post(Role.DISPATCHER, "/dispatch", items=items)).json()["outcomes"]
    assert [one["ok"] for one in done] == [True, False, False]
    assert desk.hall.cases.get(ready).state is CaseState.PENDING_DISPOSAL  # type: ignore[union-attr]


async def test_a_report_begins_a_case(desk: Desk) -> None:
    answer = await desk.post(Role.COLLECTOR, "/cases", action="report", facts=FACTS[Action.REPORT])
    assert (answer.status_code, answer.json()["case"]["state"]) == (201, "pending_filing")


async def test_a_department_acts_on_its_own_cases_and_sees_no_other(desk: Desk) -> None:
    own, other = desk.case(CaseState.PENDING_DISPOSAL), desk.case(CaseState.PENDING_DISPATCH)
    assert (await desk.act(Role.DEPARTMENT, own, "receive", 3)).json()["case"]["state"] == "disposing"
    assert (await desk.get(Role.DEPARTMENT, f"/cases/{other}/offers")).status_code == 404
    assert (await desk.act(Role.DEPARTMENT, other, "receive", 2)).status_code == 404


async def test_a_collector_sees_a_case_only_while_it_waits_for_a_look(desk: Desk) -> None:
    waiting, closed = desk.case(CaseState.PENDING_CHECK), desk.case(CaseState.CLOSED)
    assert (await desk.get(Role.COLLECTOR, f"/cases/{waiting}/offers")).status_code == 200
    assert (await desk.get(Role.COLLECTOR, f"/cases/{waiting}")).status_code == 200
    assert (await desk.get(Role.COLLECTOR, f"/cases/{closed}")).status_code == 404


async def test_only_desks_claim(desk: Desk, role: Role) -> None:
    number = desk.case(CaseState.PENDING_DISPATCH)
    answer = await desk.act(role, number, "claim", 2)
    assert (answer.status_code == 200) is (role in DESK_ROLES)


async def test_open_cases_of_the_class_nearby_are_named_as_possible_duplicates(desk: Desk) -> None:
    near = desk.case(CaseState.PENDING_FILING)
    desk.case(CaseState.PENDING_FILING, lon=120.39)
    path = "/cases-alike?class_code=E0101&lon=120.3801&lat=36.07"
    found = (await desk.get(Role.ACCEPTOR, path)).json()["cases"]
    assert [(one["case_no"], one["metres"]) for one in found] == [(near, 9)]
    desk.hall.clock.forward(hours=25)
    assert (await desk.get(Role.ACCEPTOR, path)).json()["cases"] == []


async def test_the_lists_forms_choose_from(desk: Desk) -> None:
    (department,) = (await desk.get(Role.DISPATCHER, "/departments")).json()["departments"]
    assert (department["code"], department["name"]) == ("A01", "市南市政")
    assert (department["level"], department["district"]) == ("district", "370202")
    assert (await desk.get(Role.SHIFT_LEADER, "/limits?class_code=E0101")).json()["conditions"] == []
