"""`/api/v1/tasks`: what waits for this collector to go and look, nearest first where a position is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.identity import asker
from domain.case import Case, CaseState
from domain.field_task import FieldTask, field_tasks
from domain.journal import milliseconds
from domain.rights import Mode
from domain.roles import Identity

MOST_LISTED = 100

OwnLon = Annotated[float | None, Query(ge=-180, le=180)]
OwnLat = Annotated[float | None, Query(ge=-90, le=90)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDesk:
    """`waiting` reads the cases out for a look in a district (None: everywhere). Blocking."""

    waiting: Callable[[str | None], Iterable[Case]]
    class_name: Callable[[str], str]
    mode: Mode
    now: Callable[[], datetime]

    def of(self, who: Identity, lon: float | None, lat: float | None) -> dict[str, Any]:
        """The collector's tasks; `total` counts all of them, the nearest hundred are listed."""
        at = None if lon is None or lat is None else (lon, lat)
        tasks = field_tasks(self.waiting(who.district), who, self.mode, at)
        return {
            "now": milliseconds(self.now()),
            "total": len(tasks),
            "located": at is not None,
            "tasks": [self._told(task) for task in tasks[:MOST_LISTED]],
        }

    def _told(self, task: FieldTask) -> dict[str, Any]:
        case = task.case
        return {
            "case_no": case.case_no,
            "version": case.version,
            "task": "verify" if case.state is CaseState.PENDING_VERIFY else "check",
            "severity": case.severity.value,
            "class_code": case.class_code,
            "class_name": self.class_name(case.class_code),
            "description": case.description,
            "address": case.address,
            "lon": case.lon,
            "lat": case.lat,
            "grid": case.grid,
            "source": case.source.value,
            "closing_condition": case.closing_condition,
            "rework_count": case.rework_count,
            "since": milliseconds(case.state_since),
            "due": milliseconds(task.due),
            "metres": None if task.metres is None else round(task.metres),
        }


def tasks_router(desk: TaskDesk) -> APIRouter:
    """The route. A plain function: the framework runs it in a thread."""
    router = APIRouter(tags=["tasks"])

    @router.get("/api/v1/tasks", summary="Cases to verify and to check, with their 30-minute clocks")
    def tasks(lon: OwnLon = None, lat: OwnLat = None) -> dict[str, Any]:
        return desk.of(asker(), lon, lat)

    return router
