"""What a page is told of a case beyond its facts: names, stages, the deadline's story, changes in words, the chain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from api.case_story import Cases, CaseStories, case_story_router
from data_access.cases import CaseStore
from data_access.refusals import CODES
from domain.action import Action
from domain.case import Case, CaseState
from domain.journal import Entry
from domain.roles import Identity, Role
from tests.api.hall import Hall
from tests.domain.loop import ACTORS, FACTS, PATHS, PEOPLE, command

SEAT = Identity("seat", "席位", Role.DEPARTMENT, department="A01")


class Names:
    """How people and departments are called."""

    def person(self, name: str) -> str:
        return {"dispatcher": "张敏"}.get(name, name)

    def department(self, code: str) -> str:
        return {"A01": "市南市政"}.get(code, code)


def stored(hall: Hall, state: CaseState, **facts: Any) -> str:
    """A case in the state, by the shortest way."""
    number = None
    for action in PATHS[state]:
        actor = SEAT if ACTORS.get(action) is Role.DEPARTMENT else PEOPLE[ACTORS.get(action, Role.DISPATCHER)]
        more = {"department": "A01"} if action is Action.DISPATCH else facts if number is None else {}
        done = hall.cases.execute(
            command(action, hall.clock.now(), case_no=number, actor=actor, facts=FACTS.get(action, {}) | more)
        )
        number = done.case.case_no  # type: ignore[union-attr]
    assert number is not None
    return number


@dataclass
class Tampered:
    """A store whose history somebody rewrote past its locks."""

    store: CaseStore
    entries: tuple[Entry, ...]

    def get(self, case_no: str) -> Case | None:
        return self.store.get(case_no)

    def history(self, _case_no: str) -> tuple[Entry, ...]:
        return self.entries


def stories(hall: Hall, cases: Cases) -> CaseStories:
    return CaseStories(
        cases=cases,
        policy=hall.cases.policy,
        called=Names(),
        class_names={"E0101": "暴露垃圾"},
        district_names={},
        now=hall.clock.now,
    )


@pytest.fixture
def told(hall: Hall) -> Hall:
    """A hall whose people and classes have names."""
    hall.server.include_router(case_story_router(stories(hall, hall.cases)))
    return hall


async def story(hall: Hall, number: str, role: Role = Role.DISPATCHER) -> Any:
    async with hall.client(role, accept="*/*") as client:
        return await client.get(f"/api/v1/cases/{number}/story")


async def test_names_stages_steps_and_who_is_next(told: Hall) -> None:
    body = (await story(told, stored(told, CaseState.PENDING_DISPOSAL))).json()
    assert (body["names"]["class"], body["names"]["departments"]) == ("暴露垃圾", {"A01": "市南市政"})
    assert [stage["passed"] for stage in body["stages"]] == ["done", "done", "done", "now", "ahead", "ahead", "ahead"]
    assert body["stages"][2]["ended_by"] == "张敏"
    assert [step["state"] for step in body["steps"]] == ["pending_filing", "pending_dispatch", "pending_disposal"]
    assert {"专业部门"} <= {post for step in body["next"] for post in step["posts"]}


async def test_the_deadline_is_told_piece_by_piece(told: Hall) -> None:
    body = (await story(told, stored(told, CaseState.SUSPENDED))).json()["deadline"]
    assert (body["running"], body["unit"], body["limit_value"]) == ("paused", "工作日", 1)
    assert body["pauses"][0]["cause"] == "挂账通过"
    assert body["department"] == "市南市政"
    assert body["adds_up"]


async def test_changes_are_told_in_words_and_personal_ones_only_to_those_who_may(told: Hall) -> None:
    number = stored(told, CaseState.PENDING_ACCEPTANCE, **FACTS[Action.REGISTER], reporter="王秀英")
    for role, seen in ((Role.ACCEPTOR, True), (Role.DISPATCHER, False)):
        changes = (await story(told, number, role)).json()["changes"]
        said = {change["field"]: change["after"] for change in changes[0]}
        assert said["state"] == "待受理"
        assert said["source"] == "热线"
        assert ("reporter" in said) is seen


async def test_a_changed_entry_is_named_on_the_case(told: Hall) -> None:
    number = stored(told, CaseState.PENDING_DISPATCH)
    assert (await story(told, number)).json()["chain"] == {"entries": 2, "whole": True, "broken_at": []}
    first, second = told.cases.history(number)
    tampered = Tampered(told.cases, (first, replace(second, reason="另一个理由")))
    found = stories(told, tampered).of(number, PEOPLE[Role.DISPATCHER])
    assert found is not None
    assert found["chain"] == {"entries": 2, "whole": False, "broken_at": [2]}


async def test_a_department_hears_nothing_of_anothers_case(told: Hall) -> None:
    own = stored(told, CaseState.DISPOSING)
    assert (await story(told, own, Role.DEPARTMENT)).status_code == 200
    assert (await story(told, stored(told, CaseState.PENDING_DISPATCH), Role.DEPARTMENT)).status_code == 404
    assert (await story(told, "QD0", Role.LEADER)).status_code == 404


async def test_a_case_answers_with_the_names_of_its_people_posts_and_departments(hall: Hall) -> None:
    number = stored(hall, CaseState.PENDING_DISPOSAL)
    async with hall.client(Role.LEADER, accept="*/*") as client:
        body = (await client.get(f"/api/v1/cases/{number}")).json()
    assert body["departments"] == {"A01": CODES.department("A01")}
    newest = body["history"][-1]
    assert (newest["who"], newest["label"], newest["role_label"]) == ("dispatcher", "派遣", "派遣员")
