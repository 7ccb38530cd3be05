"""`GET /api/v1/supervision`: leaders' orders, cases nobody wants, emergencies, each with what the asker may do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter

from api.case_offers import OfferDesk
from api.identity import asker
from data_access.supervision import MOST, SupervisionLists
from domain.action import Action
from domain.case import Case
from domain.emergency import EmergencyReason
from domain.journal import Entry, milliseconds
from domain.offers import offers
from domain.roles import Identity
from domain.supervision import EMERGENCY_STAGES, EmergencyStage, emergency_stage, send_backs, unsigned
from domain.transitions import TRANSITIONS
from domain.words import STATES, text
from runtime.i18n import t

ACTS = (
    *(Action.SUPERVISE, Action.URGE, Action.ANSWER_ORDER, Action.DECIDE_OWNERSHIP, Action.APPROVE_EMERGENCY),
    *(Action.REFUSE_EMERGENCY, Action.CONFIRM_EMERGENCY, Action.SETTLE_EMERGENCY),
)
"""What is done from this page, in the order of its buttons."""

EMERGENCY_REASONS: dict[str, str] = {
    EmergencyReason.NO_OWNER: text("无主"),
    EmergencyReason.UNREACHABLE: text("责任单位联系不上"),
    EmergencyReason.DANGER: text("险情不能等待"),
}
_HANDED = (Action.DISPATCH, Action.SECOND_DISPATCH, Action.APPROVE_EMERGENCY)
_SENT_BACK = (*_HANDED, Action.ASK_SEND_BACK, Action.APPROVE_SEND_BACK)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionDesk:
    """What the page is made of. Blocking."""

    lists: SupervisionLists
    offers: OfferDesk
    class_names: Mapping[str, str]
    person: Callable[[str], str]
    now: Callable[[], datetime]

    def told(self, who: Identity) -> dict[str, Any]:
        """All three registers, as of now."""
        now = self.now()
        open_orders, answered = self.lists.open_orders(), self.lists.answered_orders(now)
        unwanted = self.lists.unwanted(self.offers.policy.send_backs_before_decision)
        emergencies = [case for case in self.lists.emergencies(now) if emergency_stage(case) is not None]
        answers = self.lists.entries([case.case_no for case in answered], [Action.ANSWER_ORDER])
        backs = self.lists.entries([case.case_no for case in unwanted], _SENT_BACK)
        return {
            "now": milliseconds(now),
            "most": MOST,
            "orders": [self._order(case, who, now) for case in open_orders],
            "answered": [self._answered(case, answers.get(case.case_no, ()), who, now) for case in answered],
            "ownership": [self._unwanted(case, backs.get(case.case_no, ()), who, now) for case in unwanted],
            "emergencies": [self._emergency(case, who, now) for case in _by_stage(emergencies)],
            "fund": _fund(emergencies),
        }

    def _case(self, case: Case, who: Identity, now: datetime) -> dict[str, Any]:
        found = {offer.action: offer for offer in offers(case, who, self.offers.policy, now)}
        return {
            "case_no": case.case_no,
            "version": case.version,
            "state": case.state.value,
            "state_label": t(STATES[case.state]),
            "severity": case.severity.value,
            "class_name": self.class_names.get(case.class_code, case.class_code),
            "address": case.address,
            "department": case.department,
            "department_name": self.offers.department(case.department) if case.department else "",
            "deadline": None if case.deadline is None else milliseconds(case.deadline),
            "urged_count": case.urged_count,
            "acts": [_act_json(found[action]) for action in ACTS if action in found],
        }

    def _order(self, case: Case, who: Identity, now: datetime) -> dict[str, Any]:
        return self._case(case, who, now) | {
            "order_by": case.order_by or "",
            "order_text": case.order_text or "",
            "order_at": _ms(case.order_at),
            "order_due": _ms(case.order_due),
            "ended": case.is_final,
        }

    def _answered(self, case: Case, entries: Sequence[Entry], who: Identity, now: datetime) -> dict[str, Any]:
        return self._order(case, who, now) | {
            "answer": case.order_answer or "",
            "answered_at": _ms(case.order_answered_at),
            "answered_by": self.person(entries[-1].actor) if entries else "",
        }

    def _unwanted(self, case: Case, history: Sequence[Entry], who: Identity, now: datetime) -> dict[str, Any]:
        backs = [
            {
                "department": back.department,
                "department_name": self.offers.department(back.department) if back.department else "",
                "by": self.person(back.asked_by),
                "at": milliseconds(back.asked_at),
                "reason": back.reason,
            }
            for back in send_backs(history)
        ]
        return self._case(case, who, now) | {
            "send_back_count": case.send_back_count,
            "ownerless_since": _ms(case.ownerless_since or case.filed_at or case.reported_at),
            "grid": case.grid,
            "component_code": case.component_code,
            "send_backs": backs,
            "suggestions": self.offers.suggested(case),
        }

    def _emergency(self, case: Case, who: Identity, now: datetime) -> dict[str, Any]:
        stage = emergency_stage(case) or EmergencyStage.PROPOSED
        record, department = case.emergency, str(case.emergency.get("department", ""))
        return self._case(case, who, now) | {
            "stage": stage.value,
            "stage_label": t(EMERGENCY_STAGES[stage]),
            "unsigned": unsigned(case),
            "record": dict(record),
            "reason_label": t(EMERGENCY_REASONS.get(record.get("reason", ""), "")),
            "for_name": self.offers.department(department) if department else "",
            "liable_name": self.offers.department(str(record["liable"])) if record.get("liable") else "",
            "since": milliseconds(case.state_since),
        }


def supervision_router(desk: SupervisionDesk) -> APIRouter:
    """The route. A plain function: the framework runs it in a thread."""
    router = APIRouter(tags=["supervision"])

    @router.get("/api/v1/supervision", summary="Leaders' orders, cases nobody wants, emergencies and their fund")
    def told() -> dict[str, Any]:
        return desk.told(asker())

    return router


def _act_json(offer: Any) -> dict[str, Any]:
    why = None if offer.refusal is None else offer.refusal.text
    return {"action": offer.action.value, "label": t(TRANSITIONS[offer.action].zh), "why": why}


def _by_stage(cases: Iterable[Case]) -> list[Case]:
    """What waits for a leader first: proposals, missing signatures, then the rest in the order it goes."""
    order = list(EmergencyStage)
    return sorted(
        cases,
        key=lambda case: (
            order.index(emergency_stage(case) or EmergencyStage.SETTLED) if not unsigned(case) else 0.5,
            case.state_since,
        ),
    )


def _fund(cases: Iterable[Case]) -> list[dict[str, Any]]:
    """What each line of the fund was asked for and was spent, in yuan; proposals are not spent yet."""
    lines: dict[str, dict[str, Any]] = {}
    for case in cases:
        if emergency_stage(case) is EmergencyStage.PROPOSED:
            continue
        name = str(case.emergency.get("fund_line", ""))
        line = lines.setdefault(name, {"line": name, "count": 0, "estimate": 0.0, "actual": 0.0, "recovered": 0.0})
        actual = float(case.emergency.get("cost_actual", 0.0))
        line["count"] += 1
        line["estimate"] += float(case.emergency.get("cost_estimate", 0.0))
        line["actual"] += actual
        line["recovered"] += actual if case.emergency.get("recovered") else 0.0
    return [lines[name] for name in sorted(lines)]


def _ms(at: datetime | None) -> int | None:
    return None if at is None else milliseconds(at)
