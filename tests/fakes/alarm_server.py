"""The alarm line and the handover page without a hall behind them: real components and scripts, the real set of alarms.

What a hand does moves the set as the log would; every open page is told within a tenth of a second.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from components.alarm_strip import alarm_strip
from components.handover_desk import handover_desk
from domain.alarm import Alarm
from domain.alarm_board import AlarmBoard, Called, alarm_view
from domain.alarm_log import AlarmEvent, AlarmSet, of_alarm
from domain.journal import milliseconds, moment
from runtime.clock import SystemClock
from tests.domain.alarms_made import raised
from tests.fakes.serving import served
from tests.fakes.video_server import page, rendered
from tests.shared_data import PROJECT

SCRIPTS = (
    *("00-citywall.js", "01-mount.js", "02-format.js", "04-parts.js", "05-alarm-words.js", "06-alarm-sound.js"),
    *("alarm-bar.js", "alarm-panel.js", "handover.js"),
)
CALLED = Called({"E0101": "路面积水", "C0102": "井盖缺失"}, {"370202": "市南区"}, {"D01": "市南区排水管理处"})
HARNESS = """
window.tones = [];
window.refuses = new URLSearchParams(location.search).has("refuses");
window.AudioContext = class {
  constructor() { this.state = window.refuses ? "suspended" : "running"; this.destination = {}; }
  get currentTime() { return performance.now() / 1000; }
  resume() { if (!window.refuses) this.state = "running"; return Promise.resolve(); }
  createGain() {
    const gain = { setValueAtTime() {}, linearRampToValueAtTime() {} };
    return { gain, connect: (to) => to, disconnect: () => window.tones.push("silence") };
  }
  createOscillator() {
    const made = { frequency: { value: 0 }, connect: (to) => to, stop() {} };
    made.start = () => window.tones.push(made.frequency.value);
    return made;
  }
};
window.harness = { told: 0, deaf: false, async listen() {
  for (;;) {
    const view = await (await fetch(`/harness/view?after=${harness.told}`)).json();
    if (harness.deaf || view.version === harness.told) continue;
    harness.told = view.version;
    window.citywall.live.publish("alarms", view);
  }
} };
harness.listen();
"""
"""Sounds are only observed; the feed is asked for, each question answered when there is news."""
PATIENCE_SECONDS = 2.0


@dataclass
class AlarmServer:
    """A running server. `answers` are given instead of its own; `asked` holds (path, body)."""

    address: str = ""
    standing: AlarmSet = field(default_factory=AlarmSet)
    floods: dict[str, Any] = field(default_factory=dict)
    backlog: dict[str, dict[str, int]] = field(default_factory=dict)
    version: int = 1
    tested_at: int | None = None
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    asked: list[tuple[str, Any]] = field(default_factory=list)
    clock: SystemClock = field(default_factory=SystemClock)
    news: threading.Condition = field(default_factory=threading.Condition)

    def stand(self, *alarms: Alarm) -> None:
        """Exactly these."""
        self.standing = AlarmSet([raised(alarm) for alarm in alarms])
        self.floods, self.answers, self.asked, self.backlog = {}, {}, [], {}
        self.change()

    def change(self) -> None:
        with self.news:
            self.version += 1
            self.news.notify_all()

    def bodies(self, path: str) -> list[Any]:
        return [body for where, body in self.asked if where == path]

    def view(self) -> dict[str, Any]:
        now = self.clock.now()
        board = AlarmBoard(version=self.version, as_of=now, alarms=tuple(self.standing.alarms), floods=self.floods)
        return alarm_view(replace(board, backlog=self.backlog), None, now, CALLED) | {"kept": True}

    def _news(self, after: int) -> dict[str, Any]:
        """The view once it is another one; the same again when that takes long."""
        with self.news:
            self.news.wait_for(lambda: self.version != after, timeout=PATIENCE_SECONDS)
        return self.view()

    def app(self) -> FastAPI:
        app = FastAPI()
        app.mount("/assets", StaticFiles(directory=PROJECT / "assets"))
        app.add_api_route("/desk", self._desk, response_class=HTMLResponse)
        app.add_api_route("/handover", self._handover, response_class=HTMLResponse)
        app.add_api_route("/harness/view", self._news)
        app.add_api_route("/{path:path}", self._api, methods=["GET", "POST"])
        return app

    def _desk(self, see: str = "") -> str:
        strip = rendered(alarm_strip(may_handle=not see, t=str))
        content = '<main class="desk-main"><input class="elsewhere"></main>'
        bar = _bar("/replay") if not see else _bar()
        return page(f'<div class="cw-desk">{bar}{strip}{content}</div>', **_scripts())

    def _handover(self) -> str:
        desk = rendered(handover_desk(leaver="王磊", t=str))
        frame = f'<div class="cw-desk">{_bar("/replay")}<main class="desk-main">{desk}</main></div>'
        return page(frame, **_scripts())

    async def _api(self, path: str, request: Request) -> Response:
        body = await request.json() if await request.body() else None
        self.asked.append((f"/{path}", body))
        if f"/{path}" in self.answers:
            status, answer = self.answers[f"/{path}"]
            return JSONResponse(answer, status)
        return self._act(path.split("/"), body)

    def _act(self, path: list[str], body: Any) -> Response:
        known = {"alarms": self._all, "rates": lambda _: JSONResponse(RATES), "ack": self._ack, "sound": self._sound}
        if path[-1] in known:
            return known[path[-1]](body)
        if path[-1] in ("shelve", "unshelve"):
            return self._shelf(path[-2], body)
        return JSONResponse({"error": "not_found"}, 404)

    def _all(self, _body: Any) -> Response:
        now = milliseconds(self.clock.now())
        shift = {"name": "早班", "begins_at": now - 3_600_000, "ends_at": now + 5 * 3_600_000}
        me = {"name": "wang.lei", "may_handle": True, "sound_tested_at": self.tested_at, "shift": shift}
        return JSONResponse(self.view() | {"me": me})

    def _ack(self, body: Any) -> Response:
        found = [alarm for name in body["ids"] if (alarm := self.standing.get(name)) is not None]
        for alarm in found:
            entry = of_alarm(alarm, AlarmEvent.ACKED, self.clock.now(), who="wang.lei", who_name="王磊")
            self.standing.take(entry)
        self.change()
        return JSONResponse({"acked": [alarm.alarm_id for alarm in found], "already": [], "gone": []})

    def _sound(self, body: Any) -> Response:
        if body["state"] == "tested":
            self.tested_at = milliseconds(self.clock.now())
        return Response(status_code=204)

    def _shelf(self, name: str, body: Any) -> Response:
        alarm = self.standing.get(name)
        assert alarm is not None
        who = {"who": "wang.lei", "who_name": "王磊"}
        if body is None:
            entry = of_alarm(alarm, AlarmEvent.UNSHELVED, self.clock.now(), **who)
        elif not body["reason"]:
            return JSONResponse({"error": "bad_value", "field": "reason", "message": "搁置须写明原因。"}, 422)
        else:
            until = moment(body["until"])
            entry = of_alarm(alarm, AlarmEvent.SHELVED, self.clock.now(), reason=body["reason"], until=until, **who)
        self.standing.take(entry)
        self.change()
        return JSONResponse({"id": name})


def _bar(*pages: str) -> str:
    """The bar of a desk, with the pages that are offered."""
    links = "".join(f'<a href="{path}">{path}</a>' for path in pages)
    return f'<header class="desk-bar"><nav class="desk-nav">{links}</nav></header>'


def _scripts() -> dict[str, Any]:
    return {"scripts": SCRIPTS, "between": (SCRIPTS.index("05-alarm-words.js"), HARNESS)}


def _times(level_aim: float | None) -> dict[str, Any]:
    return {
        "raised": 4,
        "acked": 4,
        "median_seconds": 31.0,
        "p90_seconds": 70.0,
        "in_time": 3,
        "aim_seconds": level_aim,
    }


RATES = {
    "begins_at": 1_785_000_000_000,
    "ends_at": 1_785_010_000_000,
    "officers": 2,
    "raised": 40,
    "per_ten_minutes": 2.4,
    "peak_ten_minutes": 12,
    "shares": {"L1": 0.05, "L2": 0.15, "L3": 0.5, "L4": 0.3},
    "flood_share": 0.02,
    "escalated": 1,
    "chattering": 0,
    "standing_long": 2,
    "acks": {"L1": _times(60.0), "L2": _times(300.0), "L3": _times(1800.0), "L4": _times(None)},
    "by_officer": [],
    "aims": {
        "per_ten_minutes": 1.0,
        "per_ten_minutes_most": 2.0,
        "peak_ten_minutes": 10.0,
        "flood_share": 0.01,
        "standing_long": 5.0,
        "chattering": 0.0,
        "share_low": 0.8,
        "share_medium": 0.15,
        "share_high": 0.05,
    },
}


@contextmanager
def alarm_server() -> Iterator[AlarmServer]:
    """Serve until the block is left."""
    alarms = AlarmServer()
    with served(alarms.app()) as alarms.address:
        yield alarms
