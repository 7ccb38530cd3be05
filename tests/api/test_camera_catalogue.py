"""The administrator's catalogue by HTTP: who may, what is refused, and no address in any answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.camera_catalogue import camera_catalogue_router
from api.view_log import ViewLog
from data_access.audit import AuditEvent
from data_access.camera_catalogue import CameraCatalogue
from data_access.city_import import import_city
from data_access.city_store import CityStore
from domain.roles import Role
from tests.api.hall import Hall
from tests.city_folder import FILES, write_small_city
from tests.data_access.test_camera_catalogue import ROW, SECRET

SETUP = "/api/v1/cameras/setup"
FORM = {**ROW, "shared": False, "ptz": True}
JPEG = b"\xff\xd8picture"


@dataclass(frozen=True)
class Seen:
    """What the trial's child process would say."""

    told: dict[str, Any]
    jpeg: bytes = b""
    streams: dict[str, str] = field(default_factory=dict)


@dataclass
class Trials:
    """Stands in for the child process: remembers what it was asked to look at."""

    asked: list[str] = field(default_factory=list)
    answer: Seen = field(default_factory=lambda: Seen({"ok": True, "codec": "h264"}, JPEG))

    async def look(self, address: str) -> Seen:
        self.asked.append(address)
        return self.answer


@pytest.fixture
def views(hall: Hall) -> ViewLog:
    return ViewLog(hall.audit, now=hall.clock.now)


@pytest.fixture
def trials(hall: Hall, views: ViewLog, tmp_path: Path) -> Trials:
    import_city(write_small_city(tmp_path / "folder"), hall.engine)
    made = Trials()
    router = camera_catalogue_router(CameraCatalogue(hall.engine), made.look, views)
    hall.server.router.routes[:0] = FastAPI(routes=router.routes).router.routes
    return made


async def post(hall: Hall, path: str, body: object, role: Role = Role.ADMIN) -> httpx.Response:
    async with hall.client(role, accept="application/json") as client:
        return await client.post(path, json=body)


async def test_only_administrators_see_and_change_the_catalogue(hall: Hall, trials: Trials, role: Role) -> None:
    async with hall.client(role, accept="application/json") as client:
        answers = [
            await client.get(SETUP),
            await client.post(SETUP, json=FORM),
            await client.post(f"{SETUP}/test", json={"main_url": "rtsp://10.0.0.1/x"}),
            await client.post(f"{SETUP}/csv", json={"text": FILES["cameras.csv"]}),
        ]
    assert {answer.status_code for answer in answers} == ({200} if role is Role.ADMIN else {403})


async def test_the_catalogue_says_which_addresses_it_has_and_none_of_them(hall: Hall, trials: Trials) -> None:
    async with hall.client(Role.ADMIN, accept="application/json") as client:
        answer = await client.get(SETUP)
    first = answer.json()[0]
    assert (first["camera_id"], first["has"]) == ("CAM-001", ["main_url", "sub_url"])
    assert SECRET not in answer.text
    assert "10.0.0.1" not in answer.text


async def test_a_camera_is_saved_and_written_down(hall: Hall, trials: Trials, views: ViewLog) -> None:
    answer = await post(hall, SETUP, FORM)
    assert (answer.status_code, answer.json()["new"]) == (200, 1)
    assert SECRET not in answer.text
    assert CityStore(hall.engine).camera_addresses()["NEW-1"][0].get_secret_value() == ROW["main_url"]
    await views.run_once()
    assert [(one.event, one.subject) for one in hall.audit.newest(1)] == [(AuditEvent.CAMERA_CONFIGURED, "NEW-1")]


async def test_a_bad_value_comes_back_with_field_and_fix_and_without_the_password(hall: Hall, trials: Trials) -> None:
    answer = await post(hall, SETUP, FORM | {"main_url": f"rtmp://hall:{SECRET}@10.0.0.9", "lon": "0"})
    assert answer.status_code == 422
    assert {one["field"] for one in answer.json()["rejected"]} == {"main_url"}
    assert SECRET not in answer.text


async def test_a_camera_given_by_its_onvif_address_gets_the_streams_it_names(hall: Hall, trials: Trials) -> None:
    streams = {"main_url": f"rtsp://u:{SECRET}@10.0.0.9/main", "sub_url": f"rtsp://u:{SECRET}@10.0.0.9/sub"}
    trials.answer = Seen({"ok": True}, JPEG, streams)
    address = f"http://u:{SECRET}@10.0.0.9/onvif/device_service"
    answer = await post(hall, SETUP, FORM | {"main_url": "", "onvif_url": address})
    assert answer.status_code == 200
    assert trials.asked == [address]
    main, sub = CityStore(hall.engine).camera_addresses()["NEW-1"]
    assert {"main_url": main.get_secret_value(), "sub_url": sub.get_secret_value()} == streams
    assert SECRET not in answer.text


async def test_a_look_shows_a_picture_and_no_address(hall: Hall, trials: Trials) -> None:
    trials.answer = Seen({"ok": True, "codec": "h264"}, JPEG, {"main_url": f"rtsp://{SECRET}@x/"})
    answer = await post(hall, f"{SETUP}/test", {"main_url": "rtsp://10.0.0.1/x"})
    assert answer.json()["picture"].startswith("data:image/jpeg;base64,")
    assert SECRET not in answer.text


async def test_a_stored_camera_is_looked_at_without_typing_its_address(hall: Hall, trials: Trials) -> None:
    await post(hall, f"{SETUP}/test", {"camera_id": "CAM-001"})
    assert trials.asked == [f"rtsp://hall:{SECRET}@10.0.0.1/main"]


@pytest.mark.parametrize("code", ["auth", "not_found", "refused", "timeout", "codec", "not_onvif", "anything"])
async def test_a_failed_look_says_why_in_words(hall: Hall, trials: Trials, code: str) -> None:
    trials.answer = Seen({"ok": False, "error": code})
    told = (await post(hall, f"{SETUP}/test", {"main_url": "rtsp://10.0.0.1/x"})).json()
    assert (told["ok"], told["error"], len(told["message"]) > 4) == (False, code, True)


async def test_nothing_to_look_at_is_told_so(hall: Hall, trials: Trials) -> None:
    assert (await post(hall, f"{SETUP}/test", {"camera_id": "NOPE"})).json()["error"] == "bad_address"
    assert trials.asked == []


async def test_a_csv_is_previewed_then_taken(hall: Hall, trials: Trials) -> None:
    text = FILES["cameras.csv"].replace("CAM-001", "CAM-9") + f"CAM-8,坏,370202,0,36,,,rtmp://{SECRET},,,0,0\n"
    seen = await post(hall, f"{SETUP}/csv", {"text": text})
    assert (seen.json()["good"], seen.json()["rejected_rows"], "new" in seen.json()) == (2, 1, False)
    assert (await post(hall, f"{SETUP}/csv", {"text": text, "save": True})).json()["new"] == 1
    assert SECRET not in seen.text


async def test_a_text_that_is_no_csv_is_refused_in_words(hall: Hall, trials: Trials) -> None:
    answer = await post(hall, f"{SETUP}/csv", {"text": "hello"})
    assert (answer.status_code, "camera_id is missing" in answer.json()["message"]) == (422, True)


async def test_a_refused_form_never_repeats_what_was_typed(hall: Hall, trials: Trials) -> None:
    answer = await post(hall, SETUP, FORM | {"main_url": SECRET * 200})
    assert answer.status_code == 422
    assert SECRET not in answer.text
