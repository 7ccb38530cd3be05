"""Camera numbers stay; camera passwords appear nowhere."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data_access.city_files import REJECTS_SUFFIX, CityFolderError
from data_access.city_import import import_city
from data_access.city_rules import Bad, camera_address
from data_access.city_store import CityStore
from tests.city_folder import FILES, change, write_small_city

SECRET = "s3cret"
HEADER = FILES["cameras.csv"].splitlines()[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_small_city(tmp_path / "city")


def write_cameras(folder: Path, *rows: str, header: str = HEADER) -> None:
    (folder / "cameras.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def row(camera_id: str, number: str | None = None, url: str = "file:a.mp4") -> str:
    plain = f"{camera_id},路口,370202,120.3031,36.0531,,,{url},,公安,1,0"
    return plain if number is None else f"{plain},{number}"


def numbers(engine: Engine) -> dict[str, int]:
    return {camera.camera_id: camera.number for camera in CityStore(engine).cameras()}


def test_cameras_are_numbered_in_the_order_of_the_file(engine: Engine, folder: Path) -> None:
    write_cameras(folder, row("B"), row("A"))
    import_city(folder, engine)
    assert numbers(engine) == {"B": 1, "A": 2}


def test_a_camera_keeps_its_number_when_others_come_before_it(engine: Engine, folder: Path) -> None:
    write_cameras(folder, row("B"), row("A"))
    import_city(folder, engine)
    write_cameras(folder, row("NEW"), row("A"), row("B"))
    import_city(folder, engine)
    assert numbers(engine) == {"B": 1, "A": 2, "NEW": 3}


def test_given_numbers_are_taken_and_the_rest_filled_up(engine: Engine, folder: Path) -> None:
    write_cameras(folder, row("A", ""), row("B", "65535"), header=HEADER + ",number")
    import_city(folder, engine)
    assert numbers(engine) == {"A": 1, "B": 65_535}


@pytest.mark.parametrize(("number", "reason"), [("0", "from 1 to 65535"), ("65536", "from 1"), ("1.5", "whole number")])
def test_a_number_must_fit_the_wire(engine: Engine, folder: Path, number: str, reason: str) -> None:
    write_cameras(folder, row("A", number), header=HEADER + ",number")
    assert reason in import_city(folder, engine).rejected[0].reason


def test_two_cameras_never_share_a_number(engine: Engine, folder: Path) -> None:
    write_cameras(folder, row("A", "7"), row("B", "7"), header=HEADER + ",number")
    report = import_city(folder, engine)
    assert "7 belongs to camera A" in report.rejected[0].reason
    assert numbers(engine) == {"A": 7}


def test_a_known_camera_cannot_change_its_number(engine: Engine, folder: Path) -> None:
    write_cameras(folder, row("A", "7"), header=HEADER + ",number")
    import_city(folder, engine)
    write_cameras(folder, row("A", "8"), header=HEADER + ",number")
    assert "was 7 before and must stay" in import_city(folder, engine).rejected[0].reason
    assert numbers(engine) == {"A": 7}


@pytest.mark.parametrize(
    "good",
    [
        "rtsp://10.0.0.1/main",
        "rtsps://user:p%40ss@cam.example:322/a?b=c",
        "http://10.0.0.1:8080/stream.flv",
        "https://cam.example/live.m3u8",
        "file:clips/street.mp4",
        "file:///srv/clips/street.mp4",
    ],
)
def test_addresses_of_the_known_schemes_are_taken(good: str) -> None:
    assert camera_address()(good) == good


@pytest.mark.parametrize(
    "bad",
    ["", "10.0.0.1", "rtmp://s3cret@host/x", "rtsp://", "rtsp://host:99999/s3cret", "file:", "rtsp://[s3cret/x"],
)
def test_other_addresses_are_refused_without_repeating_them(bad: str) -> None:
    found = camera_address()(bad)
    assert isinstance(found, Bad)
    assert SECRET not in found
    assert "rtsp://host/path" in found


def test_a_missing_sub_address_is_allowed() -> None:
    assert camera_address(blank=True)("") == ""


def test_passwords_are_in_no_reject_report_log_or_repr(
    engine: Engine, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    change(folder, "cameras.csv", "rtsp://hall:s3cret@10.0.0.1/main", "rtmp://hall:s3cret@10.0.0.1/main")
    report = import_city(folder, engine)
    listed = (folder / f"cameras.csv{REJECTS_SUFFIX}").read_text(encoding="utf-8")
    assert "main_url" in listed
    assert SECRET not in listed + repr(report) + "\n".join(report.lines()) + caplog.text


def test_a_wrong_header_does_not_repeat_a_password(engine: Engine, folder: Path) -> None:
    change(folder, "cameras.csv", "camera_id,name", "camera,name")
    with pytest.raises(CityFolderError) as caught:
        import_city(folder, engine)
    assert SECRET not in str(caught.value)


def test_stored_addresses_are_secret_until_asked_for(engine: Engine, folder: Path) -> None:
    import_city(folder, engine)
    addresses = CityStore(engine).camera_addresses()
    assert SECRET not in repr(addresses) + str(addresses) + repr(CityStore(engine).cameras())
    assert addresses["CAM-001"][0].get_secret_value() == "rtsp://hall:s3cret@10.0.0.1/main"
    assert addresses["CAM-002"][1].get_secret_value() == ""
