"""Photos as evidence: taken in as they come, shown to whoever may see their case, with what is doubtful about them.

A photo is uploaded first and named by its hash in the command that brings it to a case. Flags are judged anew each
time they are asked for, so that a copy used later is told at both places.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import JSONResponse, Response

from api.footage import media_answer
from api.identity import asker
from api.refusals import Refusal as DoorRefusal
from api.refusals import answer
from data_access.photo_doubts import doubts_of
from data_access.photo_files import LARGEST_BYTES, PhotoWrong, too_large
from data_access.photos import PhotoDamaged, PhotoStore
from domain.action import Refusal, RefusalCode
from domain.case import Case
from domain.case_rights import may_see
from domain.command_facts import word
from domain.journal import Entry, milliseconds
from domain.photo import PHOTO_WORDS, Photo, is_sealed, split
from domain.photo_flags import DETAIL_WORDS, FLAG_WORDS, Doubt, metres_from
from domain.photo_steps import Brought, brought, first_step, marks_of, next_step
from domain.roles import Identity
from domain.transitions import TRANSITIONS
from runtime.i18n import t

log = logging.getLogger(__name__)

READ_AT_ONCE = 2
"""Files decoded at the same time in one process: each may take a hundred megabytes for a moment."""

SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
Kind = Literal["far", "near", "reference", "before", "after"]


class Cases(Protocol):
    """What answers: `data_access.cases.CaseStore`. Blocking."""

    def get(self, case_no: str) -> Case | None: ...

    def history(self, case_no: str) -> Sequence[Entry]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoDesk:
    """Takes photos in and shows them. Blocking, but for the routes."""

    store: PhotoStore
    cases: Cases
    now: Callable[[], datetime]

    def take_in(self, media: bytes, kind: str, case_no: str | None, who: Identity) -> dict[str, Any]:
        """Keep a photo; what is known of it, and what is doubtful about it already.

        Raises:
            PhotoWrong: it is no photo we can keep.
            StoreError: it cannot be stored.
        """
        at = self.now()
        photo = self.store.keep(media, kind=kind, by=who.name, at=at)
        case = self._visible(case_no, who) if case_no else None
        step = first_step(who.role, at)
        if case is not None:
            stored = self.store.some(marks_of(case))
            step = next_step(case, self.cases.history(case.case_no), stored, role=who.role, kind=kind, at=at)
        (found,) = doubts_of(self.store, [(photo, step)])
        return photo_json(photo) | {"kind": kind, "metres": _metres(photo, case), "flags": flags_json(found)}

    def of_case(self, case_no: str, who: Identity) -> dict[str, Any]:
        """Every photo the case's journal names, with the step it came with and what is doubtful about it.

        Raises:
            HTTPException: 404, there is no such case for them.
        """
        case = self._visible(case_no, who)
        if case is None:
            raise HTTPException(404, "no such case")
        stored = self.store.some(marks_of(case))
        listed = brought(case, self.cases.history(case_no), stored)
        held = [one for one in listed if one.mark in stored]
        found = doubts_of(self.store, [(stored[one.mark], one.step) for one in held])
        judged = dict(zip(map(id, held), found, strict=True))
        told = [_brought_json(one, case, stored.get(one.mark), judged.get(id(one), ())) for one in listed]
        return {"case": case_no, "total": len(told), "photos": told}

    def seen(self, sha256: str, who: Identity) -> Photo:
        """A photo for somebody who may see it: they brought it, or may see a case that carries it.

        Raises:
            HTTPException: 404, there is none for them.
        """
        photo = self.store.get(sha256) if is_sealed(sha256) else None
        if photo is None or not (photo.uploaded_by == who.name or self._carried(sha256, who)):
            raise HTTPException(404, "no such photo")
        return photo

    def missing(self, facts: Mapping[str, Any]) -> Refusal | None:
        """The refusal of a command that names photos nobody uploaded; other faults of theirs the workflow names."""
        given = facts.get("photos")
        if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
            return None
        marks = [mark for _, mark in map(split, given)]
        known = self.store.some(mark for mark in marks if is_sealed(mark))
        lost = sum(mark not in known for mark in marks)
        if not lost:
            return None
        text = f"{word('photos')}中有 {lost} 张没有上传过：请移除后重新拍照上传，再提交。"
        return Refusal(code=RefusalCode.FACT_WRONG, text=text, field="photos")

    def _visible(self, case_no: str, who: Identity) -> Case | None:
        case = self.cases.get(case_no)
        return case if case is not None and may_see(case, who) else None

    def _carried(self, sha256: str, who: Identity) -> bool:
        carriers = dict.fromkeys(use.case_no for use in self.store.uses([sha256]).get(sha256, ()))
        return any(self._visible(case_no, who) is not None for case_no in carriers)


def photos_router(desk: PhotoDesk) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["photos"])
    reading = asyncio.Semaphore(READ_AT_ONCE)

    @router.post("/api/v1/photos", status_code=201, summary="Upload a photo: the raw bytes of a JPEG, PNG or WebP")
    async def upload(
        request: Request, kind: Kind, case_no: Annotated[str | None, Query(max_length=64)] = None
    ) -> Response:
        who = asker()
        try:
            media = await _body(request)
            async with reading:
                return JSONResponse(await asyncio.to_thread(desk.take_in, media, kind, case_no, who), 201)
        except PhotoWrong as wrong:
            return photo_refused(wrong)

    @router.get("/api/v1/cases/{case_no}/photos", summary="A case's photos, each with its step and what is doubtful")
    def listed(case_no: str) -> dict[str, Any]:
        return desk.of_case(case_no, asker())

    @router.get("/photos/{sha256}.jpg", include_in_schema=False)
    def media(request: Request, sha256: str) -> Response:
        photo = desk.seen(sha256, asker())
        try:
            content = desk.store.media(sha256)
        except PhotoDamaged as error:
            log.error("%s", error)
            return answer(_damaged(), request.scope)
        name = f"{sha256[:16]}.{SUFFIXES[photo.media_type]}"
        return media_answer(content or b"", photo.media_type, name, request)

    @router.get("/photos/{sha256}/thumb", include_in_schema=False)
    def thumb(request: Request, sha256: str) -> Response:
        desk.seen(sha256, asker())
        return media_answer(desk.store.thumb(sha256) or b"", "image/jpeg", f"{sha256[:16]}-small.jpg", request)

    return router


async def _body(request: Request) -> bytes:
    """The upload, given up as soon as it is too large.

    Raises:
        PhotoWrong: it is.
    """
    media = bytearray()
    async for part in request.stream():
        media += part
        if len(media) > LARGEST_BYTES:
            raise too_large()
    return bytes(media)


def photo_refused(wrong: PhotoWrong) -> Response:
    """The refusal in words."""
    message = t(wrong.text).format(**wrong.values)
    return JSONResponse({"error": "bad_photo", "field": "photos", "message": message}, 422)


def photo_json(photo: Photo) -> dict[str, Any]:
    """A stored photo for programs and pages. Times as epoch milliseconds."""
    return {
        "sha256": photo.sha256,
        "kind": photo.kind,
        "url": f"/photos/{photo.sha256}.jpg",
        "thumb_url": f"/photos/{photo.sha256}/thumb",
        "media_type": photo.media_type,
        "size": photo.size,
        "width": photo.width,
        "height": photo.height,
        "taken_at": None if photo.taken_at is None else milliseconds(photo.taken_at),
        "uploaded_at": milliseconds(photo.uploaded_at),
        "uploaded_by": photo.uploaded_by,
        "lon": photo.lon,
        "lat": photo.lat,
        "stored": True,
    }


def flags_json(found: Iterable[Doubt]) -> list[dict[str, Any]]:
    """What is doubtful, gravest first: the code, its word, and the sentence."""
    return [
        {
            "code": one.flag.value,
            "label": t(FLAG_WORDS[one.flag]),
            "detail": t(DETAIL_WORDS[one.flag]).format(**one.values),
        }
        for one in found
    ]


_UNKNOWN = ("media_type", "size", "width", "height", "taken_at", "uploaded_at", "uploaded_by", "lon", "lat")
_NOT_STORED = dict.fromkeys(("url", "thumb_url", *_UNKNOWN))


def _brought_json(one: Brought, case: Case, photo: Photo | None, found: Iterable[Doubt]) -> dict[str, Any]:
    told = _NOT_STORED | {"sha256": one.mark, "stored": False} if photo is None else photo_json(photo)
    return told | {
        "kind": one.kind,
        "kind_label": t(PHOTO_WORDS.get(one.kind, one.kind)),
        "action": one.entry.action.value,
        "action_label": t(TRANSITIONS[one.entry.action].zh),
        "brought_at": milliseconds(one.entry.at),
        "brought_by": one.entry.actor,
        "version": one.entry.version,
        "metres": _metres(photo, case),
        "flags": flags_json(found),
    }


def _metres(photo: Photo | None, case: Case | None) -> int | None:
    metres = metres_from(photo, case.lon, case.lat) if photo is not None and case is not None else None
    return None if metres is None else round(metres)


def _damaged() -> DoorRefusal:
    return DoorRefusal(
        status=500,
        code="evidence_damaged",
        title=t("证据已被改动"),
        text=t("存放的内容与登记时的摘要不符，不予显示。已记入日志，请管理员从备份中取回。"),
    )
