"""What comes to the centre, when and where."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest

from demo.arrivals import Arrivals, severity_of
from domain.action import Action, Command
from domain.case import Severity
from domain.city import LimitRule
from domain.rights import Mode
from domain.roles import Role
from domain.workflow import Accepted, decide
from tests.demo.towns import DISTRICTS, NOW, ZONE, policy, small_town

ARRIVALS = Arrivals(small_town(), Mode.TWO_TWO, 200.0)


def some(count: int, arrivals: Arrivals = ARRIVALS) -> list[Command]:
    rng = random.Random(5)
    return [arrivals.command(rng, NOW + timedelta(minutes=n)) for n in range(count)]


def test_a_week_brings_about_as_many_as_its_days_should() -> None:
    week = list(ARRIVALS.moments(random.Random(1), NOW - timedelta(days=7), NOW))
    assert len(week) == pytest.approx(7 * 200 * 0.97, rel=0.08)
    assert week == sorted(week)
    assert all(NOW - timedelta(days=7) <= at < NOW for at in week)


def test_nights_are_quiet_and_mornings_are_not() -> None:
    hours = Counter(
        at.astimezone(ZONE).hour for at in ARRIVALS.moments(random.Random(1), NOW - timedelta(days=14), NOW)
    )
    assert hours[9] > 10 * max(1, hours[3])
    assert hours[9] > hours[12]


def test_the_same_seed_brings_the_same_arrivals() -> None:
    assert some(50) == some(50)


@pytest.mark.parametrize("mode", Mode)
def test_every_arrival_is_accepted_by_the_workflow(mode: Mode) -> None:
    for command in some(300, Arrivals(small_town(), mode, 200.0)):
        answer = decide(None, command, policy(mode), case_no="QD2026080600001")
        assert isinstance(answer, Accepted), answer


def test_cases_come_on_every_road_the_sheet_names() -> None:
    actions = Counter(command.action for command in some(600))
    assert set(actions) == {Action.REPORT, Action.REGISTER, Action.SELF_DISPOSE}
    sources = {command.facts.get("source") for command in some(600) if command.action is Action.REGISTER}
    assert sources == {"hotline", "public", "video", "media", "leader"}


def test_every_case_has_a_place_in_a_grid_of_its_district() -> None:
    for command in some(200):
        facts = command.facts
        assert str(facts["grid"]).startswith(str(facts["district"]))
        assert facts["district"] in DISTRICTS
        assert facts["address"]


def test_only_calls_of_citizens_carry_personal_data() -> None:
    for command in some(400):
        citizen = command.facts.get("source") in ("hotline", "public")
        assert ("reporter_phone" in command.facts) is citizen


def test_collectors_sleep_at_night() -> None:
    rng = random.Random(5)
    midnight = NOW.replace(hour=18)  # 02:00 in the town
    assert all(ARRIVALS.command(rng, midnight).actor.role is not Role.COLLECTOR for _ in range(100))


def test_with_one_level_of_supervision_the_city_takes_everything_in() -> None:
    commands = some(200, Arrivals(small_town(), Mode.ONE_TWO, 200.0))
    assert {command.actor.district for command in commands} == {None}


def test_some_places_are_always_trouble() -> None:
    places = Counter(c.facts["address"] for c in some(1000) if "component_code" not in c.facts)
    assert places.most_common(1)[0][1] > 3 * places.most_common()[-1][1]


@pytest.mark.parametrize(
    ("condition", "value", "unit", "expected"),
    [
        ("井盖缺失、移位", 2, "urgent_hour", Severity.L1),
        ("立杆倾斜、折断", 4, "urgent_hour", Severity.L2),
        ("井盖破损", 4, "work_hour", Severity.L2),
        ("占道经营", 2, "urgent_hour", Severity.L3),
        ("暴露垃圾", 4, "work_hour", Severity.L3),
        ("道路破损", 5, "work_day", Severity.L4),
    ],
)
def test_severity_follows_from_danger_and_limit(condition: str, value: float, unit: str, expected: Severity) -> None:
    rule = LimitRule(
        code="L",
        class_code="C0101",
        filing_condition=condition,
        closing_condition="恢复",
        limit_value=value,
        limit_unit=unit,
    )
    assert severity_of(rule) is expected
