"""/unit, /intake and /collect in a browser without a hall behind them: real components and scripts, answers made up.

python -m tests.fakes.field_server unit|intake|collect [PORT]    runs one to look at
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import dash_leaflet  # noqa: F401 (brings Leaflet to the page, as in the hall)
from dash import Dash, html
from flask import Response, request

from components.collect_phone import collect_phone
from components.dispatch_desk import DeskSetup
from components.intake_desk import intake_desk
from components.unit_desk import unit_desk
from domain.roles import Identity, Role
from pages import _ids as ids
from pages._shell import INDEX
from tests.fakes.serving import served_by_threads
from tests.shared_data import PROJECT

MINUTE, HOUR = 60_000, 3_600_000
PEOPLE = {
    "unit": Identity("seat", "席位", Role.DEPARTMENT, department="A01"),
    "intake": Identity("acceptor", "受理员", Role.ACCEPTOR),
    "collect": Identity("walker", "采集员", Role.COLLECTOR),
}
CLASSES = {"C0102": "污水井盖", "E0102": "暴露垃圾"}
WHERE = {
    "grid": "370202001001005",
    "district": "370202",
    "street": "香港中路街道",
    "community": "云霄路社区",
    "address": "市南区五四广场",
    "ring": [[120.382, 36.060], [120.385, 36.060], [120.385, 36.063], [120.382, 36.060]],
    "near": [{"name": "五四广场", "kind": "landmark", "address": "市南区五四广场", "lon": 120.3838, "lat": 36.0616}],
}


def now_ms() -> int:
    return round(time.time() * 1000)


def row(
    case_no: str, state: str = "pending_disposal", *, left_ms: int | None = 5 * HOUR, **more: Any
) -> dict[str, Any]:
    """An open case as the board tells it."""
    at = now_ms()
    told = dict.fromkeys(
        ("claimed_by", "claimant", "assigned_at", "ownerless_since", "suspended_until", "current_request", "order_due")
    )
    told |= {
        "case_no": case_no,
        "version": 5,
        "state": state,
        "severity": "L4",
        "class_code": "C0102",
        "address": f"香港中路 {case_no}",
        "lon": 120.3838,
        "lat": 36.0616,
        "district": "370202",
        "grid": "370202001001005",
        "department": "A01",
        "reported_at": at - 9 * HOUR,
        "deadline": None if left_ms is None else at + left_ms,
        "state_since": at - 2 * HOUR,
        "send_back_count": 0,
        "supervised": False,
        "source": "hotline",
        "tasked_at": at - 8 * HOUR,
        "overdue": left_ms is not None and left_ms < 0,
    }
    return told | more


def offer(action: str, label: str, refusal: str = "", error: str = "too_late", **more: Any) -> dict[str, Any]:
    told = {"error": error, "field": None, "message": refusal} if refusal else None
    empty = {"reason": False, "outcomes": [], "photos": [], "fields": [], "dangerous": False, "undo": None}
    return {"action": action, "label": label, "refusal": told} | empty | more


def task(case_no: str, kind: str = "check", *, metres: int | None = 120, late_ms: int = 0) -> dict[str, Any]:
    at = now_ms()
    return {
        "case_no": case_no,
        "version": 7,
        "task": kind,
        "severity": "L3",
        "class_code": "C0102",
        "class_name": "污水井盖",
        "description": "井盖缺失",
        "address": "香港中路 12 号",
        "lon": 120.3838,
        "lat": 36.0616,
        "grid": "370202001001005",
        "source": "hotline",
        "closing_condition": "恢复",
        "rework_count": 0,
        "since": at - 10 * MINUTE,
        "due": at + 20 * MINUTE - late_ms,
        "metres": metres,
    }


@dataclass
class FieldServer:
    """A running server. Tests change what it tells; `posted` holds (path, body) of everything that was handed in."""

    address: str = ""
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    offers: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    alike: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    posted: list[tuple[str, Any]] = field(default_factory=list)
    down: bool = False
    people: dict[str, Identity] = field(default_factory=lambda: dict(PEOPLE))

    def reset(self) -> None:
        """As new, for the next test."""
        self.rows, self.offers, self.tasks, self.alike, self.answers = {}, [], [], [], {}
        self.posted, self.down, self.people = [], False, dict(PEOPLE)

    def bodies(self, path: str) -> list[Any]:
        return [body for where, body in self.posted if where == path]

    def app(self, page: str) -> Dash:
        app = Dash(
            __name__,
            assets_folder=str(PROJECT / "assets"),
            assets_ignore=r"worker|^map|watchdog|^video|^wall|^tiles|^focus|^alarm|^dispatch-(?!base)",
            index_string=INDEX,
            title=page,
            url_base_pathname=f"/{page}/",
        )
        app.layout = lambda: self._layout(page)
        return app

    def serve_on(self, app: Dash) -> None:
        """The hall's own addresses, answered here."""
        app.server.add_url_rule("/api/v1/words.js", "words", lambda: Response("", mimetype="text/javascript"))
        app.server.add_url_rule("/<path:path>", "other", self._other, methods=["GET", "POST"])

    def _layout(self, page: str) -> html.Div:
        who = self.people[page]
        setup = DeskSetup(who=who, box=(120.3, 36.0, 120.5, 36.2), cameras=(), zone="Asia/Shanghai", classes=CLASSES)
        setup = replace(setup, districts={"370202": "市南区"})
        parts = {
            "unit": lambda: unit_desk(ids.UnitPage.GRID, setup, department="排水管理处", t=str),
            "intake": lambda: intake_desk(ids.IntakePage.GRID, setup, t=str),
            "collect": lambda: collect_phone(setup, t=str),
        }
        return html.Div(
            [html.Header(className="desk-bar"), html.Main(parts[page](), className="desk-main")], className="cw-desk"
        )

    def _other(self, path: str) -> Response:
        path = f"/{path}"
        if self.down and path.startswith("/api/"):
            return Response("", 503)
        if request.method == "POST":
            body = None if path == "/api/v1/photos" else request.get_json()
            self.posted.append((path, body))
        status, told = self.answers.get(path) or self._told(path)
        return Response(json.dumps(told, ensure_ascii=False), status, mimetype="application/json")

    def _told(self, path: str) -> tuple[int, Any]:
        if request.method == "POST":
            return self._done(path)
        plain = {
            "/api/v1/board": {"version": 1, "cases": list(self.rows.values()), "grids": {}},
            "/api/v1/unit/figures": {"as_of": now_ms(), "disposed": 40, "on_time_disposed": 36, "due_disposal": 48},
            "/api/v1/where": WHERE,
            "/api/v1/places": {"places": WHERE["near"]},
            "/api/v1/cases-alike": {"cases": self.alike},
            "/api/v1/tasks": {"now": now_ms(), "total": len(self.tasks), "located": True, "tasks": self.tasks},
            "/api/v1/classes": {
                "classes": [
                    {
                        "code": "C0102",
                        "name": "污水井盖",
                        "kind": "component",
                        "major": "公用",
                        "typed": "wushuijinggai wsjg",
                    },
                    {"code": "E0102", "name": "暴露垃圾", "major": "市容", "typed": "baolulaji bllj"},
                ]
            },
        }
        if path in plain:
            return 200, plain[path]
        return self._about(path.removeprefix("/api/v1/").split("/"))

    def _about(self, parts: list[str]) -> tuple[int, Any]:
        case_no = parts[2] if parts[0] == "unit" and len(parts) > 2 else parts[1] if len(parts) > 1 else ""
        found = self.rows.get(case_no)
        if parts[-1] == "photos" and parts[0] == "cases":
            return 200, {"photos": []}
        if found is None:
            return 404, {"error": "no_such_case"}
        if parts[-1] == "offers":
            head = {"version": found["version"], "state": found["state"], "state_label": "", "claim": None}
            return 200, head | {"request": None, "offers": self.offers, "next": [], "who": "me"}
        if parts[-1] == "given":
            given = {"action": "dispatch", "at": now_ms(), "by": "王磊", "post": "派遣员", "reason": "就近"}
            return 200, {"case_no": case_no, "why": "部件权属：3702", "given": given}
        more = {"description": "井盖缺失", "limit_value": 2, "limit_unit": "work_hour", "filing_condition": "缺失"}
        more |= {"paused_seconds": 0, "extension_count": 1, "closed_at": None, "linked": [], "evidence": []}
        return 200, {"case": found | more, "history": []}

    def _done(self, path: str) -> tuple[int, Any]:
        if path == "/api/v1/photos":
            return 201, {"sha256": "5e" * 32, "flags": []}
        if path == "/api/v1/cases":
            return 201, {
                "case": {"case_no": "QD2026080600001", "version": 1, "claimed_by": None},
                "entry": {"label": ""},
            }
        case_no = path.split("/")[4]
        known = self.rows.get(case_no) or {"case_no": case_no, "version": 1, "claimed_by": None}
        known["version"] += 1
        return 200, {"case": known, "entry": {"label": "已办"}, "repeated": False, "undo": None}


@contextmanager
def field_server(page: str, *, port: int = 0) -> Iterator[FieldServer]:
    """Serve one page until the block is left."""
    server = FieldServer()
    app = server.app(page)
    server.serve_on(app)
    with served_by_threads(app.server, port=port) as address:
        server.address = f"{address}/{page}/"
        yield server


if __name__ == "__main__":
    with field_server(sys.argv[1], port=int(sys.argv[2]) if len(sys.argv) > 2 else 8153) as running:
        print(running.address, flush=True)
        threading.Event().wait()
