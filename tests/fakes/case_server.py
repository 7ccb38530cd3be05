"""One case's page in a browser: real components, scripts, case store and routes; no feed but what a test says.

The cookie `who` says who sits there, so that two browsers are two people.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from redis.asyncio import Redis

from api.case_actions import CaseDesk, case_actions_router
from api.case_offers import OfferDesk
from api.case_story import CaseStories, case_story_router
from api.cases import cases_router
from api.desk_lists import DeskLists, desk_lists_router
from api.identity import Visitor, visitor
from components.case_page import case_page
from data_access.cases import CaseStore, Done
from data_access.claims import ClaimLeases
from data_access.engine import migrate, open_engine
from domain.action import Action
from domain.case import Case, CaseState
from domain.city import Department, Level
from domain.duty import Duty, DutyTable
from domain.roles import Identity, Permission, Role
from tests.data_access.histories import CITY_ZONE
from tests.data_access.policies import PLAIN_POLICY
from tests.domain.loop import ACTORS, FACTS, PATHS, command
from tests.fakes.serving import served
from tests.fakes.video_server import rendered
from tests.shared_data import PROJECT

DEPARTMENTS = {"D01": "市南市政处", "D02": "市南环卫处"}
CLASSES = {"E0101": "暴露垃圾", "C0101": "上水井盖"}
PEOPLE = {
    who.name: who
    for who in (
        Identity("wang", "王磊", Role.DUTY_OFFICER),
        Identity("zhang", "张敏", Role.DISPATCHER),
        Identity("shift", "李班长", Role.SHIFT_LEADER),
        Identity("lead", "孙市长", Role.LEADER),
        Identity("eye", "周督察", Role.SUPERVISOR),
        Identity("unit", "市政席位", Role.DEPARTMENT, department="D01"),
        Identity("other", "环卫席位", Role.DEPARTMENT, department="D02"),
    )
}
_OTHERS = ("case-list.js", "case-panel.js")
"""Scripts of other pages."""

SCRIPTS = (
    *("00-citywall.js", "01-mount.js", "02-format.js", "04-parts.js", "05-case-pictures.js", "07-risks.js"),
    *sorted(path.name for path in (PROJECT / "assets" / "js").glob("case-*.js") if path.name not in _OTHERS),
    *("claims.js", "view-case.js"),
)
STYLES = ("00-tokens.css", "desk.css", "case-act.css", "case-page.css", "risks.css")


class Names:
    """How people and departments are called."""

    def person(self, name: str) -> str:
        return PEOPLE[name].display_name if name in PEOPLE else name

    def department(self, code: str) -> str:
        return DEPARTMENTS.get(code, code)


@dataclass
class CaseServer:
    """A running server. `photos` are what the case's photo route tells; `broken`: it answers nothing but pages."""

    store: CaseStore
    redis: Redis
    address: str = ""
    photos: list[dict[str, Any]] = field(default_factory=list)
    evidence: list[dict[str, Any]] = field(default_factory=list)
    broken: bool = False

    def case(self, state: CaseState, *, ago: timedelta = timedelta(hours=2), **facts: Any) -> str:
        """A stored case brought to the state by its usual people; its number."""
        at, number = self.now() - ago, None
        for action in PATHS[state]:
            done = self.do(
                action, at=at, case_no=number, facts=FACTS.get(action, {}) | (facts if number is None else {})
            )
            number, at = done.case.case_no, at + timedelta(minutes=1)
        assert number is not None
        return number

    def do(self, action: Action, *, case_no: str | None, at: datetime | None = None, **parts: Any) -> Done:
        """One more act by whoever usually does it, or by `actor`."""
        actor = parts.pop("actor", None) or _usual(action)
        done = self.store.execute(command(action, at or self.now(), case_no=case_no, actor=actor, **parts))
        assert isinstance(done, Done), done
        return done

    def stored(self, case_no: str) -> Case:
        case = self.store.get(case_no)
        assert case is not None
        return case

    @staticmethod
    def now() -> datetime:
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def app(self) -> FastAPI:
        app = FastAPI()
        app.mount("/assets", StaticFiles(directory=PROJECT / "assets"))
        self._routes(app)
        app.middleware("http")(self._as_visitor)
        return app

    def _routes(self, app: FastAPI) -> None:
        offers = OfferDesk(
            policy=PLAIN_POLICY,
            duties=DutyTable([Duty("E0101", "370202", "D01"), Duty("E0101", "", "D02")], (), ()),
            decisions=SimpleNamespace(about=lambda case: ()),
            component=lambda code: None,
            department=Names().department,
            now=self.now,
        )
        known = [Department(code=code, name=name, level=Level.DISTRICT) for code, name in DEPARTMENTS.items()]
        lists = DeskLists(departments=known, classes=[], offers=offers, cases=self.store, now=self.now)
        stories = CaseStories(
            cases=self.store,
            policy=PLAIN_POLICY,
            called=Names(),
            class_names=CLASSES,
            district_names={},
            now=self.now,
        )
        desk = CaseDesk(cases=self.store, leases=ClaimLeases(self.redis), offers=offers, now=self.now)
        for router in (case_actions_router(desk), desk_lists_router(lists), case_story_router(stories)):
            app.include_router(router)
        app.include_router(cases_router(self.store, now=self.now, names=Names()))
        app.add_api_route("/api/v1/cases/{case_no}/photos", lambda case_no: {"photos": self.photos})
        app.add_api_route("/api/v1/cases/{case_no}/evidence", lambda case_no: {"evidence": self.evidence})
        app.add_api_route("/case/{case_no}", self._page, response_class=HTMLResponse)
        app.add_api_route("/cases", lambda text="": Response(text))

    def _page(self, case_no: str) -> str:
        who = visitor.get().identity
        assert who is not None
        body = case_page(
            case_no,
            acts=who.may(Permission.ACT_ON_CASE),
            video=False,
            sees_all=who.may(Permission.SEE_CASES),
            seers=["值班员"],
            t=str,
        )
        styles = "".join(f'<link rel="stylesheet" href="/assets/css/{name}">' for name in STYLES)
        scripts = "".join(f'<script src="/assets/js/{name}"></script>' for name in SCRIPTS)
        main = f'<div class="cw-desk"><header class="desk-bar"></header><main class="desk-main">{rendered(body)}</main>'
        return (
            f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">{styles}</head><body>{main}</div>{scripts}'
        )

    async def _as_visitor(self, request: Request, call: Any) -> Response:
        who = PEOPLE[request.cookies.get("who", "wang")]
        if self.broken and request.url.path.startswith("/api/"):
            return Response(status_code=503)
        holder = visitor.set(Visitor(identity=who, address="10.0.0.7"))
        try:
            answer: Response = await call(request)
        finally:
            visitor.reset(holder)
        return answer


def _usual(action: Action) -> Identity:
    role = ACTORS.get(action, Role.DISPATCHER)
    found = next((who for who in PEOPLE.values() if who.role is role), None)
    return found or Identity(role.value, role.value, role)


@contextmanager
def case_server(folder: Path, valkey_url: str) -> Iterator[CaseServer]:
    """Serve until the block is left."""
    engine = open_engine(f"sqlite:///{folder / 'case.db'}")
    migrate(engine)
    made = CaseServer(
        CaseStore(engine, PLAIN_POLICY, number_prefix="QD", zone=CITY_ZONE, names=Names()), Redis.from_url(valkey_url)
    )
    try:
        with served(made.app(), at_the_end=(made.redis.aclose,)) as made.address:
            yield made
    finally:
        engine.dispose()
