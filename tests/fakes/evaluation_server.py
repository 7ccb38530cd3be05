"""`/evaluation` in a browser without a hall behind it: real components and scripts, figures that a test makes up.

python -m tests.fakes.evaluation_server [PORT]    runs it to look at, with every panel filled
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, request, send_from_directory

from components.evaluation_desk import evaluation_desk
from runtime.i18n import catalog
from tests.fakes import evaluation_figures as made
from tests.fakes import evaluation_panel_figures as panels
from tests.fakes.serving import served_by_threads
from tests.fakes.video_server import rendered
from tests.shared_data import PROJECT

ASSETS = PROJECT / "assets"
STYLES = ("00-tokens.css", "desk.css", "evaluation.css")
SCRIPTS = (
    *("00-citywall.js", "01-mount.js", "02-format.js", "03-freshness.js", "04-parts.js"),
    *("evaluation-base.js", "evaluation-charts.js", "evaluation-keys.js", "evaluation-panels.js"),
    *("evaluation-question.js", "evaluation-ranking.js", "evaluation-windows.js", "evaluation.js"),
)
Told = dict[str, Any]


@dataclass
class EvaluationServer:
    """A running server. A test changes what it answers and looks at what was asked of it.

    `failing` are parts of paths answered by 503; `gate`, if set, is waited for before an evaluation is answered;
    `locked` are the signed locks by period.
    """

    address: str = ""
    may_lock: bool = True
    failing: set[str] = field(default_factory=set)
    refusing: bool = False
    gate: threading.Event | None = None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    posted: list[tuple[str, Told]] = field(default_factory=list)
    locked: dict[str, Told] = field(default_factory=dict)
    corrections: list[Told] = field(default_factory=list)
    composite_of: dict[str, float] = field(default_factory=dict)

    def forget(self) -> bool:
        """Answer everything as at first; whether it did not."""
        changed = (self.failing, self.refusing, self.gate, self.locked, self.corrections, self.composite_of)
        self.failing, self.refusing, self.gate = set(), False, None
        self.asked, self.posted, self.locked, self.corrections, self.composite_of = [], [], {}, [], {}
        return any(changed)

    def app(self) -> Flask:
        app = Flask(__name__)
        app.add_url_rule("/evaluation", "page", self._page)
        app.add_url_rule("/assets/<path:name>", "assets", lambda name: send_from_directory(ASSETS, name))
        app.add_url_rule("/cases", "cases", lambda: ("", 204))  # whoever goes there stays here
        app.add_url_rule("/favicon.ico", "icon", lambda: ("", 204))
        app.add_url_rule("/", "home", lambda: "home")
        app.add_url_rule("/api/v1/evaluation", "evaluation", self._evaluation)
        app.add_url_rule("/api/v1/evaluation/<name>", "panel", self._panel)
        app.add_url_rule("/api/v1/evaluation/lock", "lock", self._lock, methods=["POST"])
        app.add_url_rule("/api/v1/evaluation/correct", "correct", self._correct, methods=["POST"])
        app.add_url_rule("/api/v1/alarms/rates", "rates", lambda: self._answer(panels.alarm_rates))
        return app

    def _page(self) -> str:
        language = request.args.get("lang", "zh")
        words = catalog("en") if language == "en" else {}
        body = rendered(
            evaluation_desk(zone="Asia/Shanghai", may_lock=self.may_lock, t=lambda text: words.get(text, text))
        )
        styles = "".join(f'<link rel="stylesheet" href="/assets/css/{name}">' for name in STYLES)
        texts = json.dumps({"language": language, "texts": dict(words)}, ensure_ascii=False)
        loaded = "".join(f'<script src="/assets/js/{name}"></script>' for name in SCRIPTS)
        frame = f'<div class="cw-desk"><header class="desk-bar"></header><main class="desk-main">{body}</main></div>'
        head = f'<head><meta charset="utf-8"><script>window.citywallWords={texts};</script>{styles}</head>'
        return f'<!doctype html><html lang="zh-CN">{head}<body>{frame}{loaded}</body></html>'

    def _evaluation(self) -> Response:
        gate = self.gate
        if gate is not None:
            gate.wait(30)
        if self.refusing:
            told = {"error": "forbidden", "message": "您的岗位不能查看评价；可以查看的岗位：领导、值班长"}
            return _json(told, 403)
        return self._answer(self._graded)

    def _graded(self) -> Told:
        told = made.evaluation(request.args, self.composite_of)
        told["period"] |= {"locked": self.locked.get(request.args["period"]), "corrections": self.corrections}
        return told

    def _panel(self, name: str) -> Response:
        return self._answer(lambda: panels.panel(name, request.args))

    def _answer(self, tell: Any) -> Response:
        self.asked.append((request.path, dict(request.args)))
        if any(part in request.path for part in self.failing):
            return _json({"error": "unavailable", "message": "数据库没有应答"}, 503)
        return _json(tell())

    def _lock(self) -> Response:
        body = request.get_json()
        self.posted.append(("lock", body))
        self.locked[body["period"]] = {
            "number": 1,
            "at": made.NOW,
            "who": "leader",
            "who_name": "张市长",
            "intact": True,
        }
        return _json({}, 201)

    def _correct(self) -> Response:
        body = request.get_json()
        self.posted.append(("correct", body))
        signed = {"number": 2, "at": made.NOW, "who_name": "张市长", "intact": True, "name": "李沧区", "grade": "B"}
        original = {"original": 78.23, "original_grade": "B"}
        self.corrections.append(signed | original | {"composite": body["composite"], "reason": body["reason"]})
        return _json({}, 201)


@contextmanager
def evaluation_server(*, port: int = 0) -> Iterator[EvaluationServer]:
    """Serve until the block is left."""
    server = EvaluationServer()
    with served_by_threads(server.app(), port=port) as server.address:
        yield server


def _json(told: Any, status: int = 200) -> Response:
    return Response(json.dumps(told, ensure_ascii=False), status, mimetype="application/json")


if __name__ == "__main__":
    with evaluation_server(port=int(sys.argv[1]) if len(sys.argv) > 1 else 8154) as running:
        print(f"{running.address}/evaluation", flush=True)
        threading.Event().wait()
