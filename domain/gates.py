"""What stands before every move: does the case exist, is it still as seen, may this person, does its state allow it.

Each gate returns the refusal, in words that name the field and the fix, or None. They read the table of
`domain.transitions`; rules of single actions are in `domain.move_rules`.
"""

from __future__ import annotations

from domain.action import Action, Refusal, RefusalCode
from domain.case import CaseState
from domain.command_facts import word
from domain.move import Gate, Move, Refused
from domain.rights import level_may, same_district
from domain.roles import DESK_ROLES, Role
from domain.standing import STANDING
from domain.transition import REQUEST_WORDS, Request
from domain.transitions import REQUEST_STATES
from domain.words import ROLES, STATES


def exists(move: Move) -> Refusal | None:
    if move.row.begins and move.case is not None:
        text = f"案卷 {move.case.case_no} 已存在，不能再次{move.row.zh}：请打开该案卷处理。"
        return Refusal(code=RefusalCode.DUPLICATE, text=text, field="case_no")
    if not move.row.begins and move.case is None:
        text = f"没有案卷 {move.command.case_no or ''}，不能{move.row.zh}：请核对案卷编号。"
        return Refusal(code=RefusalCode.NO_SUCH_CASE, text=text, field="case_no")
    return None


def as_seen(move: Move) -> Refusal | None:
    """Two seats must not act on one case: the second one is told (domain sheet 4.5)."""
    seen = move.command.expected_version
    if move.case is None or seen in (None, move.case.version):
        return None
    text = f"案卷已由其他席位处理（现为第 {move.case.version} 版，您看到的是第 {seen} 版）：请刷新后再{move.row.zh}。"
    return Refusal(code=RefusalCode.STALE_VERSION, text=text, field="expected_version")


def allowed_post(move: Move) -> Refusal | None:
    actor, row = move.command.actor, move.row
    if actor.role not in row.posts:
        posts = "、".join(sorted(ROLES[role] for role in row.posts))
        return _no_right(f"{ROLES[actor.role]}不能{row.zh}：请由{posts}办理。")
    return None


def allowed_place(move: Move) -> Refusal | None:
    """A department seat acts on its own cases, district people on their district's, each level as the mode says."""
    actor, case, row = move.command.actor, move.case, move.row
    if case is not None and actor.role is Role.DEPARTMENT and actor.department != case.department:
        return _no_right(f"案卷不在本部门（现为 {case.department or '未派遣'}），不能{row.zh}：请由责任部门办理。")
    if case is not None and not same_district(actor, case):
        return _no_right(f"案卷不属于本行政区（属 {case.district}），不能{row.zh}：请由该区或市级办理。")
    if not level_may(actor, row.step, case, move.policy.mode):
        level = "市级" if actor.district is None else "区级"
        return _no_right(f"按现行监督模式，{level}不能{row.zh}此案卷：请交由另一级办理。")
    return None


def _no_right(text: str) -> Refusal:
    return Refusal(code=RefusalCode.NO_RIGHT, text=text)


def claim_respected(move: Move) -> Refusal | None:
    """A desk acts on what nobody else has claimed, and under its newest claim (product sheet 3.6)."""
    case, actor, row = move.case, move.command.actor, move.row
    if case is None or case.claimed_by is None or row.past_claim or actor.role not in DESK_ROLES:
        return None
    if case.claimed_by != actor.name:
        since = f"{(case.claimed_at or case.state_since).astimezone(move.policy.calendar.zone):%H:%M:%S}"
        text = (
            f"{case.claimant or case.claimed_by} 已于 {since} 认领本案卷，不能{row.zh}：请与其联系，或说明理由后接管。"
        )
        return Refusal(code=RefusalCode.CLAIMED, text=text, field="claimed_by")
    if move.command.claim_token not in (None, case.claim_token):
        text = f"您的认领已失效（案卷后来被重新认领），不能{row.zh}：请刷新后再办。"
        return Refusal(code=RefusalCode.CLAIM_LOST, text=text, field="claim_token")
    return None


def right_state(move: Move) -> Refusal | None:
    case, row = move.case, move.row
    if case is None or case.state in row.sources:
        return None
    wanted = "、".join(STATES[state] for state in CaseState if state in row.sources)
    text = f"案卷现为“{STATES[case.state]}”，不能{row.zh}：须为{wanted}。"
    return Refusal(code=RefusalCode.NOT_IN_THIS_STATE, text=text, field="state")


def request_settled(move: Move) -> Refusal | None:
    """One request at a time; it is decided before the case moves away from where it was asked."""
    case, row = move.case, move.row
    if case is None:
        return None
    open_request = Request(case.current_request) if case.current_request else None
    if row.settles and open_request not in row.settles:
        return Refusal(
            code=RefusalCode.NO_REQUEST, text=f"案卷没有待审批的相应申请，不能{row.zh}。", field="current_request"
        )
    if open_request is None or row.settles or row.drops_request:
        return None
    if row.asks or (row.to is not None and row.to not in REQUEST_STATES[open_request]):
        text = f"案卷有一项{REQUEST_WORDS[open_request]}待审批，不能{row.zh}：请先审批该申请。"
        return Refusal(code=RefusalCode.REQUEST_OPEN, text=text, field="current_request")
    return None


def as_it_stands(move: Move) -> Refusal | None:
    """What the action asks of the case beyond its state (`domain.standing`)."""
    check = STANDING.get(move.command.action)
    try:
        if check is not None:
            check(move)
    except Refused as refused:
        return refused.refusal
    return None


def time_goes_on(move: Move) -> Refusal | None:
    """Outside history keeps its own order of times; here nothing happens before what already happened."""
    case, at = move.case, move.command.at
    if move.command.action is Action.IMPORT_STEP:
        too_early = case is not None and at < case.reported_at
    else:
        too_early = case is not None and at < case.state_since
    if not too_early:
        return None
    text = f"{word('at')}早于案卷已有的时间：请校准时钟或更正时间后重试。"
    return Refusal(code=RefusalCode.FACT_WRONG, text=text, field="at")


def reason_given(move: Move) -> Refusal | None:
    outcome = move.outcome
    needed = move.row.reason or (outcome is not None and outcome.reason)
    if not needed or move.command.reason.strip():
        return None
    return Refusal(
        code=RefusalCode.REASON_MISSING, text=f"{move.row.zh}须说明理由：请填写{word('reason')}。", field="reason"
    )


STANDING_GATES: tuple[Gate, ...] = (
    exists,
    as_seen,
    allowed_post,
    allowed_place,
    right_state,
    claim_respected,
    request_settled,
    as_it_stands,
)
"""Gates that need no facts: what they let through may be offered as a button."""

GATES: tuple[Gate, ...] = (*STANDING_GATES, time_goes_on, reason_given)


def first_refusal(move: Move, gates: tuple[Gate, ...]) -> Refusal | None:
    """The answer of the first gate that refuses."""
    for gate in gates:
        if (refusal := gate(move)) is not None:
            return refusal
    return None
