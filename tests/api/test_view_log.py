from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from api import view_log
from api.identity import Visitor, visitor
from api.view_log import ViewLog
from data_access.audit import AuditEvent
from domain.roles import Identity, Role
from tests.api.hall import CAMERA, Hall

ZHAO = Identity("zhao", "赵", Role.SUPERVISOR)
QIAN = Identity("qian", "钱", Role.LEADER)


async def written(hall: Hall, log: ViewLog) -> list[tuple[str, str, str]]:
    await log.run_once()
    lines = reversed(hall.audit.newest(100))
    return [(line.who, line.subject, line.address) for line in lines if line.event is AuditEvent.CAMERA_VIEWED]


async def test_who_watched_which_camera_from_where_is_written_down(hall: Hall) -> None:
    log = ViewLog(hall.audit, now=hall.clock.now)
    holder = visitor.set(Visitor(identity=ZHAO, address="10.0.0.9"))
    log.note(ZHAO, CAMERA)
    log.note(ZHAO, replace(CAMERA, camera_id="QD-002"))
    visitor.reset(holder)
    log.note(QIAN, CAMERA)
    assert await written(hall, log) == [
        ("zhao", "QD-001", "10.0.0.9"),
        ("zhao", "QD-002", "10.0.0.9"),
        ("qian", "QD-001", ""),
    ]


async def test_long_watching_is_one_line_an_hour(hall: Hall) -> None:
    log = ViewLog(hall.audit, now=hall.clock.now)
    for _ in range(180):
        log.note(ZHAO, CAMERA)
        await log.run_once()
        hall.clock.forward(minutes=1)
    assert len(await written(hall, log)) == 3


async def test_the_case_one_looks_for_is_written_beside_the_camera_once_an_hour(hall: Hall) -> None:
    log = ViewLog(hall.audit, now=hall.clock.now)
    for case_no in (None, "C-7", "C-7", "C-8"):
        log.note(ZHAO, CAMERA, case_no)
    subjects = [subject for _, subject, _ in await written(hall, log)]
    assert subjects == ["QD-001", "QD-001 for C-7", "QD-001 for C-8"]


async def test_a_wall_is_nobody_to_write_down(hall: Hall) -> None:
    log = ViewLog(hall.audit, now=hall.clock.now)
    log.note(Identity("device:lobby", "lobby", Role.WALL_DEVICE), CAMERA)
    assert await written(hall, log) == []


async def test_the_last_views_are_written_when_the_hall_stops(hall: Hall) -> None:
    log = ViewLog(hall.audit, now=hall.clock.now)
    stop = asyncio.Event()
    running = asyncio.create_task(log.run(stop))
    log.note(ZHAO, CAMERA)
    stop.set()
    await running
    assert hall.audit.newest(1)[0].who == "zhao"


async def test_what_cannot_be_written_waits_and_what_cannot_wait_is_told(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(view_log, "MOST_WAITING", 2)
    log = ViewLog(hall.audit, now=hall.clock.now)
    for number in range(5):
        log.note(ZHAO, replace(CAMERA, camera_id=f"QD-{number}"))
    assert len(await written(hall, log)) == 2
    assert "3 views of cameras could not be kept" in caplog.text


async def test_a_socket_of_the_hall_brings_its_address(hall: Hall) -> None:
    seen: list[str] = []
    inside = hall.app._app

    async def look(scope, receive, send) -> None:
        seen.append(visitor.get().address)
        await inside(scope, receive, send)

    hall.app._app = look
    async with hall.socket("/ws/video", Role.SUPERVISOR), hall.client(Role.SUPERVISOR) as client:
        await client.get("/video")
    assert seen == ["10.0.0.7", "10.0.0.7"]
