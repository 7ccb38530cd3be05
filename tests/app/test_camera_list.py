"""Cameras added to the city are known to a running web process, without a restart."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data_access.camera_catalogue import CameraCatalogue
from data_access.city_import import import_city
from data_access.hall import Hall, open_hall
from roles import camera_list
from roles.camera_list import CameraList
from tests.city_folder import write_small_city
from tests.data_access.test_camera_catalogue import ROW
from tests.waiting import eventually_async


@pytest.fixture
def hall(tmp_path: Path) -> Hall:
    url = f"sqlite:///{tmp_path / 'citywall.sqlite3'}"
    import_city(write_small_city(tmp_path / "city"), open_hall(url).engine)
    return open_hall(url)


def add(engine: Engine) -> None:
    assert CameraCatalogue(engine).put(ROW).rejected == ()


async def test_a_new_camera_is_known_to_those_who_hold_the_list(hall: Hall) -> None:
    known = CameraList(hall)
    numbers, by_number = known.numbers, known.by_number
    add(hall.engine)
    await known.look()
    assert numbers["NEW-1"] == 3
    assert by_number[3].name == "新摄像机"
    assert known.owners["NEW-1"] == ROW["owner_unit"]
    assert [camera.camera_id for camera in known.current] == ["CAM-001", "CAM-002", "NEW-1"]


async def test_it_looks_by_itself_until_told_to_stop(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_list, "LOOK_EVERY_SECONDS", 0.05)
    known, stop = CameraList(hall), asyncio.Event()
    running = asyncio.create_task(known.run(stop))
    add(hall.engine)

    async def seen() -> bool:
        return "NEW-1" in known.numbers

    await eventually_async(seen, within=30)
    stop.set()
    await running
