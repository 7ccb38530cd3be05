"""What a person may do to a case, told for a form: the action, its inputs, its outcomes, or why it is not possible."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from api.case_answers import refusal_json
from domain.action import Action
from domain.case import Case
from domain.city import Component, LimitRule
from domain.duty import DutyReason, DutyTable, OwnershipDecision, Suggestion
from domain.fact_kinds import LIMIT_UNITS, FactField, fact_fields
from domain.journal import milliseconds, plain
from domain.moves_desk import UNDO
from domain.offers import Offer, next_steps, offers
from domain.policy import Policy
from domain.roles import Identity
from domain.transition import REQUEST_WORDS, Request
from domain.transitions import TRANSITIONS
from domain.words import ROLES, STATES, text
from domain.worktime import LimitUnit
from runtime.i18n import t

DANGEROUS = frozenset(
    {
        *(Action.FORCE_CLOSE, Action.TRANSFER, Action.REFUSE_ACCEPTANCE, Action.REFUSE_FILING, Action.APPROVE_VOID),
        *(Action.CLOSE, Action.CLOSE_FROM_PHOTOS, Action.TAKE_OVER),
    }
)
"""What ends a case or takes it from somebody: a page asks for a second key (product sheet 3.8)."""

_WHY: dict[DutyReason, str] = {
    DutyReason.DECIDED: text("确权：案卷 {detail}"),
    DutyReason.COMPONENT: text("部件权属：{detail}"),
    DutyReason.DUTY_TABLE: text("职责表：本类别 × {detail}"),
    DutyReason.TERRITORY: text("属地：网格 {detail}"),
    DutyReason.CLASS: text("类别主管部门"),
}


class Decisions(Protocol):
    """Ownership decisions about a case; blocking."""

    def about(self, case: Case) -> Iterable[OwnershipDecision]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferDesk:
    """What the answer is made of. `component` and `decisions` ask the database."""

    policy: Policy
    duties: DutyTable
    decisions: Decisions
    component: Callable[[str], Component | None]
    department: Callable[[str], str]
    now: Callable[[], datetime]

    def of(self, case: Case, who: Identity) -> dict[str, Any]:
        """The case's standing and every action of the person's post. Blocking."""
        now = self.now()
        found = offers(case, who, self.policy, now)
        told: dict[str, Any] = {
            "case_no": case.case_no,
            "who": who.name,
            "version": case.version,
            "state": case.state.value,
            "state_label": t(STATES[case.state]),
            "claim": _claim(case, who),
            "request": _request(case),
            "offers": [_offer(offer, case) for offer in found],
            "next": [
                {"action": step.action.value, "label": t(TRANSITIONS[step.action].zh), "posts": _posts(step.posts)}
                for step in next_steps(case.state)
            ],
        }
        possible = {offer.action for offer in found if offer.refusal is None}
        if Action.DISPATCH in possible or Action.DECIDE_OWNERSHIP in possible:
            told["suggestions"] = self.suggested(case)
        if Action.FILE in possible:
            told["conditions"] = [condition_json(rule) for rule in self.conditions(case.class_code, case)]
        return told

    def suggested(self, case: Case) -> list[dict[str, Any]]:
        """The departments that may be right, best first, each with its reason in words. Blocking."""
        return [self.suggestion_json(one) for one in self.suggestions(case, self.now())]

    def suggestions(self, case: Case, now: datetime) -> tuple[Suggestion, ...]:
        """Whose the case may be, best first. Blocking."""
        component = self.component(case.component_code) if case.component_code else None
        return self.duties.suggest(case, component, self.decisions.about(case), now)

    def conditions(self, class_code: str, case: Case | None = None, *, area_class: int = 1) -> list[LimitRule]:
        """The filing conditions of a class, today, at the case's kind of place."""
        table, day = self.policy.limits, self.now().astimezone(self.policy.calendar.zone).date()
        edition = table.edition if case is None else case.edition
        area = area_class if case is None else case.area_class
        return list(table.conditions(edition, class_code, area_class=area, day=day))

    def suggestion_json(self, one: Suggestion) -> dict[str, Any]:
        """A department with the rule that names it."""
        return {
            "department": one.department,
            "name": self.department(one.department),
            "reason": one.reason.value,
            "why": t(_WHY[one.reason]).format(detail=one.detail or t("全市")),
        }


def condition_json(rule: LimitRule) -> dict[str, Any]:
    """A filing condition with what it fixes."""
    return {
        "code": rule.code,
        "filing_condition": rule.filing_condition,
        "closing_condition": rule.closing_condition,
        "limit_value": rule.limit_value,
        "limit_unit": rule.limit_unit,
        "limit": f"{rule.limit_value:g} {t(LIMIT_UNITS[LimitUnit(rule.limit_unit)])}",
    }


def _claim(case: Case, who: Identity) -> dict[str, Any] | None:
    if case.claimed_by is None:
        return None
    return {
        "by": case.claimed_by,
        "name": case.claimant or case.claimed_by,
        "since": None if case.claimed_at is None else milliseconds(case.claimed_at),
        "token": case.claim_token,
        "mine": case.claimed_by == who.name,
    }


def _request(case: Case) -> dict[str, Any] | None:
    if case.current_request is None:
        return None
    return {
        "kind": case.current_request,
        "label": REQUEST_WORDS[Request(case.current_request)],
        "until": plain("requested_until", case.requested_until),
        "hours": case.requested_hours,
    }


def _offer(offer: Offer, case: Case) -> dict[str, Any]:
    row = TRANSITIONS[offer.action]
    undo = UNDO.get(offer.action)
    return {
        "action": offer.action.value,
        "label": t(row.zh),
        "refusal": None if offer.refusal is None else refusal_json(offer.refusal),
        "reason": row.reason,
        "outcomes": [
            {"value": value, "label": t(outcome.zh), "reason": outcome.reason}
            for value, outcome in row.outcomes.items()
        ],
        "photos": [kinds.split("|") for kinds in row.photos],
        "fields": [_field(field, case) for field in fact_fields(row)],
        "dangerous": offer.action in DANGEROUS,
        "undo": None if undo is None else undo.value,
    }


def _field(field: FactField, case: Case) -> dict[str, Any]:
    value = getattr(case, field.name, None)
    return {
        "name": field.name,
        "label": t(field.label),
        "kind": field.kind.value,
        "required": field.required,
        "choices": [{"value": value, "label": t(word)} for value, word in field.choices],
        "value": None if field.name in ("photos", "evidence", "linked", "emergency") else plain(field.name, value),
    }


def _posts(posts: Iterable[Any]) -> list[str]:
    return sorted(t(ROLES[post]) for post in posts)
