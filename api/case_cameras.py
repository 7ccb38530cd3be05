"""From a case to the cameras that see it, and back (`/api/v1/cases/{no}/cameras`, `/api/v1/cameras/{id}/cases`).

Nothing about people: a case's place and its cameras, a camera's open cases as the board shows them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, HTTPException

from api.identity import current_identity
from domain.board import OpenRow, row_to_wire
from domain.camera import Camera, CameraState, CameraStatus
from domain.case import Case
from domain.roles import Identity, Permission
from domain.sight import WITHIN_M, CaseSight, View, case_sight, view_of

DEAD = frozenset({CameraState.FROZEN, CameraState.OFFLINE})
"""States of cameras that give no picture worth opening."""

MOST_CASES = 20
"""Open cases told of one camera: what a person can look through."""

TURN_SECONDS = 3.0
"""How long a camera may take to begin its turn: the whole way from case to picture has four (product sheet 3.9)."""

Turn = Callable[[str, str, Identity], Awaitable[str]]
"""Turn a camera (its id) to a preset (its token) for somebody. "" when it turns, else a code that says why not."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCameras:
    """The question "which cameras see this case", asked by routes and pages alike.

    `case` reads a database and blocks.
    """

    case: Callable[[str], Case | None]
    cameras: Callable[[], Sequence[Camera]]
    statuses: Callable[[], Awaitable[Mapping[str, CameraStatus]]]

    async def of(self, case_no: str, who: Identity | None) -> CaseSight | None:
        """The case's cameras as far as this person may know of the case; None: no such case for them."""
        if who is None or not who.may(Permission.SEE_VIDEO):
            return None
        case = await asyncio.to_thread(self.case, case_no)
        if case is None or not _may_see(who, case):
            return None
        return case_sight(case_no, _place(case), self.cameras(), dead=await self._dead())

    async def _dead(self) -> frozenset[str]:
        states = await self.statuses()
        return frozenset(camera_id for camera_id, status in states.items() if status.state in DEAD)


def _may_see(who: Identity, case: Case) -> bool:
    """A wall may ask about the cases on its own board: those that are open."""
    return who.may(Permission.SEE_CASES) or (who.may(Permission.SEE_WALL) and not case.is_final)


def _place(case: Case) -> tuple[float, float] | None:
    return None if case.lon is None or case.lat is None else (case.lon, case.lat)


def case_cameras_router(finder: CaseCameras, open_cases: Callable[[], Iterable[OpenRow]], turn: Turn) -> APIRouter:
    """The routes. `open_cases` answers from memory."""
    router = APIRouter(tags=["cameras"])

    @router.get("/api/v1/cases/{case_no}/cameras", summary="The four cameras that see a case best, within 300 m")
    async def cameras_of_case(case_no: str) -> dict[str, Any]:
        return sight_json(await _found(finder, case_no))

    @router.post("/api/v1/cases/{case_no}/cameras/turn", summary="Turn those of them that need it to their preset")
    async def turn_to_case(case_no: str) -> dict[str, Any]:
        sight, who = await _found(finder, case_no), current_identity()
        answers = {view.camera.number: _turned(turn, view, who) for view in sight.views if view.preset and who}
        told = dict(zip(answers, await asyncio.gather(*answers.values()), strict=True))
        return sight_json(sight, told)

    @router.get("/api/v1/cameras/{camera_id}/cases", summary="Open cases within 300 m of a camera, those in view first")
    async def cases_of_camera(camera_id: str) -> dict[str, Any]:
        camera = next((one for one in finder.cameras() if camera_id in (one.camera_id, str(one.number))), None)
        if camera is None:
            raise HTTPException(404, "no such camera")
        near = cases_near(camera, open_cases())
        return {
            "camera": camera.camera_id,
            "total": len(near),
            "cases": [_case_json(*one) for one in near[:MOST_CASES]],
        }

    return router


async def _found(finder: CaseCameras, case_no: str) -> CaseSight:
    sight = await finder.of(case_no, current_identity())
    if sight is None:
        raise HTTPException(404, "no such case")
    return sight


async def _turned(turn: Turn, view: View, who: Identity) -> str:
    try:
        async with asyncio.timeout(TURN_SECONDS):
            return await turn(view.camera.camera_id, view.preset.token if view.preset else "", who)
    except TimeoutError:
        log.warning("camera %s does not turn", view.camera.camera_id)
        return "timeout"


def cases_near(camera: Camera, rows: Iterable[OpenRow]) -> list[tuple[OpenRow, View]]:
    """Open cases around a camera: those it looks at first, then the nearer."""
    placed = ((row, view_of(camera, (row.lon, row.lat))) for row in rows if row.lon is not None and row.lat is not None)
    near = [(row, view) for row, view in placed if view.distance_m <= WITHIN_M]
    return sorted(near, key=lambda one: (one[1].in_view is False, one[1].distance_m, one[0].case_no))


def sight_json(sight: CaseSight, turned: Mapping[int, str] | None = None) -> dict[str, Any]:
    """A case's cameras for programs and pages. `turned` holds the answers of those that were asked to turn."""
    lon, lat = sight.place or (None, None)
    answers = turned or {}
    return {
        "case": sight.case_no,
        "lon": lon,
        "lat": lat,
        "cameras": [view_json(view, answers.get(view.camera.number)) for view in sight.views],
        "nearest_beyond": view_json(sight.beyond) if sight.beyond else None,
    }


def view_json(view: View, turned: str | None = None) -> dict[str, Any]:
    """One camera. `turned` is null where it need not turn; `turn_refused` says why it did not."""
    preset = view.preset
    return {
        "number": view.camera.number,
        "id": view.camera.camera_id,
        "name": view.camera.name,
        "distance_m": round(view.distance_m),
        "bearing_to": round(view.bearing_to, 1),
        "in_view": view.in_view,
        "live": view.live,
        "preset": {"token": preset.token, "name": preset.name} if preset else None,
        "reason": view.sight.value,
        "turned": turned == "" if preset else None,
        "turn_refused": turned or None,
    }


def _case_json(row: OpenRow, view: View) -> dict[str, Any]:
    told = {"distance_m": round(view.distance_m), "bearing_to": round(view.bearing_to, 1), "in_view": view.in_view}
    return row_to_wire(row) | told | {"reason": view.sight.value}
