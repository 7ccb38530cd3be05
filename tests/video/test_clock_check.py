"""Cameras' own clocks: what they tell, how it is judged, whom we ask and when."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from runtime.clock import SystemClock
from tests.fakes.clock import ManualClock
from tests.fakes.onvif_device import onvif_device
from tests.fakes.rtsp_camera import FakeCameras, Fault
from video.clock_check import CONFIRM_SECONDS, EVERY_SECONDS, CameraClock, ClockCheck, Subject, without_zone
from video.open_gate import OpenGate
from video.own_clocks import OwnClocks
from video.probe import clock_drift


def now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize("ahead", [0.0, 95.0, -3700.0])
async def test_a_camera_s_clock_is_read_from_its_answer(rtsp: FakeCameras, ahead: float) -> None:
    url = rtsp.url(Fault.OK, 31)
    rtsp.set_clock(url, ahead)
    drift = await clock_drift(url, now)
    assert drift == pytest.approx(ahead, abs=5)


@pytest.mark.parametrize("fault", [Fault.OK, Fault.MISSING])
async def test_a_camera_that_names_no_time_is_not_judged(rtsp: FakeCameras, fault: Fault) -> None:
    assert await clock_drift(rtsp.url(fault, 32), now) is None


async def test_a_camera_that_asks_for_a_password_still_tells_its_time(rtsp: FakeCameras) -> None:
    url = rtsp.url(Fault.AUTH, 33, user="operator", password="never-sent")
    rtsp.set_clock(url, 60.0)
    assert await clock_drift(url, now) == pytest.approx(60, abs=5)


async def test_whoever_does_not_answer_has_no_clock(rtsp: FakeCameras) -> None:
    assert await clock_drift("rtsp://127.0.0.1:1/live", now) is None
    assert await clock_drift("file:///street.mp4", now) is None


@pytest.mark.parametrize(
    ("told", "drift"),
    [(0.0, 0.0), (28_800.5, 0.5), (-1790.0, 10.0), (28_860.0, 28_860.0), (86_400.0, 86_400.0), (75.0, 75.0)],
)
def test_a_wrong_zone_is_not_a_wrong_clock(told: float, drift: float) -> None:
    assert without_zone(told) == drift


def test_one_wrong_answer_is_not_believed_and_one_right_one_is() -> None:
    clock = CameraClock()
    verdicts = []
    for drift in (5.0, 31.0, -2.0, 40.0, 41.0, 41.0, 3.0):
        clock.note(drift)
        verdicts.append(clock.wrong)
    assert verdicts == [False, False, False, False, True, True, False]
    assert clock.drift_seconds == 3.0


async def test_a_camera_that_does_not_tell_over_rtsp_is_asked_over_onvif(rtsp: FakeCameras) -> None:
    url = rtsp.url(Fault.OK, 34)
    async with onvif_device(clock_offset=timedelta(seconds=-95)) as device:
        devices = {"QD-001": SecretStr("http://10.1.1.1/onvif"), "QD-002": SecretStr(device.address)}
        drift = await asyncio.to_thread(OwnClocks(lambda: devices, SystemClock()).drift, url)
    assert drift == pytest.approx(-95, abs=5)


async def test_the_stream_s_own_word_needs_no_device(rtsp: FakeCameras) -> None:
    url = rtsp.url(Fault.OK, 35)
    rtsp.set_clock(url, 44.0)
    drift = await asyncio.to_thread(OwnClocks(dict, SystemClock()).drift, url)
    assert drift == pytest.approx(44, abs=5)


async def test_a_camera_nobody_can_ask_has_no_drift(rtsp: FakeCameras) -> None:
    away = {"QD-001": SecretStr("http://127.0.0.1:1/onvif/device_service")}
    clocks = OwnClocks(lambda: away, SystemClock())
    assert await asyncio.to_thread(clocks.drift, rtsp.url(Fault.OK, 36)) is None


class Asked:
    """A check whose cameras answer at once, and who was asked."""

    def __init__(self, *drifts: float | None) -> None:
        self.urls: list[str] = []
        self._drifts = iter(drifts)
        self.clock = ManualClock()
        self.check = ClockCheck(self._answer, OpenGate(), self.clock, random.Random(4))

    def _answer(self, url: str) -> float | None:
        self.urls.append(url)
        return next(self._drifts, 0.0)

    async def look(self, *subjects: Subject, after: float = EVERY_SECONDS * 2) -> None:
        self.clock.forward(seconds=after)
        await self.check.run_once(subjects)


async def test_a_wrong_answer_is_asked_again_within_minutes_and_then_told() -> None:
    asked, subject = Asked(50.0, 52.0), Subject("rtsp://a", True, CameraClock())
    await asked.look(subject, after=0)
    await asked.look(subject)
    assert not subject.clock.wrong
    await asked.look(subject, after=CONFIRM_SECONDS * 1.3)
    assert subject.clock.wrong
    assert subject.clock.drift_seconds == 52.0


async def test_each_camera_is_asked_about_once_an_hour_one_at_a_time() -> None:
    asked = Asked()
    subjects = [Subject(f"rtsp://{number}", True, CameraClock()) for number in range(5)]
    for _ in range(7200):
        await asked.look(*subjects, after=1)
    counts = [asked.urls.count(subject.url) for subject in subjects]
    assert min(counts) >= 2
    assert max(counts) <= 4


async def test_a_camera_without_a_picture_is_left_alone() -> None:
    asked = Asked()
    refused = Subject("rtsp://refuses-us", False, CameraClock())
    await asked.look(refused, after=0)
    await asked.look(refused)
    assert asked.urls == []


def test_an_address_never_shows_in_a_subject() -> None:
    assert "s3cret" not in repr(Subject("rtsp://u:s3cret@h/", True, CameraClock()))
