"""The story of a deadline: its pieces add up to the deadline in every history, and it names what happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given

from domain.action import Action
from domain.deadline_story import DeadlineStory, Running, deadline_story, story_end
from domain.worktime import LimitUnit
from tests.domain.loop import CALENDAR, FACTS, START, Walk, local, with_policy
from tests.domain.test_workflow_laws import histories, law

A = Action
HOUR_MS = 3_600_000


def story_of(walk: Walk) -> DeadlineStory:
    told = deadline_story(walk.entries, walk.policy)
    assert told is not None
    return told


@law
@given(histories())
def test_the_pieces_add_up_to_the_deadline(walk: Walk) -> None:
    told, case = deadline_story(walk.entries, walk.policy), walk.standing
    assert (told is None) <= (case.deadline is None)
    if told is not None and case.deadline is not None:
        assert story_end(told, walk.policy) == case.deadline == told.end


@law
@given(histories())
def test_the_pauses_told_are_those_the_case_remembers(walk: Walk) -> None:
    told, case = deadline_story(walk.entries, walk.policy), walk.standing
    if told is None:
        return
    over = [f"{round(p.start.timestamp() * 1000)}/{round(p.end.timestamp() * 1000)}" for p in told.pauses if p.end]
    assert [*case.pauses][len(case.pauses) - len(over) :] == over
    assert [pause.start for pause in told.pauses if pause.end is None] == [
        at for at in [case.paused_since] if at is not None and told.pauses and told.pauses[-1].end is None
    ]


def test_a_case_never_dispatched_has_no_story() -> None:
    assert deadline_story(Walk(A.REPORT, A.FILE).entries, with_policy()) is None


def test_a_fresh_dispatch_tells_rule_start_unit_and_end() -> None:
    walk = Walk(A.REPORT, A.FILE, A.DISPATCH)
    told = story_of(walk)
    assert (told.filing_condition, told.unit, told.limit_value) == ("缺失", LimitUnit.WORK_DAY, 1)
    assert (told.start, told.end, told.first_end) == (walk.now, walk.standing.deadline, walk.standing.deadline)
    assert told.running is Running.RUNNING
    assert told.limit_ms == 8 * HOUR_MS
    assert told.computed_with == CALENDAR.version
    assert told.adds_up


def test_a_suspension_is_told_with_its_cause_and_only_working_time_is_spent() -> None:
    walk = Walk(A.REPORT, A.FILE, A.DISPATCH).at(local("06-01", "15:00"))
    walk.do(A.ASK_SUSPENSION, reason="待管线迁改").at(local("06-01", "16:00")).do(A.APPROVE_SUSPENSION)
    assert story_of(walk).running is Running.PAUSED
    assert story_of(walk).pauses[-1].spent_ms is None
    walk.at(local("06-02", "09:00")).do(A.RESUME)
    (pause,) = story_of(walk).pauses
    assert (pause.cause, pause.spent_ms) == (A.APPROVE_SUSPENSION, 3 * HOUR_MS)
    assert story_end(story_of(walk), walk.policy) == walk.standing.deadline


def test_an_extension_is_told_with_what_it_added() -> None:
    walk = Walk(A.REPORT, A.FILE, A.DISPATCH, A.ASK_EXTENSION, A.APPROVE_EXTENSION)
    (extension,) = story_of(walk).extensions
    assert extension.more_ms == 8 * HOUR_MS
    assert extension.actor == "dispatcher"


def test_another_department_begins_anew_and_the_same_one_goes_on() -> None:
    away = (A.ASK_SEND_BACK, A.APPROVE_SEND_BACK)
    same = Walk(A.REPORT, A.FILE, A.DISPATCH, *away)
    assert story_of(same).running is Running.TAKEN_BACK
    assert story_of(same).end is None
    same.do(A.DISPATCH)
    assert (story_of(same).restarts, len(story_of(same).pauses)) == (0, 1)
    other = Walk(A.REPORT, A.FILE, A.DISPATCH, *away).do(A.DISPATCH, more={"department": "D02"})
    assert (story_of(other).restarts, story_of(other).pauses) == (1, ())
    assert story_of(other).start == other.now


def test_rework_tells_the_check_as_a_pause_or_a_new_limit_as_the_city_says() -> None:
    usual, anew = (
        Walk(A.REPORT, A.FILE, A.DISPATCH, A.RECEIVE, policy=with_policy(rework_new_limit=new))
        .at(local("06-01", "11:00"))
        .do(A.FEED_BACK)
        .do(A.SEND_CHECK)
        .do(A.FAIL_CHECK)
        for new in (False, True)
    )
    assert [pause.cause for pause in story_of(usual).pauses] == [A.FEED_BACK]
    assert (story_of(usual).restarts, story_of(anew).restarts, story_of(anew).pauses) == (0, 1, ())


def test_a_feedback_stops_the_clock() -> None:
    assert story_of(Walk(A.REPORT, A.FILE, A.DISPATCH, A.RECEIVE, A.FEED_BACK)).running is Running.STOPPED


def test_a_deadline_from_outside_is_told_as_such() -> None:
    due = START + timedelta(days=2)
    facts = FACTS[A.IMPORT_REPORT] | {"deadline": due, "state": "disposing", "dispatched_at": START}
    told = story_of(Walk().at(START).do(A.IMPORT_REPORT, facts=facts))
    assert (told.limit_ms, told.end, told.started_by) == (None, due, A.IMPORT_REPORT)


def test_a_newer_calendar_says_that_the_pieces_need_not_add_up() -> None:
    walk = Walk(A.REPORT, A.FILE, A.DISPATCH)
    newer = replace(walk.policy, calendar=replace(CALENDAR, version="test-2"))
    told = deadline_story(walk.entries, newer)
    assert told is not None
    assert not told.adds_up
