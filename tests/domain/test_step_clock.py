from __future__ import annotations

from datetime import timedelta

from domain.action import Action
from domain.case import CaseState
from domain.step_clock import Stay, clock_time, stays
from domain.transition import Clock
from tests.domain.loop import START, Walk

A = Action
MINUTE = timedelta(minutes=1)


def _registered_and_filed() -> Walk:
    """Registered, verify sent after 5 minutes, answered after 25 more, filed after 10 more."""
    walk = Walk(A.REGISTER).at(START + 5 * MINUTE).do(A.SEND_VERIFY)
    return walk.at(START + 30 * MINUTE).do(A.ANSWER_VERIFY).at(START + 40 * MINUTE).do(A.FILE)


def test_a_stay_says_who_ended_it_and_when() -> None:
    first = next(stays(_registered_and_filed().entries))
    assert first == Stay(CaseState.PENDING_ACCEPTANCE, START, START + 5 * MINUTE, "acceptor")
    assert first.clock is Clock.ACCEPTANCE


def test_the_acceptance_clock_stands_while_the_verify_task_is_out() -> None:
    entries = _registered_and_filed().entries
    times = {clock: clock_time(entries, clock, START + 60 * MINUTE) for clock in Clock}
    assert times[Clock.ACCEPTANCE] == 5 * MINUTE
    assert times[Clock.VERIFY] == 25 * MINUTE
    assert times[Clock.FILING] == 10 * MINUTE
    assert times[Clock.DISPATCH] == 20 * MINUTE, "still running"


def test_a_verify_answered_not_so_resumes_the_acceptance_clock() -> None:
    walk = Walk(A.REGISTER).at(START + 5 * MINUTE).do(A.SEND_VERIFY)
    walk.at(START + 30 * MINUTE).do(A.ANSWER_VERIFY, more={"result": "false"})
    assert clock_time(walk.entries, Clock.ACCEPTANCE, START + 37 * MINUTE) == 12 * MINUTE


def test_the_closing_clock_starts_at_the_feedback_and_stands_during_the_check() -> None:
    walk = Walk(A.REPORT, A.FILE, A.DISPATCH, A.RECEIVE, A.FEED_BACK).at(START + 3 * MINUTE).do(A.SEND_CHECK)
    walk.at(START + 33 * MINUTE).do(A.PASS_CHECK).at(START + 40 * MINUTE).do(A.CLOSE)
    assert clock_time(walk.entries, Clock.CLOSING, START + 99 * MINUTE) == 10 * MINUTE
    assert clock_time(walk.entries, Clock.CHECK, START + 99 * MINUTE) == 30 * MINUTE


def test_what_does_not_move_the_case_starts_no_stay() -> None:
    walk = Walk(A.REPORT, A.SUPERVISE)
    assert [stay.state for stay in stays(walk.entries)] == [CaseState.PENDING_FILING]


def test_no_entries_no_stays() -> None:
    assert list(stays([])) == []
