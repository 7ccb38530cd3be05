"""A small hall with every route of ours: real database, real Valkey, a clock moved by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import redis.asyncio
from argon2 import PasswordHasher
from fastapi import APIRouter, FastAPI, WebSocket
from sqlalchemy import Engine
from starlette.routing import BaseRoute

from api.accounts_routes import Door
from api.assembly import ApiParts, build_api, guarded_app
from api.board import PreparedBoard
from api.csrf import Csrf
from api.guard import Guard
from api.health import Check
from api.login_page import DemoHint
from api.metrics import Metrics, Readings
from api.sessions import Sessions
from data_access.accounts import Account, AccountStore
from data_access.audit import AuditLog
from data_access.cases import CaseStore
from data_access.figures import FigureService
from data_access.login_throttle import LoginThrottle
from data_access.passwords import Passwords
from domain.camera import Camera, CameraError, CameraState, CameraStatus
from domain.roles import Role
from tests.api.sockets import HandSocket
from tests.data_access.histories import CITY_ZONE, history
from tests.data_access.policies import PLAIN_POLICY
from tests.hand_clock import HandClock

KEY = b"0123456789abcdef0123456789abcdef"
PASSWORD = "correct horse battery"
ORIGIN = "http://hall"
SCRIPT_HASH = "'sha256-AOdtFFXUILXmmZxbRDqq+DTT17bN1u7i2tzHzyCRoP0='"
CALLER = "王秀英"
PHONE = "13805321234"
PEOPLE = {role.value: role for role in Role if role is not Role.WALL_DEVICE}
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Hall:
    """The parts of the hall, and ways to knock at its door."""

    clock: HandClock
    engine: Engine
    accounts: AccountStore
    sessions: Sessions
    audit: AuditLog
    cases: CaseStore
    metrics: Metrics
    server: FastAPI
    app: Guard
    redis: redis.asyncio.Redis
    board: list[PreparedBoard] = field(default_factory=list)
    checks: dict[str, Check] = field(default_factory=dict)
    statuses: dict[str, CameraStatus] = field(default_factory=dict)

    def account(self, role: Role) -> Account:
        known = self.accounts.get(role.value)
        return known or self.accounts.add(
            role.value, PASSWORD, role=role, department="A01" if role is Role.DEPARTMENT else None
        )

    def cookie(self, role: Role) -> str:
        """A session's cookie as a browser sends it."""
        if role is Role.WALL_DEVICE:
            device = self.accounts.authenticate_device(self.accounts.add_device("lobby"))
            assert device is not None
            return self.sessions.open_device(device).split(";")[0]
        return self.sessions.open(self.account(role)).split(";")[0]

    def client(self, role: Role | None = None, **headers: str) -> httpx.AsyncClient:
        """A browser of ours, with somebody's session or none."""
        sent = {"accept": "text/html", "origin": ORIGIN} | headers
        if role is not None:
            sent["cookie"] = self.cookie(role)
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=("10.0.0.7", 4711))
        return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=sent)

    def socket(self, path: str, role: Role | None = None, **headers: str) -> HandSocket:
        sent = {"host": "hall", "origin": ORIGIN} | headers
        if role is not None:
            sent["cookie"] = self.cookie(role)
        return HandSocket(self.app, path, sent)


def make_hall(engine: Engine, client: redis.asyncio.Redis, *, demo: DemoHint | None = None, kept: bool = False) -> Hall:
    """Everything put together as the composition root does.

    `kept`: with the application of the hall before, which then is no longer to be used; building one takes long.
    """
    clock = HandClock()
    accounts = AccountStore(engine, now=clock.now, passwords=Passwords(QUICK))
    sessions = Sessions(KEY, accounts, session_hours=12, now=clock.now, monotonic=clock.monotonic)
    cases = CaseStore(engine, PLAIN_POLICY, number_prefix="QD", zone=CITY_ZONE)
    audit, metrics = AuditLog(engine, now=clock.now), Metrics()
    board: list[PreparedBoard] = []
    checks: dict[str, Check] = {}
    statuses: dict[str, CameraStatus] = {}
    parts = ApiParts(
        now=clock.now,
        zone=CITY_ZONE,
        door=Door(
            accounts=accounts,
            sessions=sessions,
            throttle=LoginThrottle(client),
            audit=audit,
            csrf=Csrf(KEY, now=clock.now),
            demo=demo,
        ),
        redis=client,
        figures=FigureService(cases),
        cases=cases,
        prepared_board=lambda: board[-1] if board else None,
        own_board=lambda department: None,
        cameras=lambda: [CAMERA],
        camera_statuses=_answers(statuses),
        checks=checks,
        metrics=metrics,
        readings=_readings,
        routers=(other_rooms(),),
    )
    server = _kept_server(parts) if kept else build_api(parts, version="test")
    app = guarded_app(
        server,
        parts,
        monotonic=clock.monotonic,
        allowed_origins=("https://allowed.example",),
        inline_scripts=lambda: (SCRIPT_HASH,),
    )
    return Hall(clock, engine, accounts, sessions, audit, cases, metrics, server, app, client, board, checks, statuses)


_STANDING: list[ApiParts] = []
"""The parts of the hall that stands now."""


class _Part:
    """Stands for one part of the hall that stands now."""

    def __init__(self, of: Callable[[ApiParts], Any]) -> None:
        self._of = of

    def __getattr__(self, name: str) -> Any:
        return getattr(self._of(_STANDING[0]), name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._of(_STANDING[0]))


def _kept_server(parts: ApiParts) -> FastAPI:
    """The one application of this process, asking `parts` from now on, without routes that a test has added."""
    _STANDING[:] = [parts]
    server, routes = _built_once()
    server.router.routes[:] = routes
    server.openapi_schema = None
    return server


@cache
def _built_once() -> tuple[FastAPI, list[BaseRoute]]:
    door: dict[str, Any] = {
        "accounts": _Part(lambda parts: parts.door.accounts),
        "sessions": _Part(lambda parts: parts.door.sessions),
        "throttle": _Part(lambda parts: parts.door.throttle),
        "audit": _Part(lambda parts: parts.door.audit),
        "csrf": _Part(lambda parts: parts.door.csrf),
    }
    stores: dict[str, Any] = {
        "redis": _Part(lambda parts: parts.redis),
        "figures": _Part(lambda parts: parts.figures),
        "cases": _Part(lambda parts: parts.cases),
        "checks": _Part(lambda parts: parts.checks),
        "metrics": _Part(lambda parts: parts.metrics),
    }
    parts = ApiParts(
        now=lambda: _STANDING[0].now(),
        zone=CITY_ZONE,
        door=Door(**door),
        prepared_board=lambda: _STANDING[0].prepared_board(),
        own_board=lambda department: _STANDING[0].own_board(department),
        cameras=lambda: _STANDING[0].cameras(),
        camera_statuses=lambda: _STANDING[0].camera_statuses(),
        readings=_readings,
        routers=(other_rooms(),),
        **stores,
    )
    server = build_api(parts, version="test")
    return server, list(server.router.routes)


def _answers(statuses: Mapping[str, CameraStatus]):
    async def answer() -> Mapping[str, CameraStatus]:
        return statuses

    return answer


async def _readings() -> Readings:
    return Readings(board_age_seconds=0.4, cases_open=12, cameras={"live": 90, "offline": 11}, sources={"live": "ok"})


def other_rooms() -> APIRouter:
    """What stands in for pages and sockets of other rooms: the guard looks at addresses only."""
    router = APIRouter()

    async def page() -> dict[str, str]:
        return {"page": "content"}

    async def snapshot(camera_id: str) -> dict[str, str]:
        return {"page": "content", "camera": camera_id}

    for path in ("/", "/wall", "/video", "/cases"):
        router.add_api_route(path, page)
    router.add_api_route("/video/{camera_id}/snapshot.jpg", snapshot)
    router.add_api_route("/_dash-layout", page)
    router.add_api_route("/_dash-update-component", page, methods=["POST"])
    router.add_api_route("/tiles/1/2/3.png", page)

    @router.get("/api/v1/map/broken")
    async def broken() -> None:
        raise RuntimeError("the secret inside")

    @router.websocket("/ws/video")
    @router.websocket("/_dash-ws-callback")
    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        async for text in socket.iter_text():
            await socket.send_text(text)

    return router


CAMERA = Camera(
    camera_id="QD-001",
    number=1,
    name="五四广场",
    district_code="370202",
    lon=120.38,
    lat=36.06,
    bearing=90.0,
    fov=60.0,
    owner_unit="市城管局",
    shared=False,
    ptz=True,
)


def offline(clock: HandClock) -> CameraStatus:
    return CameraStatus(
        camera_id="QD-001", state=CameraState.OFFLINE, since=clock.now(), error=CameraError.TIMEOUT, attempt=3
    )


def store_cases(hall: Hall) -> None:
    """Three cases: two of department A01 (one of them closed), one of B02, called in by a citizen."""
    at = hall.clock.now() - timedelta(hours=5)
    told = {"reporter": CALLER, "reporter_phone": PHONE, "attributes": {"owner": CALLER}, "description": "井盖缺失"}
    sent = {"state": "disposing", "filed_at": at, "accepted_at": at, "dispatched_at": at, "district": "370202"}
    done = {"state": "closed", "disposed_at": at + timedelta(hours=1), "closed_at": at + timedelta(hours=1)}
    with hall.cases.bulk() as writer:
        writer.append(
            [
                history("QD1", (at, told), (at, sent | {"department": "A01"})),
                history("QD2", (at, told), (at, sent | {"department": "A01"}), (at + timedelta(hours=1), done)),
                history("QD3", (at, told), (at, sent | {"department": "B02", "reporter_phone": PHONE})),
            ]
        )


def break_store(engine: Engine) -> None:
    """The database file is replaced by something that is none."""
    path = engine.url.database
    engine.dispose()
    for part in ("", "-wal", "-shm"):
        Path(f"{path}{part}").write_bytes(b"this is no database" * 500)
