"""What an action asks of the case as it stands, beyond its state: asked before it is offered, and when it is done.

Each check needs neither facts nor a reason, so that a page can say beforehand what is possible and why another is not.
"""

from __future__ import annotations

from collections.abc import Callable

from domain.action import Action, RefusalCode
from domain.case import CaseState
from domain.command_facts import word
from domain.move import Move, Refused
from domain.roles import Role
from domain.transition import Request
from domain.transitions import APPEAL_REVIEWERS
from domain.words import ROLES


def _dispatch(move: Move) -> None:
    """A case passed around is frozen until the centre says whose it is (domain sheet 9.4)."""
    case = move.on
    if case.owner_department is None and case.send_back_count >= move.policy.send_backs_before_decision:
        text = f"案卷已回退 {case.send_back_count} 次，冻结再派：请值班长先确权。"
        raise Refused(RefusalCode.OWNERSHIP_OPEN, text, "owner_department")


def _ask_send_back(move: Move) -> None:
    case = move.on
    if case.owner_department is not None and case.owner_department == case.department:
        text = "本案卷已确权为本部门，不能再申请回退：可申请延期或挂账。"
        raise Refused(RefusalCode.OWNERSHIP_OPEN, text, "owner_department")


def _ask_extension(move: Move) -> None:
    case, most = move.on, move.policy.max_extensions
    if case.deadline is None:
        raise Refused(RefusalCode.FACT_MISSING, f"案卷没有{word('deadline')}，无须延期。", "deadline")
    if move.command.at > case.deadline:
        raise Refused(RefusalCode.TOO_LATE, "案卷已超期，不能申请延期：请尽快处置，结案后可申诉。", "deadline")
    if case.extension_count >= most:
        text = f"案卷已延期 {case.extension_count} 次，达到上限 {most} 次：请处置，或申请挂账。"
        raise Refused(RefusalCode.TOO_OFTEN, text, "extension_count")


def _check_order(move: Move) -> None:
    """A leader's order stays on the wall until it is answered, so its case stays open until then."""
    if move.on.order_open:
        text = f"案卷有{move.on.order_by or ''}督办尚未答复，不能{move.row.zh}：请先答复督办。"
        raise Refused(RefusalCode.REQUEST_OPEN, text, "order_due")


def _close(move: Move) -> None:
    _check_order(move)
    role = move.command.actor.role
    if not move.on.self_disposed and role is not Role.SHIFT_LEADER:
        text = f"{ROLES[role]}只能结案采集员自行处置的案卷：请由{ROLES[Role.SHIFT_LEADER]}办理。"
        raise Refused(RefusalCode.NO_RIGHT, text)


def _close_from_photos(move: Move) -> None:
    _check_order(move)
    if not move.policy.photos_may_close:
        raise Refused(RefusalCode.NOT_IN_THIS_STATE, "本市规定须经核查方可结案：请先发送核查。", "state")


def _appeal(move: Move) -> None:
    case = move.on
    if case.appealed:
        raise Refused(RefusalCode.TOO_OFTEN, "每件案卷只能申诉一次，本案卷已申诉过。", "appealed")
    if case.deadline is None or case.disposed_at is None or case.disposed_at <= case.deadline:
        raise Refused(RefusalCode.FACT_WRONG, "案卷并未超期处置，无须申诉。", "deadline")


def _review_appeal(move: Move) -> None:
    role, reviewers = move.command.actor.role, APPEAL_REVIEWERS[Request(str(move.on.current_request))]
    if role not in reviewers:
        posts = "、".join(sorted(ROLES[post] for post in reviewers))
        raise Refused(RefusalCode.NO_RIGHT, f"{ROLES[role]}不能办理本次申诉审核：请由{posts}办理。")


def _take_over(move: Move) -> None:
    holder = move.on.claimed_by
    if holder in (None, move.command.actor.name):
        text = "案卷无人认领" if holder is None else "案卷已由您认领"
        raise Refused(RefusalCode.FACT_WRONG, f"{text}，无须接管：请直接认领。", "claimed_by")


def _claimed(move: Move) -> None:
    if move.on.claimed_by is None:
        raise Refused(RefusalCode.FACT_WRONG, f"案卷无人认领，无须{move.row.zh}。", "claimed_by")


def _recall(move: Move) -> None:
    """Only what was dispatched, not what came back for rework or was handed back at the department."""
    case, within = move.on, move.policy.recall_within
    since = case.tasked_at
    if since is None or since < case.state_since or move.command.at - since > within:
        text = f"派遣满 {within.total_seconds() / 60:g} 分钟或已签收后不能撤回：请联系部门申请回退。"
        raise Refused(RefusalCode.TOO_LATE, text, "tasked_at")


def _withdraw(move: Move) -> None:
    """By the side that asked."""
    void = move.on.current_request == Request.VOID
    if (move.command.actor.role is Role.DEPARTMENT) == void:
        asker = ROLES[Role.DISPATCHER if void else Role.DEPARTMENT]
        raise Refused(RefusalCode.NO_RIGHT, f"该申请须由提出方撤回：请由{asker}办理。")


def _supervise(move: Move) -> None:
    case = move.on
    if case.order_open:
        text = f"案卷已有{case.order_by or ''}督办尚未答复：请待答复后再督办，或催办。"
        raise Refused(RefusalCode.DUPLICATE, text, "order_due")


def _answer_order(move: Move) -> None:
    if not move.on.order_open:
        raise Refused(RefusalCode.NO_REQUEST, "案卷没有待答复的督办。", "order_at")


def _decide_ownership(move: Move) -> None:
    if move.on.state is CaseState.CLOSED and not move.on.emergency:
        text = "案卷已结案，只有应急处置的案卷才在结案后确权。"
        raise Refused(RefusalCode.NOT_IN_THIS_STATE, text, "state")


def _confirm_emergency(move: Move) -> None:
    emergency = move.on.emergency
    if "approved_by" not in emergency or emergency.get("signed"):
        raise Refused(RefusalCode.NO_REQUEST, "案卷没有待补签的应急处置。", "emergency")


def _settle_emergency(move: Move) -> None:
    if "approved_by" not in move.on.emergency:
        raise Refused(RefusalCode.NO_REQUEST, "案卷没有经批准的应急处置，无须结算。", "emergency")


def _import_step(move: Move) -> None:
    case = move.on
    if case.source_system is None:
        text = f"案卷 {case.case_no} 不是外部系统的案卷，不能导入进展：请用本系统的操作办理。"
        raise Refused(RefusalCode.NO_RIGHT, text, "source_system")


STANDING: dict[Action, Callable[[Move], None]] = {
    Action.DISPATCH: _dispatch,
    Action.ASK_SEND_BACK: _ask_send_back,
    Action.ASK_EXTENSION: _ask_extension,
    Action.CLOSE: _close,
    Action.CLOSE_FROM_PHOTOS: _close_from_photos,
    Action.APPEAL: _appeal,
    Action.APPROVE_APPEAL: _review_appeal,
    Action.REFUSE_APPEAL: _review_appeal,
    Action.TAKE_OVER: _take_over,
    Action.RELEASE: _claimed,
    Action.LAPSE_CLAIM: _claimed,
    Action.RECALL: _recall,
    Action.WITHDRAW_REQUEST: _withdraw,
    Action.SUPERVISE: _supervise,
    Action.ANSWER_ORDER: _answer_order,
    Action.DECIDE_OWNERSHIP: _decide_ownership,
    Action.CONFIRM_EMERGENCY: _confirm_emergency,
    Action.SETTLE_EMERGENCY: _settle_emergency,
    Action.IMPORT_STEP: _import_step,
}
