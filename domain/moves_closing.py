"""How a case is checked, closed and judged: the last rows of domain sheet 4.4, and what leaders order (27, 30, 32)."""

from __future__ import annotations

from domain.action import Action
from domain.case import OPEN_STATES, CaseState
from domain.rights import Step
from domain.roles import Role
from domain.transition import ACCEPTING, COLLECTING, DISPATCHING, SHIFT, Disposal, Request, Transition
from domain.words import text

S = CaseState

_COMMANDING = frozenset({Role.LEADER, Role.SHIFT_LEADER, Role.DUTY_OFFICER})

CHECK_AND_CLOSE: dict[Action, Transition] = {
    # 21
    Action.SEND_CHECK: Transition(
        zh=text("发送核查"),
        posts=ACCEPTING,
        step=Step.CHECK,
        sources=frozenset({S.PENDING_FEEDBACK_REVIEW}),
        to=S.PENDING_CHECK,
    ),
    # 22
    Action.PASS_CHECK: Transition(
        zh=text("核查通过"),
        posts=COLLECTING,
        step=Step.CHECK,
        sources=frozenset({S.PENDING_CHECK}),
        to=S.PENDING_CLOSE,
        photos=("far|near|reference|after",),
        newest=("checked_at",),
    ),
    # 23: the same department does it again; it waits there like a new task.
    Action.FAIL_CHECK: Transition(
        zh=text("核查不通过"),
        posts=COLLECTING | ACCEPTING,
        step=Step.CHECK,
        sources=frozenset({S.PENDING_CHECK}),
        to=S.PENDING_DISPOSAL,
        reason=True,
        takes=frozenset({"photos"}),
        disposal=Disposal.REWORK,
        newest=("checked_at", "last_failed_check_at"),
        clears=("disposed_at", "assigned_at"),
        counts=("rework_count",),
    ),
    # 24: an acceptor may close only what a collector disposed of himself (31).
    Action.CLOSE: Transition(
        zh=text("结案"),
        posts=SHIFT | ACCEPTING,
        step=Step.CLOSE,
        sources=frozenset({S.PENDING_CLOSE}),
        to=S.CLOSED,
        takes=frozenset({"closing_condition", "called_back"}),
        newest=("closed_at",),
    ),
    # 25
    Action.CLOSE_FROM_PHOTOS: Transition(
        zh=text("直接结案"),
        posts=SHIFT | ACCEPTING,
        step=Step.CLOSE,
        sources=frozenset({S.PENDING_FEEDBACK_REVIEW}),
        to=S.CLOSED,
        takes=frozenset({"closing_condition", "called_back"}),
        newest=("closed_at",),
    ),
    # 27: marked for life; an answer is owed by a date (`Action.ANSWER_ORDER`).
    Action.SUPERVISE: Transition(
        zh=text("督办"),
        posts=_COMMANDING,
        sources=OPEN_STATES,
        reason=True,
        needs=("order_due",),
        newest=("order_at",),
        clears=("order_answer", "order_answered_at"),
        sets={"supervised": True},
        past_claim=True,
    ),
    # 30, first review by the dispatcher, second by the shift leader or a leader.
    Action.APPROVE_APPEAL: Transition(
        zh=text("申诉通过"),
        posts=DISPATCHING | SHIFT | {Role.LEADER},
        sources=frozenset({S.CLOSED}),
        settles=frozenset({Request.APPEAL, Request.APPEAL_SECOND}),
    ),
    Action.REFUSE_APPEAL: Transition(
        zh=text("申诉驳回"),
        posts=DISPATCHING | SHIFT | {Role.LEADER},
        sources=frozenset({S.CLOSED}),
        reason=True,
        settles=frozenset({Request.APPEAL, Request.APPEAL_SECOND}),
    ),
    # 32: counted apart, so it is no closing time.
    Action.FORCE_CLOSE: Transition(
        zh=text("强制结案"),
        posts=frozenset({Role.LEADER}),
        sources=OPEN_STATES,
        to=S.FORCED_CLOSED,
        reason=True,
        drops_request=True,
    ),
}
