"""Rules of single actions that no column of the table holds, and what those actions change besides.

A rule gets the move and the changes made so far (plain journal values) and adds to them.
It raises `Refused` with the sentence where it does not allow the move.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from domain.action import Action, Refusal, RefusalCode
from domain.case import Case, CaseState, Source
from domain.command_facts import word
from domain.disposal_clock import Changes, dispatched, extended
from domain.gates import Move
from domain.journal import milliseconds
from domain.rights import level_of
from domain.roles import Role
from domain.transition import Request
from domain.transitions import APPEAL_REVIEWERS
from domain.words import ROLES

Rule = Callable[[Move, Changes], None]


class Refused(Exception):
    """Carries the refusal from a rule to `decide`."""

    def __init__(self, code: RefusalCode, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.refusal = Refusal(code=code, text=text, field=field)


def _begin(move: Move, changes: Changes) -> None:
    """The level that takes a case in owns it unless said otherwise (4.6)."""
    changes.setdefault("owner_level", level_of(move.command.actor).value)


def _dispatch(move: Move, changes: Changes) -> None:
    case, department = move.on, str(changes["department"])
    if case.limit_value is not None and ("limit_value" in changes or "limit_unit" in changes):
        raise Refused(RefusalCode.FACT_WRONG, f"{word('limit_value')}已在立案时确定：派遣时请勿再填。", "limit_value")
    again = case.send_back_count > 0 and case.departments_tasked[-1:] == (department,)
    if again and not move.command.reason.strip():
        text = f"案卷刚由该部门回退，不能原样再派：请改派其他部门，或填写{word('reason')}。"
        raise Refused(RefusalCode.REASON_MISSING, text, "reason")
    changes["departments_tasked"] = [*case.departments_tasked, department]
    changes |= dispatched(_with_limit(case, changes), move.command.at, move.policy, department)


def _with_limit(case: Case, changes: Changes) -> Case:
    """The case with a limit that came with the dispatch (outside cases were filed without one)."""
    limit = {name: changes[name] for name in ("limit_value", "limit_unit") if name in changes}
    return replace(case, **limit) if limit else case


def _second_dispatch(move: Move, changes: Changes) -> None:
    changes["departments_tasked"] = [*move.on.departments_tasked, changes["department"]]


def _ask_extension(move: Move, changes: Changes) -> None:
    case, policy = move.on, move.policy
    if case.deadline is None:
        raise Refused(RefusalCode.FACT_MISSING, f"案卷没有{word('deadline')}，无须延期。", "deadline")
    if move.command.at > case.deadline:
        raise Refused(RefusalCode.TOO_LATE, "案卷已超期，不能申请延期：请尽快处置，结案后可申诉。", "deadline")
    if case.extension_count >= policy.max_extensions:
        text = f"案卷已延期 {case.extension_count} 次，达到上限 {policy.max_extensions} 次：请处置，或申请挂账。"
        raise Refused(RefusalCode.TOO_OFTEN, text, "extension_count")


def _approve_extension(move: Move, changes: Changes) -> None:
    hours = move.command.facts.get("hours", move.on.requested_hours)
    moved = extended(move.on, move.policy, hours if isinstance(hours, int | float) else None)
    if not moved:
        raise Refused(RefusalCode.FACT_MISSING, f"不知延长多少：请填写{word('hours')}，或先确定处置时限。", "hours")
    changes |= moved


def _ask_suspension(move: Move, changes: Changes) -> None:
    _check_until(move, changes.get("requested_until"))


def _approve_suspension(move: Move, changes: Changes) -> None:
    case = move.on
    asked = None if case.requested_until is None else milliseconds(case.requested_until)
    until = changes.pop("until", asked)
    _check_until(move, until)
    changes |= {"suspended_until": until, "resume_state": case.state.value}


def _check_until(move: Move, until: Any) -> None:
    if until is None:
        raise Refused(RefusalCode.FACT_MISSING, f"挂账须有期限：请填写{word('until')}。", "until")
    at, longest = milliseconds(move.command.at), move.policy.max_suspension
    if not at < until <= at + longest.total_seconds() * 1000:
        text = f"{word('until')}须晚于现在，且不超过 {longest.days} 天：请更正。"
        raise Refused(RefusalCode.FACT_WRONG, text, "until")


def _resume(move: Move, changes: Changes) -> None:
    changes["state"] = (move.on.resume_state or CaseState.PENDING_DISPOSAL).value


def _close(move: Move, changes: Changes) -> None:
    case, actor = move.on, move.command.actor
    if case.self_disposed:
        return
    if move.command.action is Action.CLOSE and actor.role is not Role.SHIFT_LEADER:
        text = f"{ROLES[actor.role]}只能结案采集员自行处置的案卷：请由{ROLES[Role.SHIFT_LEADER]}办理。"
        raise Refused(RefusalCode.NO_RIGHT, text)
    if move.command.action is Action.CLOSE_FROM_PHOTOS and not move.policy.photos_may_close:
        raise Refused(RefusalCode.NOT_IN_THIS_STATE, "本市规定须经核查方可结案：请先发送核查。", "state")
    if not (changes.get("closing_condition") or case.closing_condition):
        raise Refused(
            RefusalCode.FACT_MISSING, f"缺少{word('closing_condition')}：请选择后再结案。", "closing_condition"
        )
    called_back = changes.get("called_back", case.called_back)
    if move.policy.call_back_needed and case.source is Source.HOTLINE and not called_back:
        raise Refused(RefusalCode.FACT_MISSING, f"热线案卷须先回访来电人：请确认{word('called_back')}。", "called_back")


def _appeal(move: Move, changes: Changes) -> None:
    case = move.on
    if case.appealed:
        raise Refused(RefusalCode.TOO_OFTEN, "每件案卷只能申诉一次，本案卷已申诉过。", "appealed")
    if case.deadline is None or case.disposed_at is None or case.disposed_at <= case.deadline:
        raise Refused(RefusalCode.FACT_WRONG, "案卷并未超期处置，无须申诉。", "deadline")


def _review_appeal(move: Move, changes: Changes) -> None:
    """The first approval passes it on, the second one exempts; the record of being late stays (5.4)."""
    review = Request(str(move.on.current_request))
    role = move.command.actor.role
    if role not in APPEAL_REVIEWERS[review]:
        posts = "、".join(sorted(ROLES[post] for post in APPEAL_REVIEWERS[review]))
        raise Refused(RefusalCode.NO_RIGHT, f"{ROLES[role]}不能办理本次申诉审核：请由{posts}办理。")
    if move.command.action is Action.REFUSE_APPEAL:
        return
    if review is Request.APPEAL:
        changes["current_request"] = Request.APPEAL_SECOND.value
    else:
        changes["timeout_exempt"] = True


def _attach_evidence(move: Move, changes: Changes) -> None:
    """Each piece once: its id may not stand on the case already, nor come twice."""
    ids = [reference.partition(":")[0] for reference in changes["evidence"]]
    if len(set(ids)) < len(ids):
        raise Refused(RefusalCode.DUPLICATE, f"{word('evidence')}已附在本案卷：无须再附。", "evidence")


_IMPORTED_TIMES = (
    *("accepted_at", "filed_at", "dispatched_at", "assigned_at", "disposed_at", "checked_at", "closed_at"),
    "last_failed_check_at",
)


def _import_report(move: Move, changes: Changes) -> None:
    changes.setdefault("state", CaseState.PENDING_ACCEPTANCE.value)
    changes.setdefault("source", Source.IMPORT.value)
    _check_imported_times(changes, changes["reported_at"])


def _import_step(move: Move, changes: Changes) -> None:
    case = move.on
    if case.source_system is None:
        text = f"案卷 {case.case_no} 不是外部系统的案卷，不能导入进展：请用本系统的操作办理。"
        raise Refused(RefusalCode.NO_RIGHT, text, "source_system")
    _check_imported_times(changes, milliseconds(case.reported_at))


def _check_imported_times(changes: Changes, reported_at: int) -> None:
    for name in _IMPORTED_TIMES:
        if (changes.get(name) or reported_at) < reported_at:
            text = f"{word(name)}早于{word('reported_at')}：请更正来源数据或映射。"
            raise Refused(RefusalCode.FACT_WRONG, text, name)


RULES: dict[Action, Rule] = {
    Action.REPORT: _begin,
    Action.REGISTER: _begin,
    Action.SELF_DISPOSE: _begin,
    Action.DISPATCH: _dispatch,
    Action.SECOND_DISPATCH: _second_dispatch,
    Action.ASK_EXTENSION: _ask_extension,
    Action.APPROVE_EXTENSION: _approve_extension,
    Action.ASK_SUSPENSION: _ask_suspension,
    Action.APPROVE_SUSPENSION: _approve_suspension,
    Action.RESUME: _resume,
    Action.CLOSE: _close,
    Action.CLOSE_FROM_PHOTOS: _close,
    Action.APPEAL: _appeal,
    Action.APPROVE_APPEAL: _review_appeal,
    Action.REFUSE_APPEAL: _review_appeal,
    Action.IMPORT_REPORT: _import_report,
    Action.IMPORT_STEP: _import_step,
    Action.ATTACH_EVIDENCE: _attach_evidence,
}
