"""Sending cameras to the wall and taking them down, at the real door and over a real Valkey."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import redis.asyncio

from api.wall_cameras import wall_cameras_router
from data_access.audit import AuditEvent
from data_access.wall_choice import WallChoices
from domain.roles import PERMISSIONS, Permission, Role
from tests.api.hall import CAMERA, Hall

CAMERAS = [replace(CAMERA, camera_id=f"QD-{n:03d}", number=n, name=f"镜头 {n}") for n in range(1, 9)]
ADDRESS = "/api/v1/video/wall"


@pytest.fixture
def walled(hall: Hall) -> Hall:
    choices = WallChoices(hall.redis, hall.clock)  # type: ignore[arg-type]
    hall.server.include_router(wall_cameras_router(choices, lambda: CAMERAS, hall.audit))
    return hall


async def put(hall: Hall, *cameras: int, version: int = 0, role: Role = Role.SUPERVISOR) -> Any:
    async with hall.client(role, accept="*/*") as client:
        return await client.put(ADDRESS, json={"cameras": cameras, "version": version})


async def shown(hall: Hall, role: Role = Role.WALL_DEVICE) -> Any:
    async with hall.client(role) as client:
        return (await client.get(ADDRESS)).json()


async def test_a_wall_shows_its_own_cameras_until_somebody_sends_others(walled: Hall) -> None:
    told = await shown(walled)
    assert [place["number"] for place in told["shown"]] == [1, 2, 3, 4]
    assert (told["cameras"], told["by"], told["version"]) == ([0, 0, 0, 0], "", 0)


async def test_a_camera_is_sent_and_taken_down_again(walled: Hall) -> None:
    sent = (await put(walled, 0, 7, 0, 0)).json()
    assert sent == await shown(walled)
    assert [place["number"] for place in sent["shown"]] == [1, 7, 3, 4]
    assert (sent["shown"][1]["name"], sent["by"], sent["version"]) == ("镜头 7", "supervisor", 1)
    down = (await put(walled, 0, 0, 0, 0, version=1)).json()
    assert [place["number"] for place in down["shown"]] == [1, 2, 3, 4]


async def test_who_sent_what_and_took_it_down_is_written_down(walled: Hall) -> None:
    await put(walled, 0, 7, 0, 0)
    await put(walled, 0, 8, 0, 0, version=1, role=Role.LEADER)
    lines = [(line.who, line.event, line.subject, line.address) for line in reversed(walled.audit.newest(9))]
    assert lines == [
        ("supervisor", AuditEvent.WALL_SENT, "QD-007 at place 2", "10.0.0.7"),
        ("leader", AuditEvent.WALL_TAKEN_DOWN, "QD-007 at place 2", "10.0.0.7"),
        ("leader", AuditEvent.WALL_SENT, "QD-008 at place 2", "10.0.0.7"),
    ]


async def test_who_saw_an_older_wall_is_told_and_nothing_changes(walled: Hall) -> None:
    await put(walled, 5, 0, 0, 0)
    late = await put(walled, 6, 0, 0, 0, role=Role.LEADER)
    assert (late.status_code, late.json()["error"], late.json()["field"]) == (409, "stale_version", "version")
    assert "supervisor" in late.json()["message"]
    assert late.json()["now"] == await shown(walled)
    assert (await shown(walled))["cameras"] == [5, 0, 0, 0]


async def test_only_who_directs_the_wall_changes_it(walled: Hall, role: Role) -> None:
    answer = await put(walled, 5, 0, 0, 0, role=role)
    assert (answer.status_code == 200) is (Permission.DIRECT_WALL in PERMISSIONS[role])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"cameras": [1, 2, 3], "version": 0}, "cameras"),
        ({"cameras": [1, 2, 3, 4, 5], "version": 0}, "cameras"),
        ({"cameras": [1, 2, 3, -4], "version": 0}, "cameras.3"),
        ({"cameras": [1, 2, 3, 99], "version": 0}, "cameras"),
        ({"cameras": [5, 5, 0, 0], "version": 0}, "cameras"),
        ({"cameras": ["x", 0, 0, 0], "version": 0}, "cameras.0"),
        ({"cameras": [1, 2, 3, 4]}, "version"),
        ({"cameras": [1, 2, 3, 4], "version": 0, "by": "me"}, "by"),
        ([], ""),
    ],
)
async def test_a_wrong_wish_is_refused_with_its_field(walled: Hall, body: Any, field: str) -> None:
    async with walled.client(Role.SUPERVISOR, accept="*/*") as client:
        answer = await client.put(ADDRESS, json=body)
    assert answer.status_code == 422
    assert field in answer.json()["field"]
    assert answer.json()["message"]


async def test_a_wall_without_redis_says_so(hall: Hall) -> None:
    nowhere = redis.asyncio.Redis.from_url("unix:///nowhere/valkey.sock")
    hall.server.include_router(wall_cameras_router(WallChoices(nowhere, hall.clock), lambda: CAMERAS, hall.audit))  # type: ignore[arg-type]
    answer = await put(hall, 5, 0, 0, 0)
    await nowhere.aclose()
    assert answer.status_code == 503


async def test_a_page_of_another_site_cannot_send_anything(walled: Hall) -> None:
    async with walled.client(Role.SUPERVISOR, origin="https://elsewhere.example", accept="*/*") as client:
        answer = await client.put(ADDRESS, json={"cameras": [5, 0, 0, 0], "version": 0})
    assert (answer.status_code, answer.json()["error"]) == (403, "foreign_origin")
