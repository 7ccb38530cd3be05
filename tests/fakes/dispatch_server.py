"""The dispatch desk in a browser: real components, scripts, case store and routes; a feed that a test moves on.

`?who=NAME` in the address says who sits there. Cases are real ones of a store of its own, and rows that a test puts.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from dash import Dash, html
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from redis.asyncio import Redis

from api.case_actions import CaseDesk, case_actions_router
from api.case_offers import OfferDesk
from api.cases import cases_router
from api.desk_view import desk_view_router
from api.identity import Visitor, visitor
from components.dispatch_desk import DeskSetup, dispatch_desk
from components.dispatch_wall import dispatch_wall
from data_access.cases import CaseStore
from data_access.claims import ClaimLeases
from data_access.desk_view import DeskViews
from data_access.engine import migrate, open_engine
from domain.action import Action
from domain.board import row_of, row_to_wire
from domain.case import Case, CaseKind, Severity
from domain.duty import Duty, DutyTable
from domain.facts import facts_of
from domain.journal import Entry, milliseconds, rebuild
from domain.roles import Identity, Role
from pages import _ids as ids
from pages._shell import INDEX
from tests.data_access.histories import CITY_ZONE
from tests.data_access.policies import PLAIN_POLICY
from tests.fakes.serving import served
from tests.shared_data import PROJECT

DISTRICTS = {"370202": "市南区", "370203": "市北区"}
DEPARTMENTS = {
    "370202-03": "市南区市政工程养护管理处",
    "370202-04": "市南区环境卫生管理处",
    "370203-03": "市北区市政工程养护管理处",
    "370203-04": "市北区环境卫生管理处",
}
CLASSES = {"C0101": "上水井盖", "E0101": "暴露垃圾"}
STREETS = ("香港中路", "东海西路", "延安三路", "台东三路")
BOX = (120.29, 36.03, 120.45, 36.12)

PEOPLE = {
    name: Identity(name, called, role)
    for name, called, role in (
        ("wang", "王磊", Role.DUTY_OFFICER),
        ("zhang", "张敏", Role.DISPATCHER),
        ("lead", "孙市长", Role.LEADER),
        ("wall", "大屏", Role.WALL_DEVICE),
    )
}

FEED = """
(function () {
  let version = null;
  const publish = (topic, value) => window.citywall.live.publish(topic, value);
  const tick = (now = Date.now()) => publish("tick", { now, version: 1, as_of: now, connected: true, sources: [] });
  async function follow() {
    const told = await (await fetch(`/harness/steps?since=${version ?? -1}`)).json();
    if (version !== null && told.steps.length) publish("cases", told);
    version = told.version;
    setTimeout(follow, 20);
  }
  window.addEventListener("load", () => { tick(); setInterval(tick, 1000); follow(); });
})();
"""
PAGE = INDEX.replace("{%renderer%}", '<script src="/harness.js"></script>{%renderer%}')

OTHERS = (
    r"worker|alarm|^(tiles|focus|video|watchdog|camera|collect|unit|intake|case-p|wall(-head|-panels|-scenes)?\.).*js$"
)
"""Scripts of other pages."""

LONGEST_WAIT_S = 1.0
"""How long a page waits for what happens next before it asks again."""

asked = ContextVar[dict[str, list[str]]]("asked", default={})  # noqa: B039 (never changed in place)


class Names:
    """How people and departments are called."""

    def person(self, name: str) -> str:
        return PEOPLE[name].display_name if name in PEOPLE else name

    def department(self, code: str) -> str:
        return DEPARTMENTS.get(code, code)


@dataclass
class DispatchServer:
    """A running server. `asked` holds (method, path) of what was changed; `rows` what the board says now."""

    store: CaseStore
    redis: Redis
    address: str = ""
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)
    posted: list[tuple[str, str]] = field(default_factory=list)
    own: set[str] = field(default_factory=set)
    risks: dict[str, Any] = field(default_factory=lambda: {"model": None, "cases": []})
    broken: bool = False
    news: threading.Condition = field(default_factory=threading.Condition)

    # ---- what a test does ----

    def filed(self, number: int, **more: Any) -> str:
        """A case that waits for its dispatch, in the store and on the board; its number."""
        case_no = f"QD20261129{number:05}"
        now = datetime.now(UTC).replace(microsecond=0)
        facts = {
            "state": "pending_dispatch",
            "reported_at": milliseconds(now - timedelta(minutes=8)),
            "filed_at": milliseconds(now - timedelta(minutes=3)),
            "ownerless_since": milliseconds(now - timedelta(minutes=3)),
            "class_code": "E0101",
            "kind": CaseKind.EVENT.value,
            "severity": Severity.L4.value,
            "district": "370202",
            "grid": "370202001001001",
            "address": f"市南区{STREETS[number % 4]}{number}号",
            "lon": 120.33 + number / 5000,
            "lat": 36.07,
            "limit_value": 4.0,
            "limit_unit": "work_hour",
        } | more
        entry = Entry(
            case_no=case_no,
            version=1,
            action=Action.IMPORT_REPORT,
            at=now - timedelta(minutes=3),
            actor="lead",
            role=Role.SHIFT_LEADER.value,
            changes=facts,
        )
        case = rebuild([entry])
        assert case is not None
        with self.store.bulk() as writer:
            writer.append([(case, [entry])])
        self.own.add(case_no)
        self.refresh()
        return case_no

    def case(self, case_no: str) -> Case:
        case = self.store.get(case_no)
        assert case is not None
        return case

    def put(self, *rows: dict[str, Any]) -> None:
        """The feed says that these rows are so now, whatever the store holds."""
        self.own -= {row["case_no"] for row in rows}
        self._step({row["case_no"]: row for row in rows}, [])

    def drop(self, *case_nos: str) -> None:
        self._step({}, list(case_nos))

    def forget(self) -> None:
        """An empty board, as at the beginning."""
        self.own.clear()
        self.posted.clear()
        self.risks = {"model": None, "cases": []}
        self.broken = False
        self.drop(*self.rows)

    # ---- the board ----

    def refresh(self) -> None:
        """Bring the board in line with the store."""
        now = datetime.now(UTC)
        found = {no: case for no in self.own if (case := self.store.get(no)) is not None}
        rows = {no: row_to_wire(row_of(facts_of(case), now)) for no, case in found.items()}
        self._step({no: row for no, row in rows.items() if self.rows.get(no) != row}, [])

    def _step(self, put: dict[str, dict[str, Any]], drop: list[str]) -> None:
        if not put and not drop:
            return
        with self.news:
            before = len(self.steps)
            self.rows = {no: row for no, row in (self.rows | put).items() if no not in drop}
            self.steps.append({"from": before, "to": before + 1, "put": list(put.values()), "drop": drop, "grids": {}})
            self.news.notify_all()

    # ---- the program ----

    def app(self) -> FastAPI:
        app = FastAPI()
        self._routes(app)
        app.middleware("http")(self._as_visitor)
        dash = Dash(
            "dispatch",
            server=app,
            backend="fastapi",
            assets_folder=str(PROJECT / "assets"),
            assets_ignore=OTHERS,
            index_string=PAGE,
            title="dispatch",
            update_title="",
        )
        dash.layout = self._layout
        dash._setup_server()
        self.before = dash.backend._before_request_funcs
        return app

    def _layout(self) -> html.Div:
        query = {name: values[0] for name, values in asked.get().items()}
        who = PEOPLE[query.get("who", "wang")]
        setup = DeskSetup(
            who=who,
            box=BOX,
            cameras=[],
            zone=CITY_ZONE.key,
            departments=DEPARTMENTS,
            classes=CLASSES,
            districts=DISTRICTS,
        )
        if query.get("display") == "wall":
            return html.Div(dispatch_wall(setup, city="青岛市", distance_mm=8000, pitch_mm=1.25, demo=True, t=str))
        desk = dispatch_desk(ids.DispatchPage.GRID, setup, open_case=query.get("case", ""), t=str)
        return html.Div(
            [html.Header(className="desk-bar"), html.Main(desk, className="desk-main")], className="cw-desk"
        )

    def _routes(self, app: FastAPI) -> None:
        offers = OfferDesk(
            policy=PLAIN_POLICY,
            duties=duties(),
            decisions=SimpleNamespace(about=lambda case: ()),
            component=lambda code: None,
            department=lambda code: DEPARTMENTS.get(code, code),
            now=lambda: datetime.now(UTC),
        )
        desk = CaseDesk(cases=self.store, leases=ClaimLeases(self.redis), offers=offers, now=self._now)
        app.include_router(case_actions_router(desk))
        app.include_router(cases_router(self.store, now=self._now, names=Names()))
        app.include_router(desk_view_router(DeskViews(self.redis), now=self._now))
        text = {"media_type": "text/javascript"}
        app.add_api_route("/harness.js", lambda: Response(FEED, **text))
        app.add_api_route("/harness/steps", self._steps)
        app.add_api_route("/api/v1/words.js", lambda: Response("", **text))
        app.add_api_route("/api/v1/board", self._board)
        app.add_api_route("/api/v1/map/base", lambda: {"type": "FeatureCollection", "features": [ground()]})
        app.add_api_route("/api/v1/map/grids", lambda: {"type": "FeatureCollection", "features": []})
        app.add_api_route("/api/v1/risk", lambda: self.risks)
        app.add_api_route("/healthz", lambda: "ok")
        app.add_api_route("/case/{case_no}", lambda case_no: Response(case_no))
        app.add_api_route("/handover", lambda: Response("handover"))
        app.add_api_route("/video", lambda: Response("video"))

    @staticmethod
    def _now() -> datetime:
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    async def _as_visitor(self, request: Request, call: Any) -> Response:
        query = parse_qs(urlsplit(request.headers.get("referer", str(request.url))).query)
        if "who" in request.query_params:
            query = {name: [value] for name, value in request.query_params.items()}
        who = PEOPLE[query.get("who", ["wang"])[0]]
        tokens = asked.set(query), visitor.set(Visitor(identity=who, address="seat 1"))
        try:
            for prepare in self.before:
                await prepare() if inspect.iscoroutinefunction(prepare) else prepare()
            answer: Response = await call(request)
        finally:
            asked.reset(tokens[0])
            visitor.reset(tokens[1])
        if request.method != "GET" and request.url.path.startswith("/api/"):
            self.posted.append((request.method, request.url.path))
            self.refresh()
        return answer

    def _board(self) -> Response:
        if self.broken:
            return Response("", 503)
        with self.news:
            wall = {"attention": [], "as_of": 0}
            told = {"version": len(self.steps), "cases": list(self.rows.values()), "grids": {}, "wall": wall}
        return JSONResponse(told)

    def _steps(self, since: int) -> dict[str, Any]:
        """What has happened since; while nothing has, the answer waits, so that pages need not ask so often."""
        with self.news:
            self.news.wait_for(lambda: len(self.steps) != since, timeout=LONGEST_WAIT_S)
            return {"version": len(self.steps), "steps": self.steps[since:] if since >= 0 else []}


def ground() -> dict[str, Any]:
    west, south, east, north = BOX
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    properties = {"code": "370202", "name": "市南区", "inside": True}
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def duties() -> DutyTable:
    """Rubbish goes to the district's cleaners, by the duty table; nobody is named for anything else."""
    lines = [Duty("E0101", code, f"{code}-04") for code in DISTRICTS]
    return DutyTable(lines, (), ())


def made_row(like: dict[str, Any], number: int, **more: Any) -> dict[str, Any]:
    """A row of the board that no store knows."""
    return like | {"case_no": f"QD20261128{number:05}", "claimed_by": None, "claimant": None} | more


@contextmanager
def dispatch_server(folder: Path, valkey_url: str) -> Iterator[DispatchServer]:
    """Serve until the block is left."""
    engine = open_engine(f"sqlite:///{folder / 'dispatch.db'}")
    migrate(engine)
    store = CaseStore(engine, PLAIN_POLICY, number_prefix="QD", zone=CITY_ZONE, names=Names())
    desk = DispatchServer(store, Redis.from_url(valkey_url))
    try:
        with served(desk.app(), at_the_end=(desk.redis.aclose,)) as desk.address:
            yield desk
    finally:
        engine.dispose()
