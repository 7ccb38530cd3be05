"""Acting on cases over HTTP: what may be done, doing it, claims and their heartbeat, dispatching many at once.

Every route hands a `Command` to the one case store (design 3); the workflow alone decides.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from api.case_answers import done_json, refusal_json, refused
from api.case_offers import OfferDesk
from api.identity import asker, visitor
from data_access.cases import Done
from data_access.claims import Claim, ClaimLeases
from data_access.redis_client import LINE_ERRORS
from domain.action import Action, Command, Refusal
from domain.case import Case
from domain.case_rights import may_see
from domain.roles import Identity

log = logging.getLogger(__name__)

MOST_AT_ONCE = 200
"""Cases of one bulk dispatch."""

Reason = Annotated[str, Field(max_length=2000)]
Facts = Annotated[dict[str, Any], Field(max_length=60)]


class Act(BaseModel):
    """One action on one case, as its actor saw it."""

    model_config = ConfigDict(extra="forbid")

    action: Action
    expected_version: Annotated[int, Field(ge=1)]
    claim_token: int | None = None
    reason: Reason = ""
    facts: Facts = {}


class Begin(BaseModel):
    """A case that begins here."""

    model_config = ConfigDict(extra="forbid")

    action: Literal[Action.REPORT, Action.REGISTER, Action.SELF_DISPOSE]
    reason: Reason = ""
    facts: Facts = {}


class DispatchItem(BaseModel):
    """One case of a bulk dispatch. A preview may leave the department out: it is then told the one that is offered."""

    model_config = ConfigDict(extra="forbid")

    case_no: Annotated[str, Field(max_length=64)]
    expected_version: Annotated[int, Field(ge=1)]
    claim_token: int | None = None
    department: Annotated[str, Field(max_length=64)] = ""
    reason: Reason = ""


class Dispatches(BaseModel):
    """Several dispatches at once; each stands or falls alone."""

    model_config = ConfigDict(extra="forbid")

    items: Annotated[list[DispatchItem], Field(min_length=1, max_length=MOST_AT_ONCE)]


class HeldClaim(BaseModel):
    """A claim somebody's page holds."""

    model_config = ConfigDict(extra="forbid")

    case_no: Annotated[str, Field(max_length=64)]
    token: Annotated[int, Field(ge=1)]


class Heartbeat(BaseModel):
    """Every claim of one page."""

    model_config = ConfigDict(extra="forbid")

    claims: Annotated[list[HeldClaim], Field(max_length=100)]


class Cases(Protocol):
    """What answers: `data_access.cases.CaseStore`. Blocking."""

    def get(self, case_no: str) -> Case | None: ...

    def execute(self, command: Command) -> Done | Refusal: ...

    def preview(self, command: Command) -> Case | Refusal: ...


def _any_photo(_facts: Mapping[str, Any]) -> Refusal | None:
    """Where no store of photos is: the workflow's own checks are all."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDesk:
    """Where commands come in over HTTP."""

    cases: Cases
    leases: ClaimLeases
    offers: OfferDesk
    now: Callable[[], datetime]
    told: Callable[[Mapping[str, Any]], dict[str, Any]] = dict
    """A new case's facts with what its point says (grid, district, address). Blocking."""
    foreign_photos: Callable[[Mapping[str, Any]], Refusal | None] = _any_photo
    """The refusal of facts that name photos nobody uploaded here. Blocking."""

    async def seen(self, case_no: str, who: Identity) -> Case:
        """The case, for somebody who may see it.

        Raises:
            HTTPException: 404, there is none for them.
        """
        case = await asyncio.to_thread(self.cases.get, case_no)
        if case is None or not may_see(case, who):
            raise HTTPException(404, "no such case")
        return case

    async def do(self, case_no: str | None, act: Act | Begin, who: Identity) -> Done | Refusal:
        """Hand the command in; a claim made or ended by it begins or ends its lease."""
        refusal = await asyncio.to_thread(self.foreign_photos, act.facts) if act.facts.get("photos") else None
        answer = refusal or await asyncio.to_thread(self.cases.execute, self._command(case_no, act, who))
        if isinstance(answer, Done):
            await self._follow_claim(answer)
        return answer

    async def begin(self, wanted: Begin, who: Identity) -> Done | Refusal:
        """A case begins: the server finds the grid of its point, so that no phone has to know the city."""
        facts = await asyncio.to_thread(self.told, wanted.facts)
        return await self.do(None, wanted.model_copy(update={"facts": facts}), who)

    async def dispatch(self, item: DispatchItem, who: Identity, *, only_look: bool) -> dict[str, Any]:
        """The outcome of one dispatch of several: done, or what it would be, or why not."""
        act = Act(
            action=Action.DISPATCH,
            expected_version=item.expected_version,
            claim_token=item.claim_token,
            reason=item.reason,
            facts={"department": item.department},
        )
        command = self._command(item.case_no, act, who)
        if only_look:
            looked = await asyncio.to_thread(self.cases.preview, command)
            return _outcome(item, looked)
        done = await self.do(item.case_no, act, who)
        return _outcome(item, done.case if isinstance(done, Done) else done)

    async def preview(self, item: DispatchItem, who: Identity) -> dict[str, Any]:
        """What dispatching the case would do, with the departments that are offered for it, each with its reason."""
        suggestions = await asyncio.to_thread(self._suggestions, item.case_no, who)
        if not item.department and suggestions:
            item = item.model_copy(update={"department": suggestions[0]["department"]})
        return await self.dispatch(item, who, only_look=True) | {"suggestions": suggestions}

    def _suggestions(self, case_no: str, who: Identity) -> list[dict[str, Any]]:
        case = self.cases.get(case_no)
        return [] if case is None or not may_see(case, who) else self.offers.suggested(case)

    async def heartbeat(self, claims: Sequence[HeldClaim], who: Identity) -> dict[str, Any]:
        """Renew the claimer's own leases; `lost` are the claims that are no longer theirs, or never were."""
        asked = [Claim(held.case_no, held.token) for held in claims]
        own = await asyncio.to_thread(self._own, asked, who)
        held = await self.leases.renew(own, self.now())
        return {
            "held": [claim.case_no for claim in held],
            "lost": [claim.case_no for claim in asked if claim not in held],
        }

    def _own(self, claims: Sequence[Claim], who: Identity) -> list[Claim]:
        """Those that stand in the journal under this name and number."""
        standing = {claim: self.cases.get(claim.case_no) for claim in claims}
        return [
            claim
            for claim, case in standing.items()
            if case is not None and (case.claimed_by, case.claim_token) == (who.name, claim.token)
        ]

    def _command(self, case_no: str | None, act: Act | Begin, who: Identity) -> Command:
        seen: dict[str, Any] = {}
        if isinstance(act, Act):
            seen = {"expected_version": act.expected_version, "claim_token": act.claim_token}
        return Command(
            action=act.action,
            actor=who,
            at=self.now(),
            case_no=case_no,
            reason=act.reason,
            seat=visitor.get().address,
            facts=act.facts,
            **seen,
        )

    async def _follow_claim(self, done: Done) -> None:
        """The lease is a clock only: without Redis the claim stands all the same, and the clerk gives it one later."""
        claim = Claim(done.case.case_no, done.case.claim_token)
        try:
            if done.case.claimed_by is None:
                await self.leases.end([claim])
            elif done.entry.action in (Action.CLAIM, Action.TAKE_OVER):
                await self.leases.begin(claim, self.now())
        except LINE_ERRORS as error:
            log.warning("a claim's lease was not set: %s", error, extra={"facts": {"case": claim.case_no}})


def _outcome(item: DispatchItem, found: Case | Refusal) -> dict[str, Any]:
    told: dict[str, Any] = {"case_no": item.case_no, "department": item.department}
    if isinstance(found, Refusal):
        return told | {"ok": False} | refusal_json(found)
    deadline = found.deadline
    return told | {
        "ok": True,
        "version": found.version,
        "deadline": None if deadline is None else round(deadline.timestamp() * 1000),
    }


def case_actions_router(desk: CaseDesk) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["case actions"])

    @router.post("/api/v1/cases", status_code=201, summary="Report, register or self-dispose: a case begins")
    async def begin(wanted: Begin) -> Response:
        who = asker()
        answer = await desk.begin(wanted, who)
        return refused(answer) if isinstance(answer, Refusal) else JSONResponse(done_json(answer, who), 201)

    @router.get(
        "/api/v1/cases/{case_no}/offers", summary="What you may do to a case, and why another thing is not possible"
    )
    async def offers(case_no: str) -> dict[str, Any]:
        who = asker()
        return await asyncio.to_thread(desk.offers.of, await desk.seen(case_no, who), who)

    @router.post("/api/v1/cases/{case_no}/actions", summary="Do it")
    async def act(case_no: str, wanted: Act) -> Response:
        who = asker()
        await desk.seen(case_no, who)
        answer = await desk.do(case_no, wanted, who)
        return refused(answer) if isinstance(answer, Refusal) else JSONResponse(done_json(answer, who))

    @router.post("/api/v1/dispatch/preview", summary="What a bulk dispatch would do, case by case; nothing is stored")
    async def preview(wanted: Dispatches) -> dict[str, Any]:
        who = asker()
        return {"outcomes": [await desk.preview(item, who) for item in wanted.items]}

    @router.post("/api/v1/dispatch", summary="Dispatch several cases; each stands or falls alone")
    async def dispatch(wanted: Dispatches) -> dict[str, Any]:
        who = asker()
        return {"outcomes": [await desk.dispatch(item, who, only_look=False) for item in wanted.items]}

    @router.post("/api/v1/claims/heartbeat", summary="This page still holds these claims")
    async def heartbeat(beat: Heartbeat) -> dict[str, Any]:
        return await desk.heartbeat(beat.claims, asker())

    return router
