"""`/api/v1/cameras/health`: how cameras are and fared, and what is said when a part of that cannot be known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest
import redis.asyncio
from fastapi import FastAPI

from api.camera_health import CameraHealth, camera_health_router
from data_access import keys
from data_access.camera_figures import BAR_PIECES, CameraFigureService, standing_alarms
from data_access.camera_history import CameraHistory
from data_access.camera_recorder import alarm_wire
from domain.camera import Camera, CameraCondition, CameraError, CameraState, CameraStatus
from domain.camera_health import Spell
from domain.platform_alarm import PlatformAlarm
from domain.roles import Role
from tests.api.hall import CAMERA, Hall, break_store

SHARED = replace(CAMERA, camera_id="QD-002", number=2, owner_unit="交警", shared=True)


class Made:
    """The routes around a real history; a test writes what happened."""

    def __init__(self, hall: Hall) -> None:
        self.engine = hall.engine
        self.redis = hall.redis
        self.clock = hall.clock
        self.history = CameraHistory(hall.engine)
        self.statuses: dict[str, CameraStatus] = {}
        self.asked_anew: list[int] = []
        self.figures = CameraFigureService(self.history, now=self.clock.now, monotonic=self.clock.monotonic)

    async def get(self) -> dict[str, Any]:
        async with self.client() as client:
            answer = await client.get("/api/v1/cameras/health")
        assert answer.status_code == 200
        return answer.json()

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        app = FastAPI()
        app.include_router(camera_health_router(self._health()))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hall") as client:
            yield client

    def was(self, camera: Camera, state: CameraState, hours: float, until_hours: float) -> None:
        now = self.clock.now()
        spell = Spell(
            camera_id=camera.camera_id,
            state=state,
            error=None,
            conditions=(),
            since=now - timedelta(hours=hours),
            until=now - timedelta(hours=until_hours),
        )
        self.history.keep([spell])

    def _health(self) -> CameraHealth:
        async def relearn(number: int) -> None:
            self.asked_anew.append(number)

        return CameraHealth(
            now=self.clock.now,
            cameras=lambda: [CAMERA, SHARED],
            statuses=lambda: self.statuses,
            figures=self.figures.newest,
            alarms=lambda: standing_alarms(self.redis),
            relearn=relearn,
        )


@pytest.fixture
def made(hall: Hall) -> Made:
    return Made(hall)


async def test_a_camera_tells_its_state_its_flaws_and_how_it_fared(made: Made) -> None:
    made.statuses["QD-001"] = CameraStatus(
        camera_id="QD-001",
        state=CameraState.LIVE,
        since=made.clock.now(),
        conditions=(CameraCondition.MOVED, CameraCondition.WRONG_CLOCK),
        drift_seconds=412.0,
    )
    made.was(CAMERA, CameraState.LIVE, 20, 8)
    made.was(CAMERA, CameraState.OFFLINE, 8, 4)
    camera = (await made.get())["cameras"][0]
    assert (camera["state"], camera["conditions"], camera["drift_seconds"]) == ("live", ["moved", "wrong_clock"], 412.0)
    assert camera["uptime"]["day"] == {"share": 0.75, "covered": pytest.approx(16 / 24, abs=1e-3)}
    assert camera["uptime"]["week"]["covered"] == pytest.approx(16 / 168, abs=1e-3)
    assert len(camera["bar"]) == BAR_PIECES
    assert camera["bar"].count("u") == 72
    assert camera["bar"].count("o") in (24, 25)


async def test_what_nobody_recorded_is_unknown_and_not_perfect(made: Made) -> None:
    camera = (await made.get())["cameras"][1]
    assert camera["state"] is None
    assert camera["uptime"]["month"] == {"share": None, "covered": 0.0}
    assert set(camera["bar"]) == {"."}


async def test_a_platform_is_all_its_cameras_together(made: Made) -> None:
    made.was(CAMERA, CameraState.LIVE, 10, 0)
    made.was(SHARED, CameraState.LIVE, 10, 6)
    made.was(SHARED, CameraState.OFFLINE, 6, 0)
    made.statuses["QD-002"] = CameraStatus(
        camera_id="QD-002", state=CameraState.OFFLINE, since=made.clock.now(), error=CameraError.TIMEOUT
    )
    own, police = (await made.get())["platforms"]
    assert (own["platform"], own["shared"], own["uptime"]["day"]["share"]) == ("市城管局", False, 1.0)
    assert (police["platform"], police["by_state"]["offline"], police["uptime"]["day"]["share"]) == ("交警", 1, 0.4)


async def test_standing_alarms_are_told_and_so_is_that_nobody_watches(made: Made) -> None:
    assert (await made.get())["alarms"] is None
    alarm = PlatformAlarm(platform="交警", since=made.clock.now(), lost=7, total=9, most_lost=7)
    await made.redis.set(keys.PLATFORM_ALARMS, orjson.dumps([alarm_wire(alarm)]))
    (told,) = (await made.get())["alarms"]
    assert (told["platform"], told["lost"], told["total"]) == ("交警", 7, 9)


async def test_past_alarms_are_told_with_their_end(made: Made) -> None:
    began = made.clock.now() - timedelta(days=3)
    ended = PlatformAlarm(
        platform="交警", since=began, lost=0, total=9, most_lost=8, cleared_at=began + timedelta(hours=1)
    )
    made.history.keep([], [ended])
    (told,) = (await made.get())["past_alarms"]
    assert told["cleared_at"] - told["since"] == 3_600_000


async def test_states_are_told_while_the_history_cannot_be_read(made: Made) -> None:
    made.statuses["QD-001"] = CameraStatus(camera_id="QD-001", state=CameraState.LIVE, since=made.clock.now())
    break_store(made.engine)
    answer = await made.get()
    assert answer["cameras"][0]["state"] == "live"
    assert answer["cameras"][0]["uptime"] is None
    assert answer["past_alarms"] is None
    assert answer["figures_as_of"] is None


async def test_many_open_pages_cost_one_count(made: Made) -> None:
    first = (await made.get())["figures_as_of"]
    made.clock.forward(seconds=10)
    assert (await made.get())["figures_as_of"] == first
    made.clock.forward(seconds=30)
    assert (await made.get())["figures_as_of"] > first


async def test_a_view_that_was_meant_is_learned_on_request(made: Made) -> None:
    async with made.client() as client:
        assert (await client.post("/api/v1/cameras/QD-002/relearn")).status_code == 204
        assert (await client.post("/api/v1/cameras/QD-999/relearn")).status_code == 404
    assert made.asked_anew == [2]


async def test_alarms_are_unknown_while_the_message_server_is_away(made: Made) -> None:
    made.redis = redis.asyncio.Redis.from_url("unix:///nowhere/valkey.sock")
    assert (await made.get())["alarms"] is None
    await made.redis.aclose()


@pytest.mark.parametrize(
    ("who", "opened"),
    [(Role.SUPERVISOR, True), (Role.LEADER, True), (Role.COLLECTOR, False), (Role.WALL_DEVICE, False)],
)
async def test_only_who_looks_after_cameras_may_ask(hall: Hall, who: Role, opened: bool) -> None:
    async with hall.client(who) as client:
        answer = await client.get("/api/v1/cameras/health")
    assert (answer.status_code != 403) is opened
