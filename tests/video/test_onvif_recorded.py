"""Every recorded answer of real devices (shared data), through HTTP: read, or refused with a code, never a crash."""

from __future__ import annotations

import random
import re
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import zeep.xsd
from pydantic import SecretStr

from domain.turning import TurnRefusal
from tests.fakes.onvif_device import FakeDevice, onvif_device
from tests.shared_data import SHARED, shared
from video.onvif import library
from video.onvif.chosen import choose
from video.onvif.device import OnvifDevice
from video.onvif.discovery import matches
from video.onvif.failure import OnvifFailed

FOLDER = "data/onvif-responses"
NOT_ANSWERS = {"README.md", "SHA256SUMS"}
NAMES = sorted(path.name for path in (SHARED / FOLDER).glob("*") if path.name not in NOT_ANSWERS) or ["absent"]
MALFORMED = {
    "Error.xml",
    "GetCapabilitiesEncoder.xml",
    "GetSnapshotUri.xml",
    "GetVideoSourcesEncoder.xml",
    "PullMessages.xml",
    "device.GetDNS.xml",
    "device.GetNetworkDefaultGateway.xml",
    "device.SetDNS.xml",
    "device.SetNetworkDefaultGateway.xml",
    "device.SetNetworkInterfaces.xml",
    "imaging.GetServiceCapabilities.xml",
    "media.GetAudioEncoderConfigurationOptions.xml",
    "media.GetVideoEncoderConfigurationOptions.xml",
    "media.SetAudioEncoderConfiguration.xml",
}
"""As the folder's own README says."""

SERVICE_OF = {"tds": "devicemgmt", "trt": "media", "tptz": "ptz", "tev": "events", "wsnt": "subscription"}
OTHER_SERVICE = {"PullMessages.xml": "pullpoint", "imaging.SetCurrentPreset.xml": "imaging", "Error.xml": "devicemgmt"}
OTHER_OPERATION = {
    "Error.xml": "GetDeviceInformation",
    "imaging.GetCurrentPreset.xml": "GetImagingSettings",
    "imaging.SetCurrentPreset.xml": "SetImagingSettings",
}
"""Operations that no service description knows stand for the wrong answer to another question."""


def recorded(name: str) -> bytes:
    return shared(f"{FOLDER}/{name}").read_bytes()


@pytest.fixture
async def device() -> AsyncIterator[FakeDevice]:
    async with onvif_device(account=None) as running:
        yield running


async def ask(device: FakeDevice, name: str, content: bytes) -> Any:
    """The operation of a recorded file, answered by it, as any question of ours is."""
    prefix, _, rest = name.removesuffix(".xml").rpartition(".")
    operation = OTHER_OPERATION.get(name, rest.removesuffix("Encoder"))
    told = re.search(rb"<(\w+):\w+Response", content)
    space = told.group(1).decode() if told else ""
    service_name = OTHER_SERVICE.get(name) or {"device": "devicemgmt"}.get(prefix, prefix) or SERVICE_OF[space]
    device.recorded = {operation: content}
    session = library.open_session()
    service = library.Service(service_name, device.address, session, library.Account(), timedelta())
    try:
        return await service.ask(operation, **await nothing(service, operation))
    finally:
        await service.close()
        await session.close()


async def nothing(service: library.Service, operation: str) -> dict[str, Any]:
    """Every argument left out: what is asked does not matter here."""
    await service._ready()
    proxy = service._proxy.ws_client_authless
    body = proxy._binding.get(operation).input.body
    return {name: zeep.xsd.SkipValue for name, _element in body.type.elements} if body is not None else {}


async def code_of(question: Awaitable[Any]) -> TurnRefusal | None:
    """Why a question was not answered; None when it was."""
    try:
        await question
    except OnvifFailed as failed:
        return failed.code
    return None


def test_all_recorded_answers_are_there() -> None:
    shared(FOLDER)
    assert len(NAMES) == 78
    assert set(NAMES) >= MALFORMED


@pytest.mark.parametrize("name", [name for name in NAMES if name != "Probe.xml"])
async def test_a_recorded_answer_is_read_and_a_malformed_one_refused_as_such(device: FakeDevice, name: str) -> None:
    content = recorded(name)
    if name in MALFORMED:
        with pytest.raises(OnvifFailed) as caught:
            await ask(device, name, content)
        assert caught.value.code is TurnRefusal.BROKEN_ANSWER
        return
    await ask(device, name, content)
    assert len(device.heard) == 1


async def test_a_recorded_camera_tells_name_time_services_and_streams(device: FakeDevice) -> None:
    names = ("GetDeviceInformation", "GetSystemDateAndTime", "GetServices", "GetProfiles", "GetStreamUri", "GetStatus")
    device.recorded = {name: recorded(f"{name}.xml").replace(b"{{=it.hostname}}", b"10.9.9.9") for name in names}
    asked = OnvifDevice(SecretStr(device.address))
    told = await asked.information()
    assert told.manufacturer
    assert "http://www.onvif.org/ver10/media/wsdl" in await asked.services()
    assert {address.split("/")[2] for address in (await asked.services()).values()} == {f"127.0.0.1:{device.port}"}
    profiles = await asked.profiles()
    chosen = choose(profiles)
    assert chosen is not None
    assert chosen.main.width >= 320
    address = (await asked.stream_address(chosen.main.token)).get_secret_value()
    assert address == "rtsp://127.0.0.1/h264main"
    await asked.clock_offset()
    await asked.close()


async def test_recorded_presets_are_listed(device: FakeDevice) -> None:
    device.recorded = {"GetPresets": recorded("ptz.GetPresets.xml"), "SetPreset": recorded("ptz.SetPreset.xml")}
    asked = OnvifDevice(SecretStr(device.address))
    assert all(preset.token and preset.name for preset in await asked.presets())
    assert await asked.set_preset("x")
    await asked.close()


def test_the_recorded_answer_to_everybody_names_a_device() -> None:
    content = recorded("Probe.xml").replace(b"SERVICE_URI", b"http://10.0.0.9/onvif/device_service")
    found = matches(content)
    assert [(one.address, one.name) for one in found] == [("http://10.0.0.9/onvif/device_service", "PREDATOR")]


@pytest.mark.parametrize("seed", range(6))
async def test_damage_anywhere_in_an_answer_is_no_crash(device: FakeDevice, seed: int) -> None:
    """Elements lost, emptied or misspelt, as firmware does it."""
    rng = random.Random(seed)
    for name in ("GetProfiles.xml", "GetStatus.xml", "GetServices.xml", "GetSystemDateAndTime.xml"):
        text = recorded(name).decode()
        for tag in rng.sample(sorted(set(re.findall(r"<(\w+:\w+)[ >]", text))), 2):
            text = re.sub(rf"(<{tag}[^>]*>)[^<]*(</{tag}>)", r"\1 x9 \2", text)
        device.recorded = {Path(name).stem: text.encode()}
        asked = OnvifDevice(SecretStr(device.address))
        for question in (asked.clock_offset, asked.services, asked.profiles, asked.status):
            assert await code_of(question()) in (None, *TurnRefusal)
        await asked.close()
