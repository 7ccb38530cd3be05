"""`/api/v1/cases`: the cases behind a figure, by the same filter that stands in the address of the page `/cases`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, HTTPException, Query, Request

from api.case_json import case_json, entry_json
from api.identity import asker
from api.problems import FieldProblem
from data_access.refusals import CODES, Names
from domain.case import Case
from domain.case_query import CaseQuery, from_params
from domain.case_rights import may_see
from domain.journal import Entry
from domain.roles import Identity, Permission, Role
from domain.transitions import TRANSITIONS
from domain.words import ROLES
from runtime.i18n import t

LARGEST_PAGE = 500
_PAGING = ("limit", "offset")


class Cases(Protocol):
    """What answers: `data_access.cases.CaseStore`. Blocking."""

    def get(self, case_no: str) -> Case | None: ...

    def history(self, case_no: str) -> tuple[Entry, ...]: ...

    def count(self, query: CaseQuery, now: datetime) -> int: ...

    def find(self, query: CaseQuery, now: datetime, *, limit: int = ..., offset: int = ...) -> Sequence[Case]: ...


def cases_router(cases: Cases, *, now: Callable[[], datetime], names: Names = CODES) -> APIRouter:
    """The routes. Plain functions: the framework runs them in threads. `names`: how people and units are called."""
    router = APIRouter(tags=["cases"])

    @router.get(
        "/api/v1/cases",
        summary="Cases by filter, newest first; filters as in the address of /cases",
        openapi_extra={"parameters": _filters_described()},
    )
    def find(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 100,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> dict[str, Any]:
        who = asker()
        filters = {name: value for name, value in request.query_params.items() if name not in _PAGING}
        query = own_cases(from_params(filters), who)
        at = now()
        personal = who.may(Permission.SEE_PERSONAL_DATA)
        found = cases.find(query, at, limit=limit, offset=offset)
        return {
            "total": cases.count(query, at),
            "limit": limit,
            "offset": offset,
            "query": query.to_params(),
            "cases": [case_json(case, personal=personal) for case in found],
        }

    @router.get("/api/v1/cases/{case_no}", summary="One case and its whole history")
    def show(case_no: str) -> dict[str, Any]:
        who = asker()
        case = cases.get(case_no)
        if case is None or not may_see(case, who):
            raise HTTPException(404, "no such case")
        personal = who.may(Permission.SEE_PERSONAL_DATA)
        history = [entry_json(entry, personal=personal) | _called(entry, names) for entry in cases.history(case_no)]
        return {
            "case": case_json(case, personal=personal),
            "history": history,
            "departments": {code: names.department(code) for code in _departments(case)},
        }

    return router


def _called(entry: Entry, names: Names) -> dict[str, Any]:
    """An entry's actor and act as people call them."""
    role = next((role for role in Role if role.value == entry.role), None)
    return {
        "who": names.person(entry.actor),
        "label": t(TRANSITIONS[entry.action].zh),
        "role_label": entry.role if role is None else t(ROLES[role]),
    }


def _departments(case: Case) -> list[str]:
    """The departments that the case names."""
    told = (case.department, case.owner_department, *case.assisting, *case.departments_tasked)
    return list(dict.fromkeys(code for code in told if code))


def _filters_described() -> list[dict[str, Any]]:
    """The filters for the API's description: they are read from `CaseQuery`, not from the endpoint's signature."""
    return [{"name": part.name, "in": "query", "schema": {"type": "string"}} for part in fields(CaseQuery)]


def own_cases(query: CaseQuery, who: Identity) -> CaseQuery:
    """The query, limited to the asker's own department where they may see no other's.

    Raises:
        FieldProblem: it asks for another department's cases.
    """
    if who.may(Permission.SEE_CASES):
        return query
    if query.department not in (None, who.department):
        raise FieldProblem("department", "your post sees the cases of its own department only")
    return replace(query, department=who.department or "-")
