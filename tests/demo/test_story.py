"""What people do next: always something the workflow accepts, always at a time that follows from the case."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from functools import cache

import pytest

from data_access.case_bulk import History
from demo.arrivals import Arrivals
from demo.history import histories
from demo.story import Story
from domain.action import Action
from domain.case import CaseState
from domain.facts import facts_of
from domain.indicators import Rate, counts, rate
from domain.journal import rebuild
from domain.period import Window
from domain.rights import Mode
from domain.roles import Role
from domain.workflow import Accepted, decide
from tests.demo.towns import NOW, SMALL, policy, small_town


@cache
def lived(mode: Mode = Mode.TWO_TWO, a_day: float = SMALL, days: int = 35) -> tuple[History, ...]:
    """The small town's past under a mode; a refused step raises."""
    town = small_town()
    arrivals = Arrivals(town, mode, a_day)
    begins = list(arrivals.moments(random.Random(1), NOW - timedelta(days=days), NOW))
    numbers = [f"QD{at:%Y%m%d}{n:05d}" for n, at in enumerate(begins)]
    return tuple(histories(town, policy(mode), arrivals, begins, numbers, NOW))


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


def test_the_whole_loop_is_used_with_its_quarrels() -> None:
    happened = Counter(entry.action for _, entries in lived() for entry in entries)
    assert set(happened) >= {
        *(Action.REPORT, Action.REGISTER, Action.SELF_DISPOSE, Action.SEND_VERIFY, Action.ANSWER_VERIFY),
        *(Action.FILE, Action.DISPATCH, Action.RECEIVE, Action.FEED_BACK, Action.SEND_CHECK, Action.PASS_CHECK),
        *(Action.CLOSE, Action.CLOSE_FROM_PHOTOS, Action.FAIL_CHECK, Action.ASK_SEND_BACK, Action.APPROVE_SEND_BACK),
        *(Action.REFUSE_ACCEPTANCE, Action.REFUSE_FILING, Action.URGE, Action.ASK_EXTENSION, Action.SUPERVISE),
        Action.APPROVE_SUSPENSION,
    }


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


def test_asking_again_gives_the_same_plan() -> None:
    story = Story(small_town(), policy())
    for case, entries in lived()[:100]:
        last_at = entries[-1].at
        assert story.next_step(case, last_at) == story.next_step(case, last_at)


def test_what_is_over_has_no_next_step_and_what_is_open_has_one_in_the_future() -> None:
    story = Story(small_town(), policy())
    for case, entries in lived():
        step = story.next_step(case, entries[-1].at)
        if case.is_final:
            assert step is None
        else:
            assert step is not None
            assert step.at > NOW


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


def test_a_suspended_case_comes_back_at_its_end_date() -> None:
    for case, entries in lived():
        if case.state is CaseState.SUSPENDED:
            step = Story(small_town(), policy()).next_step(case, entries[-1].at)
            assert step is not None
            assert (step.action, step.at) == (Action.RESUME, case.suspended_until)


def test_stand_ins_may_do_all_that_hired_people_do() -> None:
    town = small_town(hired=False)
    arrivals = Arrivals(town, Mode.TWO_TWO, SMALL)
    begins = list(arrivals.moments(random.Random(2), NOW - timedelta(days=10), NOW))
    made = list(histories(town, policy(), arrivals, begins, [f"QD{n:013d}" for n in range(len(begins))], NOW))
    assert sum(case.state is CaseState.CLOSED for case, _ in made) > 50
