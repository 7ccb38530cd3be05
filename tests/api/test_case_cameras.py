"""From a case to its cameras and back, at the real door."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from api import case_cameras
from api.case_cameras import CaseCameras, case_cameras_router
from domain.board import OpenRow, row_of
from domain.camera import CameraState, CameraStatus, Preset
from domain.case import CaseState, Severity
from domain.roles import PERMISSIONS, Identity, Permission, Role
from tests.api.hall import CALLER, CAMERA, PHONE, Hall
from tests.data_access.histories import history
from tests.domain.facts_made import make_facts
from tests.hand_clock import HandClock

PLACE = (120.38, 36.06)
LOOKS = replace(CAMERA, camera_id="QD-001", number=1, lon=120.378, bearing=90.0, ptz=False)
AWAY = replace(CAMERA, camera_id="QD-002", number=2, lon=120.3795, bearing=270.0, ptz=False)
CROSSING = Preset(token="7", name="路口", bearing=180.0, fov=60.0)
TURNS = replace(CAMERA, camera_id="QD-003", number=3, lon=120.38, lat=36.0618, bearing=0.0, presets=(CROSSING,))
FAR = replace(CAMERA, camera_id="QD-004", number=4, lon=120.39, bearing=None, ptz=False)
CAMERAS = (AWAY, FAR, LOOKS, TURNS)


@dataclass
class Turns:
    """What was asked of the cameras, and what they answer."""

    answer: str = ""
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    async def __call__(self, camera_id: str, preset: str, who: Identity) -> str:
        self.asked.append((camera_id, preset, who.name))
        if self.answer == "never":
            await asyncio.Event().wait()
        return self.answer


@dataclass
class Opened:
    """The hall with cameras around its cases."""

    hall: Hall
    finder: CaseCameras
    turn: Turns
    rows: list[OpenRow] = field(default_factory=list)


@pytest.fixture
def opened(hall: Hall) -> Opened:
    async def statuses() -> Mapping[str, CameraStatus]:
        return hall.statuses

    at = hall.clock.now()
    told = {"reporter": CALLER, "reporter_phone": PHONE, "lon": PLACE[0], "lat": PLACE[1]}
    with hall.cases.bulk() as writer:
        writer.append(
            [
                history("QD1", (at, told)),
                history("QD2", (at, {})),
                history("QD3", (at, told | {"state": "closed", "closed_at": at})),
            ]
        )
    turn = Turns()
    finder = CaseCameras(case=hall.cases.get, cameras=lambda: CAMERAS, statuses=statuses)
    made = Opened(hall, finder, turn)
    hall.server.include_router(case_cameras_router(finder, lambda: made.rows, turn))
    return made


async def asked(opened: Opened, role: Role, path: str = "/api/v1/cases/QD1/cameras", *, post: bool = False):
    async with opened.hall.client(role, accept="*/*") as client:
        return await (client.post(path) if post else client.get(path))


async def test_a_case_names_its_cameras_best_first_with_their_reasons(opened: Opened) -> None:
    answer = (await asked(opened, Role.SUPERVISOR)).json()
    assert (answer["case"], answer["lon"], answer["lat"]) == ("QD1", *PLACE)
    assert [(one["number"], one["in_view"], one["reason"]) for one in answer["cameras"]] == [
        (1, True, "sees"),
        (3, True, "preset"),
        (2, False, "away"),
    ]
    assert answer["cameras"][0]["distance_m"] == pytest.approx(180, abs=2)
    assert answer["cameras"][0]["bearing_to"] == pytest.approx(90, abs=0.5)
    assert answer["cameras"][1]["preset"] == {"token": "7", "name": "路口"}
    assert [one["turned"] for one in answer["cameras"]] == [None, False, None]
    assert answer["nearest_beyond"]["number"] == 4
    assert opened.turn.asked == [], "looking turns nothing"


async def test_a_camera_without_a_picture_comes_last(opened: Opened) -> None:
    opened.hall.statuses["QD-001"] = CameraStatus(
        camera_id="QD-001", state=CameraState.OFFLINE, since=opened.hall.clock.now()
    )
    cameras = (await asked(opened, Role.SUPERVISOR)).json()["cameras"]
    assert [(one["number"], one["live"]) for one in cameras] == [(3, True), (2, True), (1, False)]


async def test_a_case_nobody_has_placed_has_no_cameras(opened: Opened) -> None:
    answer = (await asked(opened, Role.SUPERVISOR, "/api/v1/cases/QD2/cameras")).json()
    assert answer == {"case": "QD2", "lon": None, "lat": None, "cameras": [], "nearest_beyond": None}


async def test_who_sees_neither_cases_nor_pictures_is_told_nothing(opened: Opened, role: Role) -> None:
    answer = await asked(opened, role)
    allowed = Permission.SEE_VIDEO in PERMISSIONS[role]
    assert (answer.status_code == 200) is allowed
    assert PHONE not in answer.text
    assert CALLER not in answer.text


async def test_a_wall_may_ask_about_open_cases_only(opened: Opened) -> None:
    assert (await asked(opened, Role.WALL_DEVICE)).status_code == 200
    assert (await asked(opened, Role.WALL_DEVICE, "/api/v1/cases/QD3/cameras")).status_code == 404
    assert (await asked(opened, Role.LEADER, "/api/v1/cases/QD3/cameras")).status_code == 200


@pytest.mark.parametrize("case_no", ["QD9", "%27--", "x" * 2000])
async def test_an_unknown_case_is_a_404(opened: Opened, case_no: str) -> None:
    answer = await asked(opened, Role.SUPERVISOR, f"/api/v1/cases/{case_no}/cameras")
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


async def test_the_camera_whose_preset_covers_the_place_is_turned(opened: Opened) -> None:
    cameras = (await asked(opened, Role.SUPERVISOR, "/api/v1/cases/QD1/cameras/turn", post=True)).json()["cameras"]
    assert opened.turn.asked == [("QD-003", "7", "supervisor")]
    assert [(one["number"], one["turned"], one["turn_refused"]) for one in cameras] == [
        (1, None, None),
        (3, True, None),
        (2, None, None),
    ]


@pytest.mark.parametrize(("answers", "told"), [("held", "held"), ("never", "timeout")])
async def test_a_camera_that_does_not_turn_says_why(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, answers: str, told: str
) -> None:
    monkeypatch.setattr(case_cameras, "TURN_SECONDS", 0.05)
    opened.turn.answer = answers
    cameras = (await asked(opened, Role.SUPERVISOR, "/api/v1/cases/QD1/cameras/turn", post=True)).json()["cameras"]
    assert (cameras[1]["turned"], cameras[1]["turn_refused"]) == (False, told)


async def test_only_who_may_turn_cameras_turns_them(opened: Opened, role: Role) -> None:
    answer = await asked(opened, role, "/api/v1/cases/QD1/cameras/turn", post=True)
    assert (answer.status_code == 200) is (Permission.TURN_CAMERA in PERMISSIONS[role])


def row(case_no: str, lon: float | None, lat: float | None) -> OpenRow:
    at = HandClock().now()
    facts = make_facts(case_no, state=CaseState.DISPOSING, severity=Severity.L2, lon=lon, lat=lat, reported_at=at)
    return row_of(facts, at)


async def test_a_camera_names_the_open_cases_around_it_those_in_view_first(opened: Opened) -> None:
    opened.rows += [row("behind", 120.3775, 36.06), row("nowhere", None, None), row("far", 120.4, 36.06)]
    opened.rows.append(row("in view", 120.38, 36.06))
    answer = (await asked(opened, Role.SUPERVISOR, "/api/v1/cameras/QD-001/cases")).json()
    assert [(case["case_no"], case["in_view"]) for case in answer["cases"]] == [("in view", True), ("behind", False)]
    assert answer["total"] == 2
    assert (await asked(opened, Role.SUPERVISOR, "/api/v1/cameras/1/cases")).json() == answer
    assert (await asked(opened, Role.SUPERVISOR, "/api/v1/cameras/QD-999/cases")).status_code == 404
    assert (await asked(opened, Role.DEPARTMENT, "/api/v1/cameras/1/cases")).status_code == 403
