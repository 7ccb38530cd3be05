"""The seven stages and the steps within, as one case's page tells them."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given

from domain.action import Action
from domain.case import CaseState, Stage
from domain.deadline_story import deadline_story
from domain.stage_story import Passed, stages_told, steps_told
from tests.domain.loop import Walk, local
from tests.domain.test_workflow_laws import histories, law

A = Action


@law
@given(histories())
def test_the_stages_together_last_as_long_as_the_case_did(walk: Walk) -> None:
    told = stages_told(walk.entries, walk.now)
    assert [stage.stage for stage in told] == list(Stage)
    assert sum(stage.passed is Passed.NOW for stage in told) == (0 if walk.standing.is_final else 1)
    end = walk.standing.state_since if walk.standing.is_final else walk.now
    assert sum((stage.spent for stage in told), timedelta()) == end - walk.entries[0].at


@law
@given(histories())
def test_no_step_is_both_lasting_and_on_time(walk: Walk) -> None:
    story = deadline_story(walk.entries, walk.policy)
    for step in steps_told(walk.entries, story, walk.now):
        assert step.end is not None or step.on_time in (None, False)


def test_a_stage_that_came_twice_counts_twice_and_one_that_was_left_out_says_so() -> None:
    walk = Walk(A.REPORT, A.FILE, A.DISPATCH, A.RECEIVE, A.FEED_BACK).at(local("06-01", "10:00")).do(A.SEND_CHECK)
    walk.at(local("06-01", "11:00")).do(A.FAIL_CHECK)
    told = {stage.stage: stage for stage in stages_told(walk.entries, walk.now)}
    assert (told[Stage.DISPOSAL].visits, told[Stage.DISPOSAL].passed) == (2, Passed.NOW)
    assert told[Stage.CHECK].passed is Passed.DONE
    straight = {stage.stage: stage for stage in stages_told(Walk(A.SELF_DISPOSE).entries, walk.now)}
    assert straight[Stage.DISPATCH].passed is Passed.SKIPPED
    assert straight[Stage.EVALUATION].passed is Passed.AHEAD


def test_a_step_of_the_hall_is_late_after_its_own_limit() -> None:
    walk = Walk(A.REPORT).at(local("06-01", "09:20"))
    (filing,) = steps_told(walk.entries, None, walk.now)
    assert (filing.state, filing.limit, filing.on_time) == (CaseState.PENDING_FILING, timedelta(minutes=15), False)


def test_disposal_is_judged_by_the_cases_own_deadline() -> None:
    walk = Walk(A.REPORT, A.FILE, A.DISPATCH, A.RECEIVE).at(local("06-04", "09:00")).do(A.FEED_BACK)
    steps = steps_told(walk.entries, deadline_story(walk.entries, walk.policy), walk.now)
    assert {step.state: step.on_time for step in steps}[CaseState.DISPOSING] is False
