"""`/api/v1/video/wall`: what stands in the wall's four places; sending a camera there (上墙) and taking it down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import redis
from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from api.identity import current_identity, visitor
from api.problems import FieldProblem
from data_access.audit import AuditEvent, AuditLog
from data_access.wall_choice import WallChoices, WallMoved
from domain.camera import Camera
from domain.journal import milliseconds
from domain.wall_places import TILES, WallChoice, changes, shown_cameras
from runtime.i18n import t

Cameras = Callable[[], Sequence[Camera]]


class Wanted(BaseModel):
    """What is to stand on the wall."""

    model_config = ConfigDict(extra="forbid")

    cameras: Annotated[
        list[Annotated[int, Field(ge=0, le=65_535)]],
        Field(min_length=TILES, max_length=TILES, description="Camera numbers, 0: the place's own camera."),
    ]
    version: Annotated[int, Field(ge=0, description="The version that was seen.")]


def wall_cameras_router(choices: WallChoices, cameras: Cameras, audit: AuditLog) -> APIRouter:
    """The routes. `choices` is read from memory and changed in Redis."""
    router = APIRouter(tags=["wall"])

    @router.get("/api/v1/video/wall", summary="The cameras in the wall's four places, and who sent them there")
    async def show() -> dict[str, Any]:
        return choice_json(choices.current, cameras())

    @router.put("/api/v1/video/wall", summary="Send cameras to the wall, or take them down")
    async def put(wanted: Wanted) -> Response:
        who = current_identity()
        if who is None:
            raise HTTPException(401, "no session")
        numbers = checked(wanted.cameras, cameras())
        try:
            before, after = await choices.put(numbers, by=who.display_name, version=wanted.version)
        except WallMoved as moved:
            return _moved(moved.now, cameras())
        except redis.RedisError as error:
            raise HTTPException(503, "the message server does not answer") from error
        await asyncio.to_thread(_write_down, audit, before, after, who.name, visitor.get().address, cameras())
        return JSONResponse(choice_json(after, cameras()))

    return router


def checked(numbers: Sequence[int], cameras: Sequence[Camera]) -> tuple[int, ...]:
    """The numbers, all known and none twice.

    Raises:
        FieldProblem: otherwise; the text says which.
    """
    known = {camera.number for camera in cameras}
    sent = [number for number in numbers if number]
    if unknown := [number for number in sent if number not in known]:
        raise FieldProblem("cameras", f"there is no camera {unknown[0]}; /api/v1/cameras lists them")
    if len(set(sent)) < len(sent):
        raise FieldProblem("cameras", "a camera stands in one place only; put 0 where the place shows its own")
    return tuple(numbers)


def choice_json(choice: WallChoice, cameras: Sequence[Camera]) -> dict[str, Any]:
    """`cameras` is what was sent, `shown` what stands there."""
    shown = shown_cameras(cameras, choice)
    return {
        "cameras": list(choice.cameras),
        "shown": [{"number": one.number, "name": one.name} if one else None for one in shown],
        "by": choice.by,
        "at": None if choice.at is None else milliseconds(choice.at),
        "version": choice.version,
    }


def _moved(now: WallChoice, cameras: Sequence[Camera]) -> Response:
    text = t("大屏画面已由 {name} 更改：请按现在的画面重新选择。").format(name=now.by or "–")
    told = {"error": "stale_version", "field": "version", "message": text, "now": choice_json(now, cameras)}
    return JSONResponse(told, 409)


def _write_down(
    audit: AuditLog, before: WallChoice, after: WallChoice, who: str, address: str, cameras: Sequence[Camera]
) -> None:
    """One line for each camera that came or went, with its place."""
    ids = {camera.number: camera.camera_id for camera in cameras}
    for change in changes(before, after):
        for event, number in ((AuditEvent.WALL_TAKEN_DOWN, change.taken_down), (AuditEvent.WALL_SENT, change.sent)):
            if number:
                subject = f"{ids.get(number, number)} at place {change.place}"
                audit.record(event, who=who, subject=subject, address=address)
