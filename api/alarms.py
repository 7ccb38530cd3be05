"""`/api/v1/alarms`: what stands for whoever asks, and the acts on it: seen, shelved, taken off the shelf, heard.

Acknowledging says "I saw it" and stops the sound everywhere. It neither claims a case nor dispatches it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import orjson
from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from redis.asyncio import Redis

from api.identity import asker
from api.moments import moment_of
from api.problems import FieldProblem
from data_access.alarm_log import AlarmLog
from data_access.keys import ALARM_SOUND
from data_access.live_alarms import LiveAlarms
from data_access.redis_client import LINE_ERRORS
from domain.alarm import Alarm
from domain.alarm_log import AlarmEntry, AlarmEvent, of_alarm
from domain.alarm_rates import AIMS, AlarmRates, alarm_rates
from domain.journal import milliseconds, moment
from domain.roles import Identity, Permission
from domain.shift import longest_shelf, shift_at
from domain.worktime import utc
from runtime.i18n import t

MOST_AT_ONCE = 2000
LONGEST_RATES = timedelta(days=92)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmDesk:
    """What the routes work with."""

    live: LiveAlarms
    log: AlarmLog
    redis: Redis
    zone: ZoneInfo
    now: Callable[[], datetime]

    async def write(self, entries: Sequence[AlarmEntry]) -> None:
        """Into the log, and call the keeper; one that does not hear finds it within seconds."""
        await asyncio.to_thread(self.log.append, entries)
        try:
            await self.live.call()
        except LINE_ERRORS as error:
            log.warning("the keeper of alarms was not called", extra={"facts": {"error": type(error).__name__}})

    def mine(self, who: Identity, name: str) -> Alarm | None:
        """An alarm that stands and concerns whoever asks."""
        alarm = self.live.standing(name)
        return alarm if alarm is not None and alarm.concerns(who.district) else None

    async def rates(self, begins_at: datetime, ends_at: datetime) -> AlarmRates:
        entries = await asyncio.to_thread(self.log.between, begins_at, ends_at)
        standing = () if self.live.current is None else self.live.current.alarms
        return alarm_rates(entries, standing, begins_at, ends_at)


class AckBody(BaseModel):
    """Several at once: a group of a flood."""

    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[str], Field(min_length=1, max_length=MOST_AT_ONCE)]


class ShelveBody(BaseModel):
    """Until when (epoch ms), and why."""

    model_config = ConfigDict(extra="forbid")

    until: int
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class SoundBody(BaseModel):
    """What an open desk page says of its sound: it can be heard, cannot, or was tested and heard just now."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["ok", "lost", "tested"]
    seat: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{4,32}$")]


def alarms_router(desk: AlarmDesk) -> APIRouter:
    """The routes about alarms themselves."""
    router = APIRouter(tags=["alarms"], prefix="/api/v1/alarms")

    @router.get("", summary="The alarms that stand for whoever asks")
    async def show() -> dict[str, Any]:
        who = asker()
        return desk.live.view(who.district) | {"me": await _me(desk, who)}

    @router.post("/ack", summary="Acknowledge several alarms")
    async def ack_some(body: AckBody) -> dict[str, Any]:
        return await _acknowledge(desk, asker(), body.ids)

    @router.post("/sound", status_code=204, summary="Whether alarms can be heard at this seat")
    async def sound(body: SoundBody) -> Response:
        return await _note_sound(desk, asker(), body)

    @router.post("/{alarm_id}/ack", summary="Acknowledge an alarm: I saw it")
    async def ack(alarm_id: str) -> Any:
        told = await _acknowledge(desk, asker(), [alarm_id])
        return _gone() if told["gone"] else told

    @router.post("/{alarm_id}/shelve", summary="Put an alarm aside, with a reason and an end")
    async def shelve(alarm_id: str, body: ShelveBody) -> Any:
        return await _shelve(desk, asker(), alarm_id, body)

    @router.post("/{alarm_id}/unshelve", summary="Take an alarm off its shelf")
    async def unshelve(alarm_id: str) -> Any:
        return await _act(desk, asker(), alarm_id, AlarmEvent.UNSHELVED)

    return router


def rates_router(desk: AlarmDesk) -> APIRouter:
    """The route about alarm quality."""
    router = APIRouter(tags=["alarms"])

    @router.get("/api/v1/alarms/rates", summary="Alarm quality of a span: rates, shares, times to acknowledge")
    async def rates(since: str = "", until: str = "") -> dict[str, Any]:
        now = utc(desk.now())
        ends_at = moment_of(until, "until", desk.zone) if until else now
        begins_at = moment_of(since, "since", desk.zone) if since else shift_at(now, desk.zone).begins_at
        if not timedelta(0) < ends_at - begins_at <= LONGEST_RATES:
            raise FieldProblem("since", "give a span of at most 92 days that ends after it begins")
        return rates_json(await desk.rates(begins_at, ends_at))

    return router


async def _me(desk: AlarmDesk, who: Identity) -> dict[str, Any]:
    """What the bar needs to know of whoever sits there."""
    tested = await asyncio.to_thread(desk.log.sound_tested, who.name)
    shift = shift_at(utc(desk.now()), desk.zone)
    return {
        "name": who.name,
        "may_handle": who.may(Permission.HANDLE_ALARMS),
        "sound_tested_at": None if tested is None else milliseconds(tested),
        "shift": {
            "name": t(shift.name),
            "begins_at": milliseconds(shift.begins_at),
            "ends_at": milliseconds(shift.ends_at),
        },
    }


async def _acknowledge(desk: AlarmDesk, who: Identity, ids: Sequence[str]) -> dict[str, Any]:
    """Whose acknowledgement counts: the first one's, who is named to the others."""
    now = utc(desk.now())
    found = [alarm for name in dict.fromkeys(ids) if (alarm := desk.mine(who, name)) is not None]
    fresh = [alarm for alarm in found if alarm.acked_at is None]
    lines = [of_alarm(a, AlarmEvent.ACKED, now, who=who.name, who_name=who.display_name) for a in fresh]
    if lines:
        await desk.write(lines)
    return {
        "acked": [alarm.alarm_id for alarm in fresh],
        "already": [
            {"id": alarm.alarm_id, "by": alarm.acked_name, "at": milliseconds(alarm.acked_at)}
            for alarm in found
            if alarm.acked_at is not None
        ],
        "gone": [name for name in ids if name not in {alarm.alarm_id for alarm in found}],
    }


async def _shelve(desk: AlarmDesk, who: Identity, name: str, body: ShelveBody) -> Any:
    now = utc(desk.now())
    latest = longest_shelf(now, desk.zone)
    if not body.reason:
        return _wrong("reason", t("搁置须写明原因。"))
    if body.until <= milliseconds(now):
        return _wrong("until", t("搁置须有晚于现在的结束时间。"))
    if body.until > milliseconds(latest):
        clock = latest.astimezone(desk.zone).strftime("%H:%M")
        return _wrong("until", t("最长只能搁置到本班结束（{clock}）。").format(clock=clock))
    return await _act(desk, who, name, AlarmEvent.SHELVED, reason=body.reason, until=moment(body.until))


async def _act(desk: AlarmDesk, who: Identity, name: str, event: AlarmEvent, **more: Any) -> Any:
    alarm = desk.mine(who, name)
    if alarm is None:
        return _gone()
    line = of_alarm(alarm, event, utc(desk.now()), who=who.name, who_name=who.display_name, **more)
    await desk.write([line])
    return {"id": name}


async def _note_sound(desk: AlarmDesk, who: Identity, body: SoundBody) -> Response:
    now = utc(desk.now())
    if body.state == "tested":
        line = AlarmEntry(
            at=now, event=AlarmEvent.SOUND_TESTED, subject=body.seat, who=who.name, who_name=who.display_name
        )
        await asyncio.to_thread(desk.log.append, [line])
    told = {"state": "ok" if body.state == "tested" else body.state, "at": milliseconds(now), "who": who.display_name}
    try:
        await desk.redis.hset(ALARM_SOUND, f"{who.name}|{body.seat}", orjson.dumps(told).decode())
    except LINE_ERRORS as error:  # the seat says it again within half a minute
        log.warning("a seat's sound was not noted", extra={"facts": {"error": type(error).__name__}})
        return Response(status_code=503)
    return Response(status_code=204)


def _wrong(field: str, message: str) -> JSONResponse:
    return JSONResponse({"error": "bad_value", "field": field, "message": message}, 422)


def _gone() -> JSONResponse:
    return JSONResponse({"error": "alarm_over", "field": "", "message": t("该报警已解除，无须处理。")}, 404)


def rates_json(rates: AlarmRates) -> dict[str, Any]:
    """Rates as JSON, with the aims beside them."""
    return {
        "begins_at": milliseconds(rates.begins_at),
        "ends_at": milliseconds(rates.ends_at),
        "officers": rates.officers,
        "raised": rates.raised,
        "per_ten_minutes": round(rates.per_ten_minutes, 3),
        "peak_ten_minutes": rates.peak_ten_minutes,
        "shares": {level.value: share for level, share in rates.shares.items()},
        "flood_share": round(rates.flood_share, 5),
        "escalated": rates.escalated,
        "chattering": rates.chattering,
        "standing_long": rates.standing_long,
        "acks": {
            level.value: {
                "raised": times.raised,
                "acked": times.acked,
                "median_seconds": times.median_seconds,
                "p90_seconds": times.p90_seconds,
                "in_time": times.in_time,
                "aim_seconds": times.aim_seconds,
            }
            for level, times in rates.acks.items()
        },
        "by_officer": [
            {"name": one.name, "acked": one.acked, "median_seconds": one.median_seconds} for one in rates.by_officer
        ],
        "aims": dict(AIMS),
    }
