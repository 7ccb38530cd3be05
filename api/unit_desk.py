"""`/api/v1/unit/…`: a department's own figures, and who gave it a case and why."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from fastapi import APIRouter, HTTPException

from api.case_offers import OfferDesk
from api.identity import asker
from domain.action import Action
from domain.board import Board
from domain.case import Case
from domain.case_rights import may_see
from domain.indicators import Dimension
from domain.journal import Entry, milliseconds
from domain.period import Period
from domain.roles import Role
from domain.words import ROLES
from runtime.i18n import t

GIVING = frozenset(
    {Action.DISPATCH, Action.SECOND_DISPATCH, Action.APPROVE_EMERGENCY, Action.FAIL_CHECK, Action.IMPORT_STEP}
)
"""Acts that put a case on a department's desk."""


class Cases(Protocol):
    """What knows the cases. Blocking."""

    def get(self, case_no: str) -> Case | None: ...

    def history(self, case_no: str) -> Sequence[Entry]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDesk:
    """`board` answers from memory; None while none has arrived. `person` says how somebody is called."""

    board: Callable[[], Board | None]
    cases: Cases
    offers: OfferDesk
    person: Callable[[str], str]
    now: Callable[[], datetime]

    def figures(self, department: str) -> dict[str, Any]:
        """Disposed and on-time disposed in the last 30 days, as the wall counts them; None before the first board."""
        board = self.board()
        if board is None:
            return {"as_of": None, "disposed": None, "on_time_disposed": None, "due_disposal": None}
        counts = board.counts(Period.DAYS_30, Dimension.DEPARTMENT, department)
        return {
            "as_of": milliseconds(board.as_of),
            "disposed": counts.disposed,
            "on_time_disposed": counts.on_time_disposed,
            "due_disposal": counts.due_disposal,
        }

    def given(self, case: Case) -> dict[str, Any]:
        """Who put the case on the department's desk, when, in which words, and what the duty table says. Blocking."""
        entry = _giving(self.cases.history(case.case_no))
        suggested = (one for one in self.offers.suggestions(case, self.now()) if one.department == case.department)
        why = next((self.offers.suggestion_json(one)["why"] for one in suggested), None)
        return {"case_no": case.case_no, "why": why, "given": None if entry is None else self._given(entry)}

    def _given(self, entry: Entry) -> dict[str, Any]:
        known = entry.role in {role.value for role in Role}
        return {
            "action": entry.action.value,
            "at": milliseconds(entry.at),
            "by": self.person(entry.actor),
            "post": t(ROLES[Role(entry.role)]) if known else entry.role,
            "reason": entry.reason,
        }


def _giving(history: Iterable[Entry]) -> Entry | None:
    return next((entry for entry in reversed(tuple(history)) if entry.action in GIVING), None)


def unit_router(desk: UnitDesk) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["unit"])

    @router.get("/api/v1/unit/figures", summary="Your department's disposals of the last 30 days")
    async def figures() -> dict[str, Any]:
        return desk.figures(asker().department or "")

    @router.get("/api/v1/unit/cases/{case_no}/given", summary="Who gave your department the case, and why")
    async def given(case_no: str) -> dict[str, Any]:
        who = asker()
        case = await asyncio.to_thread(desk.cases.get, case_no)
        if case is None or not may_see(case, who):
            raise HTTPException(404, "no such case")
        return await asyncio.to_thread(desk.given, case)

    return router
