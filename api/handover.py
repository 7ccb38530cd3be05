"""`/api/v1/handover`: what one officer hands to the next, and the signatures of both.

The leaver is signed in; the taker signs with name and password in the same form, slowed down like any login. What they
sign is what the page showed: it is kept as it was, sealed by its hash.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import redis.asyncio
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.accounts_routes import Door
from api.alarms import AlarmDesk, rates_json
from api.identity import asker
from api.login_page import wait_text
from data_access.accounts import Account
from data_access.audit import AuditEvent
from data_access.handovers import Handover, Handovers, sealed
from data_access.keys import handover_draft
from data_access.sources import SourceLamp, SourceState
from domain.alarm_board import Called
from domain.board import Board, OpenRow
from domain.case import Severity
from domain.journal import milliseconds
from domain.roles import Identity, Permission
from domain.shift import shift_at
from domain.worktime import utc
from runtime.i18n import t

DRAFT_SECONDS = 3600
MOST_ROWS = 200
_HASHES_AT_ONCE = 2
_GRAVE = (Severity.L1.value, Severity.L2.value)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverDesk:
    """What the routes work with. `board` and `lamps` answer from memory."""

    alarms: AlarmDesk
    kept: Handovers
    door: Door
    redis: redis.asyncio.Redis
    board: Callable[[], Board | None]
    lamps: Callable[[], Sequence[SourceLamp]]
    called: Called


class SignBody(BaseModel):
    """Who takes over, and the hash of what both have before them."""

    model_config = ConfigDict(extra="forbid")

    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    taker: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)]
    password: Annotated[str, Field(max_length=1024)]
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""


def handover_router(desk: HandoverDesk) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["handover"])
    hashing = asyncio.Semaphore(_HASHES_AT_ONCE)

    @router.get("/api/v1/handover", summary="What is to be handed over now")
    async def draft() -> dict[str, Any]:
        shown = await _shown(desk, asker())
        text, digest = sealed(shown)
        try:
            await desk.redis.set(handover_draft(digest), text, ex=DRAFT_SECONDS)
        except redis.RedisError as error:
            raise HTTPException(503, "the message server does not answer") from error
        return {"sha256": digest, "shown": shown}

    @router.post("/api/v1/handover", status_code=201, summary="Both officers sign")
    async def sign(body: SignBody, request: Request) -> Any:
        address = request.client.host if request.client else "local"
        return await _sign(desk, asker(), body, address, hashing)

    @router.get("/api/v1/handovers", summary="The last handovers")
    def past() -> dict[str, Any]:
        asker()
        return {"handovers": [_json(one) for one in desk.kept.newest()]}

    @router.get("/api/v1/handovers/{number}", summary="One handover as it was signed")
    def one(number: int) -> dict[str, Any]:
        asker()
        found = desk.kept.get(number)
        if found is None:
            raise HTTPException(404, "no such handover")
        return _json(found) | {"shown": found.shown}

    return router


async def _shown(desk: HandoverDesk, who: Identity) -> dict[str, Any]:
    """The page's content: from memory, but for the rates."""
    now = utc(desk.alarms.now())
    shift = shift_at(now, desk.alarms.zone)
    view = desk.alarms.live.view(who.district)
    board = desk.board()
    rows = [] if board is None else [row for row in board.cases.values() if _concerns(row, who)]
    grave = [line for line in view["alarms"] if line["level"] in _GRAVE]
    return {
        "at": milliseconds(now),
        "leaver": who.name,
        "leaver_name": who.display_name,
        "shift": {
            "name": shift.name,
            "begins_at": milliseconds(shift.begins_at),
            "ends_at": milliseconds(shift.ends_at),
        },
        "kept": view["kept"],
        "board": board is not None,
        "counts": view["counts"],
        "unacked": view["unacked"],
        "flood": view["flood"],
        "groups": [{name: g[name] for name in g if name not in ("ids", "unacked")} for g in view["groups"]],
        "alarms": grave,
        "more": view["more"],
        "shelved": view["shelved"],
        "claimed": _rows(desk, (row for row in rows if row.claimed_by == who.name)),
        "requests": _rows(desk, (row for row in rows if row.current_request is not None)),
        "orders": _rows(desk, (row for row in rows if row.order_due is not None)),
        "sources": [_lamp(lamp) for lamp in desk.lamps() if lamp.state is not SourceState.LIVE],
        "rates": rates_json(await desk.alarms.rates(shift.begins_at, now)),
    }


def _concerns(row: OpenRow, who: Identity) -> bool:
    return who.district is None or row.district in (None, who.district)


def _rows(desk: HandoverDesk, rows: Iterable[OpenRow]) -> dict[str, Any]:
    """Cases, the nearest deadline first; the count says how many there are in all."""
    found = sorted(rows, key=lambda row: (row.deadline is None, row.deadline, row.case_no))
    return {"count": len(found), "cases": [_case(desk.called, row) for row in found[:MOST_ROWS]]}


def _case(called: Called, row: OpenRow) -> dict[str, Any]:
    department = row.department
    return {
        "case_no": row.case_no,
        "severity": row.severity.value,
        "class_name": called.classes.get(row.class_code, row.class_code),
        "address": row.address,
        "state": row.state.value,
        "department": department and called.departments.get(department, department),
        "claimant": row.claimant,
        "request": row.current_request,
        "deadline": row.deadline and milliseconds(row.deadline),
        "order_due": row.order_due and milliseconds(row.order_due),
    }


def _lamp(lamp: SourceLamp) -> dict[str, Any]:
    state = lamp.state.value
    return {"name": lamp.name, "state": state, "as_of": milliseconds(lamp.as_of), "detail": lamp.detail}


async def _sign(desk: HandoverDesk, who: Identity, body: SignBody, address: str, hashing: asyncio.Semaphore) -> Any:
    if not body.taker or not body.password:
        return _wrong(422, "taker_missing", "taker", t("请接班人填写账号和密码。"))
    try:
        shown = await desk.redis.get(handover_draft(body.sha256))
        if shown is None:
            return _wrong(409, "draft_over", "", t("交接清单已过期，请刷新后再签。"))
        wait = await desk.door.throttle.begin(body.taker, address)
        if wait:
            return _wrong(429, "wait", "password", wait_text(wait))
        async with hashing:
            account = await asyncio.to_thread(desk.door.accounts.authenticate, body.taker, body.password)
        if account is None:
            await asyncio.to_thread(_note_failure, desk, body.taker, address)
            return _wrong(422, "taker_wrong", "password", t("接班人的账号或密码不正确。"))
        await desk.door.throttle.succeeded(body.taker, address)
    except redis.RedisError as error:
        log.error("a handover cannot be signed: %s", error)
        return _wrong(503, "no_answer", "", t("消息服务暂时没有应答，请稍候再签。"))
    text = shown.decode() if isinstance(shown, bytes) else shown
    return await _keep(desk, who, account, text, body.note)


async def _keep(desk: HandoverDesk, who: Identity, taker: Account, shown: str, note: str) -> Any:
    identity = taker.identity
    if identity.name == who.name:
        return _wrong(422, "same_person", "taker", t("交班人和接班人不能是同一人。"))
    if not identity.may(Permission.HANDLE_ALARMS):
        return _wrong(422, "no_right", "taker", t("接班人的岗位不处理报警，不能接班。"))
    at = utc(desk.alarms.now())
    pair = {"leaver": (who.name, who.display_name), "taker": (identity.name, identity.display_name)}
    number = await asyncio.to_thread(lambda: desk.kept.sign(shown, at=at, note=note, **pair))
    log.info("handed over", extra={"facts": {"number": number, "leaver": who.name, "taker": identity.name}})
    return {"number": number, "at": milliseconds(at), "taker_name": identity.display_name}


def _note_failure(desk: HandoverDesk, typed: str, address: str) -> None:
    """Under the account's name or under none: what was typed may be a password."""
    known = desk.door.accounts.get(typed)
    who = known.name if known else ""
    desk.door.audit.record(AuditEvent.LOGIN_FAILED, who=who, subject="handover", address=address)


def _wrong(status: int, error: str, field: str, message: str) -> JSONResponse:
    return JSONResponse({"error": error, "field": field, "message": message}, status)


def _json(one: Handover) -> dict[str, Any]:
    return {
        "number": one.number,
        "at": milliseconds(one.at),
        "leaver": one.leaver,
        "leaver_name": one.leaver_name,
        "taker": one.taker,
        "taker_name": one.taker_name,
        "note": one.note,
        "sha256": one.sha256,
        "intact": one.intact,
    }
