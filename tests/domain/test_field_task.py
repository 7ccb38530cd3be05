"""What a collector is sent to look at, and in which order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.case import Case, CaseState
from domain.field_task import field_tasks
from domain.rights import Mode
from domain.roles import Identity, Role
from tests.domain.loop import START

CITY = Identity("c", "采集员", Role.COLLECTOR)
SOUTH = Identity("s", "市南采集员", Role.COLLECTOR, district="370202")
HERE = (120.38, 36.07)


def case(number: str, state: CaseState = CaseState.PENDING_CHECK, *, minutes: int = 0, **more: object) -> Case:
    facts = {"lon": 120.38, "lat": 36.07, "district": "370202"} | more
    since = START + timedelta(minutes=minutes)
    return Case(case_no=number, state=state, state_since=since, reported_at=START, **facts)  # type: ignore[arg-type]


def numbers(*cases: Case, who: Identity = CITY, mode: Mode = Mode.TWO_TWO, at: tuple[float, float] | None = None):
    return [task.case.case_no for task in field_tasks(cases, who, mode, at)]


def test_the_nearest_comes_first_where_the_collector_is_known() -> None:
    far, near = case("far", lon=120.40), case("near", minutes=5)
    assert numbers(far, near, at=HERE) == ["near", "far"]
    assert [task.metres for task in field_tasks([far, near], CITY, Mode.TWO_TWO, HERE)] == [
        0,
        pytest.approx(1800, abs=20),
    ]


def test_the_longest_waiting_comes_first_where_nobody_knows_the_collector() -> None:
    assert numbers(case("young", minutes=9), case("old")) == ["old", "young"]


def test_a_case_without_a_place_comes_last() -> None:
    assert numbers(case("nowhere", lon=None), case("far", lon=120.6), at=HERE) == ["far", "nowhere"]


def test_only_looks_are_tasks_and_only_those_of_the_district() -> None:
    others = [case("other", district="370203"), case("filed", CaseState.PENDING_DISPATCH)]
    mine = [case("mine", CaseState.PENDING_VERIFY), case("unknown", district=None, minutes=1)]
    assert numbers(*others, *mine, who=SOUTH) == ["mine", "unknown"]


def test_where_the_city_alone_supervises_a_district_collector_has_none() -> None:
    assert numbers(case("1"), who=SOUTH, mode=Mode.ONE_TWO) == []
    assert numbers(case("1"), who=CITY, mode=Mode.ONE_TWO) == ["1"]


def test_a_look_is_due_half_an_hour_after_it_was_asked_for() -> None:
    task = field_tasks([replace(case("1", minutes=10))], CITY, Mode.TWO_TWO, None)[0]
    assert task.due == START + timedelta(minutes=40)
