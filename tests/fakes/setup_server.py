"""The setup page on a real catalogue, without a hall: real component, script and routes; a test says what a look sees.

python -m tests.fakes.setup_server FOLDER [PORT]    runs it to look at, with a small city made in FOLDER
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from api.camera_catalogue import camera_catalogue_router
from api.identity import Visitor, visitor
from api.view_log import ViewLog
from components.camera_setup import camera_setup
from data_access.audit import AuditLog
from data_access.camera_catalogue import CameraCatalogue
from data_access.city_import import import_city
from data_access.engine import migrate, open_engine
from domain.roles import Identity, Role
from runtime.clock import SystemClock
from tests.city_folder import write_small_city
from tests.fakes.serving import served
from tests.fakes.video_server import page, rendered
from tests.shared_data import PROJECT
from video.cv import cv2

ADMIN = Identity("admin", "管理员", Role.ADMIN)
SCRIPTS = ("00-citywall.js", "01-mount.js", "camera-setup.js")
SEEN = {"ok": True, "error": None, "codec": "h264", "width": 704, "height": 576, "fps": 25.0, "first_picture_ms": 412}
DEVICE = {
    "manufacturer": "Dahua",
    "model": "SD49225XA",
    "clock_offset_seconds": -3.2,
    "turns": True,
    "presets": ["全景", "路口东"],
    "profiles": ["H264 1920×1080", "H264 704×576"],
}


@dataclass(frozen=True)
class Seen:
    """What a look found."""

    told: dict[str, Any]
    jpeg: bytes = b""
    streams: dict[str, str] = field(default_factory=dict)


@dataclass
class SetupServer:
    """A running server. `answer` is what the next look finds; `looked` are the addresses it was asked to look at."""

    catalogue: CameraCatalogue
    log: ViewLog
    address: str = ""
    answer: Seen = field(default_factory=lambda: Seen(SEEN, picture()))
    looked: list[str] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI()
        app.mount("/assets", StaticFiles(directory=PROJECT / "assets"))
        app.add_api_route("/cameras/setup", self._page, response_class=HTMLResponse)
        app.include_router(camera_catalogue_router(self.catalogue, self._look, self.log))
        app.middleware("http")(self._as_admin)
        return app

    async def _look(self, address: str) -> Seen:
        self.looked.append(address)
        return self.answer

    async def _as_admin(self, request: Request, call: Any) -> Response:
        holder = visitor.set(Visitor(identity=ADMIN))
        try:
            answer: Response = await call(request)
        finally:
            visitor.reset(holder)
        return answer

    def _page(self) -> str:
        setup = rendered(camera_setup({"370202": "市南区", "370203": "市北区"}, t=str))
        style = '<link rel="stylesheet" href="/assets/css/camera-setup.css">'
        frame = f'{style}<div class="cw-desk"><header class="desk-bar"></header><main class="desk-main">{setup}</main>'
        return page(f"{frame}</div>", scripts=SCRIPTS)


def picture() -> bytes:
    """A picture as a camera would send it."""
    slope = np.linspace(40, 200, 704, dtype=np.uint8)
    return cv2.imencode(".jpg", np.tile(slope, (576, 1)))[1].tobytes()


@contextmanager
def setup_server(folder: Path, *, port: int = 0) -> Iterator[SetupServer]:
    """Serve until the block is left."""
    engine = open_engine(f"sqlite:///{folder / 'setup.db'}")
    migrate(engine)
    import_city(write_small_city(folder / "city"), engine)
    clock = SystemClock()
    setup = SetupServer(CameraCatalogue(engine), ViewLog(AuditLog(engine, now=clock.now), now=clock.now))
    try:
        with served(setup.app(), port=port) as setup.address:
            yield setup
    finally:
        engine.dispose()


if __name__ == "__main__":
    with setup_server(Path(sys.argv[1]), port=int(sys.argv[2]) if len(sys.argv) > 2 else 8153) as running:
        running.answer = Seen(SEEN | {"device": DEVICE}, picture())
        print(running.address, flush=True)
        threading.Event().wait()
