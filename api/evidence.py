"""Evidence: a picture or the last minute of a camera, kept, sealed, and attached to a case the way everything is.

Order of saving: the footage is fetched, the workflow is asked whether the case would take it, then it is kept, then
attached. What was kept stays kept, even if the case moved on at the last moment: the answer then says both.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from api.case_answers import refused
from api.footage import LONGEST_MS, Footage, NoFootage, RecentFilms, media_answer, no_footage
from api.identity import asker, visitor
from api.problems import FieldProblem
from api.refusals import Refusal as DoorRefusal
from api.refusals import answer
from data_access.audit import AuditEvent, AuditLog
from data_access.evidence import EvidenceDamaged, EvidenceStore
from domain.action import Action, Command, Refusal
from domain.camera import Camera
from domain.case import Case
from domain.case_rights import may_see
from domain.evidence import MEDIA_TYPES, Evidence, EvidenceKind, EvidenceReference, digest
from domain.journal import milliseconds, moment
from domain.policy import Policy
from domain.roles import Identity, Permission
from domain.workflow import decide
from runtime.i18n import t

log = logging.getLogger(__name__)

_SUFFIX = {EvidenceKind.PICTURE: "jpg", EvidenceKind.CLIP: "mp4"}
Moment = Annotated[int, Field(ge=0, le=10**14, description="Epoch milliseconds.")]


class Wanted(BaseModel):
    """What is to be kept."""

    model_config = ConfigDict(extra="forbid")

    camera: Annotated[int | str, Field(description="The camera's number, or its id.")]
    what: Literal["picture", "clip"]
    case_no: Annotated[str | None, Field(max_length=64, description="The case it is attached to at once.")] = None
    from_ms: Moment | None = None
    to_ms: Moment | None = None
    note: Annotated[str, Field(max_length=500)] = ""


class Attached(BaseModel):
    """Evidence that was kept before and now joins a case."""

    model_config = ConfigDict(extra="forbid")

    evidence: Annotated[str, Field(min_length=1, max_length=64, description="Its id.")]


class Cases(Protocol):
    """What answers: `data_access.cases.CaseStore`. Blocking."""

    @property
    def policy(self) -> Policy: ...

    def get(self, case_no: str) -> Case | None: ...

    def execute(self, command: Command) -> object: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceDesk:
    """Keeps, attaches and shows evidence. `viewed` hears who looks at a camera's last minute."""

    store: EvidenceStore
    cases: Cases
    cameras: Callable[[], Sequence[Camera]]
    footage: Footage
    audit: AuditLog
    viewed: Callable[[Identity, Camera], object]
    now: Callable[[], datetime]

    def camera(self, known_as: str | int) -> Camera | None:
        """The camera of an id or number."""
        return next((one for one in self.cameras() if known_as in (one.camera_id, one.number, str(one.number))), None)

    async def save(self, wanted: Wanted, who: Identity) -> tuple[Evidence, Refusal | None]:
        """Keep what was asked for, and attach it where a case is named; the refusal if the case did not take it.

        Raises:
            FieldProblem: the request asks for something impossible.
            NoFootage: the cameras gave nothing.
            CaseRefused: the case would not take it; nothing was kept.
            StoreError: it cannot be stored.
        """
        camera = self.camera(wanted.camera)
        if camera is None:
            raise FieldProblem("camera", f"there is no camera {wanted.camera}; /api/v1/cameras lists them")
        _check_span(wanted)
        if wanted.case_no is not None:
            await asyncio.to_thread(self._must_take, wanted.case_no, who, _SAMPLE)
        kept, media = await self._taken(wanted, camera, who)
        await asyncio.to_thread(self._keep, kept, media)
        refusal = await self.attach(kept, wanted.case_no, who) if wanted.case_no is not None else None
        return kept, refusal

    async def attach(self, kept: Evidence, case_no: str, who: Identity) -> Refusal | None:
        """Put kept evidence to a case: one more entry of its journal. None when it is done."""
        done = await asyncio.to_thread(self.cases.execute, self._command(case_no, who, str(kept.reference)))
        return done if isinstance(done, Refusal) else None

    def _command(self, case_no: str, who: Identity, reference: str) -> Command:
        facts = {"evidence": [reference]}
        return Command(action=Action.ATTACH_EVIDENCE, actor=who, at=self.now(), case_no=case_no, facts=facts)

    def _must_take(self, case_no: str, who: Identity, reference: str) -> None:
        case, command = self.cases.get(case_no), self._command(case_no, who, reference)
        decided = decide(case, command, self.cases.policy)
        if isinstance(decided, Refusal):
            raise CaseRefused(decided)

    async def _taken(self, wanted: Wanted, camera: Camera, who: Identity) -> tuple[Evidence, bytes]:
        preset = await self.footage.preset(camera)
        if wanted.what == "picture":
            shot = await self.footage.picture(camera.number)
            begins_ms, ends_ms, media = shot.captured_ms, shot.captured_ms, shot.jpeg
        else:
            film = await self.footage.clip(camera.number, wanted.from_ms or 0, wanted.to_ms or 0)
            begins_ms, ends_ms, media = film.from_ms, film.to_ms, film.mp4
        kept = Evidence(
            evidence_id=secrets.token_hex(8),
            kind=EvidenceKind(wanted.what),
            camera_id=camera.camera_id,
            begins_at=moment(begins_ms),
            ends_at=moment(ends_ms),
            preset=preset,
            operator=who.name,
            case_no=wanted.case_no,
            sha256=digest(media),
            size=len(media),
            note=wanted.note.strip(),
            created_at=moment(milliseconds(self.now())),
        )
        return kept, media

    def _keep(self, kept: Evidence, media: bytes) -> None:
        self.store.keep(kept, media)
        self._write_down(AuditEvent.EVIDENCE_SAVED, kept, kept.operator)

    def _write_down(self, event: AuditEvent, kept: Evidence, who: str) -> None:
        subject = f"{kept.evidence_id} of {kept.camera_id}"
        self.audit.record(event, who=who, subject=subject, address=visitor.get().address)

    def of_case(self, case_no: str, who: Identity) -> list[tuple[EvidenceReference, Evidence | None]] | None:
        """What the case's journal says of its evidence, each with what is stored of it; None: no such case for them."""
        case = self.cases.get(case_no)
        if case is None or not may_see(case, who):
            return None
        references = [EvidenceReference.parse(text) for text in case.evidence]
        stored = {one.evidence_id: one for one in self.store.some([one.evidence_id for one in references])}
        return [(reference, stored.get(reference.evidence_id)) for reference in references]

    def told(self, kept: Evidence | None, word: EvidenceReference, case_no: str | None) -> dict[str, Any]:
        """One piece for programs and pages; a camera that is gone has no name any more."""
        camera = self.camera(word.camera_id)
        return _evidence_json(kept, word, case_no) | {"camera_name": camera.name if camera else ""}

    def shown(self, evidence_id: str, case_no: str | None, who: Identity) -> tuple[Evidence, bytes] | None:
        """The media for somebody who may see them; held against the journal's word too where a case is named.

        Raises:
            EvidenceDamaged: they are not what was sealed.
        """
        kept = self.store.get(evidence_id)
        if kept is None:
            return None
        word = self._word_of(kept, case_no or kept.case_no, who)
        if word is None and not who.may(Permission.SEE_CASES):
            return None
        media = self.store.media(evidence_id)
        if media is None or (word is not None and word.sha256 != kept.sha256):
            raise EvidenceDamaged(f"evidence {evidence_id} is not the one the journal of case {case_no} names")
        self._write_down(AuditEvent.EVIDENCE_SEEN, kept, who.name)
        return kept, media

    def _word_of(self, kept: Evidence, case_no: str | None, who: Identity) -> EvidenceReference | None:
        attached = self.of_case(case_no, who) if case_no else None
        return next((word for word, _ in attached or () if word.evidence_id == kept.evidence_id), None)


class CaseRefused(Exception):
    """The case would not take evidence; nothing was fetched or kept."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.text)
        self.refusal = refusal


_SAMPLE = str(EvidenceReference("0" * 16, "0" * 64, moment(0), "-"))
"""Stands for the evidence while the workflow is asked beforehand."""


def evidence_router(desk: EvidenceDesk) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["evidence"])
    _add_saving(router, desk)
    _add_showing(router, desk)
    return router


def _add_saving(router: APIRouter, desk: EvidenceDesk) -> None:
    @router.post("/api/v1/video/evidence", status_code=201, summary="Keep a camera's picture, or its last minute")
    async def save(wanted: Wanted) -> Response:
        try:
            kept, refusal = await desk.save(wanted, asker())
        except NoFootage as error:
            return no_footage(error)
        except CaseRefused as error:
            return refused(error.refusal)
        told = desk.told(kept, kept.reference, wanted.case_no)
        return JSONResponse(told, 201) if refusal is None else refused(refusal, kept=told)

    @router.post("/api/v1/cases/{case_no}/evidence", summary="Attach evidence that was kept before to a case")
    async def attach(case_no: str, attached: Attached) -> Response:
        kept = await asyncio.to_thread(desk.store.get, attached.evidence)
        if kept is None:
            raise FieldProblem("evidence", "there is no such evidence; its id is in the answer that saved it")
        refusal = await desk.attach(kept, case_no, asker())
        return JSONResponse(desk.told(kept, kept.reference, case_no)) if refusal is None else refused(refusal)


def _add_showing(router: APIRouter, desk: EvidenceDesk) -> None:
    films = RecentFilms(desk.footage.clip, desk.now)

    @router.get("/api/v1/cases/{case_no}/evidence", summary="A case's evidence, as its journal names it")
    def listed(case_no: str) -> dict[str, Any]:
        found = desk.of_case(case_no, asker())
        if found is None:
            raise HTTPException(404, "no such case")
        told = [desk.told(kept, word, case_no) for word, kept in found]
        return {"case": case_no, "total": len(told), "evidence": told}

    @router.get("/video/evidence/{evidence_id}", include_in_schema=False)
    def media(request: Request, evidence_id: str, case: Annotated[str | None, Query(max_length=64)] = None) -> Response:
        try:
            found = desk.shown(evidence_id, case, asker())
        except EvidenceDamaged as error:
            log.error("%s", error)
            return answer(_damaged(), request.scope)
        if found is None:
            raise HTTPException(404, "no such evidence")
        kept, content = found
        name = f"{evidence_id}.{_SUFFIX[kept.kind]}"
        return media_answer(content, MEDIA_TYPES[kept.kind], name, request)

    @router.get("/video/{camera_id}/recent.mp4", include_in_schema=False)
    async def recent(request: Request, camera_id: str, from_ms: int, to_ms: int) -> Response:
        camera, who = desk.camera(camera_id), asker()
        if camera is None:
            raise HTTPException(404, "no such camera")
        _check_order(from_ms, to_ms)
        desk.viewed(who, camera)
        try:
            film = await films.get(camera.number, from_ms, to_ms)
        except NoFootage as error:
            return no_footage(error)
        shown = media_answer(film.mp4, "video/mp4", f"{camera.number}.mp4", request)
        shown.headers.update({"X-From-Ms": str(film.from_ms), "X-To-Ms": str(film.to_ms)})
        return shown


def _evidence_json(kept: Evidence | None, word: EvidenceReference, case_no: str | None) -> dict[str, Any]:
    """One piece for programs and pages. `intact` is false where the store does not hold what the journal names."""
    told = {
        "id": word.evidence_id,
        "camera": word.camera_id,
        "captured_at": milliseconds(word.captured_at),
        "sha256": word.sha256,
        "intact": kept is not None and kept.reference == word,
        "url": f"/video/evidence/{word.evidence_id}" + (f"?case={case_no}" if case_no else ""),
    }
    if kept is None:
        return told | {"kind": None}
    return told | {
        "kind": kept.kind.value,
        "ends_at": milliseconds(kept.ends_at),
        "preset": kept.preset,
        "operator": kept.operator,
        "note": kept.note,
        "size": kept.size,
        "created_at": milliseconds(kept.created_at),
    }


def _check_span(wanted: Wanted) -> None:
    if wanted.what == "picture":
        if wanted.from_ms is not None or wanted.to_ms is not None:
            raise FieldProblem("from_ms", "a picture is of now; leave from_ms and to_ms out, or ask for a clip")
        return
    for name in ("from_ms", "to_ms"):
        if getattr(wanted, name) is None:
            raise FieldProblem(name, "a clip needs from_ms and to_ms, epoch milliseconds inside the last minute")
    _check_order(wanted.from_ms or 0, wanted.to_ms or 0)


def _check_order(from_ms: int, to_ms: int) -> None:
    if from_ms < 0 or to_ms > 10**14:
        raise FieldProblem("from_ms" if from_ms < 0 else "to_ms", "give epoch milliseconds")
    if to_ms <= from_ms:
        raise FieldProblem("to_ms", "must be later than from_ms")
    if to_ms - from_ms > LONGEST_MS:
        raise FieldProblem("to_ms", f"at most {LONGEST_MS // 1000} s after from_ms: no more is kept")


def _damaged() -> DoorRefusal:
    return DoorRefusal(
        status=500,
        code="evidence_damaged",
        title=t("证据已被改动"),
        text=t("存放的内容与登记时的摘要不符，不予显示。已记入日志，请管理员从备份中取回。"),
    )
