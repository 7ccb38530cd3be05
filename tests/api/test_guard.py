from __future__ import annotations

import logging
import string

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from api.rules import RULES, Needs, Public, SignedIn, example, line_for
from domain.roles import PERMISSIONS, Permission, Role
from tests.api.hall import SCRIPT_HASH, Hall, break_store

CLOSED = [
    (method, example(line.pattern))
    for line in RULES
    for method in line.methods
    if method != "WS" and not isinstance(line.rule, Public)
]
PAGES = ["/", "/wall", "/video", "/cases"]
UNSAFE = ["/_dash-update-component", "/api/v1/wall/heartbeat", "/login", "/logout"]


def make_request(client: httpx.AsyncClient, method: str, path: str, **headers: str):
    return client.request(method, path, headers=headers, json={} if method == "POST" else None)


@pytest.mark.parametrize(("method", "path"), CLOSED)
async def test_without_a_session_nothing_but_the_public_is_open(hall: Hall, method: str, path: str) -> None:
    async with hall.client() as client:
        answer = await make_request(client, method, path)
    if path.startswith(("/api/v1", "/_dash", "/tiles")):
        assert (answer.status_code, answer.json()["error"]) == (401, "no_session")
    else:
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/login")


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c", "é" * 40, "W10.AAAA", "cw_device", "=;=", "eyJ9.\x7f."])
async def test_a_forged_or_garbled_cookie_is_nobody(hall: Hall, cookie: str) -> None:
    sent = f"cw_session={cookie}".encode()
    headers = [(b"cookie", sent), (b"origin", b"http://hall"), (b"accept", b"application/json")]
    async with hall.client() as client:
        for method, path in CLOSED:
            answer = await client.request(method, path, headers=headers, json={} if method == "POST" else None)
            assert answer.status_code in (401, 303), path


@pytest.mark.parametrize("path", PAGES)
async def test_a_cookie_changed_in_one_letter_is_nobody(hall: Hall, path: str) -> None:
    cookie = hall.cookie(Role.LEADER)
    for place in (len("cw_session=") + 2, len(cookie) - 3):
        other = "A" if cookie[place] != "A" else "B"
        forged = cookie[:place] + other + cookie[place + 1 :]
        async with hall.client(cookie=forged) as client:
            answer = await client.get(path)
        assert answer.status_code == 303


async def test_a_device_cookie_does_not_pass_as_a_persons(hall: Hall) -> None:
    value = hall.cookie(Role.WALL_DEVICE).partition("=")[2]
    async with hall.client(cookie=f"cw_session={value}") as client:
        assert (await client.get("/wall")).status_code == 303


async def test_each_post_sees_what_its_rights_say_and_no_more(hall: Hall, role: Role) -> None:
    async with hall.client(role) as client:
        for method, path in CLOSED:
            rule = line_for(path, method).rule
            answer = await make_request(client, method, path)
            may = isinstance(rule, SignedIn) or any(permission in PERMISSIONS[role] for permission in rule.any_of)
            assert (answer.status_code == 403) is not may, path
            assert answer.status_code not in (401, 303), path


async def test_a_refusal_names_the_posts_that_may(hall: Hall) -> None:
    async with hall.client(Role.COLLECTOR) as client:
        answer = await client.get("/cases")
    assert answer.status_code == 403
    assert "信息采集员" in answer.text
    assert "值班员、视频督察员" in answer.text


async def test_a_refusal_is_in_the_language_of_the_visitor(hall: Hall) -> None:
    async with hall.client(Role.COLLECTOR) as client:
        client.headers["cookie"] += "; cw_lang=en"
        answer = await client.get("/cases")
    assert 'lang="en"' in answer.text
    assert "Leader, Duty officer" in answer.text


async def test_to_a_program_a_refusal_is_json(hall: Hall) -> None:
    async with hall.client(Role.COLLECTOR, accept="*/*") as client:
        answer = await client.get("/api/v1/kpi")
    assert answer.json()["error"] == "no_right"
    assert "COLLECTOR" not in answer.text


async def test_after_the_login_one_is_led_back_to_the_address_with_its_filter(hall: Hall) -> None:
    async with hall.client() as client:
        answer = await client.get("/cases?count=open&district=370202")
    assert answer.headers["location"] == "/login?next=%2Fcases%3Fcount%3Dopen%26district%3D370202"


_texts = st.text(string.ascii_letters + string.digits + "/._-%~{}\\ \n一", max_size=30)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(path=_texts, method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]))
async def test_an_address_without_a_rule_is_there_for_nobody(hall: Hall, path: str, method: str) -> None:
    sent: list = []
    address = "/" + path

    async def keep(message) -> None:
        sent.append(message)

    async def nothing() -> dict:
        return {"type": "http.request", "body": b"", "more_body": False}

    headers = [(b"host", b"hall"), (b"origin", b"http://hall"), (b"cookie", hall.cookie(Role.ADMIN).encode())]
    scope = {
        "type": "http", "method": method, "path": address, "headers": headers, "query_string": b"",
        "scheme": "http", "root_path": "", "client": ("10.0.0.7", 1), "server": ("hall", 80), "http_version": "1.1",
    }  # fmt: skip
    await hall.app(scope, nothing, keep)
    if line_for(address, method) is None:
        assert sent[0]["status"] in (404, 405)
    else:
        assert sent[0]["status"] != 405 or method == "HEAD"


@pytest.mark.parametrize("path", ["/nowhere", "/wall/", "/api/v1", "/api/v1/secrets", "/static/x", "/_dash-x"])
async def test_an_unknown_address_is_a_404_with_and_without_a_session(hall: Hall, path: str) -> None:
    for who in (None, Role.ADMIN):
        async with hall.client(who) as client:
            assert (await client.get(path)).status_code == 404


async def test_an_unknown_tile_is_a_404_and_not_a_page(hall: Hall) -> None:
    async with hall.client(Role.LEADER) as client:
        assert (await client.get("/tiles/1/2/3.png")).status_code == 200
        assert (await client.get("/tiles/9/9/9.png")).status_code == 404


async def test_a_wrong_method_is_told_the_right_ones(hall: Hall) -> None:
    async with hall.client(Role.ADMIN) as client:
        answer = await client.delete("/login")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://hall.evil.example"},
        {"origin": "http://hall:8051"},
        {"origin": "http://[broken"},
        {"origin": ""},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {},
    ],
)
async def test_what_changes_something_must_come_from_our_own_page(hall: Hall, headers: dict) -> None:
    async with hall.client(Role.LEADER) as client:
        del client.headers["origin"]
        for path in UNSAFE:
            answer = await client.post(path, headers={"accept": "*/*"} | headers, json={})
            assert (answer.status_code, answer.json()["error"]) == (403, "foreign_origin"), path


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://hall"},
        {"origin": "http://hall:80"},
        {"origin": "https://hall"},
        {"origin": "https://allowed.example"},
        {"sec-fetch-site": "same-origin"},
    ],
)
async def test_our_own_page_and_allowed_ones_may(hall: Hall, headers: dict) -> None:
    async with hall.client(Role.LEADER) as client:
        del client.headers["origin"]
        answer = await client.post("/api/v1/wall/heartbeat", headers=headers, json={})
    assert answer.status_code == 204


async def test_a_bearer_token_needs_no_origin_and_counts_before_cookies(hall: Hall) -> None:
    token = hall.accounts.add_device("lobby")
    async with hall.client(Role.ADMIN, authorization=f"Bearer {token}") as client:
        del client.headers["origin"]
        assert (await client.post("/api/v1/wall/heartbeat", json={})).status_code == 204
        assert (await client.get("/cases")).status_code == 403


@pytest.mark.parametrize("token", ["x", "Bearer", "Bearer ", "Basic YTpi"])
async def test_a_wrong_token_is_nobody(hall: Hall, token: str) -> None:
    async with hall.client(authorization=f"Bearer {token}") as client:
        assert (await client.get("/api/v1/board")).status_code == 401


@pytest.mark.parametrize("path", [*PAGES, "/api/v1/kpi", "/healthz", "/nowhere", "/login"])
async def test_every_answer_wears_its_locks(hall: Hall, path: str) -> None:
    async with hall.client(Role.LEADER) as client:
        headers = (await client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"


async def test_a_page_may_run_our_own_scripts_only(hall: Hall) -> None:
    async with hall.client() as client:
        policy = (await client.get("/login")).headers["content-security-policy"]
    rules = dict(part.split(" ", 1) for part in policy.split("; "))
    assert rules["script-src"] == f"'self' {SCRIPT_HASH}"
    assert rules["frame-ancestors"] == "'none'"
    assert rules["connect-src"] == "'self' ws://hall"
    assert "unsafe-eval" not in policy
    assert "http:" not in policy


@pytest.mark.parametrize("host", ["hall; script-src *", "a b", "évil", "'self' *"])
async def test_a_strange_host_cannot_write_into_the_policy(hall: Hall, host: str) -> None:
    async with hall.client() as client:
        answer = await client.get("/login", headers=[(b"host", host.encode())])
    assert "connect-src 'self';" in answer.headers["content-security-policy"]


async def test_what_only_some_may_see_stays_out_of_caches(hall: Hall) -> None:
    async with hall.client(Role.LEADER) as client:
        assert (await client.get("/cases")).headers["cache-control"] == "no-store"
        assert (await client.get("/api/v1/cases")).headers["cache-control"] == "no-store"


async def test_a_fault_inside_is_told_without_its_text(hall: Hall) -> None:
    async with hall.client(Role.LEADER, accept="*/*") as client:
        answer = await client.get("/api/v1/map/broken")
    assert (answer.status_code, answer.json()["error"]) == (500, "failure")
    assert "secret" not in answer.text


async def test_while_the_account_store_is_away_nobody_is_sent_to_the_login(hall: Hall) -> None:
    async with hall.client(Role.WALL_DEVICE) as client:
        break_store(hall.engine)
        answer = await client.get("/wall")
    assert answer.status_code == 503
    assert 'http-equiv="refresh"' in answer.text


async def test_who_was_known_stays_known_while_the_account_store_is_away(hall: Hall) -> None:
    async with hall.client(Role.WALL_DEVICE) as client:
        assert (await client.get("/wall")).status_code == 200
        break_store(hall.engine)
        hall.clock.forward(minutes=50)
        assert (await client.get("/wall")).status_code == 200
        hall.clock.forward(minutes=20)
        assert (await client.get("/wall")).status_code == 503


@pytest.mark.parametrize(
    ("address", "host", "headers", "may"),
    [
        ("127.0.0.1", "127.0.0.1:8050", {}, True),
        ("::1", "[::1]:8050", {}, True),
        ("127.0.0.1", "localhost", {}, True),
        ("10.0.0.7", "localhost", {}, False),
        ("127.0.0.1", "hall.example", {}, False),
        ("127.0.0.1", "localhost", {"x-forwarded-for": "10.0.0.7"}, False),
        ("127.0.0.1", "localhost", {"forwarded": "for=10.0.0.7"}, False),
        ("garbage", "localhost", {}, False),
    ],
)
async def test_metrics_are_open_to_this_machine_but_not_through_a_proxy(
    hall: Hall, address: str, host: str, headers: dict, may: bool
) -> None:
    transport = httpx.ASGITransport(hall.app, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://hall") as client:
        answer = await client.get("/metrics", headers={"host": host} | headers)
    assert answer.status_code == (200 if may else 401)


async def test_refusals_are_counted_and_logged_without_the_secret_of_a_link(hall: Hall, caplog) -> None:
    async with hall.client(Role.ADMIN) as client:
        with caplog.at_level(logging.INFO):
            await client.post("/device/very-secret-token")
            await client.get("/nowhere%0Aforged line")
        metrics = (await client.get("/metrics")).text
    told = [record.getMessage() for record in caplog.records if record.name.startswith("api")]
    assert len(told) == 2
    assert not any("very-secret-token" in line or "\n" in line for line in told)
    assert 'citywall_refusals_total{code="method_not_allowed"} 1.0' in metrics
    assert 'citywall_refusals_total{code="not_found"} 1.0' in metrics


def test_every_permission_opens_something_or_is_for_commands() -> None:
    used = {permission for line in RULES if isinstance(line.rule, Needs) for permission in line.rule.any_of}
    commands = {
        Permission.REPORT_CASE,
        Permission.ACT_ON_CASE,
        Permission.SEE_PERSONAL_DATA,
        Permission.CONFIGURE,
    }
    assert used | commands == set(Permission)


async def test_the_guard_leaves_the_database_alone_for_public_files(hall: Hall) -> None:
    with hall.engine.begin() as connection:
        connection.execute(text("DROP TABLE accounts"))
    async with hall.client(cookie="cw_session=x") as client:
        assert (await client.get("/healthz")).status_code == 200
