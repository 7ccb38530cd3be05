"""What the hall asks of a camera over ONVIF, and what it says when the camera does not answer as it should."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from domain.turning import Motion, TurnRefusal
from tests.fakes.onvif_device import PASSWORD, USER, FakeDevice, Fault, onvif_device
from tests.waiting import eventually_async
from video.onvif import library
from video.onvif.chosen import choose
from video.onvif.device import OnvifDevice
from video.onvif.failure import OnvifFailed


@pytest.fixture
async def device() -> AsyncIterator[FakeDevice]:
    async with onvif_device() as running:
        yield running


@pytest.fixture
async def asked(device: FakeDevice) -> AsyncIterator[OnvifDevice]:
    ours = OnvifDevice(SecretStr(device.address))
    yield ours
    await ours.close()


async def test_a_camera_tells_who_it_is(asked: OnvifDevice) -> None:
    told = await asked.information()
    assert (told.manufacturer, told.model, told.serial) == ("CityWall", "Demo PTZ", "000007")


async def test_its_largest_and_its_small_stream_are_taken_with_the_account_and_the_host_we_know(
    asked: OnvifDevice,
) -> None:
    chosen = choose(await asked.profiles())
    assert chosen is not None
    assert chosen.sub is not None
    assert (chosen.main.width, chosen.sub.width) == (1920, 704)
    address = (await asked.stream_address(chosen.main.token)).get_secret_value()
    assert address == "rtsp://operator:s3cret-Onvif%217@127.0.0.1:554/main?channel=1"


async def test_a_snapshot_has_an_address(asked: OnvifDevice) -> None:
    address = (await asked.snapshot_address("main")).get_secret_value()
    assert address.endswith("/snapshot.jpg")


async def test_presets_are_listed_called_set_and_deleted(asked: OnvifDevice, device: FakeDevice) -> None:
    assert [(preset.token, preset.name) for preset in await asked.presets()] == [("1", "全景"), ("2", "路口东")]
    await asked.goto("2")
    token = await asked.set_preset("新位")
    assert device.camera.presets[token] == ("新位", (0.5, -0.25, 0.5))
    await asked.delete_preset(token)
    assert [preset.token for preset in await asked.presets()] == ["1", "2"]


async def test_a_camera_turns_until_it_is_stopped(asked: OnvifDevice) -> None:
    await asked.move(Motion(pan=1.0))
    assert (await asked.status()).moving
    await asked.stop()
    there = await asked.status()
    assert there.moving is False
    assert (there.pan or 0) > 0
    assert (there.tilt, there.zoom) == (0, 0)


async def test_a_camera_nobody_speaks_to_any_more_stops_by_itself(asked: OnvifDevice) -> None:
    await asked.move(Motion(tilt=-1.0))

    async def stands() -> bool:
        return (await asked.status()).moving is False

    await eventually_async(stands, within=15)


async def test_a_camera_whose_clock_is_wrong_is_asked_by_its_own_clock() -> None:
    async with onvif_device(clock_offset=timedelta(hours=-7)) as device:
        asked = OnvifDevice(SecretStr(device.address))
        assert abs(await asked.clock_offset() + timedelta(hours=7)) < timedelta(seconds=30)
        assert (await asked.information()).model == "Demo PTZ"
        await asked.close()


async def test_a_wrong_password_is_told_as_such(device: FakeDevice) -> None:
    device.account = (USER, "another")
    asked = OnvifDevice(SecretStr(device.address.replace("another", PASSWORD)))
    with pytest.raises(OnvifFailed, match="auth"):
        await asked.information()
    await asked.close()


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.PAGE, TurnRefusal.NOT_ONVIF),
        (Fault.BROKEN, TurnRefusal.BROKEN_ANSWER),
        (Fault.ENDLESS, TurnRefusal.BROKEN_ANSWER),
        (Fault.UNAUTHORISED, TurnRefusal.AUTH),
        (Fault.ELSEWHERE, TurnRefusal.NOT_ONVIF),
    ],
)
async def test_each_kind_of_nonsense_has_its_code(
    asked: OnvifDevice, device: FakeDevice, fault: Fault, code: TurnRefusal
) -> None:
    device.fault = fault
    with pytest.raises(OnvifFailed) as caught:
        await asked.information()
    assert caught.value.code is code


async def test_a_silent_camera_is_waited_for_only_so_long(
    asked: OnvifDevice, device: FakeDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "ANSWER_SECONDS", 0.2)
    device.fault = Fault.SILENT
    with pytest.raises(OnvifFailed, match="timeout"):
        await asked.information()
    assert device.heard == ["GetSystemDateAndTime"]


async def test_a_closed_port_is_told_as_refused() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    asked = OnvifDevice(SecretStr(f"http://u:p@127.0.0.1:{port}/onvif"))
    with pytest.raises(OnvifFailed, match="refused"):
        await asked.information()
    await asked.close()


async def test_a_camera_without_a_name_in_the_network_is_told_as_silent() -> None:
    asked = OnvifDevice(SecretStr("http://u:p@camera.invalid/onvif"))
    with pytest.raises(OnvifFailed, match="timeout"):
        await asked.information()
    await asked.close()


async def test_something_that_is_no_web_server_is_told_as_no_onvif() -> None:
    async def rude(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-camera\r\n")
        writer.close()

    server = await asyncio.start_server(rude, "127.0.0.1", 0)
    asked = OnvifDevice(SecretStr(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/onvif"))
    with pytest.raises(OnvifFailed, match="not_onvif"):
        await asked.information()
    await asked.close()
    server.close()


async def test_an_unknown_preset_is_told_as_denied(asked: OnvifDevice) -> None:
    with pytest.raises(OnvifFailed, match="denied"):
        await asked.goto("99")


async def test_no_password_stands_in_a_log_an_error_or_a_repr(
    asked: OnvifDevice, device: FakeDevice, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await asked.information()
    address = await asked.stream_address("main")
    device.fault = Fault.BROKEN
    with pytest.raises(OnvifFailed) as caught:
        await asked.presets()
    told = repr(address) + repr(caught.value) + repr(caught.value.__cause__) + repr(library.Account(USER, PASSWORD))
    assert PASSWORD not in told + caplog.text
    assert "s3cret" not in told + caplog.text
