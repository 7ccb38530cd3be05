"""The desks' own moves: claims, leaders' orders, quarrels about ownership, emergencies, and undoing a slip."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.action import Action, RefusalCode
from domain.case import CaseState, Source
from domain.city import Edition, LimitRule
from domain.facts import facts_of
from domain.limits import LimitTable, in_season
from domain.offers import allowed_actions, offers
from domain.roles import Identity, Role
from tests.domain.loop import PEOPLE, POLICY, START, Walk, local, walk_to, with_policy

A, S = Action, CaseState
WANG = Identity("wang", "王磊", Role.DISPATCHER)
ZHANG = Identity("zhang", "张敏", Role.DISPATCHER)
GAS = Identity("gas", "燃气", Role.DEPARTMENT, department="D02")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def claimed() -> Walk:
    return walk_to(S.PENDING_DISPATCH).do(A.CLAIM, actor=WANG)


def test_a_claim_names_who_holds_the_case_and_since_when() -> None:
    case = claimed().standing
    assert (case.claimed_by, case.claimant, case.claimed_at, case.claim_token) == ("wang", "王磊", START, 1)


def test_another_desk_is_told_who_holds_the_case() -> None:
    refusal = claimed().refused(A.DISPATCH, actor=ZHANG)
    assert (refusal.code, refusal.field) == (RefusalCode.CLAIMED, "claimed_by")
    assert "王磊 已于 09:00:00 认领" in refusal.text


def test_departments_leaders_and_collectors_are_not_held_up_by_a_desks_claim() -> None:
    walk = walk_to(S.PENDING_DISPOSAL).do(A.CLAIM, actor=WANG)
    assert walk.do(A.RECEIVE).standing.state is S.DISPOSING


def test_a_take_over_needs_a_reason_and_leaves_the_old_token_worthless() -> None:
    walk = claimed()
    assert walk.refused(A.TAKE_OVER, actor=ZHANG, reason="").code is RefusalCode.REASON_MISSING
    walk.do(A.TAKE_OVER, actor=ZHANG)
    assert (walk.standing.claimed_by, walk.standing.claim_token) == ("zhang", 2)
    assert walk.refused(A.DISPATCH, actor=WANG, claim_token=1).code is RefusalCode.CLAIMED


def test_the_newest_window_of_the_same_person_holds_the_claim() -> None:
    walk = claimed().do(A.CLAIM, actor=WANG)
    refusal = walk.refused(A.DISPATCH, actor=WANG, claim_token=1)
    assert (refusal.code, refusal.field) == (RefusalCode.CLAIM_LOST, "claim_token")
    assert walk.do(A.DISPATCH, actor=WANG, claim_token=2).standing.state is S.PENDING_DISPOSAL


def test_nobody_takes_over_what_is_free_or_their_own() -> None:
    assert walk_to(S.PENDING_DISPATCH).refused(A.TAKE_OVER, actor=WANG).field == "claimed_by"
    assert "已由您认领" in claimed().refused(A.TAKE_OVER, actor=WANG).text


@pytest.mark.parametrize("ending", [A.RELEASE, A.LAPSE_CLAIM])
def test_a_claim_ends_by_hand_or_by_the_hall_and_the_token_goes_on_growing(ending: Action) -> None:
    actor = WANG if ending is A.RELEASE else PEOPLE[Role.SYSTEM]
    walk = claimed().do(ending, actor=actor)
    assert (walk.standing.claimed_by, walk.standing.claimant, walk.standing.claimed_at) == (None, None, None)
    assert walk.do(A.CLAIM, actor=ZHANG).standing.claim_token == 2


def test_a_claim_ends_when_the_case_moves_on() -> None:
    case = claimed().do(A.DISPATCH, actor=WANG).standing
    assert (case.claimed_by, case.claim_token) == (None, 1)


def test_a_dispatch_by_mistake_is_taken_back_within_two_minutes() -> None:
    walk = walk_to(S.PENDING_DISPOSAL).at(START + 2 * MINUTE).do(A.RECALL)
    case = walk.standing
    assert (case.state, case.department, case.departments_tasked) == (S.PENDING_DISPATCH, None, ())
    assert (case.send_back_count, case.deadline) == (0, None)
    again = walk.do(A.DISPATCH, facts={"department": "D02"}).standing
    assert again.deadline == local("06-02", "09:02")


@pytest.mark.parametrize("why", ["late", "received", "rework"])
def test_a_dispatch_is_not_taken_back(why: str) -> None:
    walk = walk_to(S.PENDING_DISPOSAL)
    if why == "received":
        walk.at(START + MINUTE).do(A.RECEIVE).do(A.REVOKE_ASSIGNMENT)
    if why == "rework":
        walk.do(A.RECEIVE).do(A.FEED_BACK).do(A.SEND_CHECK).at(START + MINUTE).do(A.FAIL_CHECK)
    walk.at(START + (3 if why == "late" else 1) * MINUTE)
    assert walk.refused(A.RECALL).code is RefusalCode.TOO_LATE


def test_who_asked_may_withdraw_and_nobody_else() -> None:
    walk = walk_to(S.DISPOSING).do(A.ASK_SEND_BACK)
    assert walk.refused(A.WITHDRAW_REQUEST, actor=WANG).code is RefusalCode.NO_RIGHT
    assert walk.do(A.WITHDRAW_REQUEST).standing.current_request is None


def test_a_withdrawn_appeal_may_be_made_again() -> None:
    walk = walk_to(S.CLOSED)
    walk.case = replace(walk.standing, deadline=START - HOUR)
    walk.do(A.APPEAL).do(A.WITHDRAW_REQUEST)
    assert walk.do(A.APPEAL).standing.appealed


def ordered() -> Walk:
    return walk_to(S.DISPOSING).do(A.SUPERVISE, facts={"order_due": START + HOUR}, reason="汛期，请立即处置")


def test_an_order_says_by_whom_what_and_until_when_an_answer_is_owed() -> None:
    case = ordered().standing
    assert (case.order_by, case.order_text, case.order_at, case.order_due) == (
        *("leader", "汛期，请立即处置"),
        *(START, START + HOUR),
    )
    assert case.order_open


def test_an_order_in_the_past_or_on_top_of_another_is_refused() -> None:
    past = walk_to(S.DISPOSING).refused(A.SUPERVISE, facts={"order_due": START})
    assert (past.code, past.field) == (RefusalCode.FACT_WRONG, "order_due")
    assert ordered().refused(A.SUPERVISE, facts={"order_due": START + HOUR}).code is RefusalCode.DUPLICATE


def test_an_answered_order_stays_a_mark_for_life_but_counts_no_more() -> None:
    case = ordered().do(A.ANSWER_ORDER, reason="已围挡，今夜修复").standing
    assert (case.order_answer, case.order_open, case.supervised) == ("已围挡，今夜修复", False, True)
    assert facts_of(case).order_answered_at == START


@pytest.mark.parametrize("close", [A.CLOSE, A.CLOSE_FROM_PHOTOS])
def test_a_case_is_not_closed_over_an_order_nobody_answered(close: Action) -> None:
    walk = ordered().do(A.FEED_BACK)
    if close is A.CLOSE:
        walk.do(A.SEND_CHECK).do(A.PASS_CHECK)
    actor = PEOPLE[Role.SHIFT_LEADER]
    refusal = walk.refused(close, actor=actor)
    assert (refusal.code, refusal.field) == (RefusalCode.REQUEST_OPEN, "order_due")
    assert walk.do(A.ANSWER_ORDER).do(close, actor=actor).standing.state is S.CLOSED


def bounced(times: int) -> Walk:
    walk = walk_to(S.PENDING_DISPATCH)
    for number in range(times):
        department = f"D0{number + 1}"
        seat = Identity("seat", "席位", Role.DEPARTMENT, department=department)
        walk.do(A.DISPATCH, facts={"department": department}, reason="再派")
        walk.do(A.ASK_SEND_BACK, actor=seat).do(A.APPROVE_SEND_BACK)
    return walk


def test_after_the_second_send_back_only_a_decision_leads_on() -> None:
    walk = bounced(2)
    assert walk.refused(A.DISPATCH).code is RefusalCode.OWNERSHIP_OPEN
    assert A.DISPATCH not in allowed_actions(walk.standing, WANG, POLICY, START)
    walk.do(A.DECIDE_OWNERSHIP, facts={"owner_department": "D02", "owner_scope": "duty"})
    assert walk.refused(A.DISPATCH, facts={"department": "D01"}).field == "department"
    assert walk.do(A.DISPATCH, facts={"department": "D02"}, reason="").standing.department == "D02"


def test_whoever_was_decided_to_be_the_owner_cannot_pass_it_on_again() -> None:
    walk = bounced(2).do(A.DECIDE_OWNERSHIP, facts={"owner_department": "D02", "owner_scope": "case"})
    walk.do(A.DISPATCH, facts={"department": "D02"})
    assert walk.refused(A.ASK_SEND_BACK, actor=GAS).code is RefusalCode.OWNERSHIP_OPEN


def test_a_case_is_ownerless_from_filing_until_a_department_receives_it() -> None:
    walk = walk_to(S.PENDING_DISPATCH)
    assert walk.standing.ownerless_since == START
    walk.at(START + HOUR).do(A.DISPATCH).do(A.ASK_SEND_BACK).do(A.APPROVE_SEND_BACK)
    assert walk.standing.ownerless_since == START, "it was never received: the same stretch goes on"
    walk.at(START + 2 * HOUR).do(A.DISPATCH, facts={"department": "D02"}).do(A.RECEIVE, actor=GAS)
    assert walk.standing.ownerless_since is None


@pytest.mark.parametrize(("scope", "field"), [("component", "owner_scope"), ("everything", "owner_scope")])
def test_a_decision_holds_for_what_the_case_can_name(scope: str, field: str) -> None:
    walk = walk_to(S.PENDING_DISPATCH)
    refusal = walk.refused(A.DECIDE_OWNERSHIP, facts={"owner_department": "D01", "owner_scope": scope})
    assert (refusal.code, refusal.field) == (RefusalCode.FACT_WRONG, field)


def emergency() -> Walk:
    return walk_to(S.PENDING_DISPATCH).do(A.PROPOSE_EMERGENCY)


def test_an_approved_emergency_goes_to_its_contractor_with_urgent_hours() -> None:
    case = emergency().do(A.APPROVE_EMERGENCY, facts={}).standing
    assert (case.state, case.department, case.deadline) == (S.PENDING_DISPOSAL, "D02", START + 4 * HOUR)
    assert (case.emergency["signed"], case.emergency["contractor"]) == (True, "市政应急一队")


def test_a_word_by_phone_is_named_and_signed_later() -> None:
    walk, shift = emergency(), PEOPLE[Role.SHIFT_LEADER]
    assert "电话批准人" in walk.refused(A.APPROVE_EMERGENCY, actor=shift, facts={}).text
    walk.do(A.APPROVE_EMERGENCY, actor=shift, facts={"emergency": {"by_phone": "李局长"}})
    assert walk.standing.emergency["signed"] is False
    assert walk.do(A.CONFIRM_EMERGENCY).standing.emergency["signed"] is True
    assert walk.refused(A.CONFIRM_EMERGENCY).code is RefusalCode.NO_REQUEST


def test_an_emergency_is_settled_with_cost_and_liability() -> None:
    walk = emergency().do(A.APPROVE_EMERGENCY, facts={}).do(A.RECEIVE, actor=GAS).do(A.FEED_BACK, actor=GAS)
    walk.do(A.SEND_CHECK).do(A.PASS_CHECK)
    case = walk.do(A.SETTLE_EMERGENCY).do(A.CLOSE).standing
    assert (case.emergency["cost_actual"], case.emergency["recovered"]) == (2600, True)
    assert walk.do(A.DECIDE_OWNERSHIP).standing.owner_department == "D01", "responsibility is decided afterwards"


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"reason": "whim"}, "应急事由"),
        ({"cost_estimate": -1}, "预估费用"),
        ({"colour": "red"}, "不接受“colour”"),
    ],
)
def test_a_wrong_emergency_record_names_the_part(parts: dict[str, object], words: str) -> None:
    refusal = walk_to(S.PENDING_DISPATCH).refused(A.PROPOSE_EMERGENCY, facts={"emergency": parts})
    assert words in refusal.text


def test_an_incomplete_emergency_record_names_what_is_missing() -> None:
    facts = {"emergency": {"reason": "danger"}}
    refusal = walk_to(S.PENDING_DISPATCH).refused(A.PROPOSE_EMERGENCY, facts=facts)
    assert refusal.code is RefusalCode.FACT_MISSING


def test_cases_are_tied_together_once() -> None:
    walk = walk_to(S.PENDING_DISPATCH).do(A.LINK)
    assert walk.standing.linked == ("CW202606010009",)
    assert walk.refused(A.LINK).code is RefusalCode.DUPLICATE
    assert walk.refused(A.LINK, facts={"linked": [walk.standing.case_no]}).code is RefusalCode.DUPLICATE


def _rule(code: str, condition: str, value: float, unit: str, *, area_class: int = 0, season: str = "") -> LimitRule:
    return LimitRule(
        code=code,
        class_code="E0101",
        filing_condition=condition,
        closing_condition="清理干净",
        limit_value=value,
        limit_unit=unit,
        area_class=area_class,
        season=season,
    )


RULES = LimitTable(
    Edition.NATIONAL_2013,
    [
        _rule("A", "散落", 4, "work_hour"),
        _rule("B", "散落", 2, "work_hour", area_class=2),
        _rule("C", "成堆", 1, "work_day", season="11-01/03-31"),
    ],
)


@pytest.mark.parametrize(("area", "limit", "code"), [(1, 4, "A"), (2, 2, "B")])
def test_the_condition_picked_fixes_limit_and_closing_condition(area: int, limit: float, code: str) -> None:
    walk = Walk(A.REPORT, policy=with_policy(limits=RULES))
    case = walk.do(A.FILE, facts={"filing_condition": "散落", "area_class": area}).standing
    assert (case.limit_value, case.limit_unit, case.limit_code) == (limit, "work_hour", code)
    assert case.closing_condition == "清理干净"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"filing_condition": "别的"}, "filing_condition"),
        ({"filing_condition": "成堆"}, "filing_condition"),  # out of season in June
        ({"filing_condition": "散落", "limit_value": 9}, "limit_value"),
    ],
)
def test_a_condition_the_table_does_not_offer_is_refused(facts: dict[str, object], field: str) -> None:
    refusal = Walk(A.REPORT, policy=with_policy(limits=RULES)).refused(A.FILE, facts=facts)
    assert (refusal.code, refusal.field) == (RefusalCode.FACT_WRONG, field)


def test_a_class_the_table_does_not_know_is_filed_with_a_stated_limit() -> None:
    walk = Walk(A.REPORT, policy=with_policy(limits=LimitTable()))
    assert walk.refused(A.FILE, facts={"filing_condition": "散落"}).field == "limit_value"


@pytest.mark.parametrize(
    ("season", "day", "holds"),
    [
        ("11-01/03-31", "06-01", False),
        ("11-01/03-31", "12-24", True),
        ("05-01/09-30", "06-01", True),
        ("", "06-01", True),
    ],
)
def test_a_season_may_span_new_year(season: str, day: str, holds: bool) -> None:
    assert in_season(season, local(day, "12:00").date()) is holds


def test_pauses_are_kept_as_intervals() -> None:
    walk = walk_to(S.SUSPENDED).at(START + 48 * HOUR).do(A.RESUME, actor=PEOPLE[Role.SYSTEM])
    start, _, end = walk.standing.pauses[0].partition("/")
    assert int(end) - int(start) == 48 * 3_600_000


def test_what_is_not_possible_is_offered_with_its_reason() -> None:
    found = {offer.action: offer.refusal for offer in offers(bounced(2).standing, WANG, POLICY, START)}
    assert "冻结再派" in found[A.DISPATCH].text  # type: ignore[union-attr]
    assert found[A.CLAIM] is None
    assert A.FEED_BACK not in found, "another post's business"


def test_a_hotline_case_is_offered_to_the_acceptor_as_registered() -> None:
    case = walk_to(S.PENDING_ACCEPTANCE).standing
    assert case.source is Source.HOTLINE
    assert A.SEND_VERIFY in allowed_actions(case, PEOPLE[Role.ACCEPTOR], POLICY, START)
