"""What may happen to a case: the whole table of domain sheet 4.4 as data. `domain.workflow` reads it, and nothing else.

Numbers in the comments are the sheet's. Where the sheet leaves a choice, the comment says which was taken and why.
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.action import Action
from domain.case import CaseState
from domain.command_facts import PLACE, STORY, WHAT
from domain.moves_beside import BESIDE_THE_LOOP
from domain.moves_closing import CHECK_AND_CLOSE
from domain.moves_desk import AT_THE_DESK, EMERGENCY_FROM
from domain.rights import Step
from domain.roles import Role
from domain.transition import ACCEPTING as _ACCEPTING
from domain.transition import AT_DEPARTMENT as _AT_DEPARTMENT
from domain.transition import COLLECTING as _COLLECTING
from domain.transition import DEPARTMENT as _DEPARTMENT
from domain.transition import DISPATCHING as _DISPATCHING
from domain.transition import SHIFT as _SHIFT
from domain.transition import Disposal, Outcome, Request, Transition
from domain.words import text

S = CaseState

_BEFORE_DISPOSAL = frozenset({S.PENDING_ACCEPTANCE, S.PENDING_VERIFY, S.PENDING_FILING, S.PENDING_DISPATCH})


def _one(state: CaseState) -> frozenset[CaseState]:
    return frozenset({state})


def _asking(zh: str, request: Request, *, takes: Iterable[str] = ()) -> Transition:
    """A department's request: a flag on the case, the clock runs on (12, 15, 17)."""
    return Transition(
        zh=zh, posts=_DEPARTMENT, sources=_AT_DEPARTMENT, reason=True, asks=request, takes=frozenset(takes)
    )


def _refusing(
    zh: str, request: Request, posts: frozenset[Role], step: Step, sources: Iterable[CaseState]
) -> Transition:
    return Transition(
        zh=zh, posts=posts, step=step, sources=frozenset(sources), reason=True, settles=frozenset({request})
    )


_TO_CENTRE: dict[Action, Transition] = {
    # 1: a collector has seen it on the spot, so it is accepted as it arrives and needs no verify step.
    Action.REPORT: Transition(
        zh=text("上报"),
        posts=_COLLECTING,
        to=S.PENDING_FILING,
        takes=STORY,
        needs=("class_code", "lon", "lat"),
        once=("reported_at", "accepted_at"),
        sets={"source": "collector"},
    ),
    # 2: anybody at a desk may register what they hear or see; a video supervisor files what a camera shows.
    Action.REGISTER: Transition(
        zh=text("登记"),
        posts=_ACCEPTING | _SHIFT | {Role.SUPERVISOR},
        step=Step.ACCEPT,
        to=S.PENDING_ACCEPTANCE,
        takes=STORY,
        needs=("source", "description"),
        once=("reported_at",),
    ),
    # 3: out of scope, duplicate, no place, or not so (after a verify answered in the negative).
    Action.REFUSE_ACCEPTANCE: Transition(
        zh=text("不予受理"),
        posts=_ACCEPTING,
        step=Step.ACCEPT,
        sources=_one(S.PENDING_ACCEPTANCE),
        to=S.REJECTED,
        reason=True,
    ),
    # 4
    Action.SEND_VERIFY: Transition(
        zh=text("发送核实"),
        posts=_ACCEPTING,
        step=Step.ACCEPT,
        sources=_one(S.PENDING_ACCEPTANCE),
        to=S.PENDING_VERIFY,
        takes=STORY,
    ),
    # 5: the collector answers; "not so" goes back to the acceptor, who alone rejects (3).
    Action.ANSWER_VERIFY: Transition(
        zh=text("核实反馈"),
        posts=_COLLECTING,
        step=Step.CHECK,
        sources=_one(S.PENDING_VERIFY),
        outcomes={
            "true": Outcome(zh=text("属实"), to=S.PENDING_FILING, once=("accepted_at",)),
            "false": Outcome(zh=text("不属实"), to=S.PENDING_ACCEPTANCE, reason=True),
        },
        takes=PLACE | WHAT,
        photos=("far|near|reference|before",),
    ),
    # 6: class, filing condition and area class pick the row of limits that fixes limit and closing condition (5.6).
    Action.FILE: Transition(
        zh=text("立案"),
        posts=_SHIFT,
        step=Step.FILE,
        sources=_one(S.PENDING_FILING),
        to=S.PENDING_DISPATCH,
        stand=("class_code", "filing_condition", "grid"),
        takes=PLACE | WHAT | {"closing_condition", "owner_level", "limit_value", "limit_unit"},
        once=("filed_at", "ownerless_since"),
    ),
    # 7
    Action.REFUSE_FILING: Transition(
        zh=text("不予立案 / 退回"),
        posts=_SHIFT,
        step=Step.FILE,
        sources=_one(S.PENDING_FILING),
        outcomes={
            "rejected": Outcome(zh=text("不予立案"), to=S.REJECTED, reason=True),
            "returned": Outcome(zh=text("退回受理"), to=S.PENDING_ACCEPTANCE, reason=True),
        },
    ),
    # 29: before a department has it; afterwards it is sent back first.
    Action.TRANSFER: Transition(
        zh=text("移交"),
        posts=_ACCEPTING,
        step=Step.ACCEPT,
        sources=_BEFORE_DISPOSAL,
        to=S.TRANSFERRED,
        reason=True,
        drops_request=True,
    ),
    # 31: enters where a collector's own work waits for its review; the acceptor's closing ends it (24).
    Action.SELF_DISPOSE: Transition(
        zh=text("自行处置"),
        posts=_COLLECTING,
        to=S.PENDING_CLOSE,
        takes=STORY,
        needs=("class_code", "lon", "lat"),
        photos=("before", "after"),
        once=("reported_at",),
        sets={"self_disposed": True, "source": "collector"},
    ),
}

_DISPATCH_DESK: dict[Action, Transition] = {
    # 8: the deadline is computed now, from the limit fixed at filing.
    Action.DISPATCH: Transition(
        zh=text("派遣"),
        posts=_DISPATCHING,
        step=Step.DISPATCH,
        sources=_one(S.PENDING_DISPATCH),
        to=S.PENDING_DISPOSAL,
        needs=("department",),
        stand=("limit_value", "limit_unit"),
        takes=frozenset({"assisting"}),
        disposal=Disposal.DISPATCH,
        once=("dispatched_at",),
        newest=("tasked_at",),
    ),
    # 9
    Action.ASK_VOID: Transition(
        zh=text("申请作废"),
        posts=_DISPATCHING,
        step=Step.DISPATCH,
        sources=_one(S.PENDING_DISPATCH),
        reason=True,
        asks=Request.VOID,
    ),
    Action.APPROVE_VOID: Transition(
        zh=text("作废通过"),
        posts=_SHIFT,
        step=Step.FILE,
        sources=_one(S.PENDING_DISPATCH),
        to=S.VOIDED,
        settles=frozenset({Request.VOID}),
    ),
    Action.REFUSE_VOID: _refusing(text("作废驳回"), Request.VOID, _SHIFT, Step.FILE, {S.PENDING_DISPATCH}),
    # 13: backward, but its reason stands on the request it answers.
    Action.APPROVE_SEND_BACK: Transition(
        zh=text("回退通过"),
        posts=_DISPATCHING,
        step=Step.DISPATCH,
        sources=_AT_DEPARTMENT,
        to=S.PENDING_DISPATCH,
        settles=frozenset({Request.SEND_BACK}),
        disposal=Disposal.TAKE_BACK,
        once=("ownerless_since",),
        clears=("department", "assigned_at"),
        counts=("send_back_count",),
    ),
    # 14
    Action.REFUSE_SEND_BACK: _refusing(
        text("回退驳回"), Request.SEND_BACK, _DISPATCHING, Step.DISPATCH, _AT_DEPARTMENT
    ),
    # 16: the shift leader stands for "higher by rule".
    Action.APPROVE_EXTENSION: Transition(
        zh=text("延期通过"),
        posts=_DISPATCHING | _SHIFT,
        step=Step.DISPATCH,
        sources=_AT_DEPARTMENT,
        settles=frozenset({Request.EXTENSION}),
        takes=frozenset({"hours"}),
        disposal=Disposal.EXTEND,
        counts=("extension_count",),
    ),
    Action.REFUSE_EXTENSION: _refusing(
        text("延期驳回"), Request.EXTENSION, _DISPATCHING | _SHIFT, Step.DISPATCH, _AT_DEPARTMENT
    ),
    # 18
    Action.APPROVE_SUSPENSION: Transition(
        zh=text("挂账通过"),
        posts=_DISPATCHING | {Role.LEADER},
        step=Step.DISPATCH,
        sources=_AT_DEPARTMENT,
        to=S.SUSPENDED,
        settles=frozenset({Request.SUSPENSION}),
        takes=frozenset({"until"}),
        disposal=Disposal.HALT,
    ),
    Action.REFUSE_SUSPENSION: _refusing(
        text("挂账驳回"), Request.SUSPENSION, _DISPATCHING | {Role.LEADER}, Step.DISPATCH, _AT_DEPARTMENT
    ),
    # 28: the child task is the unit's; the parent's clock goes on.
    Action.SECOND_DISPATCH: Transition(
        zh=text("二级派遣"),
        posts=_DISPATCHING,
        step=Step.SECOND_DISPATCH,
        sources=_one(S.PENDING_DISPOSAL),
        needs=("department",),
        takes=frozenset({"assisting"}),
        newest=("tasked_at",),
    ),
    # 26: a leader's tap on the wall's list, too.
    Action.URGE: Transition(
        zh=text("催办"),
        posts=_DISPATCHING | _ACCEPTING | _SHIFT | {Role.LEADER},
        sources=_AT_DEPARTMENT,
        counts=("urged_count",),
        past_claim=True,
    ),
}

_AT_THE_DEPARTMENT: dict[Action, Transition] = {
    # 10
    Action.RECEIVE: Transition(
        zh=text("签收 / 指派"),
        posts=_DEPARTMENT,
        sources=_one(S.PENDING_DISPOSAL),
        to=S.DISPOSING,
        newest=("assigned_at",),
        clears=("ownerless_since",),
    ),
    # 11
    Action.REVOKE_ASSIGNMENT: Transition(
        zh=text("撤销指派"),
        posts=_DEPARTMENT,
        sources=_one(S.DISPOSING),
        to=S.PENDING_DISPOSAL,
        reason=True,
        clears=("assigned_at",),
    ),
    # 12, 15, 17
    Action.ASK_SEND_BACK: _asking(text("申请回退"), Request.SEND_BACK),
    Action.ASK_EXTENSION: _asking(text("申请延期"), Request.EXTENSION, takes={"hours"}),
    Action.ASK_SUSPENSION: _asking(text("申请挂账"), Request.SUSPENSION, takes={"until"}),
    # 19: by hand, or by the hall's timer at the end date.
    Action.RESUME: Transition(
        zh=text("挂账恢复"),
        posts=_DEPARTMENT | _DISPATCHING | {Role.SYSTEM},
        sources=_one(S.SUSPENDED),
        disposal=Disposal.RESUME,
        clears=("suspended_until", "resume_state"),
    ),
    # 20: what was still asked for is settled by the work being done.
    Action.FEED_BACK: Transition(
        zh=text("处置反馈"),
        posts=_DEPARTMENT,
        sources=_one(S.DISPOSING),
        to=S.PENDING_FEEDBACK_REVIEW,
        photos=("after",),
        takes=frozenset({"attributes"}),
        drops_request=True,
        disposal=Disposal.HALT,
        newest=("disposed_at",),
    ),
    # 30: late cases only, once. Two reviews by two posts.
    Action.APPEAL: Transition(
        zh=text("超时申诉"),
        posts=_DEPARTMENT,
        sources=_one(S.CLOSED),
        reason=True,
        asks=Request.APPEAL,
        sets={"appealed": True},
    ),
}

TRANSITIONS: dict[Action, Transition] = (
    _TO_CENTRE | _DISPATCH_DESK | _AT_THE_DEPARTMENT | CHECK_AND_CLOSE | AT_THE_DESK | BESIDE_THE_LOOP
)

APPEAL_REVIEWERS: dict[Request, frozenset[Role]] = {
    Request.APPEAL: _DISPATCHING,
    Request.APPEAL_SECOND: _SHIFT | {Role.LEADER},
}
"""Two different posts review an appeal, so nobody reviews twice."""

REQUEST_STATES: dict[Request, frozenset[CaseState]] = {
    Request.VOID: _one(S.PENDING_DISPATCH),
    Request.SEND_BACK: _AT_DEPARTMENT,
    Request.EXTENSION: _AT_DEPARTMENT,
    Request.SUSPENSION: _AT_DEPARTMENT,
    Request.APPEAL: _one(S.CLOSED),
    Request.APPEAL_SECOND: _one(S.CLOSED),
    Request.EMERGENCY: EMERGENCY_FROM,
}
"""Where a case must stay while the request is open."""
