from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256

import dash
import pytest
from dash import Input, Output, html
from fastapi import FastAPI
from starlette.routing import Mount

from api.dash_guard import (
    guard_callbacks,
    guard_pages,
    log_broken_callback,
    unguarded_callbacks,
    unguarded_pages,
    unguarded_routes,
)
from api.guard import Guard
from api.identity import NOBODY, Visitor, visitor
from domain.guarded import guarded, needed_by
from domain.roles import Identity, Permission, Role
from tests.api.hall import ORIGIN, Hall
from tests.api.sockets import HandSocket


@pytest.fixture
def as_role() -> Iterator:
    """Be somebody for the rest of the test."""

    def become(role: Role) -> None:
        visitor.set(Visitor(identity=Identity("x", "x", role, department="A01")))

    yield become
    visitor.set(NOBODY)


def page(path: str, layout: object, **more: object) -> dict:
    return {"path": path, "path_template": None, "layout": layout} | more


def the_content(**query: str) -> html.Div:
    return html.Div(f"content {query.get('q', '')}")


async def the_content_later(**query: str) -> html.Div:
    return the_content(**query)


def is_refusal(component: html.Div) -> bool:
    return getattr(component, "className", "") == "cw-refusal"


def test_who_may_sees_the_page_with_its_query(as_role) -> None:
    registry = {"wall": page("/wall", the_content)}
    guard_pages(registry)
    as_role(Role.WALL_DEVICE)
    assert registry["wall"]["layout"](q="open").children == "content open"


async def test_an_async_layout_stays_async(as_role) -> None:
    registry = {"wall": page("/wall", the_content_later)}
    guard_pages(registry)
    as_role(Role.LEADER)
    assert (await registry["wall"]["layout"](q="open")).children == "content open"
    as_role(Role.COLLECTOR)
    assert is_refusal(await registry["wall"]["layout"](q="open"))


def test_who_may_not_sees_a_refusal_that_names_the_posts(as_role) -> None:
    registry = {"cases": page("/cases", the_content)}
    guard_pages(registry)
    as_role(Role.COLLECTOR)
    refusal = registry["cases"]["layout"](q="open")
    assert is_refusal(refusal)
    assert "值班员" in refusal.children[1].children


def test_a_page_that_breaks_says_so_and_the_log_says_why(as_role, caplog: pytest.LogCaptureFixture) -> None:
    def breaks(**_: str) -> html.Div:
        raise RuntimeError("the reason")

    registry = {"wall": page("/wall", breaks)}
    guard_pages(registry)
    as_role(Role.LEADER)
    assert is_refusal(registry["wall"]["layout"]())
    assert "/wall" in caplog.text
    assert "the reason" in caplog.text


def test_nobody_sees_no_page() -> None:
    registry = {"home": page("/", the_content)}
    guard_pages(registry)
    assert is_refusal(registry["home"]["layout"]())


def test_a_page_without_a_rule_is_there_for_nobody_and_listed(as_role) -> None:
    registry = {"new": page("/new", the_content), "wall": page("/wall", html.Div("plain"))}
    assert unguarded_pages(registry) == ["/new"]
    guard_pages(registry)
    as_role(Role.ADMIN)
    assert is_refusal(registry["new"]["layout"]())
    assert registry["wall"]["layout"]().children == "plain"


def test_a_page_at_a_public_address_counts_as_unguarded() -> None:
    assert unguarded_pages({"login": page("/login", the_content)}) == ["/login"]


def test_a_page_with_a_variable_is_judged_by_its_template() -> None:
    registry = {"case": page("/video/none/snapshot.jpg", the_content, path_template="/video/<camera>/snapshot.jpg")}
    assert unguarded_pages(registry) == []


def test_routes_without_a_rule_are_listed_with_their_method() -> None:
    app = FastAPI(docs_url=None, redoc_url=None)
    app.add_api_route("/wall", the_content)
    app.add_api_route("/wall", the_content, methods=["POST"])
    app.add_api_route("/new/{thing}", the_content)
    app.add_api_websocket_route("/ws/new", the_content)
    app.router.routes.append(Mount("/assets", app))
    app.router.routes.append(Mount("/files", app))
    found = set(unguarded_routes(app.routes))
    assert found == {"POST /wall", "GET /new/{thing}", "WS /ws/new", "GET /files/x"}


def test_every_route_of_our_own_has_a_rule(hall: Hall) -> None:
    assert unguarded_routes(hall.server.routes) == []


def test_the_mark_says_what_is_needed() -> None:
    assert needed_by(guarded(Permission.SEE_CASES)(the_content_later)) == (Permission.SEE_CASES,)
    assert needed_by(the_content) is None


@pytest.fixture
def dash_app(monkeypatch: pytest.MonkeyPatch) -> dash.Dash:
    """A real Dash application that shares no callback with any other of this process."""
    for name, empty in (("GLOBAL_CALLBACK_MAP", {}), ("GLOBAL_CALLBACK_LIST", []), ("GLOBAL_INLINE_SCRIPTS", [])):
        monkeypatch.setattr(dash._callback, name, empty)
    monkeypatch.setattr(dash._get_app, "APP", None)
    app = dash.Dash(
        "guarded",
        server=FastAPI(),
        use_pages=False,
        websocket_callbacks=True,
        assets_folder="none-at-all",
        on_error=log_broken_callback,
    )
    app.layout = html.Div(
        [html.Button(id="b"), *(html.Div(id=name) for name in ("marked", "bare", "any", "sync", "broken"))]
    )

    @app.callback(Output("marked", "children"), Input("b", "n_clicks"))
    @guarded(Permission.SEE_CASES)
    async def marked(clicks: int) -> str:
        return f"seen {clicks}"

    @app.callback(Output("sync", "children"), Input("b", "n_clicks"))
    @guarded(Permission.SEE_CASES)
    def synchronous(clicks: int) -> str:
        return f"seen {clicks}"

    @app.callback(Output("any", "children"), Input("b", "n_clicks"))
    @guarded()
    async def for_any_session(clicks: int) -> str:
        return f"seen {clicks}"

    @app.callback(Output("bare", "children"), Input("b", "n_clicks"))
    async def bare(clicks: int) -> str:
        return f"seen {clicks}"

    @app.callback(Output("broken", "children"), Input("b", "n_clicks"))
    @guarded()
    async def broken(clicks: int) -> str:
        raise RuntimeError("the reason")

    app.clientside_callback("function(n) { return n }", Output("b", "title"), Input("b", "n_clicks"))
    app._setup_server()
    return app


def call(output: str) -> dict:
    return {
        "output": f"{output}.children",
        "outputs": {"id": output, "property": "children"},
        "inputs": [{"id": "b", "property": "n_clicks", "value": 3}],
        "changedPropIds": ["b.n_clicks"],
    }


def behind_the_guard(dash_app: dash.Dash, hall: Hall) -> Guard:
    guard_callbacks(dash_app.callback_map)
    return Guard(dash_app.server, sessions=hall.sessions, monotonic=hall.clock.monotonic)


def test_a_server_callback_without_a_mark_is_listed_a_browsers_own_is_not(dash_app: dash.Dash) -> None:
    assert unguarded_callbacks(dash_app.callback_map) == ["bare.children"]


def test_every_route_of_dash_has_a_rule(dash_app: dash.Dash) -> None:
    dash_app.backend._setup_catchall()
    found = set(unguarded_routes(dash_app.server.routes))
    assert found == {f"{m} {p}" for p in ("/docs", "/docs/oauth2-redirect", "/redoc") for m in ("GET", "HEAD")}


@pytest.mark.parametrize(
    ("output", "role", "status"),
    [
        ("marked", Role.LEADER, 200),
        ("marked", Role.WALL_DEVICE, 403),
        ("sync", Role.LEADER, 200),
        ("sync", Role.WALL_DEVICE, 403),
        ("any", Role.WALL_DEVICE, 200),
        ("any", Role.COLLECTOR, 200),
        ("bare", Role.ADMIN, 403),
    ],
)
async def test_a_callback_answers_whoever_its_mark_allows(
    hall: Hall, dash_app: dash.Dash, output: str, role: Role, status: int
) -> None:
    hall.app = behind_the_guard(dash_app, hall)
    async with hall.client(role) as client:
        answer = await client.post("/_dash-update-component", json=call(output))
    assert answer.status_code == status
    assert ("seen 3" in answer.text) is (status == 200)


async def test_a_callback_that_breaks_tells_the_log_why_and_the_page_nothing(
    hall: Hall, dash_app: dash.Dash, caplog: pytest.LogCaptureFixture
) -> None:
    hall.app = behind_the_guard(dash_app, hall)
    async with hall.client(Role.LEADER) as client:
        answer = await client.post("/_dash-update-component", json=call("broken"))
    assert (answer.status_code, "the reason" in answer.text) == (500, False)
    assert "the reason" in caplog.text


@pytest.mark.parametrize(
    ("output", "role", "status"),
    [
        ("marked", Role.LEADER, "ok"),
        ("marked", Role.WALL_DEVICE, "error"),
        ("sync", Role.LEADER, "ok"),
        ("sync", Role.WALL_DEVICE, "error"),
        ("any", Role.WALL_DEVICE, "ok"),
        ("bare", Role.ADMIN, "error"),
    ],
)
async def test_the_mark_holds_over_the_socket_too(
    hall: Hall, dash_app: dash.Dash, output: str, role: Role, status: str
) -> None:
    app = behind_the_guard(dash_app, hall)
    headers = {"host": "hall", "origin": ORIGIN, "cookie": hall.cookie(role)}
    async with HandSocket(app, "/_dash-ws-callback", headers) as socket:
        wanted = {"type": "callback_request", "requestId": "1", "rendererId": "r", "payload": call(output)}
        socket.say(json.dumps(wanted))
        answer = json.loads((await socket.message(2))["text"])
    answers = answer if isinstance(answer, list) else [answer]
    assert answers[0]["payload"]["status"] == status
    assert ("seen 3" in str(answers)) is (status == "ok")


async def test_a_page_frame_and_its_scripts_pass_the_policy(hall: Hall, dash_app: dash.Dash) -> None:
    app = Guard(
        dash_app.server,
        sessions=hall.sessions,
        monotonic=hall.clock.monotonic,
        inline_scripts=dash_app.csp_hashes,
    )
    hall.app = app
    async with hall.client(Role.LEADER) as client:
        answer = await client.get("/")
    page = re.sub("<!--.*?-->", "", answer.text, flags=re.DOTALL)
    scripts = re.findall(r"<script(?![^>]*(?:src=|application/json))[^>]*>(.*?)</script>", page, re.DOTALL)
    hashes = [b64encode(sha256(script.encode()).digest()).decode() for script in scripts]
    assert len(hashes) == 2
    assert all(f"'sha256-{value}'" in answer.headers["content-security-policy"] for value in hashes)
