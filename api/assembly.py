"""The web role's HTTP side, put together: what each router needs comes in, one FastAPI application goes out.

The guard is not in here: `guarded_app` puts it around everything once Dash has taken its place inside.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import redis.asyncio
from fastapi import APIRouter, FastAPI, HTTPException
from starlette.types import ASGIApp

from api.accounts_routes import Door, accounts_router
from api.board import PreparedBoard, board_router
from api.cameras import cameras_router
from api.cases import Cases, cases_router
from api.docs_page import docs_router
from api.guard import Guard
from api.health import Check, health_router
from api.kpi import Figures, kpi_router
from api.language import words_router
from api.metrics import Metered, Metrics, Readings, metrics_router
from api.problems import add_problem_handlers
from api.security_headers import InlineScripts
from api.wall import wall_router
from data_access.refusals import CODES, Names
from domain.camera import Camera, CameraStatus

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_NOTHING_BELOW = ("/api/v1/map/{rest:path}", "/api/v1/components/{rest:path}", "/tiles/{rest:path}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiParts:
    """What the routes ask. The boards and `cameras` answer from memory, `figures` and `cases` block."""

    now: Callable[[], datetime]
    zone: ZoneInfo
    door: Door
    redis: redis.asyncio.Redis
    figures: Figures
    cases: Cases
    prepared_board: Callable[[], PreparedBoard | None]
    own_board: Callable[[str], PreparedBoard | None]
    cameras: Callable[[], Sequence[Camera]]
    camera_statuses: Callable[[], Awaitable[Mapping[str, CameraStatus]]]
    checks: Mapping[str, Check]
    metrics: Metrics
    readings: Callable[[], Awaitable[Readings]]
    names: Names = CODES
    """How people and departments are called."""
    routers: Sequence[APIRouter] = ()
    """Routers of other rooms: tiles, map, video."""


def build_api(parts: ApiParts, *, version: str, lifespan: Lifespan | None = None) -> FastAPI:
    """The application with every route of ours; Dash is then made with it as its server."""
    app = FastAPI(
        title="CityWall API",
        version=version,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        lifespan=lifespan,
    )
    add_problem_handlers(app)
    for router in _routers(parts):
        app.include_router(router)
    for path in _NOTHING_BELOW:  # after all of them: else Dash would answer an unknown tile with its page
        app.add_api_route(path, _nothing, include_in_schema=False)
    return app


def guarded_app(
    app: ASGIApp,
    parts: ApiParts,
    *,
    monotonic: Callable[[], float],
    allowed_origins: Collection[str],
    inline_scripts: InlineScripts,
) -> Guard:
    """What the server runs: the guard, the counters, then everything else."""
    return Guard(
        Metered(app, parts.metrics),
        sessions=parts.door.sessions,
        monotonic=monotonic,
        allowed_origins=allowed_origins,
        inline_scripts=inline_scripts,
        refused=parts.metrics.count_refusal,
    )


def _routers(parts: ApiParts) -> tuple[APIRouter, ...]:
    return (
        health_router(parts.checks),
        metrics_router(parts.metrics, parts.readings),
        accounts_router(parts.door),
        words_router(),
        docs_router(),
        board_router(parts.prepared_board, parts.own_board),
        kpi_router(parts.figures, now=parts.now, zone=parts.zone),
        cases_router(parts.cases, now=parts.now, names=parts.names),
        cameras_router(parts.cameras, parts.camera_statuses),
        wall_router(parts.redis, now=parts.now),
        *parts.routers,
    )


async def _nothing(rest: str) -> None:
    raise HTTPException(404, rest)
