"""The camera pages in a browser without a hall behind them: real components, scripts, socket and capture.

Cameras are the fakes of `rtsp_camera`, so a test can freeze, kill and mend them while it looks at the page.
"""

from __future__ import annotations

import asyncio
import html
import threading
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field

import uvicorn
from dash.development.base_component import Component
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from components.video_desk import video_desk
from tests.fakes.rtsp_camera import FakeCameras, Fault
from tests.shared_data import PROJECT
from tests.video.hall import Door, capturing
from tests.video.made import SUPERVISOR, address, camera
from tests.waiting import eventually
from video.hub import TileHub
from video.tiles_socket import tiles_router

STYLES = ("00-tokens.css", "desk.css", "tiles.css", "video.css", "video-panels.css")
TILE_SCRIPTS = ("00-citywall.js", "01-mount.js", "02-format.js", "04-parts.js", "focus.js", "tiles.js")
SCRIPTS = (*TILE_SCRIPTS, *sorted(path.name for path in (PROJECT / "assets" / "js").glob("video-*.js")))
_VOID = frozenset({"input", "br", "img"})
_NAMES = {"className": "class", "tabIndex": "tabindex", "autoComplete": "autocomplete", "htmlFor": "for"}


@dataclass
class VideoServer:
    """A running server. `door` may be closed, `cameras` broken, and the whole of it stopped and started again."""

    redis_url: str
    cameras: FakeCameras
    numbers: Sequence[int]
    door: Door = field(default_factory=Door)
    address: str = ""
    hub: TileHub | None = None
    _port: int = 0
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Serve, on the same port as before."""
        app, self._server = self._made()
        self._thread = threading.Thread(target=asyncio.run, args=(self._run(app),), name="video server")
        self._thread.start()
        eventually(lambda: self._server is not None and self._server.started, within=20)
        self._port = self._server.servers[0].sockets[0].getsockname()[1]
        self.address = f"http://127.0.0.1:{self._port}"

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._server.force_exit = True
            self._thread.join(30)

    def watched(self) -> set[int]:
        """Cameras some page asks for now."""
        return self.hub.watched() if self.hub else set()

    def _made(self) -> tuple[FastAPI, uvicorn.Server]:
        app = FastAPI()
        app.mount("/assets", StaticFiles(directory=PROJECT / "assets"))
        app.add_api_route("/tiles", self._tiles, response_class=HTMLResponse)
        app.add_api_route("/video", self._desk, response_class=HTMLResponse)
        config = uvicorn.Config(app, port=self._port, log_level="error", ws="websockets-sansio", lifespan="off")
        return app, uvicorn.Server(config)

    async def _run(self, app: FastAPI) -> None:
        records = {number: camera(number) for number in self.numbers}
        self.hub = hub = TileHub(self.redis_url, {one.camera_id: one.number for one in records.values()})
        app.include_router(tiles_router(hub, records, self.door.access()))
        assert self._server is not None
        stop = asyncio.Event()
        async with AsyncExitStack() as stack:
            urls = [address(number, self.cameras.url(Fault.OK, number)) for number in self.numbers]
            await stack.enter_async_context(capturing(urls, self.redis_url))
            following = asyncio.create_task(hub.run(stop))
            await self._server.serve()
            stop.set()
            await following

    def _tiles(self, cams: str = "1", focus: str = "") -> str:
        places = "".join(
            f'<div class="cw-tile" data-camera="{number}" data-name="镜头 {number}"'
            f"{' data-focus' if number in focus.split(',') else ''}></div>"
            for number in cams.split(",")
        )
        style = "body{margin:0;display:grid;grid-template-columns:1fr 1fr;grid-auto-rows:300px;gap:4px}"
        return page(f"<style>{style}</style>{places}", scripts=TILE_SCRIPTS)

    def _desk(self) -> str:
        records = [camera(number, shared=number > 2, owner="交警") for number in self.numbers]
        desk = video_desk(records, records, districts={"370202": "市南区"}, identity=SUPERVISOR, t=str)
        return page(f'<div class="cw-desk"><main class="desk-main">{rendered(desk)}</main></div>', scripts=SCRIPTS)


@contextmanager
def video_server(redis_url: str, cameras: FakeCameras, numbers: Sequence[int]) -> Iterator[VideoServer]:
    """Serve until the block is left."""
    server = VideoServer(redis_url, cameras, numbers)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def rendered(component: Component | str | Sequence[object] | None) -> str:
    """HTML of a component as a browser would have it after Dash; enough for parts without behaviour."""
    if component is None:
        return ""
    if isinstance(component, str):
        return html.escape(component)
    if not isinstance(component, Component):
        return "".join(rendered(child) for child in component)  # type: ignore[arg-type]
    made = component.to_plotly_json()
    name, props = made["type"].lower(), dict(made["props"])
    children = props.pop("children", None)
    attributes = "".join(
        f' {_NAMES.get(key, key)}="{html.escape(str(value))}"' for key, value in props.items() if value is not False
    )
    return f"<{name}{attributes}>" + ("" if name in _VOID else f"{rendered(children)}</{name}>")


def page(body: str, *, scripts: Sequence[str], between: tuple[int, str] = (0, "")) -> str:
    """A document with our styles and scripts; `between` puts a script of a test before the one of that index."""
    styles = "".join(f'<link rel="stylesheet" href="/assets/css/{name}">' for name in STYLES)
    loaded = [f'<script src="/assets/js/{name}"></script>' for name in scripts]
    loaded.insert(between[0], f"<script>{between[1]}</script>")
    head = f'<head><meta charset="utf-8">{styles}</head>'
    return f'<!doctype html><html lang="zh-CN">{head}<body>{body}{"".join(loaded)}</body></html>'
