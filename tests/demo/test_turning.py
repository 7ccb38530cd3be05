"""The demo's turning cameras take commands where the city says they do."""

from __future__ import annotations

import asyncio
from pathlib import Path

from pydantic import SecretStr

from demo.city import write_city
from demo.turning_streets import command_url, serve_turning
from domain.turning import Motion
from tests.waiting import eventually_async
from video.onvif.device import OnvifDevice
from video.onvif.failure import OnvifFailed

SMALL = 0.02


async def test_a_turning_camera_of_the_demo_city_turns_and_knows_its_views(tmp_path: Path) -> None:
    await asyncio.to_thread(write_city, tmp_path / "city", 1, scale=SMALL)
    rows = (tmp_path / "city" / "cameras.csv").read_text(encoding="utf-8").splitlines()
    number = next(at for at, row in enumerate(rows) if row.split(",")[10:12] == ["0", "1"])
    stop = asyncio.Event()
    serving = asyncio.create_task(serve_turning(tmp_path, stop))
    device = OnvifDevice(SecretStr(command_url(tmp_path, number)))

    async def answers() -> bool:
        try:
            return bool(await device.information())
        except OnvifFailed:
            return False

    await eventually_async(answers, within=30)
    assert next(preset.name for preset in await device.presets()) == "全景"
    await device.move(Motion(pan=1.0))
    await device.stop()
    assert ((await device.status()).pan or 0) > 0
    await device.goto("1")
    assert (await device.status()).pan == 0
    await device.close()
    stop.set()
    await serving


async def test_a_city_without_turning_cameras_is_served_too(tmp_path: Path) -> None:
    stop = asyncio.Event()
    stop.set()
    await serve_turning(tmp_path, stop)
