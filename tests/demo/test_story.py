"""What people do next: always something the workflow accepts, always at a time that follows from the case."""

from __future__ import annotations

import random
from datetime import timedelta
from functools import cache

import pytest

from data_access.case_bulk import History
from demo.arrivals import Arrivals, arrived
from demo.history import histories
from demo.story import Story
from domain.action import Action
from domain.case import CaseState
from domain.facts import facts_of
from domain.geo import distance_m
from domain.indicators import Rate, counts, rate
from domain.journal import rebuild
from domain.period import Window
from domain.rights import Mode
from domain.roles import Role
from domain.workflow import Accepted, decide
from tests.demo.towns import NOW, QUARRELSOME, SMALL, policy, small_town


@cache
def lived(mode: Mode = Mode.TWO_TWO, a_day: float = SMALL, days: int = 35, seed: int = 7) -> tuple[History, ...]:
    """The small town's past under a mode; a refused step raises."""
    town = small_town(seed)
    arrivals = Arrivals(town, mode, a_day)
    begins = list(arrivals.moments(random.Random(1), NOW - timedelta(days=days), NOW))
    begun = arrived(arrivals, random.Random(town.seed + 1), begins)
    numbers = [f"QD{at:%Y%m%d}{n:05d}" for n, at in enumerate(begins)]
    return tuple(histories(town, policy(mode), begun, numbers, NOW))


BY_PROGRAMS = {Action.IMPORT_REPORT, Action.IMPORT_STEP, Action.LAPSE_CLAIM}
LIVE_ONLY = {Action.CLAIM, Action.RELEASE, Action.TAKE_OVER}
"""A past claim interests nobody."""
WITH_CAMERAS = {Action.ATTACH_EVIDENCE}


@pytest.mark.parametrize("mode", Mode)
def test_no_step_of_any_story_is_refused(mode: Mode) -> None:
    assert len(lived(mode)) > 500


def test_a_case_is_the_fold_of_its_story() -> None:
    for case, entries in lived()[:200]:
        assert rebuild(entries) == case


def test_times_only_go_forward_and_never_past_now() -> None:
    for _, entries in lived():
        times = [entry.at for entry in entries]
        assert times == sorted(times)
        assert times[-1] <= NOW


@pytest.mark.parametrize("mode", Mode)
def test_everything_that_people_may_do_to_a_case_is_done(mode: Mode) -> None:
    happened = {entry.action for _, entries in lived(mode, 40, seed=QUARRELSOME) for entry in entries}
    assert happened == set(Action) - BY_PROGRAMS - LIVE_ONLY - WITH_CAMERAS


def test_quarrels_end_in_decisions_of_every_reach() -> None:
    decided = [case for case, _ in lived(Mode.TWO_TWO, 40, seed=QUARRELSOME) if case.owner_department]
    assert {case.owner_scope for case in decided} == {"case", "component", "duty"}
    assert all(case.send_back_count > 1 or case.emergency for case in decided)


def test_an_emergency_is_proposed_approved_and_settled() -> None:
    kept = [case.emergency for case, _ in lived(Mode.TWO_TWO, 40, seed=QUARRELSOME) if case.emergency]
    assert {"by_phone" in record for record in kept} == {True, False}
    settled = [record for record in kept if "cost_actual" in record]
    assert settled
    assert all(record["approved_by"] and record["contractor"] and record["cost_actual"] > 0 for record in settled)
    assert any(record["signed"] for record in kept if "by_phone" in record)


def test_the_same_problem_told_twice_is_tied_to_the_first_report() -> None:
    cases = {case.case_no: case for case, _ in lived(Mode.TWO_TWO, 40, seed=QUARRELSOME)}
    linked = [case for case in cases.values() if case.linked]
    assert 0.01 < len(linked) / len(cases) < 0.06
    for case in linked:
        first = cases[case.linked[0]]
        assert (first.class_code, first.description) == (case.class_code, case.description)
        assert distance_m(first.lon or 0, first.lat or 0, case.lon or 0, case.lat or 0) <= 50


def test_late_departments_appeal_and_two_posts_look_at_it() -> None:
    for _, entries in lived(Mode.TWO_TWO, 40, seed=QUARRELSOME):
        reviews = [entry.role for entry in entries if entry.action is Action.APPROVE_APPEAL]
        if len(reviews) == 2:
            assert reviews[0] == Role.DISPATCHER
            assert reviews[1] in (Role.SHIFT_LEADER, Role.LEADER)
            return
    pytest.fail("no appeal was approved")


def test_a_case_sent_through_the_district_reaches_its_department() -> None:
    town = small_town()
    passed_on = [entry for _, entries in lived() for entry in entries if entry.action is Action.SECOND_DISPATCH]
    assert passed_on
    assert all(str(town.departments[str(entry.changes["department"])].district_code) for entry in passed_on)


def test_dispatching_in_circles_ends() -> None:
    assert max(case.send_back_count for case, _ in lived()) <= 3
    assert max(len(entries) for _, entries in lived()) < 60


def test_departments_judge_nothing_of_their_own() -> None:
    judged = {Action.CLOSE, Action.PASS_CHECK, Action.APPROVE_EXTENSION, Action.DISPATCH, Action.FILE}
    roles = {entry.role for _, entries in lived() for entry in entries if entry.action in judged}
    assert Role.DEPARTMENT.value not in roles


def test_most_work_ends_in_the_department_whose_it_is() -> None:
    town = small_town()
    dispatched = [case for case, _ in lived() if case.department]
    right = sum(case.department == town.right_department(case) for case in dispatched)
    assert right / len(dispatched) > 0.95


def test_the_figures_are_those_of_a_city_that_needs_a_wall() -> None:
    month = Window(NOW - timedelta(days=30), NOW)
    found = counts([facts_of(case) for case, _ in lived()], month)
    closing, on_time = rate(Rate.CLOSING, found).value, rate(Rate.ON_TIME_CLOSING, found).value
    assert closing is not None
    assert on_time is not None
    assert 0.7 < closing < 0.95
    assert 0.5 < on_time < closing
    assert 0.01 < found.overdue_undisposed / found.open < 0.15


LEFT_OUT = {CaseState.REJECTED, CaseState.VOIDED, CaseState.TRANSFERRED}


def test_asking_again_gives_the_same_plan() -> None:
    story = Story(small_town(), policy())
    for case, entries in lived()[:100]:
        last_at = entries[-1].at
        assert story.next_step(case, last_at) == story.next_step(case, last_at)


def test_what_is_open_has_a_next_step_in_the_future_and_what_never_counted_has_none() -> None:
    story = Story(small_town(), policy())
    for case, entries in lived():
        step = story.next_step(case, entries[-1].at)
        assert step is None if case.state in LEFT_OUT else step is not None or case.is_final
        assert step is None or step.at > NOW


def test_an_end_date_asked_for_later_lies_as_much_later() -> None:
    story = Story(small_town(), policy())
    asked = next(
        (case, step)
        for case, entries in lived()
        for version in range(1, len(entries))
        if (before := rebuild(entries[:version])) is not None and not before.is_final
        if (step := story.next_step(before, entries[version - 1].at)) and step.action is Action.ASK_SUSPENSION
        for case in [before]
    )
    case, step = asked
    late = timedelta(days=90)
    command = step.command(case, step.at + late)
    assert int(str(command.facts["until"])) - int(str(step.facts["until"])) == late.total_seconds() * 1000
    assert isinstance(decide(case, command, policy()), Accepted)


def test_a_suspended_case_comes_back_at_its_end_date_or_when_the_department_can_begin() -> None:
    for case, entries in lived():
        if case.state is CaseState.SUSPENDED:
            step = Story(small_town(), policy()).next_step(case, entries[-1].at)
            assert step is not None
            assert step.action is Action.RESUME
            assert step.at == case.suspended_until or step.actor.role is Role.DEPARTMENT


def test_stand_ins_may_do_all_that_hired_people_do() -> None:
    town = small_town(hired=False)
    arrivals = Arrivals(town, Mode.TWO_TWO, SMALL)
    begins = list(arrivals.moments(random.Random(2), NOW - timedelta(days=10), NOW))
    numbers = [f"QD{n:013d}" for n in range(len(begins))]
    made = list(histories(town, policy(), arrived(arrivals, random.Random(2), begins), numbers, NOW))
    assert sum(case.state is CaseState.CLOSED for case, _ in made) > 50
