"""Rules of the numbered moves that no column of the table holds, and what those moves change besides.

A rule gets the move and the changes made so far (plain journal values) and adds to them.
It raises `Refused` with the sentence where it does not allow the move. The desks' own moves: `domain.desk_rules`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.action import Action, RefusalCode
from domain.case import Case, CaseState, Source
from domain.command_facts import word
from domain.desk_rules import DESK_RULES
from domain.disposal_clock import Changes, dispatched, extended
from domain.journal import milliseconds
from domain.move import Move, Refused, Rule
from domain.rights import level_of
from domain.transition import Request


def _begin(move: Move, changes: Changes) -> None:
    """The level that takes a case in owns it unless said otherwise (4.6)."""
    changes.setdefault("owner_level", level_of(move.command.actor).value)


def _file(move: Move, changes: Changes) -> None:
    """The row picked fixes closing condition and limit; only a class the table does not know has one by hand."""
    case, table = move.on, move.policy.limits
    told = {name: changes.get(name, getattr(case, name)) for name in ("edition", "class_code", "filing_condition")}
    if not table.knows(told["edition"], told["class_code"]):
        _check_stated_limit(move, changes)
        return
    day = move.command.at.astimezone(move.policy.calendar.zone).date()
    rule = table.find(**told, area_class=changes.get("area_class", case.area_class), day=day)
    if rule is None:
        text = f"立案标准表中该类别没有这一{word('filing_condition')}：请从所列条件中选择。"
        raise Refused(RefusalCode.FACT_WRONG, text, "filing_condition")
    for name in ("limit_value", "limit_unit"):
        if changes.get(name, getattr(rule, name)) != getattr(rule, name):
            text = f"{word(name)}由立案条件决定（{rule.limit_value:g} {rule.limit_unit}）：请勿另填。"
            raise Refused(RefusalCode.FACT_WRONG, text, name)
        changes[name] = getattr(rule, name)
    changes |= {"closing_condition": rule.closing_condition, "limit_code": rule.code}


def _check_stated_limit(move: Move, changes: Changes) -> None:
    for name in ("limit_value", "limit_unit"):
        if not changes.get(name, getattr(move.on, name)):
            raise Refused(RefusalCode.FACT_MISSING, f"缺少{word(name)}：请填写后再{move.row.zh}。", name)


def _dispatch(move: Move, changes: Changes) -> None:
    case, department = move.on, str(changes["department"])
    if case.limit_value is not None and ("limit_value" in changes or "limit_unit" in changes):
        raise Refused(RefusalCode.FACT_WRONG, f"{word('limit_value')}已在立案时确定：派遣时请勿再填。", "limit_value")
    _check_ownership(move, department)
    again = case.send_back_count > 0 and case.departments_tasked[-1:] == (department,)
    if again and case.owner_department != department and not move.command.reason.strip():
        text = f"案卷刚由该部门回退，不能原样再派：请改派其他部门，或填写{word('reason')}。"
        raise Refused(RefusalCode.REASON_MISSING, text, "reason")
    changes["departments_tasked"] = [*case.departments_tasked, department]
    changes |= dispatched(_with_limit(case, changes), move.command.at, move.policy, department)


def _check_ownership(move: Move, department: str) -> None:
    """Whoever was decided to be its owner gets it (domain sheet 9.4)."""
    owner = move.on.owner_department
    if owner not in (None, department):
        text = f"案卷已确权为 {owner}：请派往该部门，或重新确权。"
        raise Refused(RefusalCode.FACT_WRONG, text, "department")


def _with_limit(case: Case, changes: Changes) -> Case:
    """The case with a limit that came with the dispatch (outside cases were filed without one)."""
    limit = {name: changes[name] for name in ("limit_value", "limit_unit") if name in changes}
    return replace(case, **limit) if limit else case


def _second_dispatch(move: Move, changes: Changes) -> None:
    changes["departments_tasked"] = [*move.on.departments_tasked, changes["department"]]


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
    case = move.on
    if case.self_disposed:
        return
    if not (changes.get("closing_condition") or case.closing_condition):
        raise Refused(
            RefusalCode.FACT_MISSING, f"缺少{word('closing_condition')}：请选择后再结案。", "closing_condition"
        )
    called_back = changes.get("called_back", case.called_back)
    if move.policy.call_back_needed and case.source is Source.HOTLINE and not called_back:
        raise Refused(RefusalCode.FACT_MISSING, f"热线案卷须先回访来电人：请确认{word('called_back')}。", "called_back")


def _review_appeal(move: Move, changes: Changes) -> None:
    """The first approval passes it on, the second one exempts; the record of being late stays (5.4)."""
    if move.on.current_request == Request.APPEAL:
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
    _check_imported_times(changes, milliseconds(move.on.reported_at))


def _check_imported_times(changes: Changes, reported_at: int) -> None:
    for name in _IMPORTED_TIMES:
        if (changes.get(name) or reported_at) < reported_at:
            text = f"{word(name)}早于{word('reported_at')}：请更正来源数据或映射。"
            raise Refused(RefusalCode.FACT_WRONG, text, name)


RULES: dict[Action, Rule] = {
    Action.REPORT: _begin,
    Action.REGISTER: _begin,
    Action.SELF_DISPOSE: _begin,
    Action.FILE: _file,
    Action.DISPATCH: _dispatch,
    Action.SECOND_DISPATCH: _second_dispatch,
    Action.APPROVE_EXTENSION: _approve_extension,
    Action.ASK_SUSPENSION: _ask_suspension,
    Action.APPROVE_SUSPENSION: _approve_suspension,
    Action.RESUME: _resume,
    Action.CLOSE: _close,
    Action.CLOSE_FROM_PHOTOS: _close,
    Action.APPROVE_APPEAL: _review_appeal,
    Action.IMPORT_REPORT: _import_report,
    Action.IMPORT_STEP: _import_step,
    Action.ATTACH_EVIDENCE: _attach_evidence,
} | DESK_RULES
