"""`/cases`: the cases behind a figure. The filter stands in the address, so a list can be sent to a colleague."""

from __future__ import annotations

import asyncio
from typing import Any

import dash
from dash import Input, Output, State, callback, no_update

from components.case_list import address_store, case_grid, question, wrong_question
from domain.case_query import CaseQuery, QueryError, from_params
from domain.guarded import guarded
from domain.roles import Permission
from pages import _ids as ids
from pages._case_rows import Names, in_words, row, within_rights
from pages._desk import desk_page
from pages._services import Services, services

dash.register_page(__name__, path="/cases", title="案卷 · 城墙")


def layout(**params: str) -> Any:
    """The question in words and an empty grid that fetches its own rows."""
    hall = services()
    try:
        query = from_params(params)
    except QueryError as error:
        return desk_page("/cases", [wrong_question(str(error), t=hall.t)])
    parts, who = in_words(query, _names(hall), hall.t), hall.identity()
    video = who is not None and who.may(Permission.SEE_VIDEO)
    head = question(parts, total_id=ids.CasesPage.TOTAL, video=video, t=hall.t)
    store = address_store(ids.CasesPage.ADDRESS, query.to_params())
    return desk_page("/cases", [store, head, case_grid(ids.CasesPage.GRID, t=hall.t)])


@callback(
    Output(ids.CasesPage.GRID, "getRowsResponse"),
    Output(ids.CasesPage.TOTAL, "children"),
    Input(ids.CasesPage.GRID, "getRowsRequest"),
    State(ids.CasesPage.ADDRESS, "data"),
)
@guarded(Permission.SEE_CASES, Permission.SEE_OWN_CASES)
async def on_rows_wanted(request: dict[str, Any] | None, params: dict[str, str]) -> tuple[Any, Any]:
    """One block of rows, and how many there are in all."""
    hall = services()
    identity = hall.identity()
    if request is None or identity is None:
        return no_update, no_update
    query = within_rights(from_params(params), identity)
    rows, total = await asyncio.to_thread(_block, hall, query, request["startRow"], request["endRow"])
    return {"rowData": rows, "rowCount": total}, hall.t("共 {n} 件").format(n=f"{total:,}")


def _block(hall: Services, query: CaseQuery, start: int, end: int) -> tuple[list[dict[str, Any]], int]:
    at = query.as_of or hall.now()
    total = hall.store.count(query, at)
    found = hall.store.find(query, at, limit=end - start, offset=start)
    names = _names(hall)
    return [row(case, at=at, names=names, t=hall.t) for case in found], total


def _names(hall: Services) -> Names:
    return Names(hall.district_names, hall.department_names, hall.class_names, hall.city.zone)
