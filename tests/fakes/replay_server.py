"""The replay in a browser: real page, scripts, socket and case store; beside it a live feed that a test looks at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dash import Dash, html
from fastapi import FastAPI, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.identity import Visitor, visitor
from api.replay import ReplayParts, replay_router
from components.replay_frame import replay_frame
from components.wall_frame import WallSetup, wall_frame
from data_access.cases import CaseStore
from data_access.engine import migrate, open_engine
from data_access.past_wall import PastReader, PastWall
from domain.roles import Identity, Role
from domain.wall_view import CityNames, wall_view
from pages._shell import INDEX
from runtime.clock import SystemClock
from tests.data_access.histories import CITY_ZONE, History, history
from tests.data_access.policies import PLAIN_POLICY
from tests.fakes.hall_day import hall_day
from tests.fakes.serving import served
from tests.shared_data import PROJECT

NAMES = CityNames(
    zone=CITY_ZONE.key,
    districts={"370202": "市南区", "370203": "市北区"},
    departments={"A01": "市政工程养护管理处"},
    classes={"E0101": "暴露垃圾"},
)
LEADER = Identity("leader", "孙市长", Role.LEADER)

FEED = """
window.harness = { alarms: [] };
(function () {
  async function second() {
    const wall = await (await fetch("/harness/now")).json();
    const { publish } = window.citywall.live;
    publish("tick", { now: Date.now(), version: 1, as_of: wall.as_of, connected: true, sources: [] });
    publish("wall", wall);
    publish("alarms", { alarms: harness.alarms, flood: null, kept: true });
    setTimeout(second, 500);
  }
  window.addEventListener("load", second);
})();
"""
PAGE = INDEX.replace("{%renderer%}", '<script src="/harness.js"></script>{%renderer%}')
OTHERS = r"worker|alarm-(bar|panel)|^(tiles|focus|video|camera|collect|unit|intake|case-p|dispatch).*js$"


@dataclass
class ReplayServer:
    """A running server and the store it replays."""

    store: CaseStore
    began: datetime
    address: str = ""


def _case(number: int, began: datetime) -> History:
    """Late after four hours, closed after ten."""
    at = began + timedelta(minutes=20 * number)
    return history(
        f"QD{number:04}",
        (at, {"class_code": "E0101", "district": ("370202", "370203")[number % 2], "lon": 120.38, "lat": 36.07}),
        (
            at + timedelta(hours=1),
            {"state": "disposing", "department": "A01", "dispatched_at": at, "deadline": at + timedelta(hours=4)},
        ),
        (at + timedelta(hours=10), {"state": "closed", "closed_at": at + timedelta(hours=10)}),
    )  # fmt: skip


class _AsLeader:
    """Whoever asks is the leader."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        holder = visitor.set(Visitor(identity=LEADER))
        try:
            await self._app(scope, receive, send)
        finally:
            visitor.reset(holder)


def _app(store: CaseStore) -> FastAPI:
    app = FastAPI()
    reader = PastReader(store.engine, CITY_ZONE)
    app.include_router(replay_router(ReplayParts(reader=reader, view=_view, clock=SystemClock())))
    day = hall_day(10)
    texts = 'window.citywallWords={"language":"zh","texts":{}};'
    now = PastWall(reader)
    answers: dict[str, Any] = {
        "/api/v1/words.js": lambda: Response(texts, media_type="text/javascript"),
        "/harness.js": lambda: Response(FEED, media_type="text/javascript"),
        "/harness/now": lambda: _view(now.board(datetime.now(UTC), datetime.now(UTC))),
        "/healthz": lambda: {"ok": True},
        "/api/v1/map/base": lambda: day.base,
        "/api/v1/map/grids": lambda: day.grids,
        "/wall": lambda: Response("the wall", media_type="text/plain"),
    }
    for path, answer in answers.items():
        app.add_api_route(path, answer)
    dash = Dash(
        __name__, server=app, backend="fastapi", assets_folder=str(PROJECT / "assets"), assets_ignore=OTHERS,
        index_string=PAGE, update_title="", suppress_callback_exceptions=True,
    )  # fmt: skip
    setup = WallSetup(
        city="青岛市", zone=CITY_ZONE.key, box=day.box, cameras=(), places=(), distance_mm=8000, pitch_mm=1.25,
        demo=True, then=True,
    )  # fmt: skip

    def layout() -> html.Div:
        wall = wall_frame(setup, scene=None, pane="L", t=str)
        at = datetime.now(UTC) - timedelta(hours=8)
        return replay_frame(wall, at=at, speed=60, playing=False, zone=CITY_ZONE, t=str)

    dash.layout = layout
    dash._setup_server()
    return app


def _view(board: Any) -> dict[str, Any]:
    return wall_view(board, NAMES)


@contextmanager
def replay_server(folder: Path) -> Iterator[ReplayServer]:
    """Serve the replay of two days with a hundred cases until the block is left."""
    engine = open_engine(f"sqlite:///{folder / 'hall.sqlite3'}")
    migrate(engine)
    store = CaseStore(engine, PLAIN_POLICY, number_prefix="QD", zone=CITY_ZONE)
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=36)
    with store.bulk() as writer:
        writer.append([_case(number, began) for number in range(78)])
    server = ReplayServer(store, began)
    with served(_AsLeader(_app(store)), sockets=True) as server.address:
        yield server
    engine.dispose()
