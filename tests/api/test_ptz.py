"""Turning a camera by HTTP: who may, what is refused in which words, and what is written down."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx
import pytest
from fastapi import FastAPI

from api.guard import Guard
from api.ptz import TurnLog, preset_caller, ptz_router
from api.view_log import ViewLog
from data_access.audit import AuditEvent
from domain.camera import Camera, Preset
from domain.roles import Identity, Permission, Role
from domain.turning import Act, Holder, TurnCommand, Turned, TurnRefusal, TurnRefused
from tests.api.hall import CAMERA, Hall

PTZ = "/api/v1/cameras/QD-001/ptz"
PRESETS = "/api/v1/cameras/QD-001/presets"


@dataclass
class Desk:
    """Stands in for Redis and the camera: remembers commands, gives the answers it is told to."""

    commands: list[tuple[str, TurnCommand]] = field(default_factory=list)
    refusal: TurnRefused | None = None
    answer: Turned = field(default_factory=lambda: Turned(holder=None))

    async def command(self, camera: Camera, identity: Identity, command: TurnCommand) -> Turned:
        self.commands.append((identity.name, command))
        self._refuse()
        return self.answer

    async def holder(self, number: int) -> Holder | None:
        self._refuse()
        return self.answer.holder

    async def presets(self, camera: Camera) -> tuple[Preset, ...]:
        self._refuse()
        return (Preset(token="1", name="全景"),)

    def _refuse(self) -> None:
        if self.refusal is not None:
            raise self.refusal


HELD_BY_OFFICER = Holder(
    name="officer", display_name="值班员王", role=Role.DUTY_OFFICER, since_ms=1_000, until_ms=31_000
)


@pytest.fixture
def views(hall: Hall) -> ViewLog:
    return ViewLog(hall.audit, now=hall.clock.now)


@pytest.fixture
def desk(hall: Hall, views: ViewLog) -> Desk:
    made = Desk()
    hall.server.router.routes[:0] = FastAPI(
        routes=ptz_router(made, lambda: [CAMERA], TurnLog(views, hall.clock.now)).routes
    ).router.routes
    return made


async def post(hall: Hall, role: Role | None, body: dict[str, object], path: str = PTZ) -> httpx.Response:
    assert isinstance(hall.app, Guard)
    async with hall.client(role, accept="application/json") as client:
        return await client.post(path, json=body)


async def get(hall: Hall, role: Role, path: str) -> httpx.Response:
    async with hall.client(role, accept="application/json") as client:
        return await client.get(path)


async def test_only_those_who_work_with_cameras_may_turn_them(hall: Hall, desk: Desk, role: Role) -> None:
    answer = await post(hall, role, {"act": "hold"})
    identity = Identity(role.value, role.value, role)
    assert answer.status_code == (200 if identity.may(Permission.TURN_CAMERA) else 403)
    assert bool(desk.commands) is identity.may(Permission.TURN_CAMERA)


async def test_a_page_of_another_site_cannot_turn_a_camera(hall: Hall, desk: Desk) -> None:
    async with hall.client(Role.SUPERVISOR, origin="https://elsewhere.example") as client:
        assert (await client.post(PTZ, json={"act": "hold"})).status_code == 403
    assert desk.commands == []


async def test_a_motion_goes_to_the_desk_as_it_was_asked(hall: Hall, desk: Desk) -> None:
    await post(hall, Role.SUPERVISOR, {"act": "move", "pan": -0.5, "zoom": 1})
    ((who, command),) = desk.commands
    assert (who, command.act, command.motion.pan, command.motion.zoom) == ("supervisor", Act.MOVE, -0.5, 1.0)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"act": "move"}, "pan"),
        ({"act": "move", "pan": 2}, "pan"),
        ({"act": "goto"}, "token"),
        ({"act": "set", "name": " "}, "name"),
        ({"act": "explode"}, "act"),
        ({"act": "hold", "password": "x"}, "password"),
    ],
)
async def test_what_cannot_be_done_names_the_field(hall: Hall, desk: Desk, body: dict[str, object], field: str) -> None:
    answer = await post(hall, Role.SUPERVISOR, body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert desk.commands == []


async def test_a_held_camera_says_who_holds_it(hall: Hall, desk: Desk) -> None:
    desk.refusal = TurnRefused(TurnRefusal.HELD, HELD_BY_OFFICER)
    answer = await post(hall, Role.SUPERVISOR, {"act": "hold"})
    told = answer.json()
    assert (answer.status_code, told["error"], told["holder"], told["until"]) == (409, "held", "值班员王", 31_000)
    assert told["message"] == "别人正在控制这台摄像机"


@pytest.mark.parametrize("code", list(TurnRefusal))
async def test_every_refusal_has_words(hall: Hall, desk: Desk, code: TurnRefusal) -> None:
    desk.refusal = TurnRefused(code)
    answer = await post(hall, Role.SUPERVISOR, {"act": "hold"})
    assert 400 < answer.status_code < 600
    assert len(answer.json()["message"]) > 5


async def test_who_holds_a_camera_can_be_asked(hall: Hall, desk: Desk) -> None:
    assert (await get(hall, Role.LEADER, PTZ)).json() == {"holder": None}
    desk.answer = Turned(holder=HELD_BY_OFFICER)
    assert (await get(hall, Role.LEADER, PTZ)).json()["holder"] == "值班员王"


async def test_presets_come_from_the_camera_or_else_from_the_catalogue(hall: Hall, desk: Desk) -> None:
    assert (await get(hall, Role.SUPERVISOR, PRESETS)).json()["from"] == "camera"
    desk.refusal = TurnRefused(TurnRefusal.TIMEOUT)
    told = (await get(hall, Role.SUPERVISOR, PRESETS)).json()
    assert (told["from"], told["presets"], told["error"]) == ("catalogue", [], "timeout")


async def test_an_unknown_camera_is_not_found(hall: Hall, desk: Desk) -> None:
    assert (await post(hall, Role.SUPERVISOR, {"act": "hold"}, PTZ.replace("001", "404"))).status_code == 404


async def test_holds_turnings_and_presets_are_written_down_and_key_presses_are_not(
    hall: Hall, desk: Desk, views: ViewLog
) -> None:
    desk.answer = Turned(holder=HELD_BY_OFFICER, new=True, taken_from="supervisor")
    await post(hall, Role.DUTY_OFFICER, {"act": "hold"})
    desk.answer = Turned(holder=HELD_BY_OFFICER)
    for _ in range(3):
        await post(hall, Role.DUTY_OFFICER, {"act": "move", "pan": 1})
        await post(hall, Role.DUTY_OFFICER, {"act": "keep"})
    await post(hall, Role.DUTY_OFFICER, {"act": "goto", "token": "2"})
    await views.run_once()
    assert [(line.event, line.who, line.subject) for line in reversed(hall.audit.newest(10))] == [
        (AuditEvent.CAMERA_HELD, "duty_officer", "QD-001 from supervisor"),
        (AuditEvent.CAMERA_TURNED, "duty_officer", "QD-001"),
        (AuditEvent.CAMERA_PRESET, "duty_officer", "QD-001 goto 2"),
    ]


async def test_a_case_turns_a_free_camera_to_its_preset_and_leaves_it_free(
    hall: Hall, desk: Desk, views: ViewLog
) -> None:
    call = preset_caller(desk, lambda: [CAMERA], TurnLog(views, hall.clock.now))
    officer = Identity("officer", "值班员", Role.DUTY_OFFICER)
    desk.answer = Turned(holder=HELD_BY_OFFICER, new=True)
    assert await call("QD-001", "2", officer) == ""
    assert [command.act for _, command in desk.commands] == [Act.GOTO, Act.RELEASE]
    desk.refusal = TurnRefused(TurnRefusal.HELD)
    assert await call("QD-001", "2", officer) == "held"


async def test_a_case_leaves_a_camera_with_whoever_holds_it_already(hall: Hall, desk: Desk, views: ViewLog) -> None:
    call = preset_caller(desk, lambda: [CAMERA], TurnLog(views, hall.clock.now))
    desk.answer = Turned(holder=HELD_BY_OFFICER, new=False)
    await call("QD-001", "2", Identity("officer", "值班员", Role.DUTY_OFFICER))
    assert [command.act for _, command in desk.commands] == [Act.GOTO]


async def test_a_refused_command_is_not_written_down_as_done(hall: Hall, desk: Desk, views: ViewLog) -> None:
    desk.refusal = TurnRefused(TurnRefusal.SHARED)
    await post(hall, Role.SUPERVISOR, {"act": "move", "pan": 1})
    await views.run_once()
    assert hall.audit.newest(10) == []
