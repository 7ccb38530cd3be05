"""The lists a desk's forms choose from: departments, classes, filing conditions, and cases that may be the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Query

from api.case_offers import OfferDesk, condition_json
from api.identity import asker
from domain.case import Case
from domain.city import CaseClass, Department
from domain.journal import milliseconds
from domain.pinyin import typed
from domain.words import STATES
from runtime.i18n import t

Lon = Annotated[float, Query(ge=-180, le=180)]
Lat = Annotated[float, Query(ge=-90, le=90)]


class Cases(Protocol):
    """What knows the cases nearby. Blocking."""

    def alike(self, class_code: str, lon: float, lat: float, now: datetime) -> Sequence[tuple[Case, float]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskLists:
    """What is listed. `departments` and `classes` are read once."""

    departments: Sequence[Department]
    classes: Sequence[CaseClass]
    offers: OfferDesk
    cases: Cases
    now: Callable[[], datetime]


def desk_lists_router(lists: DeskLists) -> APIRouter:
    """The routes. Plain functions: the framework runs them in threads."""
    router = APIRouter(tags=["desk lists"])

    @router.get("/api/v1/departments", summary="The departments cases are dispatched to")
    def departments() -> dict[str, Any]:
        asker()
        told = [
            {
                "code": one.code,
                "name": one.name,
                "level": one.level.value,
                "district": one.district_code or None,
                "typed": typed(one.name),
            }
            for one in lists.departments
        ]
        return {"departments": told}

    @router.get("/api/v1/classes", summary="Component and event classes")
    def classes() -> dict[str, Any]:
        asker()
        told = [
            {
                "code": one.code,
                "name": one.name_zh,
                "kind": one.kind.value,
                "major": one.major_name_zh,
                "typed": typed(one.name_zh),
            }
            for one in lists.classes
        ]
        return {"classes": told}

    @router.get("/api/v1/limits", summary="Filing conditions of a class today, each with closing condition and limit")
    def limits(class_code: str, area_class: Annotated[int, Query(ge=0, le=9)] = 1) -> dict[str, Any]:
        asker()
        rules = lists.offers.conditions(class_code, area_class=area_class)
        return {"class_code": class_code, "conditions": [condition_json(rule) for rule in rules]}

    @router.get("/api/v1/cases-alike", summary="Open cases that may be the same: class, 50 m, 24 h (domain sheet 4.5)")
    def alike(class_code: str, lon: Lon, lat: Lat) -> dict[str, Any]:
        asker()
        found = lists.cases.alike(class_code, lon, lat, lists.now())
        return {
            "cases": [
                {
                    "case_no": case.case_no,
                    "address": case.address,
                    "state_label": t(STATES[case.state]),
                    "reported_at": milliseconds(case.reported_at),
                    "metres": round(metres),
                }
                for case, metres in found
            ]
        }

    return router
