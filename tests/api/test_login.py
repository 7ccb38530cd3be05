from __future__ import annotations

import logging
import re

import httpx
import pytest
import redis.asyncio

from api.accounts_routes import local
from api.login_page import DemoHint
from data_access.audit import AuditEvent
from data_access.login_throttle import ACCOUNT
from domain.roles import Role
from tests.api.hall import ORIGIN, PASSWORD, Hall, make_hall

FIELD = re.compile(r'name="form" value="([^"]+)"')


async def open_form(client: httpx.AsyncClient, address: str = "/login") -> str:
    """The form's token; the client keeps its cookie."""
    page = await client.get(address)
    assert page.status_code == 200
    found = FIELD.search(page.text)
    assert found is not None
    return found.group(1)


async def log_in(client: httpx.AsyncClient, name: str, password: str, **fields: str) -> httpx.Response:
    token = await open_form(client)
    return await client.post("/login", data={"name": name, "password": password, "form": token} | fields)


async def test_the_right_password_opens_the_page_that_was_asked_for(hall: Hall) -> None:
    hall.account(Role.LEADER)
    async with hall.client() as client:
        answer = await log_in(client, "leader", PASSWORD, next="/cases?count=open")
        assert (answer.status_code, answer.headers["location"]) == (303, "/cases?count=open")
        assert (await client.get("/cases")).status_code == 200
        assert (await client.get("/login")).headers["location"] == "/"


@pytest.mark.parametrize(("name", "password"), [("leader", "wrong"), ("nobody", PASSWORD), ("LEADER", PASSWORD)])
async def test_wrong_name_and_wrong_password_sound_alike(hall: Hall, name: str, password: str) -> None:
    hall.account(Role.LEADER)
    async with hall.client() as client:
        answer = await log_in(client, name, password)
    assert answer.status_code == 401
    assert "账号或密码不正确" in answer.text
    assert "cw_session" not in str(answer.headers)


async def test_a_disabled_account_sounds_like_a_wrong_password(hall: Hall) -> None:
    hall.account(Role.LEADER)
    hall.accounts.disable("leader")
    async with hall.client() as client:
        answer = await log_in(client, "leader", PASSWORD)
    assert (answer.status_code, "账号或密码不正确" in answer.text) == (401, True)


async def test_the_wait_is_told_in_words_and_header_and_even_the_right_password_waits(hall: Hall) -> None:
    hall.account(Role.LEADER)
    async with hall.client() as client:
        for _ in range(ACCOUNT.free):
            assert (await log_in(client, "leader", "wrong")).status_code == 401
        answer = await log_in(client, "leader", PASSWORD)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] in ("1", "2")
    assert re.search(r"请在 [12] 秒后再试", answer.text)


async def test_after_the_wait_the_right_password_comes_in(hall: Hall) -> None:
    hall.account(Role.LEADER)
    async with hall.client() as client:
        for _ in range(ACCOUNT.free):
            await log_in(client, "leader", "wrong")
        async for key in hall.redis.scan_iter("*wait*"):
            await hall.redis.delete(key)
        assert (await log_in(client, "leader", PASSWORD)).status_code == 303


@pytest.mark.parametrize("field", ["", "forged", "W10.AAAA"])
async def test_a_form_we_did_not_serve_is_not_accepted(hall: Hall, field: str) -> None:
    hall.account(Role.LEADER)
    async with hall.client() as client:
        await open_form(client)
        answer = await client.post("/login", data={"name": "leader", "password": PASSWORD, "form": field})
    assert answer.status_code == 403
    assert "页面已过期" in answer.text


async def test_a_form_of_another_browser_is_not_accepted(hall: Hall) -> None:
    hall.account(Role.LEADER)
    async with hall.client() as other, hall.client() as client:
        token = await open_form(other)
        await open_form(client)
        answer = await client.post("/login", data={"name": "leader", "password": PASSWORD, "form": token})
    assert answer.status_code == 403


async def test_a_form_left_open_over_night_asks_again_and_counts_no_failure(hall: Hall) -> None:
    hall.account(Role.LEADER)
    async with hall.client() as client:
        token = await open_form(client)
        hall.clock.forward(hours=13)
        fields = {"name": "leader", "password": PASSWORD, "form": token}
        answer = await client.post("/login", data=fields)
        assert answer.status_code == 403
        fields["form"] = FIELD.search(answer.text).group(1)
        assert (await client.post("/login", data=fields)).status_code == 303
    assert [line.event for line in hall.audit.newest(5)] == [AuditEvent.LOGGED_IN]


async def test_an_empty_field_is_named(hall: Hall) -> None:
    async with hall.client() as client:
        answer = await log_in(client, "leader", "")
    assert (answer.status_code, "请填写账号和密码" in answer.text) == (422, True)


async def test_a_huge_form_is_refused_unread(hall: Hall) -> None:
    async with hall.client() as client:
        answer = await client.post("/login", content=b"name=" + b"x" * 100_000)
    assert answer.status_code == 413


@pytest.mark.parametrize("body", [b"", b"\xff\xfe=&&&", b"name=%zz&password=%", b"a" * 500])
async def test_a_garbled_form_is_refused_in_words(hall: Hall, body: bytes) -> None:
    async with hall.client() as client:
        answer = await client.post("/login", content=body)
    assert (answer.status_code, "页面已过期" in answer.text) == (403, True)


async def test_what_was_typed_comes_back_harmless(hall: Hall) -> None:
    async with hall.client() as client:
        answer = await log_in(client, '"><script>alert(1)</script>', "x", next='/"><script>')
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text


async def test_no_password_reaches_log_audit_or_redis(hall: Hall, caplog: pytest.LogCaptureFixture) -> None:
    hall.account(Role.LEADER)
    with caplog.at_level(logging.DEBUG):
        async with hall.client() as client:
            await log_in(client, "leader", "secret-one-typed")
            await log_in(client, "secret-two-typed", "x")
            await log_in(client, "leader", PASSWORD)
    kept = str(hall.audit.newest(10)) + str([key async for key in hall.redis.scan_iter("*")]) + caplog.text
    assert not re.search(f"secret-one|secret-two|{PASSWORD}", kept)


async def test_who_came_and_who_failed_is_written_down(hall: Hall) -> None:
    hall.account(Role.LEADER)
    async with hall.client() as client:
        await log_in(client, "leader", "wrong")
        await log_in(client, "nobody", "wrong")
        await log_in(client, "leader", PASSWORD)
        await client.post("/logout")
    events = [(line.event, line.who, line.address) for line in reversed(hall.audit.newest(10))]
    assert events == [
        (AuditEvent.LOGIN_FAILED, "leader", "10.0.0.7"),
        (AuditEvent.LOGIN_FAILED, "", "10.0.0.7"),
        (AuditEvent.LOGGED_IN, "leader", "10.0.0.7"),
        (AuditEvent.LOGGED_OUT, "leader", "10.0.0.7"),
    ]


async def test_the_logout_ends_the_session_for_good(hall: Hall) -> None:
    async with hall.client(Role.LEADER) as client:
        answer = await client.post("/logout")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
        assert "Max-Age=0" in answer.headers["set-cookie"]
        assert (await client.get("/wall")).status_code == 303


async def test_a_foreign_page_can_log_nobody_out(hall: Hall) -> None:
    async with hall.client(Role.LEADER) as client:
        assert (await client.post("/logout", headers={"origin": "https://evil.example"})).status_code == 403
        assert (await client.get("/wall")).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        "evil.example",
        "",
        "/login",
        "/login?next=/login",
        "/logout",
        "///evil.example",
    ],
)
def test_the_login_leads_nowhere_but_to_our_own_pages(address: str) -> None:
    assert local(address) == "/"


@pytest.mark.parametrize("address", ["/", "/wall", "/cases?count=open&text=%E4%BA%95", "/cases?text=http://x"])
def test_our_own_pages_are_led_to(address: str) -> None:
    assert local(address) == address


async def test_while_redis_is_away_nobody_guesses_passwords(hall: Hall) -> None:
    nowhere = redis.asyncio.Redis.from_url("unix:///nowhere/valkey.sock")
    away = make_hall(hall.engine, nowhere)
    away.account(Role.LEADER)
    async with away.client() as client:
        answer = await log_in(client, "leader", PASSWORD)
    await nowhere.aclose()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "暂时没有应答" in answer.text


async def test_a_device_link_opens_the_wall_without_any_login(hall: Hall) -> None:
    token = hall.accounts.add_device("lobby")
    async with hall.client() as client:
        answer = await client.get(f"/device/{token}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/wall")
        assert (await client.get("/wall")).status_code == 200
        assert (await client.get("/cases")).status_code == 403
    assert hall.audit.newest(1)[0].event is AuditEvent.DEVICE_LINKED


@pytest.mark.parametrize("token", ["x", "x" * 3000, "%00", "..%2f"])
async def test_a_wrong_device_link_is_refused_in_words(hall: Hall, token: str) -> None:
    async with hall.client() as client:
        answer = await client.get(f"/device/{token}")
    assert answer.status_code in (403, 404)
    assert "set-cookie" not in answer.headers


async def test_a_revoked_wall_is_told_so_and_never_shown_a_login(hall: Hall) -> None:
    token = hall.accounts.add_device("lobby")
    async with hall.client() as client:
        await client.get(f"/device/{token}")
        hall.accounts.revoke_device("lobby")
        answer = await client.get("/wall")
        assert answer.status_code == 403
        assert "许可已失效" in answer.text
        assert 'http-equiv="refresh"' in answer.text
        assert (await client.get(f"/device/{token}")).status_code == 403


async def test_the_login_page_speaks_both_languages(hall: Hall) -> None:
    async with hall.client() as client:
        assert 'lang="zh-CN"' in (await client.get("/login")).text
        english = await client.get("/login?lang=en")
        assert 'lang="en"' in english.text
        assert '<button class="door-button" type="submit">Log in</button>' in english.text
        assert not re.search("[\u4e00-\u9fff]", re.sub("城墙|中文", "", english.text))
        assert 'lang="en"' in (await client.get("/login")).text
        assert 'lang="en"' in (await client.get("/login?lang=xx")).text


async def test_the_switch_of_language_leads_back_to_where_one_was(hall: Hall) -> None:
    async with hall.client() as client:
        back = await client.get("/lang/en", headers={"referer": f"{ORIGIN}/cases?count=open"})
        assert back.headers["location"] == "/cases?count=open"
        assert "cw_lang=en" in back.headers["set-cookie"]
        foreign = await client.get("/lang/zh", headers={"referer": "https://evil.example/cases"})
        assert foreign.headers["location"] == "/"
        assert (await client.get("/lang/xx")).status_code == 404


async def test_only_the_demo_shows_its_word_and_accounts_and_never_a_password(hall: Hall) -> None:
    demo = make_hall(hall.engine, hall.redis, demo=DemoHint([("duty", Role.DUTY_OFFICER)]))
    async with hall.client() as real, demo.client() as shown:
        assert "演示" not in (await real.get("/login")).text
        page = (await shown.get("/login")).text
    assert "演示" in page
    assert "<dt>duty</dt><dd>值班员</dd>" in page
    assert PASSWORD not in page


async def test_the_login_page_needs_nothing_from_outside(hall: Hall) -> None:
    async with hall.client() as client:
        page = (await client.get("/login")).text
    assert re.findall(r'(?:src|href)="([^"]+)"', page) == [
        "/assets/css/00-tokens.css",
        "data:,",
        "/login?lang=en&amp;next=%2F",
    ]
