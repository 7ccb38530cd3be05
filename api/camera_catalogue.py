"""`/api/v1/cameras/setup`: the catalogue: add, change and try cameras. Addresses come in and never out."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from api.identity import current_identity
from api.view_log import ViewLog
from data_access.audit import AuditEvent
from data_access.camera_catalogue import CameraCatalogue, Outcome
from domain.camera import CameraPolicy
from domain.turning import REFUSALS
from domain.words import text
from runtime.i18n import t

LONGEST_CSV = 2_000_000

_WHY: Mapping[str, str] = {code.value: words for code, words in REFUSALS.items()} | {
    "not_found": text("摄像机没有这路视频：检查地址里的路径"),
    "codec": text("视频编码不支持"),
    "stream_ended": text("摄像机中断了视频流"),
    "damaged": text("画面损坏，读不出来"),
    "bad_address": text("地址不完整或写错了"),
}

Short = Annotated[str, Field(max_length=200)]
Address = Annotated[SecretStr, Field(max_length=500)]


class Tried(Protocol):
    """What a trial found (`roles.camera_trials`)."""

    @property
    def told(self) -> dict[str, Any]: ...
    @property
    def jpeg(self) -> bytes: ...
    @property
    def streams(self) -> dict[str, str]: ...


Look = Callable[[str], Awaitable[Tried]]


class CameraForm(BaseModel):
    """One camera as the form has it: text by column of `cameras.csv`. An empty address stays what it was."""

    model_config = ConfigDict(extra="forbid")

    camera_id: Short
    name: Short
    district_code: Short
    lon: Short
    lat: Short
    bearing: Short = ""
    fov: Short = ""
    owner_unit: Short = ""
    street: Short = ""
    policy: Short = CameraPolicy.ALWAYS.value
    shared: bool = False
    ptz: bool = False
    main_url: Address = SecretStr("")
    sub_url: Address = SecretStr("")
    onvif_url: Address = SecretStr("")

    def row(self) -> dict[str, str]:
        """As a row of the file, addresses included."""
        plain = self.model_dump(exclude={"shared", "ptz", "main_url", "sub_url", "onvif_url"})
        addresses = {name: getattr(self, name).get_secret_value() for name in ("main_url", "sub_url", "onvif_url")}
        return {**plain, **addresses, "shared": str(int(self.shared)), "ptz": str(int(self.ptz))}


class Trial(BaseModel):
    """What to look at: a given address, or what the catalogue has for a camera."""

    model_config = ConfigDict(extra="forbid")

    camera_id: Short = ""
    main_url: Address = SecretStr("")
    onvif_url: Address = SecretStr("")


class CsvText(BaseModel):
    """A `cameras.csv`; with `save` false it is only looked through."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[SecretStr, Field(max_length=LONGEST_CSV)]
    save: bool = False


def camera_catalogue_router(catalogue: CameraCatalogue, look: Look, log: ViewLog) -> APIRouter:
    """The routes, all for administrators. `look` tries an address in a process of its own."""
    router = APIRouter(tags=["cameras"], prefix="/api/v1/cameras/setup")

    @router.get("", summary="The catalogue, without addresses")
    async def show() -> list[dict[str, Any]]:
        rows = await asyncio.to_thread(catalogue.rows)
        return [{**row.values, "has": sorted(row.has)} for row in rows]

    @router.post("", summary="Add or change one camera")
    async def save(form: CameraForm) -> Response:
        row = await _with_streams(form.row(), look, catalogue)
        done = await asyncio.to_thread(catalogue.put, row)
        _write_down(log, form.camera_id, done)
        return JSONResponse(_outcome(done), 422 if done.rejected else 200)

    @router.post("/test", summary="Look at an address before it is saved")
    async def test(trial: Trial) -> dict[str, Any]:
        address = await _address(trial, catalogue)
        if not address:
            return {"ok": False, "error": "bad_address", "message": t(_WHY["bad_address"])}
        return _told(await look(address))

    @router.post("/csv", summary="Look through a cameras.csv, or take it")
    async def csv(given: CsvText) -> Response:
        try:
            done = await asyncio.to_thread(catalogue.put_text, given.text.get_secret_value(), write=given.save)
        except ValueError as wrong:
            return JSONResponse({"error": "bad_value", "field": "text", "message": str(wrong)}, 422)
        if given.save:
            _write_down(log, "cameras.csv", done)
        return JSONResponse(_outcome(done))

    return router


async def _address(trial: Trial, catalogue: CameraCatalogue) -> str:
    given = trial.main_url.get_secret_value().strip() or trial.onvif_url.get_secret_value().strip()
    if given or not trial.camera_id:
        return given
    stored = await asyncio.to_thread(catalogue.addresses, trial.camera_id)
    found = stored.get("main_url") or stored.get("onvif_url")
    return found.get_secret_value() if found else ""


async def _with_streams(row: dict[str, str], look: Look, catalogue: CameraCatalogue) -> dict[str, str]:
    """A camera given by its ONVIF address alone: its streams are asked of it."""
    if row["main_url"] or not row["onvif_url"]:
        return row
    if "main_url" in await asyncio.to_thread(catalogue.addresses, row["camera_id"]):
        return row
    return row | (await look(row["onvif_url"])).streams


def _told(tried: Tried) -> dict[str, Any]:
    told = dict(tried.told)
    if tried.jpeg:
        told["picture"] = "data:image/jpeg;base64," + base64.b64encode(tried.jpeg).decode()
    if not told.get("ok"):
        told["message"] = t(_WHY.get(str(told.get("error")), _WHY["damaged"]))
    return told


def _outcome(done: Outcome) -> dict[str, Any]:
    rejected = [{"line": one.line, "field": one.field, "reason": one.reason} for one in done.rejected]
    told = {"good": done.good, "rejected_rows": done.rejected_rows, "rejected": rejected}
    if done.put is not None:
        told |= {"new": done.put.new, "changed": done.put.changed, "same": done.put.same}
    return told


def _write_down(log: ViewLog, subject: str, done: Outcome) -> None:
    who = current_identity()
    if who is None:
        raise HTTPException(401, "no session")
    if done.put is not None and done.put.touched:
        log.write(AuditEvent.CAMERA_CONFIGURED, who, subject)
