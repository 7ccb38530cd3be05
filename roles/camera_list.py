"""The city's cameras as a running process knows them: read again whenever the city's content changes."""

from __future__ import annotations

import asyncio
import logging

from data_access.by_content import content_version
from data_access.errors import StoreError
from data_access.hall import Hall
from domain.camera import Camera
from video.tasks import first_of

LOOK_EVERY_SECONDS = 5.0

log = logging.getLogger(__name__)


class CameraList:
    """`by_number`, `numbers` and `owners` stay the same mappings for whoever holds them, and only grow."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._version = ""
        self.current: tuple[Camera, ...] = ()
        self.by_number: dict[int, Camera] = {}
        self.numbers: dict[str, int] = {}
        self.owners: dict[str, str] = {}
        self._take(*self._read())

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        while not stop.is_set():
            await first_of(asyncio.sleep(LOOK_EVERY_SECONDS), _until(stop))
            try:
                await self.look()
            except StoreError as error:
                log.warning("cameras cannot be read, those of before stay: %s", type(error).__name__)

    async def look(self) -> None:
        """Read them again if anything changed.

        Raises:
            StoreError: the database failed.
        """
        if await asyncio.to_thread(content_version, self._hall.engine) != self._version:
            self._take(*await asyncio.to_thread(self._read))

    def _read(self) -> tuple[str, tuple[Camera, ...]]:
        """The version first: what changes meanwhile is read once more, not missed."""
        return content_version(self._hall.engine), self._hall.city_store.cameras()

    def _take(self, version: str, cameras: tuple[Camera, ...]) -> None:
        self._version, self.current = version, cameras
        self.by_number.update({camera.number: camera for camera in cameras})
        self.numbers.update({camera.camera_id: camera.number for camera in cameras})
        self.owners.update({camera.camera_id: camera.owner_unit for camera in cameras})


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()
