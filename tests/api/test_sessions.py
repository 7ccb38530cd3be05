from __future__ import annotations

import pytest

from api.cookies import cookies_of, locked
from api.identity import NOBODY, Visitor, current_identity, visitor
from api.sessions import DEVICE_COOKIE, SESSION_COOKIE, Sessions
from domain.roles import Role
from tests.api.hall import KEY, Hall, break_store


def jar(cookie: str) -> dict[str, str]:
    name, _, value = cookie.split(";")[0].partition("=")
    return {name: value}


async def test_a_session_says_whose_it_is(hall: Hall) -> None:
    account = hall.account(Role.LEADER)
    seen = await hall.sessions.identify(jar(hall.sessions.open(account)))
    assert seen.identity == account.identity
    assert seen.renewals == ()


async def test_a_session_ends_after_hours_without_use(hall: Hall) -> None:
    cookie = jar(hall.sessions.open(hall.account(Role.LEADER)))
    hall.clock.forward(hours=11, minutes=59)
    assert (await hall.sessions.identify(cookie)).identity is not None
    hall.clock.forward(minutes=2)
    assert (await hall.sessions.identify(cookie)).identity is None


async def test_a_used_session_is_renewed_silently_and_never_ends(hall: Hall) -> None:
    cookie = jar(hall.sessions.open(hall.account(Role.LEADER)))
    for _ in range(20):
        hall.clock.forward(hours=11)
        seen = await hall.sessions.identify(cookie)
        assert seen.identity is not None
        cookie = jar(seen.renewals[0])


async def test_a_wall_lives_for_a_year_and_more_on_silent_renewals(hall: Hall) -> None:
    cookie = jar(hall.cookie(Role.WALL_DEVICE))
    for _ in range(3):
        hall.clock.forward(days=399)
        seen = await hall.sessions.identify(cookie)
        assert seen.identity is not None
        assert f"Max-Age={400 * 86_400}" in seen.renewals[0]
        cookie = jar(seen.renewals[0])


async def test_a_renewal_notes_when_the_wall_was_seen(hall: Hall) -> None:
    cookie = jar(hall.cookie(Role.WALL_DEVICE))
    hall.clock.forward(hours=2)
    await hall.sessions.identify(cookie)
    device = hall.accounts.device("lobby")
    assert device is not None
    assert device.last_seen_at == hall.clock.now()


async def test_renewed_cookies_reach_the_browser(hall: Hall) -> None:
    async with hall.client(Role.LEADER) as client:
        assert "set-cookie" not in (await client.get("/wall")).headers
        hall.clock.forward(minutes=6)
        renewed = (await client.get("/wall")).headers["set-cookie"]
    assert renewed.startswith("cw_session=")
    assert "HttpOnly; SameSite=Lax" in renewed
    assert "Secure" not in renewed


async def test_over_https_cookies_stay_on_https(hall: Hall) -> None:
    async with hall.client(Role.LEADER) as client:
        hall.clock.forward(minutes=6)
        answer = await client.get("https://hall/wall")
    assert answer.headers["set-cookie"].endswith("; Secure")


@pytest.mark.parametrize("change", ["disable", "end_sessions"])
async def test_whoever_is_shut_out_is_out_within_seconds(hall: Hall, change: str) -> None:
    cookie = jar(hall.sessions.open(hall.account(Role.LEADER)))
    assert (await hall.sessions.identify(cookie)).identity is not None
    getattr(hall.accounts, change)("leader")
    hall.clock.forward(seconds=6)
    assert (await hall.sessions.identify(cookie)).identity is None


async def test_a_new_password_ends_the_sessions_of_the_old_one(hall: Hall) -> None:
    cookie = jar(hall.sessions.open(hall.account(Role.LEADER)))
    hall.accounts.set_password("leader", "another long password")
    assert (await hall.sessions.identify(cookie)).identity is None


async def test_what_the_store_said_is_believed_for_a_few_seconds_only(hall: Hall) -> None:
    cookie = jar(hall.sessions.open(hall.account(Role.LEADER)))
    await hall.sessions.identify(cookie)
    hall.accounts.disable("leader")
    assert (await hall.sessions.identify(cookie)).identity is not None
    hall.sessions.forget()
    assert (await hall.sessions.identify(cookie)).identity is None


async def test_after_the_logout_a_copied_cookie_is_worth_nothing(hall: Hall) -> None:
    account = hall.account(Role.LEADER)
    copied, other = jar(hall.sessions.open(account)), jar(hall.sessions.open(account))
    assert await hall.sessions.end(copied) == account.identity
    elsewhere = Sessions(KEY, hall.accounts, session_hours=12, now=hall.clock.now, monotonic=hall.clock.monotonic)
    for process in (hall.sessions, elsewhere):
        assert (await process.identify(copied)).identity is None
        assert (await process.identify(other)).identity is not None


async def test_ending_no_session_is_no_fault(hall: Hall) -> None:
    assert await hall.sessions.end({}) is None
    assert await hall.sessions.end({SESSION_COOKIE: "garbage"}) is None


async def test_a_revoked_wall_is_nobody_and_known_as_such(hall: Hall) -> None:
    cookie = jar(hall.cookie(Role.WALL_DEVICE))
    hall.accounts.revoke_device("lobby")
    assert await hall.sessions.identify(cookie) == Visitor(lost_device=True)


async def test_a_person_at_a_wall_goes_before_the_wall(hall: Hall) -> None:
    cookies = jar(hall.cookie(Role.WALL_DEVICE)) | jar(hall.cookie(Role.LEADER))
    seen = await hall.sessions.identify(cookies)
    assert seen.identity is not None
    assert seen.identity.role is Role.LEADER


async def test_a_wall_stays_a_wall_when_the_persons_session_at_it_ends(hall: Hall) -> None:
    cookies = jar(hall.cookie(Role.WALL_DEVICE)) | jar(hall.cookie(Role.LEADER))
    hall.accounts.disable("leader")
    seen = await hall.sessions.identify(cookies)
    assert seen.identity is not None
    assert seen.identity.role is Role.WALL_DEVICE


@pytest.mark.parametrize("name", [SESSION_COOKIE, DEVICE_COOKIE])
@pytest.mark.parametrize("value", ["", ".", "..", "a.b", "[]", "null", "\x00", "é", "x" * 5000, "W10.x"])
async def test_garbled_cookies_are_nobody_and_raise_nothing(hall: Hall, name: str, value: str) -> None:
    assert (await hall.sessions.identify({name: value})).identity is None


async def test_a_cookie_of_another_halls_key_is_nobody(hall: Hall) -> None:
    other = Sessions(
        b"another key of thirty-two bytes!", hall.accounts, session_hours=12, now=hall.clock.now, monotonic=lambda: 0
    )
    assert await hall.sessions.identify(jar(other.open(hall.account(Role.LEADER)))) == NOBODY


@pytest.mark.parametrize("content", [[], ["leader"], {"a": 1}, "x", 5, ["leader", 1, "s", "soon"], ["l", 1, "s", 1e30]])
async def test_a_well_signed_cookie_of_another_form_is_nobody(hall: Hall, content: object) -> None:
    signed = hall.sessions._person.dumps(content)
    assert await hall.sessions.identify({SESSION_COOKIE: str(signed)}) == NOBODY


async def test_a_clock_set_back_ends_no_session(hall: Hall) -> None:
    cookie = jar(hall.sessions.open(hall.account(Role.LEADER)))
    hall.clock.forward(days=-40)
    seen = await hall.sessions.identify(cookie)
    assert seen.identity is not None
    assert seen.renewals


async def test_a_socket_may_ask_whether_its_own_session_still_stands(hall: Hall) -> None:
    account = hall.account(Role.LEADER)
    seen = await hall.sessions.identify(jar(hall.sessions.open(account)))
    holder = visitor.set(seen)
    try:
        assert current_identity() == account.identity
        assert await hall.sessions.valid(account.identity)
        hall.accounts.disable("leader")
        hall.sessions.forget()
        assert not await hall.sessions.valid(account.identity)
    finally:
        visitor.reset(holder)
    assert not await hall.sessions.valid(account.identity)


def test_of_a_cookie_sent_twice_the_first_counts() -> None:
    headers = [(b"cookie", b"a=1; b=2; a=3"), (b"cookie", b"a=4"), (b"cookie", b"\xff\xfe=;;=\x00")]
    assert cookies_of({"headers": headers})["a"] == "1"


def test_only_https_locks_a_cookie() -> None:
    assert locked("a=b", {"scheme": "https"}) == "a=b; Secure"
    assert locked("a=b", {"scheme": "http"}) == "a=b"


async def test_an_open_socket_outlives_a_short_absence_of_the_account_store(hall: Hall) -> None:
    account = hall.account(Role.LEADER)
    holder = visitor.set(await hall.sessions.identify(jar(hall.sessions.open(account))))
    try:
        break_store(hall.engine)
        hall.sessions.forget()
        assert await hall.sessions.valid(account.identity)
    finally:
        visitor.reset(holder)
