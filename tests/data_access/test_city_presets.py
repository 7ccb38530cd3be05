"""What a camera's row may say beyond its place and streams, and the remembered views of cameras that turn."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from data_access.city_import import ImportReport, import_city
from data_access.city_rules import Bad, onvif_address
from data_access.city_store import CityStore
from domain.camera import Camera, CameraPolicy, Preset
from tests.city_folder import FILES, write_small_city

SECRET = "s3cret"
PRESETS = """\
camera_id,token,name,bearing,fov
CAM-001,1,路口东,90,40
CAM-001,home,全景,,
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = write_small_city(tmp_path / "city")
    (folder / "presets.csv").write_text(PRESETS, encoding="utf-8")
    add_columns(folder, ("street", "policy", "onvif_url"), (f"香港中路,,http://hall:{SECRET}@10.0.0.1/onvif", ",,"))
    return folder


def add_columns(folder: Path, names: tuple[str, ...], ends: tuple[str, ...]) -> None:
    header, *rows = FILES["cameras.csv"].splitlines()
    lines = [",".join([header, *names]), *(f"{row},{end}" for row, end in zip(rows, ends, strict=True))]
    (folder / "cameras.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def stored(engine: Engine) -> dict[str, Camera]:
    return {camera.camera_id: camera for camera in CityStore(engine).cameras()}


def reasons(report: ImportReport) -> list[tuple[str, int, str, str]]:
    return [(reject.file, reject.line, reject.field, reject.reason) for reject in report.rejected]


def test_street_policy_and_presets_come_with_the_camera(engine: Engine, folder: Path) -> None:
    assert import_city(folder, engine).rejected == ()
    camera = stored(engine)["CAM-001"]
    assert (camera.street, camera.policy) == ("香港中路", CameraPolicy.ALWAYS)
    assert camera.presets == (
        Preset(token="1", name="路口东", bearing=90, fov=40),
        Preset(token="home", name="全景"),
    )


def test_a_city_without_the_new_columns_is_loaded_as_before(engine: Engine, tmp_path: Path) -> None:
    assert import_city(write_small_city(tmp_path / "plain"), engine).rejected == ()
    camera = stored(engine)["CAM-001"]
    assert (camera.street, camera.policy, camera.presets) == ("", CameraPolicy.ALWAYS, ())
    assert CityStore(engine).onvif_addresses() == {}


def test_importing_twice_changes_nothing(engine: Engine, folder: Path) -> None:
    import_city(folder, engine)
    assert import_city(folder, engine).unchanged


def test_a_changed_preset_is_the_only_thing_changed(engine: Engine, folder: Path) -> None:
    import_city(folder, engine)
    (folder / "presets.csv").write_text(PRESETS.replace("路口东", "路口西"), encoding="utf-8")
    report = import_city(folder, engine)
    assert report.loaded["camera_presets"] == 1
    assert sum(report.loaded.values()) == 1


def test_the_policy_of_a_shared_camera_is_kept(engine: Engine, folder: Path) -> None:
    add_columns(folder, ("policy",), ("always", "snapshot"))
    import_city(folder, engine)
    assert stored(engine)["CAM-002"].policy is CameraPolicy.SNAPSHOT


def test_an_unknown_policy_names_those_there_are(engine: Engine, folder: Path) -> None:
    add_columns(folder, ("policy",), ("sometimes", ""))
    file, line, field, reason = reasons(import_city(folder, engine))[0]
    assert (file, line, field) == ("cameras.csv", 2, "policy")
    assert "always, on_demand, snapshot" in reason


@pytest.mark.parametrize(
    ("row", "field", "words"),
    [
        ("CAM-002,1,东,,", "camera_id", "own camera with ptz"),
        ("CAM-404,1,东,,", "camera_id", "own camera with ptz"),
        ("CAM-001,1,东,,", "token", "CAM-001 1 stands on line 2 already"),
        ("CAM-001,a b,东,,", "token", "without spaces"),
        ("CAM-001,2,,,", "name", "fill it in"),
        ("CAM-001,2,东,400,", "bearing", "from 0 to 360"),
    ],
)
def test_a_bad_preset_is_told_with_field_and_fix(
    engine: Engine, folder: Path, row: str, field: str, words: str
) -> None:
    (folder / "presets.csv").write_text(PRESETS + row + "\n", encoding="utf-8")
    report = import_city(folder, engine)
    assert [(file, line, name) for file, line, name, _ in reasons(report)] == [("presets.csv", 4, field)]
    assert words in reasons(report)[0][3]
    assert len(stored(engine)["CAM-001"].presets) == 2


@pytest.mark.parametrize("good", ["", "http://10.0.0.1/onvif/device_service", "https://u:p%40@cam.example:8443/onvif"])
def test_web_addresses_are_taken_for_commands(good: str) -> None:
    assert onvif_address()(good) == good


@pytest.mark.parametrize("bad", [f"rtsp://u:{SECRET}@10.0.0.1/x", f"{SECRET}", "http://", f"http://h:99999/{SECRET}"])
def test_other_addresses_for_commands_are_refused_without_repeating_them(bad: str) -> None:
    found = onvif_address()(bad)
    assert isinstance(found, Bad)
    assert SECRET not in found
    assert "device_service" in found


def test_addresses_for_commands_are_secret_until_asked_for(engine: Engine, folder: Path) -> None:
    import_city(folder, engine)
    addresses = CityStore(engine).onvif_addresses()
    assert list(addresses) == ["CAM-001"]
    assert SECRET not in repr(addresses) + repr(stored(engine))
    assert addresses["CAM-001"].get_secret_value() == f"http://hall:{SECRET}@10.0.0.1/onvif"
