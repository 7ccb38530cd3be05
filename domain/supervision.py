"""What leaders watch over: orders that owe an answer, cases nobody wants, emergencies (domain sheet 9.3, 9.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.action import Action
from domain.case import Case, CaseState
from domain.journal import Entry
from domain.transition import Request
from domain.words import text


class EmergencyStage(StrEnum):
    """Where an emergency disposal stands, in the order it goes."""

    PROPOSED = "proposed"
    RUNNING = "running"
    TO_SETTLE = "to_settle"
    SETTLED = "settled"


EMERGENCY_STAGES: dict[EmergencyStage, str] = {
    EmergencyStage.PROPOSED: text("待批准"),
    EmergencyStage.RUNNING: text("处置中"),
    EmergencyStage.TO_SETTLE: text("待结算"),
    EmergencyStage.SETTLED: text("已结算"),
}

_DONE = frozenset({CaseState.PENDING_CLOSE, CaseState.CLOSED, CaseState.FORCED_CLOSED})


def emergency_stage(case: Case) -> EmergencyStage | None:
    """Where the case's emergency disposal stands; None where it has none, or one that was refused."""
    if case.current_request == Request.EMERGENCY:
        return EmergencyStage.PROPOSED
    if "approved_by" not in case.emergency:
        return None
    if "cost_actual" in case.emergency:
        return EmergencyStage.SETTLED
    return EmergencyStage.TO_SETTLE if case.state in _DONE else EmergencyStage.RUNNING


def unsigned(case: Case) -> bool:
    """Whether it was approved by phone and waits for the leader's signature."""
    return "approved_by" in case.emergency and not case.emergency.get("signed")


@dataclass(frozen=True, slots=True)
class SendBack:
    """One time a department handed a case back: who asked, why, and when it was allowed."""

    department: str
    asked_by: str
    asked_at: datetime
    reason: str
    approved_at: datetime


def send_backs(history: Sequence[Entry]) -> tuple[SendBack, ...]:
    """Every send-back that was allowed, oldest first, with the department that had the case then."""
    found: list[SendBack] = []
    holder, asked = "", None
    for entry in history:
        if entry.action is Action.ASK_SEND_BACK:
            asked = entry
        elif entry.action is Action.APPROVE_SEND_BACK and asked is not None:
            found.append(SendBack(holder, asked.actor, asked.at, asked.reason, entry.at))
            asked = None
        if entry.changes.get("department"):
            holder = str(entry.changes["department"])
    return tuple(found)
