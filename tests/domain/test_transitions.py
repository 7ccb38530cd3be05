"""The table itself: complete, and read the way the sheet writes it."""

from __future__ import annotations

import pytest

from domain.action import Action
from domain.case import FINAL_STATES, CaseState
from domain.command_facts import checked
from domain.moves_desk import AFTER_THE_END
from domain.rights import RIGHTS, Mode, Step
from domain.transition import REQUEST_WORDS, RUNNING_CLOCK, Clock, Disposal, Request
from domain.transitions import REQUEST_STATES, TRANSITIONS
from tests.domain.loop import FACTS, PATHS

S = CaseState


def test_every_action_has_one_row() -> None:
    assert set(TRANSITIONS) == set(Action)


def test_every_state_is_reached_and_every_open_one_left() -> None:
    rows = TRANSITIONS.values()
    reached = {state for row in rows for state in (row.to, *(o.to for o in row.outcomes.values())) if state}
    left = {state for row in rows if row.to or row.outcomes for state in row.sources}
    assert reached == set(S)
    assert left >= set(S) - FINAL_STATES - {S.SUSPENDED}, "a suspended case is resumed by a rule"


def test_after_the_end_come_appeals_and_notes_and_no_move() -> None:
    after_the_end = {action for action, row in TRANSITIONS.items() if row.sources & FINAL_STATES}
    appeals = {Action.APPEAL, Action.APPROVE_APPEAL, Action.REFUSE_APPEAL, Action.WITHDRAW_REQUEST}
    assert after_the_end == appeals | AFTER_THE_END
    assert all(TRANSITIONS[action].to is None for action in after_the_end)


@pytest.mark.parametrize(
    ("action", "sources", "to"),
    [
        (Action.REPORT, set(), S.PENDING_FILING),
        (Action.REGISTER, set(), S.PENDING_ACCEPTANCE),
        (Action.REFUSE_ACCEPTANCE, {S.PENDING_ACCEPTANCE}, S.REJECTED),
        (Action.SEND_VERIFY, {S.PENDING_ACCEPTANCE}, S.PENDING_VERIFY),
        (Action.FILE, {S.PENDING_FILING}, S.PENDING_DISPATCH),
        (Action.DISPATCH, {S.PENDING_DISPATCH}, S.PENDING_DISPOSAL),
        (Action.APPROVE_VOID, {S.PENDING_DISPATCH}, S.VOIDED),
        (Action.RECEIVE, {S.PENDING_DISPOSAL}, S.DISPOSING),
        (Action.REVOKE_ASSIGNMENT, {S.DISPOSING}, S.PENDING_DISPOSAL),
        (Action.APPROVE_SEND_BACK, {S.PENDING_DISPOSAL, S.DISPOSING}, S.PENDING_DISPATCH),
        (Action.APPROVE_SUSPENSION, {S.PENDING_DISPOSAL, S.DISPOSING}, S.SUSPENDED),
        (Action.FEED_BACK, {S.DISPOSING}, S.PENDING_FEEDBACK_REVIEW),
        (Action.SEND_CHECK, {S.PENDING_FEEDBACK_REVIEW}, S.PENDING_CHECK),
        (Action.PASS_CHECK, {S.PENDING_CHECK}, S.PENDING_CLOSE),
        (Action.FAIL_CHECK, {S.PENDING_CHECK}, S.PENDING_DISPOSAL),
        (Action.CLOSE, {S.PENDING_CLOSE}, S.CLOSED),
        (Action.CLOSE_FROM_PHOTOS, {S.PENDING_FEEDBACK_REVIEW}, S.CLOSED),
        (Action.SELF_DISPOSE, set(), S.PENDING_CLOSE),
        (Action.FORCE_CLOSE, set(S) - FINAL_STATES, S.FORCED_CLOSED),
    ],
)
def test_a_row_leads_where_the_sheet_says(action: Action, sources: set[CaseState], to: CaseState) -> None:
    row = TRANSITIONS[action]
    assert (set(row.sources), row.to) == (sources, to)


BACKWARD = [
    *(Action.REFUSE_ACCEPTANCE, Action.REFUSE_SEND_BACK, Action.REFUSE_EXTENSION, Action.REFUSE_SUSPENSION),
    *(Action.REVOKE_ASSIGNMENT, Action.FAIL_CHECK, Action.REFUSE_VOID, Action.REFUSE_APPEAL, Action.FORCE_CLOSE),
    *(Action.TRANSFER, Action.ASK_VOID, Action.ASK_SEND_BACK, Action.ASK_EXTENSION, Action.ASK_SUSPENSION),
    *(Action.APPEAL, Action.SUPERVISE, Action.TAKE_OVER, Action.ANSWER_ORDER, Action.DECIDE_OWNERSHIP),
    *(Action.PROPOSE_EMERGENCY, Action.REFUSE_EMERGENCY),
]


@pytest.mark.parametrize("action", Action)
def test_backward_moves_refusals_and_requests_need_a_reason(action: Action) -> None:
    assert TRANSITIONS[action].reason is (action in BACKWARD)


def test_a_failing_outcome_needs_a_reason_although_the_action_does_not() -> None:
    outcomes = TRANSITIONS[Action.ANSWER_VERIFY].outcomes
    assert {result: outcome.reason for result, outcome in outcomes.items()} == {"true": False, "false": True}
    assert all(outcome.reason for outcome in TRANSITIONS[Action.REFUSE_FILING].outcomes.values())


def test_every_request_is_asked_decided_both_ways_and_named() -> None:
    asked = {row.asks for row in TRANSITIONS.values() if row.asks}
    assert asked == set(Request) - {Request.APPEAL_SECOND}
    for request in Request:
        deciding = [a for a, row in TRANSITIONS.items() if request in row.settles and a is not Action.WITHDRAW_REQUEST]
        assert len(deciding) == 2, request
    assert set(REQUEST_STATES) == set(REQUEST_WORDS) == set(Request)


@pytest.mark.parametrize(
    ("action", "effect"),
    [
        (Action.DISPATCH, Disposal.DISPATCH),
        (Action.APPROVE_SEND_BACK, Disposal.TAKE_BACK),
        (Action.APPROVE_SUSPENSION, Disposal.HALT),
        (Action.FEED_BACK, Disposal.HALT),
        (Action.RESUME, Disposal.RESUME),
        (Action.FAIL_CHECK, Disposal.REWORK),
        (Action.APPROVE_EXTENSION, Disposal.EXTEND),
        (Action.RECALL, Disposal.TAKE_BACK),
    ],
)
def test_the_disposal_clock_is_moved_by_these(action: Action, effect: Disposal) -> None:
    assert TRANSITIONS[action].disposal is effect


def test_nothing_else_moves_the_disposal_clock() -> None:
    assert sum(row.disposal is not Disposal.NOTHING for row in TRANSITIONS.values()) == 8


def test_every_state_says_which_clock_runs() -> None:
    assert set(RUNNING_CLOCK) == set(S)
    assert set(RUNNING_CLOCK.values()) == {None, *Clock}
    assert all(RUNNING_CLOCK[state] is None for state in FINAL_STATES)


def test_every_fact_a_row_names_can_be_checked() -> None:
    for action, row in TRANSITIONS.items():
        for name in row.fact_names - {"result"}:
            with pytest.raises(ValueError):
                checked(name, object())
        assert set(FACTS.get(action, {})) <= row.fact_names


def test_every_mode_gives_every_step_to_somebody() -> None:
    assert set(RIGHTS) == set(Mode)
    assert all(set(table) == set(Step) and all(table.values()) for table in RIGHTS.values())


def test_the_ways_of_the_tests_reach_every_state() -> None:
    assert set(PATHS) == set(S)
