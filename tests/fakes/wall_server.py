"""The wall in a browser without a hall behind it: the real components and scripts, served with a day a test controls.

python -m tests.fakes.wall_server [PORT]    runs it to look at; its figures then move by themselves
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from socket import SHUT_RDWR
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from dash import Dash
from flask import Response, has_request_context, request

from components.wall_frame import WallSetup, wall_frame
from pages._shell import INDEX
from tests.fakes.hall_day import HallDay, RunningHall, hall_day
from tests.fakes.serving import served_by_threads
from tests.shared_data import PROJECT

PAGE = INDEX.replace("{%renderer%}", '<script src="/harness.js"></script>{%renderer%}')

FEED = """
window.harness = {
  live: true, moving: %(moving)s,
  publish: (topic, value) => window.citywall.live.publish(topic, value),
  tick(sources) {
    const now = Date.now();
    const told = { now, version: 1, as_of: now, connected: true, sources: sources || this.sources(now) };
    this.publish("tick", told);
  },
  sources(now) {
    return ["live", "relay", "cameras", "role live", "role video", "role web"].map((name) =>
      ({ name, state: "live", as_of: now, ttl: 15, detail: name === "cameras" ? "96/101" : "" }));
  },
  async start() {
    const board = await (await fetch("/api/v1/board")).json();
    this.board = board;
    this.tick();
    this.publish("wall", board.wall);
    setInterval(() => this.live && this.tick(), 1000);
    if (this.moving) setInterval(() => this.step(4), 1000);
  },
  /** As it was at the beginning, whatever has been put into its place; nothing counts as just changed.
      The keys that do the rest: each draws the map anew, so only those that are needed. */
  rest() {
    const wall = document.querySelector(".cw-wall"), map = window.citywall.map.part(wall);
    Object.assign(this, this.own, { live: true });
    for (const layer of document.querySelectorAll("[data-overlay]")) layer.hidden = true;
    this.publish("wall", this.board.wall);
    this.tick();
    for (const place of document.querySelectorAll(".is-changed")) {
      clearTimeout(place.cwTimer);
      place.classList.remove("is-changed");
    }
    const needed = [
      ["1", wall.dataset.scene !== "overview"],
      ["Escape", wall.querySelector(".is-selected")],
      ["f", map && map.locked],
    ];
    return needed.filter(([, so]) => so).map(([key]) => key);
  },
  async step(changes) {
    const told = await (await fetch("/harness/step?changes=" + changes)).json();
    this.publish("wall", (this.board.wall = told.wall));
    this.publish("cases", { version: told.step.to, steps: [told.step] });
  },
};
window.harness.own = { tick: window.harness.tick, sources: window.harness.sources };
window.harness.start();
"""


NO_CAMERAS = {"case": "x", "lon": 120.38, "lat": 36.07, "cameras": (), "nearest_beyond": None}


@dataclass
class WallServer:
    """A running server. `heartbeats` are those it was sent; `healthy` decides what `/healthz` answers; `sight` which
    cameras a case has, None that the connection breaks; `bases_to_refuse` how often the map's ground is refused.
    """

    address: str
    hall: RunningHall
    heartbeats: list[dict[str, Any]] = field(default_factory=list)
    healthy: bool = True
    health_asked: int = 0
    at_risk: dict[str, Any] = field(default_factory=dict)
    bases_to_refuse: int = 0
    sight: Mapping[str, Any] | None = field(default_factory=lambda: NO_CAMERAS)
    sights_asked: list[str] = field(default_factory=list)


def wall_app(hall: RunningHall, server: WallServer, *, moving: bool, language: str = "zh", t: Any = str) -> Dash:
    day = hall.day
    app = Dash(
        __name__, assets_folder=str(PROJECT / "assets"), assets_ignore=r".*\\.txt", index_string=PAGE, update_title=""
    )
    setup = WallSetup(
        city="青岛市",
        zone=day.names.zone,
        box=day.box,
        cameras=day.cameras,
        distance_mm=8000,
        pitch_mm=1.25,
        demo=True,
        language=language,
    )

    def layout() -> Any:
        asked = request.headers.get("Referer", "") if has_request_context() else ""
        query = dict(parse_qsl(urlsplit(asked).query))
        return wall_frame(setup, scene=query.get("scene"), pane=query.get("pane"), t=t)

    app.layout = layout
    app.config.suppress_callback_exceptions = True
    _routes(app, hall, server, moving=moving, language=language)
    return app


def _routes(app: Dash, hall: RunningHall, server: WallServer, *, moving: bool, language: str) -> None:
    flask = app.server
    day: HallDay = hall.day

    def answer(value: Any) -> Response:
        return Response(json.dumps(value, ensure_ascii=False), mimetype="application/json")

    def words() -> Response:
        return Response(f'window.citywallWords={{"language":"{language}","texts":{{}}}};', mimetype="text/javascript")

    def health() -> tuple[str, int]:
        server.health_asked += 1
        return ("ok", 200) if server.healthy else ("", 503)

    def heartbeat() -> tuple[str, int]:
        server.heartbeats.append(request.get_json())
        return "", 204

    def base() -> Response:
        if server.bases_to_refuse:
            server.bases_to_refuse -= 1
            return Response(status=502)
        return answer(day.base)

    def cameras(case_no: str) -> Response:
        server.sights_asked.append(case_no)
        if server.sight is None:
            request.environ["werkzeug.socket"].shutdown(SHUT_RDWR)
        return answer({**(server.sight or {}), "case": case_no})

    def step() -> Response:
        told = hall.step(int(request.args["changes"]), seconds=float(request.args.get("seconds", "1")))
        return answer({"step": told, "wall": hall.snapshot()["wall"]})

    flask.add_url_rule("/api/v1/words.js", "words", words)
    flask.add_url_rule(
        "/harness.js", "feed", lambda: Response(FEED % {"moving": json.dumps(moving)}, mimetype="text/javascript")
    )
    flask.add_url_rule("/healthz", "health", health)
    flask.add_url_rule("/api/v1/wall/heartbeat", "heartbeat", heartbeat, methods=["POST"])
    flask.add_url_rule("/api/v1/board", "board", lambda: answer(hall.snapshot()))
    flask.add_url_rule("/api/v1/map/base", "base", base)
    flask.add_url_rule("/api/v1/map/grids", "grids", lambda: answer(day.grids))
    flask.add_url_rule("/api/v1/risk/departments", "risk", lambda: answer({"departments": server.at_risk}))
    flask.add_url_rule("/api/v1/cases/<case_no>/cameras", "cameras", cameras)
    flask.add_url_rule("/harness/step", "step", step)
    flask.add_url_rule("/tiles/components/<path:tile>", "tiles", lambda tile: Response(b"", 204))


@contextmanager
def wall_server(
    *, port: int = 0, moving: bool = False, cases: int = 4000, language: str = "zh", t: Any = str
) -> Iterator[WallServer]:
    """Serve the wall until the block is left."""
    now = datetime.now(UTC).replace(microsecond=0)
    hall = RunningHall(hall_day(cases, now=now), now=now)
    server = WallServer("", hall)
    app = wall_app(hall, server, moving=moving, language=language, t=t)
    with served_by_threads(app.server, port=port) as server.address:
        yield server


if __name__ == "__main__":
    with wall_server(port=int(sys.argv[1]) if len(sys.argv) > 1 else 8151, moving=True) as running:
        print(running.address, flush=True)
        threading.Event().wait()
