"""What leaders are told at the real door: orders with answers, send-backs with reasons, emergencies with costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from api.case_offers import OfferDesk
from api.supervision import SupervisionDesk, supervision_router
from data_access.ownership import OwnershipDecisions
from data_access.supervision import SupervisionLists
from domain.action import Action as A
from domain.case import CaseState as S
from domain.duty import Duty, DutyTable
from domain.journal import milliseconds
from domain.roles import Identity, Role
from tests.api.hall import Hall
from tests.domain.loop import ACTORS, FACTS, PATHS, PEOPLE, command

SEAT = Identity("seat", "席位", Role.DEPARTMENT, department="D01")


class Story:
    """Cases that go their way in the hall's store."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall

    def do(
        self, number: str | None, action: A, *, reason: str = "理由", by: Identity | None = None, **facts: Any
    ) -> str:
        role = ACTORS.get(action, Role.DISPATCHER)
        actor = by or (SEAT if role is Role.DEPARTMENT else PEOPLE[role])
        asked = command(action, self.hall.clock.now(), case_no=number, actor=actor, facts=FACTS.get(action, {}) | facts)
        done = self.hall.cases.execute(replace(asked, reason=reason))
        assert not hasattr(done, "code"), done
        return done.case.case_no  # type: ignore[union-attr]

    def at(self, state: S) -> str:
        number = None
        for action in PATHS[state]:
            number = self.do(number, action)
        assert number is not None
        return number

    def later(self, **span: float) -> None:
        self.hall.clock.forward(**span)


@pytest.fixture
def story(hall: Hall) -> Story:
    offers = OfferDesk(
        policy=hall.cases.policy,
        duties=DutyTable([Duty("E0101", "", "D09")], [], []),
        decisions=OwnershipDecisions(hall.engine),
        component=lambda code: None,
        department=lambda code: f"部门{code}",
        now=hall.clock.now,
    )
    desk = SupervisionDesk(
        lists=SupervisionLists(hall.engine), offers=offers, class_names={}, person=str.upper, now=hall.clock.now
    )
    hall.server.include_router(supervision_router(desk))
    return Story(hall)


async def told(story: Story, role: Role = Role.LEADER) -> dict[str, Any]:
    async with story.hall.client(role, accept="*/*") as client:
        answer = await client.get("/api/v1/supervision")
    assert answer.status_code == 200, answer.text
    return answer.json()


def due(story: Story, **span: float) -> int:
    return milliseconds(story.hall.clock.now() + timedelta(**span))


def acts(item: dict[str, Any]) -> dict[str, str | None]:
    return {one["action"]: one["why"] for one in item["acts"]}


@pytest.mark.parametrize("role", [Role.DEPARTMENT, Role.COLLECTOR, Role.WALL_DEVICE])
async def test_only_who_sees_all_cases_is_told(story: Story, role: Role) -> None:
    async with story.hall.client(role, accept="*/*") as client:
        assert (await client.get("/api/v1/supervision")).status_code == 403


async def test_open_orders_come_by_their_date_and_say_what_one_may_do(story: Story) -> None:
    later, sooner = story.at(S.DISPOSING), story.at(S.DISPOSING)
    story.do(later, A.SUPERVISE, reason="限期办结", order_due=due(story, hours=9))
    story.do(sooner, A.SUPERVISE, reason="立即围挡", order_due=due(story, hours=1))
    found = await told(story)
    assert [one["case_no"] for one in found["orders"]] == [sooner, later]
    assert (found["orders"][0]["order_text"], found["orders"][0]["order_by"]) == ("立即围挡", "leader")
    assert acts(found["orders"][0])["urge"] is None
    assert "尚未答复" in (acts(found["orders"][0])["supervise"] or "")
    assert "decide_ownership" in acts(found["orders"][0])


async def test_an_answer_moves_the_order_and_says_who_and_how_long(story: Story) -> None:
    number = story.at(S.DISPOSING)
    story.do(number, A.SUPERVISE, order_due=due(story, hours=1))
    story.later(hours=2)
    story.do(number, A.ANSWER_ORDER, reason="已修复", by=SEAT)
    found = await told(story)
    assert found["orders"] == []
    answered = found["answered"][0]
    assert (answered["answer"], answered["answered_by"]) == ("已修复", "SEAT")
    assert answered["answered_at"] - answered["order_at"] == 2 * 3_600_000
    story.later(days=31)
    assert (await told(story))["answered"] == []


async def test_an_order_of_a_case_that_ended_still_waits(story: Story) -> None:
    number = story.at(S.DISPOSING)
    story.do(number, A.SUPERVISE, order_due=due(story, hours=1))
    story.do(number, A.FORCE_CLOSE)
    found = (await told(story))["orders"]
    assert [(one["case_no"], one["ended"]) for one in found] == [(number, True)]


async def test_a_case_nobody_wants_is_told_with_who_sent_it_back_and_why(story: Story) -> None:
    number = story.at(S.PENDING_DISPATCH)
    for why in ("不属市政管网", "产权查无登记"):
        story.do(number, A.DISPATCH, department="D01")
        story.do(number, A.ASK_SEND_BACK, reason=why)
        assert (await told(story))["ownership"] == []
        story.do(number, A.APPROVE_SEND_BACK)
        story.later(hours=1)
    found = (await told(story, Role.SHIFT_LEADER))["ownership"]
    assert [one["case_no"] for one in found] == [number]
    assert [(back["department_name"], back["by"], back["reason"]) for back in found[0]["send_backs"]] == [
        ("部门D01", "SEAT", "不属市政管网"),
        ("部门D01", "SEAT", "产权查无登记"),
    ]
    assert [one["name"] for one in found[0]["suggestions"]] == ["部门D09"]
    assert acts(found[0])["decide_ownership"] is None
    story.do(number, A.DECIDE_OWNERSHIP, owner_department="D09")
    assert (await told(story))["ownership"] == []


async def test_an_emergency_goes_through_the_register_to_its_costs(story: Story) -> None:
    number = story.at(S.PENDING_DISPATCH)
    story.do(number, A.PROPOSE_EMERGENCY)
    found = await told(story)
    proposed = found["emergencies"][0]
    assert (proposed["stage"], proposed["record"]["cost_estimate"]) == ("proposed", 3000)
    assert found["fund"] == []  # asked for, not granted
    assert acts(proposed)["approve_emergency"] is None
    by_phone = {"by_phone": "张市长"}
    story.do(number, A.APPROVE_EMERGENCY, by=PEOPLE[Role.SHIFT_LEADER], emergency=by_phone)
    running = (await told(story))["emergencies"][0]
    assert (running["stage"], running["unsigned"], acts(running)["confirm_emergency"]) == ("running", True, None)
    story.do(number, A.CONFIRM_EMERGENCY)
    assert not (await told(story))["emergencies"][0]["unsigned"]
    contractor = replace(SEAT, department="D02")
    for action, by in ((A.RECEIVE, contractor), (A.FEED_BACK, contractor), (A.SEND_CHECK, None), (A.PASS_CHECK, None)):
        story.do(number, action, by=by)
    assert (await told(story))["emergencies"][0]["stage"] == "to_settle"
    story.do(number, A.SETTLE_EMERGENCY)
    done = await told(story)
    assert done["emergencies"][0]["stage"] == "settled"
    assert done["fund"] == [
        {"line": "应急处置专项", "count": 1, "estimate": 3000.0, "actual": 2600.0, "recovered": 2600.0}
    ]


async def test_a_refused_emergency_leaves_the_register(story: Story) -> None:
    number = story.at(S.PENDING_DISPATCH)
    story.do(number, A.PROPOSE_EMERGENCY)
    story.do(number, A.REFUSE_EMERGENCY)
    assert (await told(story))["emergencies"] == []
