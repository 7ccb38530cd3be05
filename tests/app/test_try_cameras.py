"""`citywall cameras test` and `discover`: what is seen before a camera is believed, and no password on any screen."""

from __future__ import annotations

import asyncio
import json
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from data_access.city_tables import CAMERA_COLUMNS
from domain.turning import TurnRefusal
from roles import try_cameras
from roles.try_cameras import run_discover, run_test, tried
from runtime.settings import Settings
from tests.fakes import onvif_device as fake
from tests.fakes.rtsp_camera import PASSWORD, USER, FakeCameras, Fault, fake_cameras
from video.onvif.discovery import Found


@pytest.fixture(scope="module")
def rtsp() -> Iterator[FakeCameras]:
    with fake_cameras() as running:
        yield running


def asked(target: str, **more: object) -> Namespace:
    return Namespace(target=target, picture=None, json=True, addresses=False, **more)


def test_a_camera_is_tried_and_its_picture_left(
    rtsp: FakeCameras, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "first.jpg"
    url = rtsp.url(Fault.AUTH, user=USER, password=PASSWORD)
    settings = Settings(data_dir=tmp_path, demo=False)
    assert run_test(settings, Namespace(target=url, picture=picture, json=True, addresses=False)) == 0
    printed = capsys.readouterr().out
    told = json.loads(printed)
    assert told["ok"]
    assert (told["codec"], told["width"] > 100, told["first_picture_ms"] > 0) == ("h264", True, True)
    assert picture.read_bytes().startswith(b"\xff\xd8")
    assert picture.stat().st_mode & 0o077 == 0
    assert PASSWORD not in printed


def test_an_address_may_come_from_standard_input(
    rtsp: FakeCameras, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(try_cameras, "_password", lambda _question: rtsp.url(Fault.MISSING))
    settings = Settings(data_dir=tmp_path, demo=False)
    assert run_test(settings, asked("-")) == 1
    assert json.loads(capsys.readouterr().out) == {"ok": False, "error": "not_found"}


async def test_an_onvif_address_is_asked_for_its_streams_first(rtsp: FakeCameras) -> None:
    async with fake.onvif_device() as device:
        device.camera.streams = (rtsp.url(number=1), rtsp.url(number=2))
        verdict = await asyncio.to_thread(tried, SecretStr(device.address))
    told = verdict.json()
    assert told["ok"]
    assert told["device"]["model"] == "Demo PTZ"
    assert told["device"]["profiles"] == ["H264 1920×1080", "H264 704×576"]
    assert told["device"]["presets"] == ["全景", "路口东"]
    assert fake.PASSWORD not in json.dumps(told)


async def test_a_device_that_does_not_know_us_is_told_by_its_code() -> None:
    async with fake.onvif_device() as device:
        device.fault = fake.Fault.UNAUTHORISED
        verdict = await asyncio.to_thread(tried, SecretStr(device.address))
    assert verdict.json() == {"ok": False, "error": TurnRefusal.AUTH.value}


def test_found_devices_become_rows_with_places_for_the_account(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def two() -> tuple[Found, ...]:
        return (
            Found(address="http://10.0.0.1/onvif/device_service", name="东门", hardware="DS"),
            Found(address="http://10.0.0.2:8000/onvif/device_service", name="", hardware="DS"),
        )

    monkeypatch.setattr(try_cameras, "discover", two)
    assert run_discover(Settings(demo=False), Namespace(user="")) == 0
    header, first, second = capsys.readouterr().out.splitlines()
    assert header == ",".join(CAMERA_COLUMNS)
    assert first.startswith("CAM-001,东门,")
    assert first.endswith("http://USER:PASSWORD@10.0.0.1/onvif/device_service")
    assert second.startswith("CAM-002,DS,")


async def test_with_an_account_the_streams_are_filled_in_and_the_account_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with fake.onvif_device() as device:

        async def one() -> tuple[Found, ...]:
            return (Found(address=f"http://127.0.0.1:{device.port}/onvif/7", name="东门", hardware=""),)

        monkeypatch.setattr(try_cameras, "discover", one)
        monkeypatch.setattr(try_cameras, "_password", lambda: fake.PASSWORD)
        await asyncio.to_thread(run_discover, Settings(demo=False), Namespace(user=fake.USER))
    said = capsys.readouterr()
    assert "rtsp://USER:PASSWORD@127.0.0.1:554/main?channel=1" in said.out
    assert fake.PASSWORD not in said.out + said.err
    assert "s3cret" not in said.out + said.err
