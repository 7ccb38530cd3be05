"""An ONVIF device of our own: the demo's turning camera, with an account and with faults, in the test's event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from lxml import etree

from demo.onvif_server import TurningCameras
from demo.soap import question_in
from demo.turning import Turning

USER, PASSWORD = "operator", "s3cret-Onvif!7"
NUMBER = 7
MAIN = "rtsp://192.168.1.64:554/main?channel=1"
SUB = "rtsp://192.168.1.64:554/sub?channel=1"


class Fault(StrEnum):
    """How a device behaves."""

    OK = "ok"
    SILENT = "silent"
    """Takes the question and never answers."""
    PAGE = "page"
    """A router's login page."""
    BROKEN = "broken"
    """An answer cut in the middle."""
    ENDLESS = "endless"
    """An answer longer than anybody reads."""
    UNAUTHORISED = "unauthorised"
    """HTTP 401 whatever one says."""
    ELSEWHERE = "elsewhere"
    """Sends us to another address."""


@dataclass
class FakeDevice(TurningCameras):
    """A running device. `camera` is its state; `heard` the operations asked, in order."""

    fault: Fault = Fault.OK
    recorded: Mapping[str, bytes] = field(default_factory=dict)
    """Answers by operation instead of its own."""
    heard: list[str] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def camera(self) -> Turning:
        return self.cameras[NUMBER]

    @property
    def address(self) -> str:
        return self.url(NUMBER)

    async def answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        operation = etree.QName(question_in(body)).localname
        self.heard.append(operation)
        if operation in self.recorded:
            return 200, self.recorded[operation]
        if self.fault is Fault.SILENT:
            await self.gone.wait()
        wrong = {
            Fault.PAGE: (200, b"<html><body>login</body></html>"),
            Fault.ENDLESS: (200, b"<Envelope>" + b" " * 2_000_000),
            Fault.UNAUTHORISED: (401, b"no"),
            Fault.ELSEWHERE: (302, b"there"),
        }
        if self.fault in wrong:
            return wrong[self.fault]
        status, whole = await super().answer(path, body)
        return (status, whole[: len(whole) // 2]) if self.fault is Fault.BROKEN else (status, whole)


@asynccontextmanager
async def onvif_device(
    *,
    account: tuple[str, str] | None = (USER, PASSWORD),
    clock_offset: timedelta = timedelta(),
    monotonic: Callable[[], float] = time.monotonic,
) -> AsyncIterator[FakeDevice]:
    """A running device with two presets; `monotonic` is what its motions last by."""
    camera = Turning(streams=(MAIN, SUB))
    camera.presets = {"1": ("全景", (0.0, 0.0, 0.0)), "2": ("路口东", (0.5, -0.25, 0.5))}
    device = FakeDevice(cameras={NUMBER: camera}, account=account, clock_offset=clock_offset, monotonic=monotonic)
    await device.open()
    try:
        yield device
    finally:
        device.gone.set()
        device.close()
