"""`/api/v1/risk`: which running cases will be late unless something is done, why, and how far that may be believed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Protocol
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Query

from api.identity import asker
from api.problems import FieldProblem
from domain.case import Case, Severity, Source
from domain.case_rights import may_see
from domain.journal import milliseconds, moment
from domain.risk import LIKELY, Assessment, Measures, Reason, RiskModel, by_department
from domain.risk_features import Cause
from domain.risk_view import limit_runs
from domain.risk_wire import RiskBoard
from domain.risk_words import ADVICE, BANDS, MODELS, PAIR_REASON, REASONS
from domain.roles import Identity, Permission
from domain.transition import REQUEST_WORDS, Request
from domain.words import SEVERITIES, SOURCES
from runtime.i18n import t

LONGEST_HOURS = 24 * 366
LARGEST_PAGE = 2000


class Cases(Protocol):
    """What knows cases. Blocking."""

    def get(self, case_no: str) -> Case | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskQuestion:
    """Which cases are asked for; empty codes are all."""

    within: timedelta
    least: float
    department: str
    district: str

    def means(self, one: Assessment, now: datetime) -> bool:
        """Whether a case is meant, as of `now`."""
        here = self.department in ("", one.department) and self.district in ("", one.district)
        return here and one.probability >= self.least and now <= one.deadline <= now + self.within


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskDesk:
    """`newest` answers from memory, None while nobody keeps the risks."""

    newest: Callable[[], Awaitable[RiskBoard | None]]
    cases: Cases
    zone: ZoneInfo
    now: Callable[[], datetime]

    async def listed(self, asked: RiskQuestion, limit: int) -> dict[str, Any]:
        """The cases asked for, the most probable first."""
        board = await self.newest()
        if board is None:
            return {"as_of": None, "model": None, "total": 0, "cases": []}
        now = self.now()
        found = [one for one in board.cases if asked.means(one, now)]
        return {
            "as_of": milliseconds(board.as_of),
            "model": model_json(board.model),
            "total": len(found),
            "cases": [risk_json(one, self.zone) for one in found[:limit]],
        }

    async def departments(self) -> dict[str, Any]:
        """Each department's count and expected number."""
        board = await self.newest()
        sums = by_department(board.cases) if board else {}
        return {
            "as_of": milliseconds(board.as_of) if board else None,
            "threshold": LIKELY,
            "departments": {
                code: {"count": count, "expected": round(expected, 1)} for code, (count, expected) in sums.items()
            },
        }

    async def of_case(self, case: Case) -> dict[str, Any]:
        """One case's risk, and whether it can have one."""
        board = await self.newest()
        runs = limit_runs(case) and case.deadline is not None and case.deadline >= self.now()
        found = next((one for one in board.cases if one.case_no == case.case_no), None) if board and runs else None
        return {
            "case_no": case.case_no,
            "as_of": milliseconds(board.as_of) if board else None,
            "runs": runs,
            "model": model_json(board.model) if board else None,
            "risk": None if found is None else risk_json(found, self.zone),
        }


def risk_router(desk: RiskDesk) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["risk"])

    @router.get("/api/v1/risk", summary="Running cases that will be late unless something is done, most probable first")
    async def risks(
        within: Annotated[float, Query(gt=0, le=LONGEST_HOURS, description="hours until the deadline at most")] = 2.0,
        least: Annotated[float, Query(ge=0, le=1, description="least probability")] = LIKELY,
        department: str = "",
        district: str = "",
        limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 200,
    ) -> dict[str, Any]:
        own = own_department(department, asker())
        question = RiskQuestion(within=timedelta(hours=within), least=least, department=own, district=district)
        return await desk.listed(question, limit)

    @router.get("/api/v1/risk/departments", summary="Per department: cases that will be late, and the number expected")
    async def departments() -> dict[str, Any]:
        asker()
        return await desk.departments()

    @router.get("/api/v1/cases/{case_no}/risk", summary="One case's risk; none where no limit runs or it is late")
    async def of_case(case_no: str) -> dict[str, Any]:
        who = asker()
        case = await asyncio.to_thread(desk.cases.get, case_no)
        if case is None or not may_see(case, who):
            raise HTTPException(404, "no such case")
        return await desk.of_case(case)

    return router


def own_department(asked: str, who: Identity) -> str:
    """The department whose cases are told: a department's seat sees its own only.

    Raises:
        FieldProblem: it asks for another department's.
    """
    if who.may(Permission.SEE_CASES):
        return asked
    if asked not in ("", who.department):
        raise FieldProblem("department", "your post sees the cases of its own department only")
    return who.department or "-"


def risk_json(one: Assessment, zone: ZoneInfo) -> dict[str, Any]:
    """A risk in words and numbers."""
    return {
        "case_no": one.case_no,
        "version": one.version,
        "deadline": milliseconds(one.deadline),
        "department": one.department,
        "district": one.district,
        "probability": round(one.probability, 3),
        "band": one.band.value,
        "label": t(BANDS[one.band]),
        "similar": {"cases": one.similar, "late": one.similar_late},
        "reasons": [
            {"cause": reason.cause.value, "raises": reason.part > 0, "text": _reason(reason, zone)}
            for reason in one.reasons
        ],
        "advice": {"code": one.advice.value, "text": t(ADVICE[one.advice]), "if_done": _rounded(one.if_done)},
    }


def model_json(model: RiskModel) -> dict[str, Any]:
    """What a reader must know of the model: which, since when, from what, and how well it did."""
    return {
        "kind": model.kind.value,
        "label": t(MODELS[model.kind]).format(n=model.examples),
        "version": model.version,
        "trained_at": milliseconds(model.trained_at),
        "from": milliseconds(model.start),
        "to": milliseconds(model.end),
        "examples": model.examples,
        "tested": model.tested,
        "missed_share": _rounded(model.missed_share),
        "capacity": model.capacity,
        "measures": None if model.measures is None else _measures(model.measures),
        "rivals": {kind: _measures(measures) for kind, measures in model.rivals.items()},
        "calibration": [{"said": _rounded(said), "was": _rounded(was), "n": n} for said, was, n in model.calibration],
    }


def _measures(found: Measures) -> dict[str, float | None]:
    return {"brier": _rounded(found.brier), "auc": _rounded(found.auc), "recall": _rounded(found.recall)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _reason(reason: Reason, zone: ZoneInfo) -> str:
    facts = dict(reason.facts)
    for name, told in _TOLD.items():
        if name in facts:
            facts[name] = told(facts[name], zone)
    if "left_ms" in facts:
        facts["left"] = _span(facts["left_ms"])
    sentence = PAIR_REASON if reason.cause is Cause.DEPARTMENT and facts.get("pair") else REASONS[reason.cause]
    return t(sentence).format(**facts)


_TOLD: dict[str, Callable[[Any, ZoneInfo], str]] = {
    "request": lambda code, zone: t(REQUEST_WORDS[Request(code)]),
    "severity": lambda code, zone: t(SEVERITIES[Severity(code)]),
    "source": lambda code, zone: t(SOURCES[Source(code)]),
    "due": lambda ms, zone: f"{moment(ms).astimezone(zone):%m-%d %H:%M}",
}


def _span(ms: int) -> str:
    """Time left, of the limit's own time."""
    hours, minutes = divmod(ms // 60_000, 60)
    return t("{hours} 小时 {minutes} 分").format(hours=hours, minutes=minutes)
