from __future__ import annotations

import pytest

from api.guard import SOCKET_CHECK_SECONDS
from domain.roles import PERMISSIONS, Permission, Role
from tests.api.hall import Hall

SOCKETS = ["/ws/video", "/_dash-ws-callback"]


@pytest.mark.parametrize("path", SOCKETS)
async def test_without_a_session_no_socket_opens(hall: Hall, path: str) -> None:
    async with hall.socket(path) as socket:
        assert not socket.opened
        assert socket.close_code == 4401


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize("cookie", ["cw_session=x.y.z", "cw_session=", "cw_device=eyJh.b", ";;;"])
async def test_a_forged_cookie_opens_no_socket(hall: Hall, path: str, cookie: str) -> None:
    async with hall.socket(path, cookie=cookie) as socket:
        assert (socket.opened, socket.close_code) == (False, 4401)


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://hall.evil.example", "http://hall:1"])
async def test_from_another_origin_no_socket_opens(hall: Hall, path: str, origin: str) -> None:
    async with hall.socket(path, Role.LEADER, origin=origin) as socket:
        assert (socket.opened, socket.close_code) == (False, 4403)


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize("origin", ["http://hall", "https://allowed.example"])
async def test_our_page_and_allowed_ones_open_sockets(hall: Hall, path: str, origin: str) -> None:
    async with hall.socket(path, Role.LEADER, origin=origin) as socket:
        socket.say("hello")
        assert (await socket.message(2))["text"] == "hello"


async def test_only_who_may_see_video_opens_its_socket(hall: Hall, role: Role) -> None:
    async with hall.socket("/ws/video", role) as socket:
        assert socket.opened is (Permission.SEE_VIDEO in PERMISSIONS[role])


@pytest.mark.parametrize("path", ["/ws/other", "/", "/wall", "/api/v1/kpi"])
async def test_an_unknown_socket_is_refused(hall: Hall, path: str) -> None:
    async with hall.socket(path, Role.ADMIN) as socket:
        assert (socket.opened, socket.close_code) == (False, 4404)


@pytest.mark.parametrize("path", SOCKETS)
async def test_an_open_socket_ends_soon_after_its_session(hall: Hall, path: str) -> None:
    async with hall.socket(path, Role.LEADER) as socket:
        socket.say("one")
        await socket.message(2)
        hall.accounts.disable("leader")
        hall.clock.forward(seconds=SOCKET_CHECK_SECONDS)
        socket.say("two")
        assert (await socket.message(3))["code"] == 4401
    assert [message.get("text") for message in socket.sent] == [None, "one", None]


async def test_a_revoked_walls_socket_ends_too(hall: Hall) -> None:
    async with hall.socket("/ws/video", Role.WALL_DEVICE) as socket:
        hall.accounts.revoke_device("lobby")
        hall.clock.forward(seconds=SOCKET_CHECK_SECONDS)
        socket.say("two")
        assert (await socket.message(2))["code"] == 4401


async def test_a_socket_stays_while_its_session_stands(hall: Hall) -> None:
    async with hall.socket("/ws/video", Role.WALL_DEVICE) as socket:
        for turn in range(5):
            hall.clock.forward(days=3)
            socket.say(str(turn))
            assert (await socket.message(turn + 2))["text"] == str(turn)


async def test_open_sockets_are_counted(hall: Hall) -> None:
    async with hall.socket("/ws/video", Role.LEADER), hall.client(Role.ADMIN) as client:
        text = (await client.get("/metrics")).text
    assert 'citywall_sockets{route="/ws/video"} 1.0' in text
    async with hall.client(Role.ADMIN) as client:
        assert 'citywall_sockets{route="/ws/video"} 0.0' in (await client.get("/metrics")).text


async def test_a_socket_opened_with_a_token_ends_when_the_token_is_revoked(hall: Hall) -> None:
    token = hall.accounts.add_device("lobby")
    async with hall.socket("/ws/video", authorization=f"Bearer {token}", origin="https://evil.example") as socket:
        socket.say("one")
        await socket.message(2)
        hall.accounts.revoke_device("lobby")
        hall.clock.forward(seconds=SOCKET_CHECK_SECONDS)
        socket.say("two")
        assert (await socket.message(3))["code"] == 4401
