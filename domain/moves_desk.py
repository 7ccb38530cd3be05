"""Moves of the desks that domain sheet 4.4 does not number: claims, leaders' orders, ownership, emergencies, links.

They come from sheets 4.5 (a seat claims a case before acting), 9.3 (emergency disposal), 9.4 (ownership) and product
sheet 3.6; `domain.desk_rules` says what no column of the table can. None of them is a second way to do what a numbered
move does.
"""

from __future__ import annotations

from domain.action import Action
from domain.case import FINAL_STATES, OPEN_STATES, CaseState
from domain.rights import Step
from domain.roles import DESK_ROLES, Role
from domain.transition import ACCEPTING, AT_DEPARTMENT, DEPARTMENT, DISPATCHING, SHIFT, Disposal, Request, Transition
from domain.words import text

S = CaseState

EMERGENCY_FROM = frozenset({S.PENDING_DISPATCH, S.PENDING_DISPOSAL})
"""Nobody's, or with somebody who cannot be reached."""

_ENDED_PROPERLY = frozenset({S.CLOSED, S.FORCED_CLOSED})
_HOLDER = ("claimed_by", "claimant", "claimed_at")

AT_THE_DESK: dict[Action, Transition] = {
    Action.CLAIM: Transition(
        zh=text("认领"), posts=DESK_ROLES, sources=OPEN_STATES, newest=("claimed_at",), counts=("claim_token",)
    ),
    Action.RELEASE: Transition(zh=text("放弃认领"), posts=DESK_ROLES, sources=OPEN_STATES, clears=_HOLDER),
    Action.TAKE_OVER: Transition(
        zh=text("接管"),
        posts=DESK_ROLES,
        sources=OPEN_STATES,
        reason=True,
        newest=("claimed_at",),
        counts=("claim_token",),
        past_claim=True,
    ),
    Action.LAPSE_CLAIM: Transition(
        zh=text("认领失效"), posts=frozenset({Role.SYSTEM}), sources=OPEN_STATES, clears=_HOLDER, past_claim=True
    ),
    # The undo of 8: no send-back, since the department never had it in hand.
    Action.RECALL: Transition(
        zh=text("撤回派遣"),
        posts=DISPATCHING,
        step=Step.DISPATCH,
        sources=frozenset({S.PENDING_DISPOSAL}),
        to=S.PENDING_DISPATCH,
        disposal=Disposal.TAKE_BACK,
        clears=("department", "tasked_at"),
    ),
    # The undo of 9, 12, 15, 17 and 30, by the side that asked.
    Action.WITHDRAW_REQUEST: Transition(
        zh=text("撤回申请"),
        posts=DEPARTMENT | DISPATCHING,
        sources=AT_DEPARTMENT | {S.PENDING_DISPATCH, S.CLOSED},
        settles=frozenset({Request.VOID, Request.SEND_BACK, Request.EXTENSION, Request.SUSPENSION, Request.APPEAL}),
    ),
    Action.ANSWER_ORDER: Transition(
        zh=text("答复督办"),
        posts=DEPARTMENT | DISPATCHING | ACCEPTING | SHIFT,
        sources=OPEN_STATES | _ENDED_PROPERLY,
        reason=True,
        newest=("order_answered_at",),
        past_claim=True,
    ),
    Action.DECIDE_OWNERSHIP: Transition(
        zh=text("确权"),
        posts=SHIFT | {Role.LEADER},
        step=Step.FILE,
        sources=frozenset({S.PENDING_DISPATCH, S.CLOSED}),
        reason=True,
        needs=("owner_department", "owner_scope"),
        takes=frozenset({"owner_until", "evidence"}),
        newest=("owner_decided_at",),
        past_claim=True,
    ),
    Action.PROPOSE_EMERGENCY: Transition(
        zh=text("提请应急处置"),
        posts=SHIFT | {Role.DUTY_OFFICER},
        sources=EMERGENCY_FROM,
        reason=True,
        needs=("emergency",),
        asks=Request.EMERGENCY,
        past_claim=True,
    ),
    # By the leader, or by the shift leader on the leader's word by phone, to be signed later.
    Action.APPROVE_EMERGENCY: Transition(
        zh=text("批准应急处置"),
        posts=SHIFT | {Role.LEADER},
        sources=EMERGENCY_FROM,
        to=S.PENDING_DISPOSAL,
        settles=frozenset({Request.EMERGENCY}),
        takes=frozenset({"emergency"}),
        once=("dispatched_at",),
        newest=("tasked_at",),
        past_claim=True,
    ),
    Action.REFUSE_EMERGENCY: Transition(
        zh=text("驳回应急处置"),
        posts=SHIFT | {Role.LEADER},
        sources=EMERGENCY_FROM,
        reason=True,
        settles=frozenset({Request.EMERGENCY}),
        past_claim=True,
    ),
    Action.CONFIRM_EMERGENCY: Transition(
        zh=text("补签应急批准"),
        posts=frozenset({Role.LEADER}),
        sources=OPEN_STATES | _ENDED_PROPERLY,
        past_claim=True,
    ),
    Action.SETTLE_EMERGENCY: Transition(
        zh=text("应急结算"),
        posts=SHIFT | {Role.LEADER},
        sources=frozenset({S.PENDING_CLOSE, *_ENDED_PROPERLY}),
        needs=("emergency",),
        past_claim=True,
    ),
    Action.LINK: Transition(
        zh=text("关联"),
        posts=DESK_ROLES,
        sources=OPEN_STATES,
        needs=("linked",),
        past_claim=True,
    ),
}

AFTER_THE_END = frozenset(
    action
    for action, row in AT_THE_DESK.items()
    if row.sources & FINAL_STATES and action is not Action.WITHDRAW_REQUEST
)
"""What may still be written down about a case that has ended: answers, decisions and costs, never a move."""

UNDO: dict[Action, Action] = {
    Action.CLAIM: Action.RELEASE,
    Action.DISPATCH: Action.RECALL,
    Action.RECEIVE: Action.REVOKE_ASSIGNMENT,
    Action.APPROVE_SUSPENSION: Action.RESUME,
} | dict.fromkeys(
    (Action.ASK_VOID, Action.ASK_SEND_BACK, Action.ASK_EXTENSION, Action.ASK_SUSPENSION, Action.APPEAL),
    Action.WITHDRAW_REQUEST,
)
"""What undoes an act, as far as the domain allows one to be undone; everything else stands in the journal for good."""
