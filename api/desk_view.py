"""`/api/v1/dispatch/view`: an officer's desk says what it shows, and walls that mirror it ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import redis
from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel, ConfigDict, Field

from api.identity import asker
from data_access.desk_view import DeskView, DeskViews
from domain.journal import milliseconds


class Shown(BaseModel):
    """What the desk shows now."""

    model_config = ConfigDict(extra="forbid")

    tab: Annotated[str, Field(max_length=32, pattern="^[a-z_]*$", description="The queue's view.")]
    case_no: Annotated[str | None, Field(max_length=64, description="The chosen case.")] = None


def desk_view_router(views: DeskViews, *, now: Callable[[], datetime]) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["dispatch"])

    @router.put("/api/v1/dispatch/view", status_code=204, summary="This is what my dispatch desk shows")
    async def put(shown: Shown) -> Response:
        who = asker()
        view = DeskView(account=who.name, name=who.display_name, tab=shown.tab, case_no=shown.case_no, at=now())
        try:
            await views.put(view)
        except redis.RedisError as error:
            raise HTTPException(503, "the message server does not answer") from error
        return Response(status_code=204)

    @router.get("/api/v1/dispatch/view", summary="The desk a wall of mine mirrors: my own, else the one moved last")
    async def show() -> dict[str, Any]:
        try:
            view = await views.shown(asker().name, now())
        except redis.RedisError as error:
            raise HTTPException(503, "the message server does not answer") from error
        if view is None:
            return {"name": "", "tab": "", "case_no": None, "at": None}
        return {"name": view.name, "tab": view.tab, "case_no": view.case_no, "at": milliseconds(view.at)}

    return router
