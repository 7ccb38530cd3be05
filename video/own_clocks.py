"""How far a camera's clock is ahead of ours: its RTSP answers tell, or its ONVIF device where that one is known."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from pydantic import SecretStr

from runtime.clock import Clock
from video.onvif.device import OnvifDevice
from video.onvif.failure import OnvifFailed
from video.probe import clock_drift

log = logging.getLogger(__name__)


class OwnClocks:
    """`devices` answers with the ONVIF addresses of the city's cameras, by camera id; it may block."""

    def __init__(self, devices: Callable[[], Mapping[str, SecretStr]], clock: Clock) -> None:
        self._devices = devices
        self._clock = clock

    def drift(self, url: str) -> float | None:
        """Seconds for the camera that streams at `url`; None where it does not tell. Blocks."""
        told = asyncio.run(clock_drift(url, self._clock.now))
        if told is not None:
            return told
        device = self._device(urlsplit(url).hostname)
        return None if device is None else asyncio.run(self._ask(device))

    def _device(self, host: str | None) -> SecretStr | None:
        """The device on that host: a recorder's clock is that of all its cameras."""
        found = (address for address in self._devices().values() if _host(address) == host)
        return None if host is None else next(found, None)

    async def _ask(self, address: SecretStr) -> float | None:
        device = OnvifDevice(address, clock=self._clock)
        try:
            return (await device.clock_offset()).total_seconds()
        except OnvifFailed as failed:
            log.debug("a device did not tell its time: %s", failed.code)
            return None
        finally:
            await device.close()


def _host(address: SecretStr) -> str | None:
    return urlsplit(address.get_secret_value()).hostname
