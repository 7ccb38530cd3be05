"""Rules of the desks' own moves (`domain.moves_desk`): what claims, orders, decisions, emergencies leave on a case.

Whether the case as it stands allows them is asked before (`domain.standing`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain.action import Action, RefusalCode
from domain.command_facts import word
from domain.disposal_clock import Changes, full
from domain.emergency import APPROVED, PART_WORDS, PROPOSED, SETTLED
from domain.journal import milliseconds
from domain.move import Move, Refused, Rule
from domain.roles import Role
from domain.transition import Request
from domain.worktime import LimitUnit


def _claim(move: Move, changes: Changes) -> None:
    """Claiming again what is one's own gives a new token: the newest window is the one that holds it."""
    changes |= {"claimed_by": move.command.actor.name, "claimant": move.command.actor.display_name}


def _recall(move: Move, changes: Changes) -> None:
    changes |= {"departments_tasked": list(move.on.departments_tasked[:-1]), "remaining_seconds": None}


def _withdraw(move: Move, changes: Changes) -> None:
    if move.on.current_request == Request.APPEAL:
        changes["appealed"] = False


def _supervise(move: Move, changes: Changes) -> None:
    if changes["order_due"] <= milliseconds(move.command.at):
        raise Refused(RefusalCode.FACT_WRONG, f"{word('order_due')}须晚于现在：请更正。", "order_due")
    changes |= {"order_by": move.command.actor.display_name, "order_text": move.command.reason.strip()}


def _answer_order(move: Move, changes: Changes) -> None:
    changes["order_answer"] = move.command.reason.strip()


def _decide_ownership(move: Move, changes: Changes) -> None:
    case, at = move.on, milliseconds(move.command.at)
    if changes["owner_scope"] == "component" and case.component_code is None:
        text = f"案卷没有{word('component_code')}：{word('owner_scope')}请选择本案或职责表。"
        raise Refused(RefusalCode.FACT_WRONG, text, "owner_scope")
    if changes["owner_scope"] == "duty" and not (case.class_code and case.grid):
        text = f"案卷没有类别或{word('grid')}：{word('owner_scope')}请选择本案。"
        raise Refused(RefusalCode.FACT_WRONG, text, "owner_scope")
    if (changes.get("owner_until") or at + 1) <= at:
        raise Refused(RefusalCode.FACT_WRONG, f"{word('owner_until')}须晚于现在：请更正。", "owner_until")
    changes.setdefault("owner_until", None)


def _propose_emergency(move: Move, changes: Changes) -> None:
    changes["emergency"] = _parts(changes["emergency"], PROPOSED, needed=True)


def _approve_emergency(move: Move, changes: Changes) -> None:
    """On the leader's own word, or on one given by phone; then it is dispatched at once, with the urgent limit."""
    case, at, actor = move.on, move.command.at, move.command.actor
    said = _parts(changes.get("emergency", {}), APPROVED, needed=actor.role is not Role.LEADER)
    signed = actor.role is Role.LEADER
    department = str(case.emergency["department"])
    urgent = replace(case, limit_value=move.policy.emergency_hours, limit_unit=LimitUnit.URGENT_HOUR.value)
    changes |= full(urgent, at, move.policy)
    changes |= {
        "limit_value": urgent.limit_value,
        "limit_unit": urgent.limit_unit,
        "emergency": {**case.emergency, **said, "approved_by": actor.display_name, "signed": signed},
        "department": department,
        "departments_tasked": [*case.departments_tasked, department],
        "assigned_at": None,
    }


def _refuse_emergency(move: Move, changes: Changes) -> None:
    changes["emergency"] = {}


def _confirm_emergency(move: Move, changes: Changes) -> None:
    changes["emergency"] = {**move.on.emergency, "signed": True, "signed_by": move.command.actor.display_name}


def _settle_emergency(move: Move, changes: Changes) -> None:
    changes["emergency"] = {**move.on.emergency, **_parts(changes["emergency"], SETTLED, needed=True)}


def _parts(given: Mapping[str, Any], allowed: Mapping[str, Any], *, needed: bool) -> dict[str, Any]:
    """The parts of the emergency record that belong to this move, all of them where `needed`."""
    for name in given.keys() - allowed.keys():
        raise Refused(RefusalCode.FACT_WRONG, f"此时不填“{PART_WORDS[name]}”：请去掉该项。", "emergency")
    for name in allowed.keys() - given.keys() if needed else ():
        raise Refused(RefusalCode.FACT_MISSING, f"应急处置缺少“{PART_WORDS[name]}”（{name}）：请填写。", "emergency")
    return dict(given)


def _link(move: Move, changes: Changes) -> None:
    case = move.on
    if case.case_no in changes["linked"] or len(set(changes["linked"])) < len(changes["linked"]):
        raise Refused(RefusalCode.DUPLICATE, f"{word('linked')}已关联，或就是本案卷：请核对编号。", "linked")


DESK_RULES: dict[Action, Rule] = {
    Action.CLAIM: _claim,
    Action.TAKE_OVER: _claim,
    Action.RECALL: _recall,
    Action.WITHDRAW_REQUEST: _withdraw,
    Action.SUPERVISE: _supervise,
    Action.ANSWER_ORDER: _answer_order,
    Action.DECIDE_OWNERSHIP: _decide_ownership,
    Action.PROPOSE_EMERGENCY: _propose_emergency,
    Action.APPROVE_EMERGENCY: _approve_emergency,
    Action.REFUSE_EMERGENCY: _refuse_emergency,
    Action.CONFIRM_EMERGENCY: _confirm_emergency,
    Action.SETTLE_EMERGENCY: _settle_emergency,
    Action.LINK: _link,
}
