"""The leaders' page and the photo field in a browser without a hall behind them: real components and scripts.

python -m tests.fakes.leader_server [PORT]    runs it to look at, with something in every register
"""

from __future__ import annotations

import hashlib
import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, request, send_from_directory

from components.supervision_desk import supervision_desk
from tests.fakes.serving import served_by_threads
from tests.fakes.video_server import rendered
from tests.made_photos import jpeg, scene
from tests.shared_data import PROJECT

ASSETS = PROJECT / "assets"
STYLES = ("00-tokens.css", "desk.css", "case-act.css", "photo-input.css", "supervision.css")
SHARED = ("00-citywall.js", "01-mount.js", "02-format.js", "04-parts.js")
LEADER_SCRIPTS = (
    *SHARED,
    "case-pick.js",
    "case-fields.js",
    "case-act.js",
    "claims.js",
    "live-cases.js",
    "supervision.js",
)
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
Told = dict[str, Any]


@dataclass
class LeaderServer:
    """A running server. A test changes what it answers and looks at what was asked of it.

    `uploads` are the answers to come, (status, body), oldest first; where none is left, the photo is taken.
    """

    address: str = ""
    told: Told | None = None
    rows: list[Told] = field(default_factory=list)
    refusal: Told | None = None
    acts: list[Told] = field(default_factory=list)
    uploads: list[tuple[int, Told]] = field(default_factory=list)
    sent: list[tuple[str, str, bytes]] = field(default_factory=list)

    def app(self) -> Flask:
        app = Flask(__name__)
        answers: dict[str, Any] = {
            "/": lambda: _page(rendered(_desk()), LEADER_SCRIPTS),
            "/form": lambda: _page('<form><div id="photos"></div></form>', (*SHARED, "photo-input.js")),
            "/assets/<path:name>": lambda name: send_from_directory(ASSETS, name),
            "/api/v1/supervision": self._supervision,
            "/api/v1/board": lambda: _json({"version": 1, "cases": self.rows, "grids": {}, "wall": {}}),
            "/api/v1/cases/<no>/offers": _offers,
            "/api/v1/cases/<no>": lambda no: _json({"case": {"case_no": no}, "history": []}),
            "/photos/<sha>/thumb": lambda sha: Response(jpeg(scene(1, (64, 48))), mimetype="image/jpeg"),
        }
        for path, answer in answers.items():
            app.add_url_rule(path, path, answer)
        app.add_url_rule("/api/v1/cases/<no>/actions", "act", self._act, methods=["POST"])
        app.add_url_rule("/api/v1/photos", "upload", self._upload, methods=["POST"])
        return app

    def _supervision(self) -> Response:
        return _json(self.told) if self.told is not None else _json({"error": "x", "message": "数据库没有应答"}, 503)

    def _act(self, no: str) -> Response:
        asked = request.get_json() | {"case_no": no}
        self.acts.append(asked)
        if self.refusal is not None:
            return _json(self.refusal, 409)
        entry = {"action": asked["action"], "label": asked["action"]}
        case = {"case_no": no, "version": asked["expected_version"] + 1, "claimed_by": None}
        return _json({"case": case, "entry": entry, "repeated": False, "undo": None})

    def _upload(self) -> Response:
        media = request.get_data()
        self.sent.append((request.args["kind"], request.args.get("case_no", ""), media))
        if self.uploads:
            status, body = self.uploads.pop(0)
            return _json(body, status)
        sha = hashlib.sha256(media).hexdigest()
        return _json({"sha256": sha, "taken_at": 1_786_000_000_000, "lon": None, "lat": None, "flags": []}, 201)


@contextmanager
def leader_server(*, port: int = 0) -> Iterator[LeaderServer]:
    """Serve until the block is left."""
    server = LeaderServer()
    with served_by_threads(server.app(), port=port) as server.address:
        yield server


def _desk() -> Any:
    return supervision_desk(city="青岛市", may_order=True, t=str)


def _page(body: str, scripts: tuple[str, ...]) -> str:
    styles = "".join(f'<link rel="stylesheet" href="/assets/css/{name}">' for name in STYLES)
    loaded = "".join(f'<script src="/assets/js/{name}"></script>' for name in scripts)
    frame = f'<div class="cw-desk"><header class="desk-bar"></header><main class="desk-main">{body}</main></div>'
    head = f'<head><meta charset="utf-8">{styles}</head>'
    return f'<!doctype html><html lang="zh-CN">{head}<body>{frame}{loaded}</body></html>'


def _json(told: Any, status: int = 200) -> Response:
    return Response(json.dumps(told, ensure_ascii=False), status, mimetype="application/json")


def _offers(no: str) -> Response:
    due = {
        "name": "order_due",
        "label": "督办答复期限",
        "kind": "moment",
        "required": True,
        "choices": [],
        "value": None,
    }
    supervise = {"action": "supervise", "label": "督办", "refusal": None, "reason": True, "outcomes": [], "photos": []}
    more = {"fields": [due], "dangerous": False, "undo": None}
    told = {"case_no": no, "version": 4, "state": "disposing", "state_label": "处置中", "claim": None, "request": None}
    return _json(told | {"who": "leader", "offers": [supervise | more], "next": []})


# ── made-up content ──────────────────────────────────────────────────────────────────────────────


def act(action: str, label: str, why: str | None = None) -> Told:
    return {"action": action, "label": label, "why": why}


URGE = act("urge", "催办")


def item(no: str, **more: Any) -> Told:
    """What every line of a register has."""
    return {
        "case_no": no,
        "version": 4,
        "state": "disposing",
        "state_label": "处置中",
        "severity": "L2",
        "class_name": "井盖缺失",
        "address": "市南区香港中路12号",
        "department": "A01",
        "department_name": "市南区市政工程养护管理处",
        "deadline": None,
        "urged_count": 0,
        "acts": [URGE],
    } | more


def order(no: str, due_in_ms: int, **more: Any) -> Told:
    now = round(time.time() * 1000)
    made = {"order_by": "张市长", "order_text": "请今日内到场处置，并说明为何多次超期", "order_at": now - 5 * HOUR}
    return item(no, **made, order_due=now + due_in_ms, ended=False) | more


def supervision(**more: Any) -> Told:
    """An answer with empty registers, but for what is given."""
    told = {"now": round(time.time() * 1000), "most": 200, "orders": [], "answered": [], "ownership": [], "fund": []}
    return told | {"emergencies": []} | more


def attention(no: str, **more: Any) -> Told:
    """A line of the wall's attention list."""
    now = round(time.time() * 1000)
    made = {
        "reason": "overdue",
        "reason_label": "超期",
        "severity": "L1",
        "class_name": "燃气管道破裂",
        "district": "市南区",
    }
    rest = {
        "address": "大学路74号",
        "department": "青岛市燃气公司",
        "state_label": "处置中",
        "deadline": now - 3 * HOUR,
    }
    return {
        "case_no": no,
        **made,
        **rest,
        "order_due": None,
        "send_back_count": 0,
        "claimed_by": None,
        "query": {},
    } | more


def row(no: str, **more: Any) -> Told:
    """An open row of the board, as far as the page reads it."""
    made = {"case_no": no, "version": 9, "state": "disposing", "order_due": None, "send_back_count": 0}
    return made | {"current_request": None, "supervised": False} | more


def full() -> Told:
    """Something in every register."""
    fund = [{"line": "应急处置专项", "count": 3, "estimate": 25800.0, "actual": 7950.0, "recovered": 7950.0}]
    return supervision(
        orders=_orders(), answered=_answered(), ownership=[_unwanted()], emergencies=_emergencies(), fund=fund
    )


def _orders() -> list[Told]:
    fence = "存在安全隐患，先围挡，查清责任单位后报我"
    elsewhere = act("urge", "催办", "案卷现为“待核查”，不能催办")
    return [
        order("QD2026080600121", -133 * MINUTE, severity="L1", urged_count=2),
        order("QD2026080600133", 40 * MINUTE, class_name="道路积水", order_text=fence),
        order("QD2026080600236", 26 * HOUR, class_name="热力管道破裂", acts=[elsewhere]),
        order("QD2026080100017", -5 * DAY, ended=True, state_label="结案", acts=[]),
    ]


def _answered() -> list[Told]:
    now = round(time.time() * 1000)
    done = {"answer": "已围挡并更换井盖，恢复通行；责任班组已约谈", "answered_by": "市南市政"}
    again = [act("supervise", "督办")]
    return [
        order("QD2026080500031", -HOUR, **done, answered_at=now - 2 * HOUR, acts=again),
        order("QD2026080500044", -9 * HOUR, **done, answered_at=now - 8 * HOUR, acts=[]),
    ]


def _unwanted() -> Told:
    now = round(time.time() * 1000)
    backs = [
        _back("A01", "市南区市政工程养护管理处", "王磊", now - 3 * DAY, "该井为通信井，不属市政雨污水管网"),
        _back("B07", "青岛市通信管理局", "李静", now - DAY, "井盖无标识，产权查无登记，请核实权属"),
    ]
    suggestions = [
        {"department": "C03", "name": "八大湖街道办事处", "reason": "territory", "why": "属地：网格 370202003"},
        {
            "department": "A01",
            "name": "市南区市政工程养护管理处",
            "reason": "duty_table",
            "why": "职责表：本类别 × 370202",
        },
    ]
    owner = {"send_back_count": 2, "ownerless_since": now - 4 * DAY, "grid": "370202003004001", "component_code": None}
    owner |= {"send_backs": backs, "suggestions": suggestions, "department": None, "department_name": ""}
    decide = act("decide_ownership", "确权")
    return item("QD2026080200088", **owner, class_name="不明井盖", state_label="待派遣", acts=[decide])


def _back(code: str, name: str, by: str, at: int, reason: str) -> Told:
    return {"department": code, "department_name": name, "by": by, "at": at, "reason": reason}


def _emergencies() -> list[Told]:
    by_phone = {"approved_by": "孙值班长", "by_phone": "张市长", "signed": False}
    spent = by_phone | {"signed": True, "cost_actual": 7950, "recovered": True}
    deciding = (act("approve_emergency", "批准应急处置"), act("refuse_emergency", "驳回应急处置"))
    return [
        _emergency("QD2026080600301", "proposed", "待批准", {}, *deciding),
        _emergency("QD2026080600277", "running", "处置中", by_phone, act("confirm_emergency", "补签应急批准"), URGE),
        _emergency(
            "QD2026080300012", "to_settle", "待结算", by_phone | {"signed": True}, act("settle_emergency", "应急结算")
        ),
        _emergency("QD2026072900005", "settled", "已结算", spent),
    ]


def _emergency(no: str, stage: str, label: str, more: Told, *acts: Told) -> Told:
    record = {"reason": "danger", "department": "A01", "contractor": "市政应急抢修一队", "cost_estimate": 8600}
    record |= {"measures": "围挡、临时盖板，回填后恢复路面", "fund_line": "应急处置专项"} | more
    told = {"for_name": "市南区市政工程养护管理处", "liable_name": "", "reason_label": "险情不能等待"}
    unsigned = more.get("signed") is False
    return item(no, **told, stage=stage, stage_label=label, unsigned=unsigned, record=record, since=0, acts=list(acts))


if __name__ == "__main__":
    with leader_server(port=int(sys.argv[1]) if len(sys.argv) > 1 else 8153) as running:
        running.told = full()
        print(running.address, flush=True)
        threading.Event().wait()
