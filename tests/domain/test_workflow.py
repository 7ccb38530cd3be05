"""Rules of single moves: what is refused and with which words, and what a move leaves on the case."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.action import Action, RefusalCode
from domain.case import FINAL_STATES, CaseState
from domain.offers import allowed_actions
from domain.roles import Identity, Role
from domain.transition import Request
from domain.transitions import TRANSITIONS
from domain.workflow import Mode, decide
from tests.domain.loop import ACTORS, PEOPLE, POLICY, START, Walk, command, walk_to, with_policy

A, S = Action, CaseState
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("state", CaseState)
def test_every_state_is_reached_by_its_way(state: CaseState) -> None:
    assert walk_to(state).standing.state is state


def _illegal() -> list[tuple[Action, CaseState]]:
    moves = {action: row for action, row in TRANSITIONS.items() if not row.begins and action is not A.IMPORT_STEP}
    return [(action, state) for action, row in moves.items() for state in CaseState if state not in row.sources]


@pytest.mark.parametrize(("action", "state"), _illegal())
def test_no_action_passes_from_a_state_it_does_not_start_in(action: Action, state: CaseState) -> None:
    walk = walk_to(state)
    assert walk.refused(action, actor=_right_person(walk, action)).code is RefusalCode.NOT_IN_THIS_STATE


def _right_person(walk: Walk, action: Action) -> Identity:
    """Whoever could act, were the state right: of the very department or level the case is with."""
    person = PEOPLE[ACTORS.get(action, Role.DISPATCHER)]
    if action is A.SECOND_DISPATCH:
        return replace(person, district="370202")
    return replace(person, department=walk.standing.department) if person.role is Role.DEPARTMENT else person


@pytest.mark.parametrize(
    ("action", "role"),
    [(action, role) for action, row in TRANSITIONS.items() for role in Role if role not in row.posts],
)
def test_only_the_posts_of_the_table_may_act(action: Action, role: Role) -> None:
    row = TRANSITIONS[action]
    walk = Walk() if row.begins else walk_to(next(s for s in CaseState if s in row.sources))
    refusal = walk.refused(action, actor=PEOPLE[role])
    assert refusal.code is RefusalCode.NO_RIGHT
    assert "请由" in refusal.text


def test_a_stale_version_is_told_that_another_seat_was_faster() -> None:
    refusal = walk_to(S.PENDING_FILING).refused(A.FILE, expected_version=7)
    assert (refusal.code, refusal.field) == (RefusalCode.STALE_VERSION, "expected_version")
    assert "其他席位" in refusal.text


def test_the_version_the_actor_saw_passes() -> None:
    assert walk_to(S.PENDING_FILING).do(A.FILE, expected_version=1).standing.version == 2


def test_a_case_begins_once() -> None:
    assert walk_to(S.PENDING_FILING).refused(A.REPORT).code is RefusalCode.DUPLICATE


def test_there_is_nothing_to_do_to_a_case_that_is_not_there() -> None:
    refusal = Walk().refused(A.FILE, case_no="CW9")
    assert refusal.code is RefusalCode.NO_SUCH_CASE
    assert "CW9" in refusal.text


def test_a_beginning_without_a_number_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="case_no"):
        decide(None, command(A.REPORT), POLICY)


def test_a_naive_time_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="aware"):
        decide(None, command(A.REPORT, datetime(2026, 6, 1)), POLICY, case_no="1")  # noqa: DTZ001


def test_nothing_happens_before_what_already_happened() -> None:
    refusal = walk_to(S.PENDING_FILING).at(START - HOUR).refused(A.FILE)
    assert (refusal.code, refusal.field) == (RefusalCode.FACT_WRONG, "at")


_STANDING: dict[Action, dict[str, object]] = {
    A.TAKE_OVER: {"claimed_by": "somebody"},
    A.ANSWER_ORDER: {"order_at": START},
    A.APPEAL: {"deadline": START - HOUR},
}
"""What must stand on a case before the action is even asked for its reason."""


@pytest.mark.parametrize("action", [a for a in Action if TRANSITIONS[a].reason])
def test_a_missing_reason_is_asked_for(action: Action) -> None:
    row = TRANSITIONS[action]
    walk = walk_to(next(s for s in CaseState if s in row.sources))
    if row.settles:
        walk.case = replace(walk.standing, current_request=min(row.settles).value)
    walk.case = replace(walk.standing, **_STANDING.get(action, {}))
    refusal = walk.refused(action, reason="  ")
    assert (refusal.code, refusal.field) == (RefusalCode.REASON_MISSING, "reason")
    assert "“理由”（reason）" in refusal.text


@pytest.mark.parametrize(
    ("state", "action", "field"),
    [
        (S.PENDING_FILING, A.FILE, "filing_condition"),
        (S.PENDING_DISPATCH, A.DISPATCH, "department"),
        (S.DISPOSING, A.FEED_BACK, "photos"),
        (S.PENDING_CHECK, A.PASS_CHECK, "photos"),
        (S.PENDING_VERIFY, A.ANSWER_VERIFY, "result"),
        (S.PENDING_FILING, A.REFUSE_FILING, "result"),
    ],
)
def test_a_missing_fact_is_named(state: CaseState, action: Action, field: str) -> None:
    refusal = walk_to(state).refused(action, facts={})
    assert (refusal.code, refusal.field) == (RefusalCode.FACT_MISSING, field)
    assert f"（{field}）" in refusal.text


def test_the_wrong_kind_of_photo_does_not_do() -> None:
    refusal = walk_to(S.DISPOSING).refused(A.FEED_BACK, facts={"photos": ["before:x"]})
    assert "after" in refusal.text


def test_both_photos_are_needed_for_a_self_disposal() -> None:
    refusal = Walk().refused(A.SELF_DISPOSE, more={"photos": ["before:x"]})
    assert (refusal.field, "（after）" in refusal.text) == ("photos", True)


def test_a_city_may_do_without_photos() -> None:
    walk = walk_to(S.DISPOSING)
    walk.policy = with_policy(photos_needed=False)
    assert walk.do(A.FEED_BACK, facts={}).standing.state is S.PENDING_FEEDBACK_REVIEW


def test_a_fact_the_action_does_not_take_is_refused() -> None:
    refusal = Walk().refused(A.REPORT, more={"state": "closed"})
    assert (refusal.code, refusal.field) == (RefusalCode.FACT_WRONG, "state")


def test_a_fact_of_the_wrong_kind_says_what_it_should_be() -> None:
    refusal = Walk().refused(A.REPORT, more={"lat": 97})
    assert (refusal.code, refusal.field) == (RefusalCode.FACT_WRONG, "lat")
    assert "应在 -90 至 90 之间" in refusal.text


def test_photos_are_added_to_those_already_there() -> None:
    walk = walk_to(S.PENDING_FEEDBACK_REVIEW).do(A.SEND_CHECK).do(A.PASS_CHECK)
    assert walk.standing.photos == ("after:b1", "far:c1")


def test_a_collectors_report_is_accepted_as_it_arrives() -> None:
    case = walk_to(S.PENDING_FILING).standing
    assert case.reported_at == case.accepted_at == START
    assert case.source == "collector"


def test_a_registered_case_is_accepted_when_it_was_verified() -> None:
    walk = walk_to(S.PENDING_VERIFY)
    assert walk.standing.accepted_at is None
    assert walk.at(START + HOUR).do(A.ANSWER_VERIFY).standing.accepted_at == START + HOUR


def test_an_answer_not_so_goes_back_to_the_acceptor_who_rejects() -> None:
    walk = walk_to(S.PENDING_VERIFY).do(A.ANSWER_VERIFY, more={"result": "false"})
    assert (walk.standing.state, walk.standing.accepted_at) == (S.PENDING_ACCEPTANCE, None)
    assert walk.do(A.REFUSE_ACCEPTANCE).standing.state is S.REJECTED


def test_a_returned_filing_keeps_its_first_acceptance() -> None:
    walk = walk_to(S.PENDING_FILING).do(A.REFUSE_FILING, facts={"result": "returned"})
    assert walk.standing.state is S.PENDING_ACCEPTANCE
    walk.at(START + HOUR).do(A.SEND_VERIFY).do(A.ANSWER_VERIFY)
    assert walk.standing.accepted_at == START


def test_the_first_dispatch_is_the_dispatch_time_for_good() -> None:
    walk = walk_to(S.PENDING_DISPOSAL).at(START + HOUR)
    walk.do(A.ASK_SEND_BACK).do(A.APPROVE_SEND_BACK).do(A.DISPATCH, facts={"department": "D02"})
    assert walk.standing.dispatched_at == START
    assert walk.standing.departments_tasked == ("D01", "D02")
    assert walk.standing.send_back_count == 1


def test_a_case_sent_back_is_with_nobody() -> None:
    walk = walk_to(S.DISPOSING).do(A.ASK_SEND_BACK).do(A.APPROVE_SEND_BACK)
    case = walk.standing
    assert (case.department, case.assigned_at, case.deadline) == (None, None, None)


def test_the_same_unit_gets_a_case_back_only_with_a_reason() -> None:
    walk = walk_to(S.PENDING_DISPOSAL).do(A.ASK_SEND_BACK).do(A.APPROVE_SEND_BACK)
    assert walk.refused(A.DISPATCH, reason="").code is RefusalCode.REASON_MISSING
    assert walk.do(A.DISPATCH, reason="权属已核").standing.department == "D01"


def test_the_limit_is_fixed_at_filing() -> None:
    refusal = walk_to(S.PENDING_DISPATCH).refused(A.DISPATCH, more={"limit_value": 9, "limit_unit": "work_day"})
    assert (refusal.code, refusal.field) == (RefusalCode.FACT_WRONG, "limit_value")


def test_a_request_is_a_flag_and_the_clock_runs_on() -> None:
    walk = walk_to(S.DISPOSING)
    before = walk.standing
    after = walk.do(A.ASK_SEND_BACK).standing
    assert replace(after, version=before.version, current_request=None) == before
    assert after.current_request == Request.SEND_BACK


def test_one_request_at_a_time() -> None:
    refusal = walk_to(S.DISPOSING).do(A.ASK_EXTENSION).refused(A.ASK_SEND_BACK)
    assert refusal.code is RefusalCode.REQUEST_OPEN
    assert "延期申请" in refusal.text


@pytest.mark.parametrize(
    ("ask", "refuse"),
    [
        (A.ASK_SEND_BACK, A.REFUSE_SEND_BACK),
        (A.ASK_EXTENSION, A.REFUSE_EXTENSION),
        (A.ASK_SUSPENSION, A.REFUSE_SUSPENSION),
    ],
)
def test_a_refused_request_leaves_the_case_as_it_was(ask: Action, refuse: Action) -> None:
    walk = walk_to(S.DISPOSING)
    before = walk.standing
    assert replace(walk.do(ask).do(refuse).standing, version=before.version) == before


@pytest.mark.parametrize("action", [a for a in Action if TRANSITIONS[a].settles and a is not A.WITHDRAW_REQUEST])
def test_nothing_is_decided_that_was_not_asked(action: Action) -> None:
    row = TRANSITIONS[action]
    walk = walk_to(next(s for s in CaseState if s in row.sources))
    assert walk.refused(action).code is RefusalCode.NO_REQUEST


def test_a_case_asked_to_be_voided_is_not_dispatched_before_the_answer() -> None:
    walk = walk_to(S.PENDING_DISPATCH).do(A.ASK_VOID)
    assert walk.refused(A.DISPATCH).code is RefusalCode.REQUEST_OPEN
    assert walk.do(A.REFUSE_VOID).do(A.DISPATCH).standing.state is S.PENDING_DISPOSAL


def test_a_department_may_start_while_its_request_is_open_and_finishing_withdraws_it() -> None:
    walk = walk_to(S.PENDING_DISPOSAL).do(A.ASK_EXTENSION).do(A.RECEIVE)
    assert walk.standing.current_request == Request.EXTENSION
    assert walk.do(A.FEED_BACK).standing.current_request is None


def test_an_extension_is_asked_for_before_the_deadline() -> None:
    walk = walk_to(S.DISPOSING)
    assert walk.standing.deadline is not None
    assert walk.at(walk.standing.deadline + HOUR).refused(A.ASK_EXTENSION).code is RefusalCode.TOO_LATE


def test_there_are_only_so_many_extensions() -> None:
    walk = walk_to(S.DISPOSING)
    for _ in range(POLICY.max_extensions):
        walk.do(A.ASK_EXTENSION).do(A.APPROVE_EXTENSION)
    assert walk.standing.extension_count == 2
    assert walk.refused(A.ASK_EXTENSION).code is RefusalCode.TOO_OFTEN


@pytest.mark.parametrize("days", [0, -1, 366])
def test_a_suspension_ends_within_a_year(days: int) -> None:
    refusal = walk_to(S.DISPOSING).refused(A.ASK_SUSPENSION, facts={"until": START + timedelta(days=days)})
    assert (refusal.code, refusal.field) == (RefusalCode.FACT_WRONG, "until")


def test_a_suspension_has_an_end() -> None:
    refusal = walk_to(S.DISPOSING).refused(A.ASK_SUSPENSION, facts={"until": None})
    assert refusal.field == "until"


def test_whoever_approves_a_suspension_may_set_another_end() -> None:
    until = START + timedelta(days=3)
    walk = walk_to(S.DISPOSING).do(A.ASK_SUSPENSION).do(A.APPROVE_SUSPENSION, facts={"until": until})
    case = walk.standing
    assert (case.suspended_until, case.resume_state, case.requested_until) == (until, S.DISPOSING, None)


@pytest.mark.parametrize("state", [S.PENDING_DISPOSAL, S.DISPOSING])
def test_a_resumed_case_is_where_it_was(state: CaseState) -> None:
    walk = walk_to(state).do(A.ASK_SUSPENSION).do(A.APPROVE_SUSPENSION).do(A.RESUME)
    case = walk.standing
    assert (case.state, case.suspended_until, case.resume_state) == (state, None, None)


def test_a_failed_check_takes_the_feedback_back_and_counts() -> None:
    walk = walk_to(S.PENDING_CHECK).at(START + HOUR).do(A.FAIL_CHECK)
    case = walk.standing
    assert (case.disposed_at, case.last_failed_check_at, case.rework_count) == (None, START + HOUR, 1)
    assert (case.state, case.department) == (S.PENDING_DISPOSAL, "D01")


def test_the_newest_feedback_counts() -> None:
    walk = walk_to(S.PENDING_CHECK).do(A.FAIL_CHECK).do(A.RECEIVE).at(START + HOUR).do(A.FEED_BACK)
    assert walk.standing.disposed_at == START + HOUR


def test_a_closing_names_its_condition() -> None:
    walk = walk_to(S.PENDING_CLOSE)
    walk.case = replace(walk.standing, closing_condition=None)
    assert walk.refused(A.CLOSE).field == "closing_condition"


def test_a_hotline_caller_is_called_back_before_closing() -> None:
    walk = Walk(A.REGISTER, A.SEND_VERIFY, A.ANSWER_VERIFY, A.FILE, A.DISPATCH, A.RECEIVE, A.FEED_BACK)
    assert walk.refused(A.CLOSE_FROM_PHOTOS, facts={}).field == "called_back"
    assert walk.do(A.CLOSE_FROM_PHOTOS).standing.called_back


def test_a_city_may_demand_a_check_before_every_closing() -> None:
    walk = walk_to(S.PENDING_FEEDBACK_REVIEW)
    walk.policy = with_policy(photos_may_close=False)
    assert walk.refused(A.CLOSE_FROM_PHOTOS).code is RefusalCode.NOT_IN_THIS_STATE


def test_an_acceptor_closes_only_what_a_collector_disposed_of_himself() -> None:
    assert walk_to(S.PENDING_CLOSE).refused(A.CLOSE, actor=PEOPLE[Role.ACCEPTOR]).code is RefusalCode.NO_RIGHT
    walk = Walk(A.SELF_DISPOSE).do(A.CLOSE, actor=PEOPLE[Role.ACCEPTOR])
    assert (walk.standing.state, walk.standing.self_disposed, walk.standing.filed_at) == (S.CLOSED, True, None)


def test_a_forced_end_is_no_closing() -> None:
    case = walk_to(S.FORCED_CLOSED).standing
    assert case.closed_at is None


def _late_case() -> Walk:
    walk = walk_to(S.DISPOSING)
    return walk.at(START + timedelta(days=9)).do(A.FEED_BACK).do(A.CLOSE_FROM_PHOTOS)


def test_an_appeal_is_reviewed_by_two_posts_and_keeps_the_fact() -> None:
    walk = _late_case().do(A.APPEAL)
    walk.do(A.APPROVE_APPEAL)
    assert not walk.standing.timeout_exempt
    assert walk.refused(A.APPROVE_APPEAL).code is RefusalCode.NO_RIGHT, "the dispatcher reviewed already"
    walk.do(A.APPROVE_APPEAL, actor=PEOPLE[Role.SHIFT_LEADER])
    case = walk.standing
    assert case.timeout_exempt
    assert case.disposed_at is not None
    assert case.deadline is not None
    assert case.disposed_at > case.deadline
    assert case.state is S.CLOSED


def test_an_appeal_is_made_once() -> None:
    walk = _late_case().do(A.APPEAL).do(A.REFUSE_APPEAL)
    assert walk.refused(A.APPEAL).code is RefusalCode.TOO_OFTEN


def test_only_a_late_case_can_be_appealed() -> None:
    assert walk_to(S.CLOSED).refused(A.APPEAL).code is RefusalCode.FACT_WRONG


def test_supervision_and_urging_mark_the_case_and_move_nothing() -> None:
    walk = walk_to(S.DISPOSING).do(A.SUPERVISE).do(A.URGE).do(A.URGE)
    case = walk.standing
    assert (case.supervised, case.urged_count, case.state) == (True, 2, S.DISPOSING)


def test_the_second_dispatch_is_the_districts_and_the_clock_goes_on() -> None:
    walk = walk_to(S.PENDING_DISPOSAL)
    due = walk.standing.deadline
    assert walk.refused(A.SECOND_DISPATCH).code is RefusalCode.NO_RIGHT
    district = replace(PEOPLE[Role.DISPATCHER], district="370202")
    case = walk.do(A.SECOND_DISPATCH, actor=district).standing
    assert (case.department, case.deadline, case.departments_tasked) == ("D02", due, ("D01", "D02"))


def test_a_department_seat_acts_on_its_own_cases_only() -> None:
    other = Identity("gas", "燃气", Role.DEPARTMENT, department="D09")
    refusal = walk_to(S.DISPOSING).refused(A.FEED_BACK, actor=other)
    assert refusal.code is RefusalCode.NO_RIGHT
    assert "D01" in refusal.text


def test_a_district_acts_on_its_own_cases_only() -> None:
    walk = Walk().do(A.REPORT, more={"district": "370202"})
    other = Identity("n", "n", Role.SHIFT_LEADER, district="370203")
    assert walk.refused(A.FILE, actor=other).code is RefusalCode.NO_RIGHT


@pytest.mark.parametrize(
    ("mode", "filed", "closed"), [(Mode.TWO_TWO, True, True), (Mode.ONE_TWO, False, False)], ids=str
)
def test_the_mode_decides_whether_a_district_files_and_closes(mode: Mode, filed: bool, closed: bool) -> None:
    policy = with_policy(mode=mode)
    mine = Identity("n", "n", Role.SHIFT_LEADER, district="370202")
    new = Walk(policy=policy).do(A.REPORT, more={"district": "370202", "owner_level": "district"}).standing
    assert (A.FILE in allowed_actions(new, mine, policy, START)) is filed
    done = replace(walk_to(S.PENDING_CLOSE).standing, district="370202", owner_level="district")
    assert (A.CLOSE in allowed_actions(done, mine, policy, START)) is closed


def test_with_two_levels_each_closes_its_own() -> None:
    city_case = walk_to(S.PENDING_CLOSE).standing
    district_case = replace(city_case, district="370202", owner_level="district")
    city, district = (Identity("n", "n", Role.SHIFT_LEADER, district=code) for code in (None, "370202"))
    closes = [
        A.CLOSE in allowed_actions(case, person, POLICY, START)
        for case in (city_case, district_case)
        for person in (city, district)
    ]
    assert closes == [True, False, False, True]


def test_whoever_takes_a_case_in_owns_it() -> None:
    district = Identity("n", "n", Role.COLLECTOR, district="370202")
    assert Walk().do(A.REPORT, actor=district).standing.owner_level == "district"
    assert Walk().do(A.REPORT).standing.owner_level == "city"


@pytest.mark.parametrize("state", CaseState)
def test_what_is_offered_is_not_refused_for_state_right_or_request(state: CaseState) -> None:
    walk = walk_to(state)
    for person in PEOPLE.values():
        for action in allowed_actions(walk.standing, person, POLICY, walk.now):
            answer = decide(walk.case, command(action, walk.now, actor=person), POLICY)
            standing = (RefusalCode.NOT_IN_THIS_STATE, RefusalCode.REQUEST_OPEN, RefusalCode.NO_REQUEST)
            standing += (RefusalCode.NO_RIGHT, RefusalCode.TOO_LATE, RefusalCode.TOO_OFTEN, RefusalCode.OWNERSHIP_OPEN)
            assert getattr(answer, "code", None) not in standing, (person, action, answer)


def test_nothing_is_offered_on_a_finished_case_that_was_in_time() -> None:
    for state in FINAL_STATES:
        case = walk_to(state).standing
        offered = {a for person in PEOPLE.values() for a in allowed_actions(case, person, POLICY, START)}
        assert offered == set()


def test_a_late_department_is_offered_its_one_appeal() -> None:
    late = replace(walk_to(S.CLOSED).standing, deadline=START - HOUR)
    assert allowed_actions(late, PEOPLE[Role.DEPARTMENT], POLICY, START) == (A.APPEAL,)
