from __future__ import annotations

from typing import Any

import pytest

from api.video_scenes import video_scenes_router
from data_access.video_scenes import VideoScenes
from domain.roles import PERMISSIONS, Permission, Role
from tests.api.hall import Hall

PATH = "/api/v1/video/scenes"
SCENE: dict[str, Any] = {
    "name": "早高峰",
    "layout": "1+7",
    "cameras": [4, 0, 7],
    "presets": {"1": "gate"},
    "tours": [
        {"place": 2, "stops": [{"camera": 5, "preset": None}], "dwell_seconds": 20, "shuffled": False},
    ],
}


@pytest.fixture(autouse=True)
def scenes(hall: Hall) -> VideoScenes:
    store = VideoScenes(hall.engine, now=hall.clock.now)
    hall.server.include_router(video_scenes_router(store))
    return store


async def test_one_supervisor_saves_and_every_other_sees_it(hall: Hall) -> None:
    async with hall.client(Role.SUPERVISOR) as one, hall.client(Role.DUTY_OFFICER) as other:
        made = (await one.post(PATH, json=SCENE)).json()
        listed = (await other.get(PATH)).json()["scenes"]
    assert listed == [made]
    assert {name: made[name] for name in SCENE} == SCENE
    assert (made["revision"], made["saved_by"]) == (1, "supervisor")


async def test_who_saved_meanwhile_is_told_and_nothing_is_lost(hall: Hall) -> None:
    async with hall.client(Role.SUPERVISOR) as one, hall.client(Role.DUTY_OFFICER) as other:
        made = (await one.post(PATH, json=SCENE)).json()
        hall.clock.forward(minutes=2)
        await other.put(f"{PATH}/{made['id']}", json=SCENE | {"layout": "9", "revision": 1})
        answer = await one.put(f"{PATH}/{made['id']}", json=SCENE | {"revision": 1})
        kept = (await one.get(PATH)).json()["scenes"][0]
    assert (answer.status_code, answer.json()["error"]) == (409, "stale_revision")
    theirs = answer.json()["scene"]
    assert (theirs["saved_by"], theirs["saved_at"] - made["saved_at"]) == ("duty_officer", 120_000)
    assert kept["layout"] == "9"


async def test_a_taken_name_is_a_conflict_in_words(hall: Hall) -> None:
    async with hall.client(Role.SUPERVISOR) as client:
        await client.post(PATH, json=SCENE)
        answer = await client.post(PATH, json=SCENE | {"name": " 早高峰 "})
    assert (answer.status_code, answer.json()["error"]) == (409, "name_taken")
    assert "同名" in answer.json()["message"]


async def test_a_deleted_scene_comes_back_when_it_is_saved_again(hall: Hall) -> None:
    async with hall.client(Role.SUPERVISOR) as client:
        made = (await client.post(PATH, json=SCENE)).json()
        gone = (await client.delete(f"{PATH}/{made['id']}?revision=1")).json()
        assert (await client.get(PATH)).json()["scenes"] == []
        await client.put(f"{PATH}/{made['id']}", json=SCENE | {"revision": gone["revision"]})
        assert [scene["id"] for scene in (await client.get(PATH)).json()["scenes"]] == [made["id"]]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"layout": "25"}, "layout"),
        ({"name": "  "}, "name"),
        ({"name": "长" * 41}, "name"),
        ({"cameras": [1] * 37}, "cameras"),
        ({"cameras": [-1]}, "cameras.0"),
        ({"tours": [SCENE["tours"][0] | {"dwell_seconds": 5}]}, "tours.0.dwell_seconds"),
        ({"tours": [SCENE["tours"][0] | {"stops": []}]}, "tours.0.stops"),
        ({"password": "x"}, "password"),
    ],
)
async def test_a_wrong_scene_is_told_with_its_field(hall: Hall, change: dict[str, Any], field: str) -> None:
    async with hall.client(Role.SUPERVISOR) as client:
        answer = await client.post(PATH, json=SCENE | change)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_a_scene_that_is_gone_is_a_404(hall: Hall) -> None:
    async with hall.client(Role.SUPERVISOR, accept="*/*") as client:
        assert (await client.put(f"{PATH}/77", json=SCENE | {"revision": 1})).status_code == 404
        assert (await client.delete(f"{PATH}/77?revision=1")).status_code == 404


async def test_who_watches_may_look_and_who_directs_may_save(hall: Hall, role: Role) -> None:
    async with hall.client(role, accept="*/*") as client:
        looked = (await client.get(PATH)).status_code
        saved = (await client.post(PATH, json=SCENE)).status_code
        deleted = (await client.delete(f"{PATH}/77?revision=1")).status_code
    assert (looked == 200) is (Permission.SEE_VIDEO in PERMISSIONS[role])
    assert (saved == 201) is (Permission.DIRECT_WALL in PERMISSIONS[role])
    assert (deleted == 404) is (Permission.DIRECT_WALL in PERMISSIONS[role])
