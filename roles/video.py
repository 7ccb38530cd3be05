"""The video role: pull this process's share of the cameras, and say how they are."""

from __future__ import annotations

import asyncio
import logging
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pydantic import SecretStr

from data_access.errors import StoreError
from data_access.hall import Hall, database_url, open_hall, redis_url
from data_access.redis_client import open_redis
from data_access.sources import Sources, SourceState
from domain.camera import Camera, CameraCondition, CameraPolicy
from domain.turning import TurnRefusal
from domain.worktime import CalendarError
from runtime.clock import SystemClock
from runtime.settings import Settings
from runtime.supervision import run_until_stopped
from video.address import CameraAddress
from video.capture import CaptureService
from video.checks.switches import switched_off
from video.crash_notes import notes_in
from video.onvif.executor import TurnExecutor
from video.onvif.failure import OnvifFailed
from video.own_clocks import OwnClocks
from video.pull_tools import default_tools

TROUBLE = (StoreError, CalendarError)
SOURCE = "cameras"

log = logging.getLogger(__name__)


def run(settings: Settings, _arguments: Namespace) -> int:
    """Until told to stop. Any number of such processes, here and elsewhere, share the cameras among themselves."""
    run_until_stopped(lambda stop: _capture(settings, stop))
    return 0


async def _capture(settings: Settings, stop: asyncio.Event) -> None:
    hall = await asyncio.to_thread(open_hall, database_url(settings))
    redis = open_redis(redis_url(settings))
    lamps = Sources(redis)

    async def report(state: str, detail: str) -> None:
        await lamps.report(SOURCE, SourceState.LIVE if state == "live" else SourceState.DOWN, detail)

    clock = SystemClock()
    own_clocks = OwnClocks(lambda: devices(hall), clock)
    service = CaptureService(
        CityCameras(hall, CameraPolicy(settings.shared_cameras), switched_off(settings.checks_off)),
        redis_url(settings),
        report=report,
        clock=clock,
        tools=replace(default_tools(clock), clock_drift=own_clocks.drift),
        workers=settings.video_workers,
        budget_cores=settings.video_cores,
        notes=notes_in(settings.data_dir / "decoder-crashes", clock),
    )
    turner = TurnExecutor(redis, lambda camera_id: command_address(hall, camera_id))
    async with asyncio.TaskGroup() as group:
        group.create_task(service.run(stop))
        group.create_task(turner.run(stop))
    await redis.aclose()


def devices(hall: Hall) -> Mapping[str, SecretStr]:
    """Where cameras take commands, and tell their time; nothing while the database is away."""
    try:
        return hall.city_store.onvif_addresses()
    except StoreError as error:
        log.warning("where cameras tell their time cannot be read: %s", type(error).__name__)
        return {}


def command_address(hall: Hall, camera_id: str) -> SecretStr | None:
    """Where a camera takes commands, as the catalogue has it at this moment.

    Raises:
        OnvifFailed: the database is away.
    """
    try:
        return hall.city_store.onvif_addresses().get(camera_id)
    except StoreError as error:
        log.warning("where a camera takes commands cannot be read: %s", type(error).__name__)
        raise OnvifFailed(TurnRefusal.AWAY) from None


class CityCameras:
    """Reads the city's cameras; while the database is away they are those of the last time."""

    def __init__(
        self,
        hall: Hall,
        shared_policy: CameraPolicy,
        checks_off: Mapping[str, frozenset[CameraCondition]] | None = None,
    ) -> None:
        self._hall = hall
        self._checks_off = checks_off or {}
        self._shared_policy = shared_policy
        self._last: Sequence[CameraAddress] = ()

    def __call__(self) -> Sequence[CameraAddress]:
        try:
            self._last = self._read()
        except StoreError as error:
            log.warning("cameras cannot be read, those of before stay: %s", type(error).__name__)
        return self._last

    def _read(self) -> Sequence[CameraAddress]:
        urls = self._hall.city_store.camera_addresses()
        return [
            CameraAddress(
                camera=pulled(camera, self._shared_policy),
                main_url=main_url,
                sub_url=sub_url,
                checks_off=self._checks_off.get(camera.camera_id, frozenset()),
            )
            for camera in self._hall.city_store.cameras()
            for main_url, sub_url in [urls[camera.camera_id]]
        ]


def pulled(camera: Camera, shared_policy: CameraPolicy) -> Camera:
    """`camera` as it is pulled: a shared one that asks for nothing else follows the hall's own rule for those."""
    if camera.shared and camera.policy is CameraPolicy.ALWAYS:
        return replace(camera, policy=shared_policy)
    return camera
