"""The disposal clock through whole histories: the sheet's worked examples 6 to 9, and every line of its 5.4."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.action import Action, RefusalCode
from domain.case import CaseState
from domain.disposal_clock import case_lamp, share_used
from domain.policy import ExtensionRule
from domain.worktime import Lamp, LimitUnit, used
from tests.domain.loop import CALENDAR, Walk, local, walk_to, with_policy

A, S = Action, CaseState
FRIDAY = local("06-05", "16:00")
"""Case 2 of the sheet: dispatched Friday 16:00 with 1 working day, due Monday 16:00."""


def case_two() -> Walk:
    walk = walk_to(S.PENDING_DISPATCH).at(FRIDAY).do(A.DISPATCH)
    assert walk.standing.deadline == local("06-08", "16:00")
    return walk


def _granted_hours(walk: Walk) -> float:
    """The limit granted so far, from what is stored: used until the deadline, less what was not charged."""
    case = walk.standing
    assert case.dispatched_at is not None
    assert case.deadline is not None
    whole = used(case.dispatched_at, case.deadline, LimitUnit.WORK_DAY, CALENDAR)
    return (whole / 1000 - case.paused_seconds) / 3600


def test_the_deadline_is_computed_at_dispatch_and_frozen_with_its_calendar() -> None:
    case = case_two().standing
    assert case.deadline == case.original_deadline
    assert case.calendar_version == CALENDAR.version


def test_an_extension_adds_one_original_limit() -> None:
    """Worked example 6."""
    walk = case_two().do(A.ASK_EXTENSION).do(A.APPROVE_EXTENSION)
    assert walk.standing.deadline == local("06-09", "16:00")
    assert walk.standing.original_deadline == local("06-08", "16:00")
    assert _granted_hours(walk) == 16


def test_an_extension_by_hours_adds_the_hours_granted() -> None:
    walk = case_two()
    walk.policy = with_policy(extension_rule=ExtensionRule.GRANTED_HOURS)
    walk.do(A.ASK_EXTENSION, facts={"hours": 2}).do(A.APPROVE_EXTENSION, facts={"hours": 4})
    assert walk.standing.deadline == local("06-09", "10:00"), "16:00 to 18:00, then 08:00 to 10:00"


def test_an_extension_by_hours_takes_the_hours_asked_for_unless_told_otherwise() -> None:
    walk = case_two()
    walk.policy = with_policy(extension_rule=ExtensionRule.GRANTED_HOURS)
    assert walk.do(A.ASK_EXTENSION, facts={"hours": 2}).do(A.APPROVE_EXTENSION).standing.deadline == local(
        "06-08", "18:00"
    )


def test_an_extension_of_nobody_knows_how_much_is_refused() -> None:
    walk = case_two()
    walk.policy = with_policy(extension_rule=ExtensionRule.GRANTED_HOURS)
    refusal = walk.do(A.ASK_EXTENSION).refused(A.APPROVE_EXTENSION)
    assert (refusal.code, refusal.field) == (RefusalCode.FACT_MISSING, "hours")


def test_suspended_time_is_not_counted() -> None:
    """Worked example 7: suspended Monday 09:00 to Wednesday 09:00."""
    walk = case_two().at(local("06-08", "09:00")).do(A.ASK_SUSPENSION).do(A.APPROVE_SUSPENSION)
    assert walk.standing.remaining_seconds == 5 * 3600
    walk.at(local("06-10", "09:00")).do(A.RESUME)
    assert walk.standing.deadline == local("06-10", "16:00")
    assert walk.standing.paused_seconds == 16 * 3600
    assert _granted_hours(walk) == 8


def test_the_same_unit_goes_on_with_what_was_left() -> None:
    """Worked example 8."""
    walk = case_two().at(local("06-08", "10:00")).do(A.ASK_SEND_BACK).do(A.APPROVE_SEND_BACK)
    walk.at(local("06-08", "15:00")).do(A.DISPATCH)
    assert walk.standing.deadline == local("06-09", "09:00")
    assert _granted_hours(walk) == 8


def test_another_unit_gets_a_full_limit() -> None:
    """Worked example 9."""
    walk = case_two().at(local("06-08", "10:00")).do(A.ASK_SEND_BACK).do(A.APPROVE_SEND_BACK)
    walk.at(local("06-08", "15:00")).do(A.DISPATCH, facts={"department": "D02"})
    assert walk.standing.deadline == local("06-09", "15:00")
    assert _granted_hours(walk) == 8, "the first unit's use is not charged to the second"


def test_the_clock_runs_on_until_a_send_back_is_approved() -> None:
    walk = case_two().at(local("06-08", "09:00")).do(A.ASK_SEND_BACK)
    assert walk.standing.paused_since is None
    assert walk.at(local("06-08", "10:00")).do(A.APPROVE_SEND_BACK).standing.remaining_seconds == 4 * 3600


def test_waiting_for_the_check_is_not_charged_and_rework_goes_on_with_what_was_left() -> None:
    walk = case_two().at(local("06-08", "10:00")).do(A.RECEIVE).do(A.FEED_BACK).do(A.SEND_CHECK)
    assert walk.standing.deadline == local("06-08", "16:00"), "the feedback is judged by it"
    walk.at(local("06-10", "10:00")).do(A.FAIL_CHECK)
    assert walk.standing.deadline == local("06-10", "16:00")
    assert _granted_hours(walk) == 8


def test_a_second_failure_goes_on_again() -> None:
    walk = case_two().at(local("06-08", "10:00")).do(A.RECEIVE).do(A.FEED_BACK).do(A.SEND_CHECK)
    walk.at(local("06-10", "10:00")).do(A.FAIL_CHECK).at(local("06-10", "11:00")).do(A.RECEIVE).do(A.FEED_BACK)
    walk.do(A.SEND_CHECK).at(local("06-11", "11:00")).do(A.FAIL_CHECK)
    assert walk.standing.deadline == local("06-11", "16:00"), "3 hours were left: one before, two after the break"
    assert walk.standing.rework_count == 2


def test_a_city_may_give_rework_a_full_limit() -> None:
    walk = case_two().at(local("06-08", "10:00")).do(A.RECEIVE).do(A.FEED_BACK).do(A.SEND_CHECK)
    walk.policy = with_policy(rework_new_limit=True)
    walk.at(local("06-10", "10:00")).do(A.FAIL_CHECK)
    assert walk.standing.deadline == local("06-11", "10:00")


def test_a_late_case_stays_late_through_rework() -> None:
    walk = case_two().at(local("06-09", "10:00")).do(A.RECEIVE).do(A.FEED_BACK).do(A.SEND_CHECK)
    assert walk.standing.remaining_seconds == -4 * 3600
    now = local("06-11", "10:00")
    walk.at(now).do(A.FAIL_CHECK)
    assert walk.standing.deadline == local("06-10", "16:00"), "as many working hours ago as it was late before"


def test_revoking_an_assignment_leaves_the_clock_alone() -> None:
    walk = case_two().do(A.RECEIVE)
    before = walk.standing
    after = walk.do(A.REVOKE_ASSIGNMENT).standing
    assert (after.deadline, after.paused_seconds) == (before.deadline, before.paused_seconds)


def _outside_case(**facts: object) -> Walk:
    """A case of another system that came with a deadline of its own, now at a department here."""
    known = {"state": "disposing", "department": "D01", "deadline": local("06-08", "16:00"), **facts}
    return Walk().do(A.IMPORT_REPORT, more=known)


def test_an_outside_deadline_counts_in_continuous_time() -> None:
    walk = _outside_case().at(local("06-08", "10:00")).do(A.FEED_BACK).do(A.SEND_CHECK)
    assert walk.at(local("06-09", "10:00")).do(A.FAIL_CHECK).standing.deadline == local("06-09", "16:00")


def test_an_outside_case_without_a_deadline_has_no_clock() -> None:
    walk = _outside_case(deadline=None).do(A.FEED_BACK).do(A.SEND_CHECK).do(A.FAIL_CHECK)
    assert (walk.standing.deadline, walk.standing.paused_since) == (None, None)
    assert walk.refused(A.ASK_EXTENSION).field == "deadline"


def test_an_outside_case_gets_its_limit_with_the_dispatch() -> None:
    walk = Walk().do(A.IMPORT_REPORT, more={"state": "pending_dispatch"}).at(FRIDAY)
    assert walk.refused(A.DISPATCH).field == "limit_value"
    walk.do(A.DISPATCH, more={"limit_value": 1, "limit_unit": "work_day"})
    assert walk.standing.deadline == local("06-08", "16:00")


@pytest.mark.parametrize(
    ("now", "share", "colour"),
    [
        (FRIDAY, 0.0, Lamp.GREEN),
        (local("06-08", "12:00"), 0.75, Lamp.GREEN),
        (local("06-08", "15:00"), 0.875, Lamp.YELLOW),
        (local("06-08", "16:00"), 1.0, Lamp.YELLOW),
        (local("06-09", "09:00"), 1.375, Lamp.RED),
    ],
)
def test_the_lamp_follows_the_share_of_the_limit_in_its_own_time(now: datetime, share: float, colour: Lamp) -> None:
    case = case_two().standing
    assert share_used(case, now, CALENDAR) == pytest.approx(share)
    assert case_lamp(case, now, CALENDAR) is colour


def test_a_case_off_the_clock_has_a_grey_lamp() -> None:
    suspended = case_two().do(A.ASK_SUSPENSION).do(A.APPROVE_SUSPENSION).standing
    sent_back = case_two().do(A.ASK_SEND_BACK).do(A.APPROVE_SEND_BACK).standing
    later = FRIDAY + timedelta(days=30)
    assert {case_lamp(case, later, CALENDAR) for case in (suspended, sent_back)} == {Lamp.GREY}


def test_the_lamp_stands_as_it_was_at_the_feedback() -> None:
    fed_back = case_two().at(local("06-08", "15:00")).do(A.RECEIVE).do(A.FEED_BACK).standing
    assert case_lamp(fed_back, FRIDAY + timedelta(days=30), CALENDAR) is Lamp.YELLOW


def test_a_case_without_a_deadline_has_no_lamp() -> None:
    assert case_lamp(walk_to(S.PENDING_FILING).standing, FRIDAY, CALENDAR) is None


def test_an_extension_makes_the_share_smaller() -> None:
    walk = case_two().at(local("06-08", "12:00")).do(A.ASK_EXTENSION).do(A.APPROVE_EXTENSION)
    assert share_used(walk.standing, walk.now, CALENDAR) == pytest.approx(6 / 16)


def test_a_limit_of_nothing_is_either_kept_or_missed() -> None:
    case = replace(case_two().standing, deadline=FRIDAY)
    shares = [share_used(case, now, CALENDAR) for now in (FRIDAY, FRIDAY + timedelta(hours=1))]
    assert shares == [0.0, 2.0]
