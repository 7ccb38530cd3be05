"""`/api/v1/cameras/{id}/ptz` and `…/presets`: turning a camera, who holds it, and what views it remembers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from api.identity import current_identity
from api.problems import FieldProblem
from api.view_log import ViewLog
from data_access.audit import AuditEvent
from domain.camera import Camera, Preset
from domain.roles import Identity
from domain.turning import (
    HOLD_SECONDS,
    REFUSALS,
    Act,
    Holder,
    Motion,
    TurnCommand,
    Turned,
    TurnRefusal,
    TurnRefused,
)
from runtime.i18n import t

SHORT_AGO = timedelta(seconds=HOLD_SECONDS)
"""Key presses of one person within this are one turning in the audit log."""

_PRESET_ACTS = frozenset({Act.GOTO, Act.SET, Act.DELETE})
_STATUS: Mapping[TurnRefusal, int] = {TurnRefusal.AWAY: 503, TurnRefusal.BUSY: 429, TurnRefusal.TIMEOUT: 504}

Speed = Annotated[float, Field(ge=-1, le=1)]


class Desk(Protocol):
    """Who carries it out (`video.ptz`); every method may raise `TurnRefused`."""

    async def command(self, camera: Camera, identity: Identity, command: TurnCommand) -> Turned: ...

    async def holder(self, number: int) -> Holder | None: ...

    async def presets(self, camera: Camera) -> tuple[Preset, ...]: ...


class Wanted(BaseModel):
    """One command. While a key is down a page says `keep` every half second; else the camera stops by itself."""

    model_config = ConfigDict(extra="forbid")

    act: Annotated[Act, Field(description="hold, release, move, keep, stop, goto, set or delete.")]
    pan: Annotated[Speed, Field(description="−1 left to 1 right.")] = 0.0
    tilt: Annotated[Speed, Field(description="−1 down to 1 up.")] = 0.0
    zoom: Annotated[Speed, Field(description="−1 wide to 1 near.")] = 0.0
    token: Annotated[str, Field(max_length=64, description="A preset; for set: the one to replace.")] = ""
    name: Annotated[str, Field(max_length=64, description="Name of the preset to set.")] = ""

    def command(self) -> TurnCommand:
        """What the desk understands.

        Raises:
            FieldProblem: the act needs an argument that is not there.
        """
        motion = Motion(self.pan, self.tilt, self.zoom)
        made = TurnCommand(act=self.act, motion=motion, token=self.token, name=self.name.strip())
        if made.missing is not None:
            raise FieldProblem(made.missing, f"is needed for {self.act}; give it")
        return made


class TurnLog:
    """Who took, turned or set which camera; key presses of one turning are one line."""

    def __init__(self, log: ViewLog, now: Callable[[], datetime]) -> None:
        self._log, self._now = log, now
        self._turning: dict[tuple[str, str], datetime] = {}

    def note(self, camera: Camera, identity: Identity, command: TurnCommand, done: Turned) -> None:
        """Write down what was done, if it is not the same turning still."""
        if done.new:
            taken = f" from {done.taken_from}" if done.taken_from else ""
            self._log.write(AuditEvent.CAMERA_HELD, identity, camera.camera_id + taken)
        if command.act in _PRESET_ACTS:
            what = f"{camera.camera_id} {command.act} {done.token or command.token}"
            self._log.write(AuditEvent.CAMERA_PRESET, identity, what)
        if command.act is Act.MOVE and self._begins((identity.name, camera.camera_id)):
            self._log.write(AuditEvent.CAMERA_TURNED, identity, camera.camera_id)

    def _begins(self, who_what: tuple[str, str]) -> bool:
        now = self._now()
        self._turning = {pair: at for pair, at in self._turning.items() if now - at < SHORT_AGO}
        new = who_what not in self._turning
        self._turning[who_what] = now
        return new


def ptz_router(desk: Desk, cameras: Callable[[], Sequence[Camera]], log: TurnLog) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["cameras"])

    @router.get("/api/v1/cameras/{camera_id}/ptz", summary="Who holds a turning camera")
    async def show(camera_id: str) -> Response:
        try:
            return JSONResponse(_holder_json(await desk.holder(_found(cameras, camera_id).number)))
        except TurnRefused as refused:
            return _refusal(refused)

    @router.post("/api/v1/cameras/{camera_id}/ptz", summary="Hold, turn, stop, call a preset, release")
    async def turn(camera_id: str, wanted: Wanted) -> Response:
        camera, who, command = _found(cameras, camera_id), current_identity(), wanted.command()
        if who is None:
            raise HTTPException(401, "no session")
        try:
            done = await desk.command(camera, who, command)
        except TurnRefused as refused:
            return _refusal(refused)
        log.note(camera, who, command, done)
        return JSONResponse(_holder_json(done.holder) | {"token": done.token, "taken_from": done.taken_from})

    @router.get("/api/v1/cameras/{camera_id}/presets", summary="What views a camera remembers")
    async def presets(camera_id: str) -> Response:
        """From the camera itself; where it does not tell, those of the catalogue, and why."""
        camera = _found(cameras, camera_id)
        try:
            return JSONResponse(
                {"from": "camera", "presets": [_preset_json(one) for one in await desk.presets(camera)]}
            )
        except TurnRefused as refused:
            known = [_preset_json(one) for one in camera.presets]
            return JSONResponse({"from": "catalogue", "presets": known, "error": refused.code.value})

    return router


def preset_caller(
    desk: Desk, cameras: Callable[[], Sequence[Camera]], log: TurnLog
) -> Callable[[str, str, Identity], Awaitable[str]]:
    """Turns a camera (its id) to a preset (its token) for somebody: "" when it turns, else the code of the refusal.

    A camera that was free is free again afterwards.
    """

    async def call(camera_id: str, token: str, who: Identity) -> str:
        camera, goto = _found(cameras, camera_id), TurnCommand(act=Act.GOTO, token=token)
        try:
            done = await desk.command(camera, who, goto)
            if done.new:
                await desk.command(camera, who, TurnCommand(act=Act.RELEASE))
        except TurnRefused as refused:
            return refused.code.value
        log.note(camera, who, goto, done)
        return ""

    return call


def _found(cameras: Callable[[], Sequence[Camera]], camera_id: str) -> Camera:
    found = next((camera for camera in cameras() if camera.camera_id == camera_id), None)
    if found is None:
        raise HTTPException(404, "no such camera")
    return found


def _holder_json(holder: Holder | None) -> dict[str, Any]:
    if holder is None:
        return {"holder": None}
    return {
        "holder": holder.display_name,
        "holder_name": holder.name,
        "role": holder.role.value,
        "since": holder.since_ms,
        "until": holder.until_ms,
    }


def _refusal(refused: TurnRefused) -> Response:
    told = {"error": refused.code.value, "message": t(REFUSALS[refused.code])} | _holder_json(refused.holder)
    return JSONResponse(told, _STATUS.get(refused.code, 409))


def _preset_json(preset: Preset) -> dict[str, Any]:
    return {"token": preset.token, "name": preset.name, "bearing": preset.bearing, "fov": preset.fov}
