"""Getting to know a camera over ONVIF: who it is, which streams the hall would take, whether it turns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from pydantic import SecretStr

from domain.camera import Preset
from domain.turning import TurnRefusal
from video.onvif.chosen import choose
from video.onvif.device import DeviceInfo, OnvifDevice, Profile
from video.onvif.failure import OnvifFailed

ONVIF_MARK = "onvif"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquaintance:
    """What a device told. The addresses have the account in them, as the catalogue keeps them."""

    information: DeviceInfo
    clock_offset: timedelta
    profiles: tuple[Profile, ...]
    main: SecretStr
    sub: SecretStr | None
    turns: bool
    presets: tuple[Preset, ...]


def is_onvif_address(address: str) -> bool:
    """Whether an address leads to a device and not to a picture: by the standard its path says so."""
    parts = urlsplit(address)
    return parts.scheme in ("http", "https") and ONVIF_MARK in parts.path.lower()


async def meet(address: SecretStr) -> Acquaintance:
    """Ask a device all of that.

    Raises:
        OnvifFailed: it does not answer, or sends no picture that we know.
    """
    device = OnvifDevice(address)
    try:
        return await _met(device)
    finally:
        await device.close()


async def _met(device: OnvifDevice) -> Acquaintance:
    offset = await device.clock_offset()
    information, profiles = await device.information(), await device.profiles()
    chosen = choose(profiles)
    if chosen is None:
        raise OnvifFailed(TurnRefusal.BROKEN_ANSWER)
    turns = any(profile.turns for profile in profiles)
    return Acquaintance(
        information=information,
        clock_offset=offset,
        profiles=profiles,
        main=await device.stream_address(chosen.main.token),
        sub=await device.stream_address(chosen.sub.token) if chosen.sub else None,
        turns=turns,
        presets=await device.presets() if turns else (),
    )
