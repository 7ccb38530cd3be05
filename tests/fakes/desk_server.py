"""The camera wall's page without cameras behind it: real components, scripts and scenes, tiles that a test speaks for.

Other routes answer from `answers` and are remembered in `asked`, so that a test can say what a hand caused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy import Engine

from api.identity import Visitor, visitor
from api.video_scenes import video_scenes_router
from components.dispatch_desk import DeskSetup
from components.video_case import case_line
from components.video_desk import video_desk
from data_access.engine import migrate, open_engine
from data_access.video_scenes import VideoScenes
from domain.camera import Camera, Preset
from domain.roles import Identity, Permission
from domain.sight import case_sight
from runtime.clock import SystemClock
from tests.fakes.serving import served
from tests.fakes.video_server import SCRIPTS, page, rendered
from tests.shared_data import PROJECT
from tests.video.made import SUPERVISOR, camera

STREETS = ("香港中路", "东海西路", "延安三路", "台东三路")
PRESETS = (Preset(token="p1", name="路口"), Preset(token="p2", name="桥面"))
STAND_IN = """
window.harness = { attached: new Map(), listeners: [] };
window.citywall.tiles = {
  attach() {}, detach: (place) => harness.attached.delete(place), list: (listener) => harness.listeners.push(listener),
  words: { live: "实时", delayed: "延迟", frozen: "冻结", offline: "离线", connecting: "连接中", idle: "未开启" },
  shapes: { live: "●", delayed: "■", frozen: "▲", offline: "✕", connecting: "○", idle: "○" },
  causes: { timeout: "没有应答" }, conditions: { black: "黑屏" },
  clock: (ms) => new Date(ms).toISOString().slice(11, 19),
};
harness.states = (states) => harness.listeners.forEach((listener) => listener({
  connected: true, listed: Object.entries(states).map(([number, state]) => [Number(number), { since: 0, ...state }]),
}));
harness.publish = (topic, value) => window.citywall.live.publish(topic, value);
"""
"""Takes the place of `tiles.js`: the desk's scripts ask and hear the same, and a test says what cameras do."""

FORM_SCRIPTS = ("case-act.js", "case-pick.js", "case-fields.js", "dispatch-base.js", "spot-map.js", "intake-form.js")
"""What the form for a report is made of."""


def city(count: int = 40) -> list[Camera]:
    """Cameras along four streets; the odd ones are the hall's own and turn, the even ones are shared."""
    return [
        replace(
            camera(number, name=f"{STREETS[number % 4]} {number}", shared=number % 2 == 0, owner="交警支队"),
            street=STREETS[number % 4],
            lon=120.36 + number / 2000,
            bearing=90.0,
            fov=60.0,
            ptz=True,
            presets=PRESETS,
        )
        for number in range(1, count + 1)
    ]


@dataclass
class DeskServer:
    """A running server. `identity` may be changed between two pages; `asked` holds (method, path, body)."""

    engine: Engine
    address: str = ""
    identity: Identity = SUPERVISOR
    cameras: Sequence[Camera] = field(default_factory=city)
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)

    def bodies(self, path: str, method: str = "POST") -> list[Any]:
        return [body for how, where, body in self.asked if (how, where) == (method, path)]

    def app(self) -> FastAPI:
        app = FastAPI()
        app.mount("/assets", StaticFiles(directory=PROJECT / "assets"))
        app.add_api_route("/video", self._page, response_class=HTMLResponse)
        app.include_router(video_scenes_router(VideoScenes(self.engine, now=SystemClock().now)))
        app.add_api_route("/{path:path}", self._other, methods=["GET", "POST", "PUT", "DELETE"])
        app.middleware("http")(self._as_visitor)
        return app

    async def _as_visitor(self, request: Request, call: Any) -> Response:
        holder = visitor.set(Visitor(identity=self.identity))
        try:
            answer: Response = await call(request)
        finally:
            visitor.reset(holder)
        return answer

    def _page(self, case: str = "") -> str:
        districts = {"370202": "市南区"}
        sight = case_sight(case, (120.37, 36.08), self.cameras) if case else None
        about = case_line(case, sight, str) if case else None
        setup = DeskSetup(who=self.identity, box=(120.3, 36.0, 120.5, 36.2), cameras=(), zone="Asia/Shanghai")
        desk = video_desk(
            *(self.cameras, self.cameras),
            districts=districts,
            identity=self.identity,
            about=about,
            reporting=setup if self.identity.may(Permission.REPORT_CASE) else None,
            t=str,
        )
        main = f'<main class="desk-main">{rendered(desk)}</main>'
        frame = f'<div class="cw-desk"><header class="desk-bar"></header>{main}</div>'
        scripts = [name for name in SCRIPTS if name != "tiles.js"]
        first_video = next(index for index, name in enumerate(scripts) if name.startswith("video-"))
        return page(frame, scripts=[*scripts, *FORM_SCRIPTS], between=(first_video, STAND_IN))

    async def _other(self, path: str, request: Request) -> Response:
        raw = await request.body()
        self.asked.append((request.method, f"/{path}", json.loads(raw) if raw else None))
        status, body = self.answers.get(f"/{path}", (200, {}) if request.method != "GET" else (404, {}))
        return JSONResponse(body, status)


@contextmanager
def desk_server(folder: Path) -> Iterator[DeskServer]:
    """Serve until the block is left."""
    engine = open_engine(f"sqlite:///{folder / 'desk.db'}")
    migrate(engine)
    desk = DeskServer(engine)
    try:
        with served(desk.app()) as desk.address:
            yield desk
    finally:
        engine.dispose()
