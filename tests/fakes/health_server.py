"""The health page in a browser without a hall behind it: real components and scripts, cameras that a test makes up.

python -m tests.fakes.health_server [PORT]    runs it to look at, with a city of 101 cameras
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from dash import Dash, html
from flask import Response

from components.camera_health import camera_health
from pages import _ids as ids
from pages._shell import INDEX
from tests.fakes.serving import served_by_threads
from tests.shared_data import PROJECT

WINDOWS = ("day", "week", "month")
OWN = "数字化城市管理监督指挥中心"
PLATFORMS = (OWN, "公安局视频共享平台", "交警支队视频共享平台", "公交集团视频共享平台", "海事局视频共享平台")


def camera(number: int, state: str | None = "live", **more: Any) -> dict[str, Any]:
    """A camera as `/api/v1/cameras/health` tells it."""
    share = {"share": 0.998, "covered": 0.97}
    told = {
        "camera_id": f"QD-{number:03d}",
        "number": number,
        "name": f"台东三路与威海路口 {number}",
        "owner_unit": PLATFORMS[number % len(PLATFORMS)],
        "shared": number % len(PLATFORMS) != 0,
        "state": state,
        "since": 1_785_000_000_000,
        "error": None,
        "conditions": [],
        "drift_seconds": None,
        "width": 704,
        "height": 576,
        "fps": 25.0,
        "kbps": 1043.2,
        "codec": "h264",
        "reconnects": number % 4,
        "uptime": dict.fromkeys(WINDOWS, share),
        "bar": "u" * 144,
    }
    return told | more


def health(cameras: Sequence[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """The whole answer around some cameras."""
    now = round(time.time() * 1000)
    told = {
        "as_of": now,
        "figures_as_of": now - 4000,
        "cameras": list(cameras),
        "platforms": [_platform(name, cameras) for name in dict.fromkeys(one["owner_unit"] for one in cameras)],
        "alarms": [],
        "past_alarms": [],
        "bar": {"pieces": 144, "span_ms": 86_400_000},
    }
    return told | more


def alarm(platform: str, *, lost: int, total: int, ago_ms: int, lasted_ms: int | None = None) -> dict[str, Any]:
    since = round(time.time() * 1000) - ago_ms
    return {
        "platform": platform,
        "since": since,
        "lost": lost,
        "total": total,
        "most_lost": lost,
        "cleared_at": None if lasted_ms is None else since + lasted_ms,
    }


def _platform(name: str, cameras: Sequence[dict[str, Any]]) -> dict[str, Any]:
    mine = [one for one in cameras if one["owner_unit"] == name]
    states = ("idle", "connecting", "live", "delayed", "frozen", "offline")
    return {
        "platform": name,
        "shared": mine[0]["shared"],
        "cameras": len(mine),
        "by_state": {state: sum(one["state"] == state for one in mine) for state in states},
        "with_conditions": sum(bool(one["conditions"]) for one in mine),
        "uptime": mine[0]["uptime"],
    }


@dataclass
class HealthServer:
    """A running server. A test changes `told` (None: the server fails); `posted` are the paths asked to act."""

    address: str = ""
    told: dict[str, Any] | None = field(default_factory=lambda: health([camera(1)]))
    posted: list[str] = field(default_factory=list)
    may_relearn: bool = True

    def app(self) -> Dash:
        app = Dash(
            __name__,
            assets_folder=str(PROJECT / "assets"),
            assets_ignore=r".*worker.*|map.*|watchdog.*",
            index_string=INDEX,
            title="health",
        )
        app.layout = self._layout
        app.server.add_url_rule("/api/v1/words.js", "words", lambda: Response("", mimetype="text/javascript"))
        app.server.add_url_rule("/api/v1/cameras/health", "health", self._health)
        app.server.add_url_rule("/api/v1/cameras/<name>/relearn", "relearn", self._relearn, methods=["POST"])
        app.server.add_url_rule("/healthz", "alive", lambda: "ok")
        return app

    def _layout(self) -> html.Div:
        page = camera_health(ids.HealthPage.GRID, may_relearn=self.may_relearn, t=str)
        return html.Div(
            [html.Header(className="desk-bar"), html.Main(page, className="desk-main")], className="cw-desk"
        )

    def _health(self) -> Response:
        if self.told is None:
            return Response("", 503)
        return Response(json.dumps(self.told, ensure_ascii=False), mimetype="application/json")

    def _relearn(self, name: str) -> tuple[str, int]:
        self.posted.append(name)
        return "", 204


@contextmanager
def health_server(*, port: int = 0) -> Iterator[HealthServer]:
    """Serve until the block is left."""
    server = HealthServer()
    with served_by_threads(server.app().server, port=port) as server.address:
        yield server


def city() -> dict[str, Any]:
    """101 cameras, some of them in every kind of trouble."""
    bad = {"uptime": {window: {"share": 0.72 + index / 10, "covered": 0.6} for index, window in enumerate(WINDOWS)}}
    troubles = {
        7: camera(7, "offline", error="timeout", bar="u" * 90 + "o" * 54, **bad),
        12: camera(12, "offline", error="auth", bar="o" * 144, **bad),
        23: camera(23, "frozen", bar="u" * 130 + "f" * 14),
        31: camera(31, conditions=["black"], bar="u" * 100 + "c" * 44),
        44: camera(44, conditions=["moved", "wrong_clock"], drift_seconds=412.0),
        45: camera(45, conditions=["wrong_clock"], drift_seconds=-86.0),
        58: camera(58, conditions=["blurred"], bar="u" * 120 + "c" * 24),
        61: camera(61, "delayed", bar="u" * 60 + "d" * 4 + "u" * 76 + "dddd"),
        70: camera(70, "idle", bar="u" * 20 + "i" * 124, fps=0.0),
        88: camera(88, None, bar="." * 144),
    }
    past = [
        alarm(PLATFORMS[2], lost=20, total=27, ago_ms=90_000_000, lasted_ms=1_320_000),
        alarm(PLATFORMS[4], lost=6, total=6, ago_ms=700_000_000, lasted_ms=240_000),
    ]
    standing = [alarm(PLATFORMS[3], lost=8, total=9, ago_ms=310_000)]
    return health([troubles.get(n) or camera(n) for n in range(1, 102)], alarms=standing, past_alarms=past)


if __name__ == "__main__":
    with health_server(port=int(sys.argv[1]) if len(sys.argv) > 1 else 8152) as running:
        running.told = city()
        print(running.address, flush=True)
        threading.Event().wait()
