"""One camera's ONVIF device: who it is, its clock, its streams, its presets and its motion.

The address we were given is the only host that is asked: a device behind an address translation names another, and an
answer must not send our account elsewhere. All methods raise `OnvifFailed` and end within seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from pydantic import SecretStr

from domain.camera import Preset
from domain.turning import Motion, TurnRefusal
from runtime.clock import Clock, SystemClock
from video.onvif.failure import OnvifFailed
from video.onvif.library import Account, Service, open_session, plain

MOVE_SECONDS = 2.0
"""A device stops by itself after so long without a new command: the last resort when we are cut off in mid-motion."""

_NAMESPACES = {
    "media": "http://www.onvif.org/ver10/media/wsdl",
    "ptz": "http://www.onvif.org/ver20/ptz/wsdl",
}
_LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceInfo:
    """What a device says of itself."""

    manufacturer: str
    model: str
    firmware: str
    serial: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One way a device sends its picture. Size in pixels, 0 where it does not say."""

    token: str
    name: str
    codec: str
    width: int
    height: int
    fps: float
    turns: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PtzStatus:
    """Where a device looks, each part in the device's own range, and whether it moves; None: it does not say."""

    pan: float | None
    tilt: float | None
    zoom: float | None
    moving: bool | None


class OnvifDevice:
    """A conversation with one device; `close` ends it. Not for two tasks at once."""

    def __init__(self, address: SecretStr, *, clock: Clock | None = None) -> None:
        """`address`: its device service, with the account in it where it asks for one."""
        parts = urlsplit(address.get_secret_value())
        self._host, self._port, self._scheme = parts.hostname or "", parts.port, parts.scheme
        self._address = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))
        self._account = Account(unquote(parts.username or ""), unquote(parts.password or ""))
        self._clock = clock or SystemClock()
        self._session = open_session()
        self._services: dict[str, Service] = {}
        self._addresses: dict[str, str] | None = None
        self._offset: timedelta | None = None
        self._turning_profile: str | None = None

    async def close(self) -> None:
        for service in self._services.values():
            await service.close()
        await self._session.close()

    async def clock_offset(self) -> timedelta:
        """The device's clock minus ours, to about a second. Asked without an account, as the standard says."""
        before = self._clock.now()
        service = self._made("devicemgmt", self._address, timedelta())
        try:
            answer = await service.ask_openly("GetSystemDateAndTime")
        finally:
            await service.close()
        middle = before + (self._clock.now() - before) / 2
        return _device_time(answer) - middle

    async def information(self) -> DeviceInfo:
        told = plain(await (await self._device()).ask("GetDeviceInformation"))
        names = ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber")
        manufacturer, model, firmware, serial = (_text(told.get(name)) for name in names)
        return DeviceInfo(manufacturer=manufacturer, model=model, firmware=firmware, serial=serial)

    async def services(self) -> Mapping[str, str]:
        """Addresses of the device's services by namespace, all on the host we were given."""
        if self._addresses is None:
            self._addresses = await self._ask_services()
        return self._addresses

    async def profiles(self) -> tuple[Profile, ...]:
        """All profiles that send a picture."""
        answer = await (await self._service("media")).ask("GetProfiles")
        return tuple(_profile(plain(one)) for one in _list(answer) if plain(one).get("VideoEncoderConfiguration"))

    async def stream_address(self, profile: str) -> SecretStr:
        """RTSP address of a profile with our account in it."""
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
        answer = await (await self._service("media")).ask("GetStreamUri", StreamSetup=setup, ProfileToken=profile)
        return self._reached(plain(answer), ("rtsp", "rtsps"))

    async def snapshot_address(self, profile: str) -> SecretStr:
        """HTTP address of a profile's still picture with our account in it."""
        answer = await (await self._service("media")).ask("GetSnapshotUri", ProfileToken=profile)
        return self._reached(plain(answer), ("http", "https"))

    async def presets(self) -> tuple[Preset, ...]:
        answer = await (await self._ptz()).ask("GetPresets", ProfileToken=await self._profile())
        found = (plain(one) for one in _list(answer))
        return tuple(
            Preset(token=_text(one.get("token")), name=_text(one.get("Name")) or _text(one.get("token")))
            for one in found
            if one.get("token")
        )

    async def goto(self, token: str) -> None:
        await (await self._ptz()).ask("GotoPreset", ProfileToken=await self._profile(), PresetToken=token)

    async def set_preset(self, name: str, token: str | None = None) -> str:
        """Remember where it looks now, as a new preset or in the place of `token`; its token."""
        answer = await (await self._ptz()).ask(
            "SetPreset", ProfileToken=await self._profile(), PresetName=name, PresetToken=token
        )
        if not isinstance(answer, str) or not answer:
            raise OnvifFailed(TurnRefusal.BROKEN_ANSWER)
        return answer

    async def delete_preset(self, token: str) -> None:
        await (await self._ptz()).ask("RemovePreset", ProfileToken=await self._profile(), PresetToken=token)

    async def move(self, motion: Motion) -> None:
        """Turn at this speed, until `stop`, another move, or `MOVE_SECONDS` have passed."""
        speed = {"PanTilt": {"x": motion.pan, "y": motion.tilt}, "Zoom": {"x": motion.zoom}}
        await (await self._ptz()).ask(
            "ContinuousMove",
            ProfileToken=await self._profile(),
            Velocity=speed,
            Timeout=timedelta(seconds=MOVE_SECONDS),
        )

    async def stop(self) -> None:
        await (await self._ptz()).ask("Stop", ProfileToken=await self._profile(), PanTilt=True, Zoom=True)

    async def status(self) -> PtzStatus:
        told = plain(await (await self._ptz()).ask("GetStatus", ProfileToken=await self._profile()))
        place, motion = plain(told.get("Position")), plain(told.get("MoveStatus"))
        turned, zoomed = plain(place.get("PanTilt")), plain(place.get("Zoom"))
        said = [str(state) for state in motion.values() if state]
        return PtzStatus(
            pan=_number(turned.get("x")),
            tilt=_number(turned.get("y")),
            zoom=_number(zoomed.get("x")),
            moving="MOVING" in said if said else None,
        )

    async def _ask_services(self) -> dict[str, str]:
        """By `GetServices`; of a device that does not know it, by the older `GetCapabilities`."""
        device = await self._device()
        try:
            found = _named(await device.ask("GetServices", IncludeCapability=False))
        except OnvifFailed as failed:
            if failed.code is not TurnRefusal.DENIED:
                raise
            told = plain(await device.ask("GetCapabilities", Category=["All"]))
            parts = {_NAMESPACES["media"]: told.get("Media"), _NAMESPACES["ptz"]: told.get("PTZ")}
            found = {namespace: _text(plain(part).get("XAddr")) for namespace, part in parts.items()}
        return {namespace: self._ours(address) for namespace, address in found.items() if namespace and address}

    async def _device(self) -> Service:
        """The device service, its questions signed by the device's own clock: many cameras' clocks are wrong."""
        if "devicemgmt" not in self._services:
            self._offset = await self._signing_offset()
            self._services["devicemgmt"] = self._made("devicemgmt", self._address, self._offset)
        return self._services["devicemgmt"]

    async def _signing_offset(self) -> timedelta:
        try:
            return await self.clock_offset()
        except OnvifFailed as failed:
            if failed.code in (TurnRefusal.AUTH, TurnRefusal.DENIED, TurnRefusal.BROKEN_ANSWER):
                return timedelta()  # it does not tell its time to everybody: then ours must do
            raise

    async def _service(self, name: str) -> Service:
        if name not in self._services:
            address = (await self.services()).get(_NAMESPACES[name])
            if address is None:
                raise OnvifFailed(TurnRefusal.NO_PTZ if name == "ptz" else TurnRefusal.NOT_ONVIF)
            self._services[name] = self._made(name, address, self._offset or timedelta())
        return self._services[name]

    async def _ptz(self) -> Service:
        return await self._service("ptz")

    def _made(self, name: str, address: str, offset: timedelta) -> Service:
        return Service(name, address, self._session, self._account, offset)

    async def _profile(self) -> str:
        """The profile that turns; its name goes with every command."""
        if self._turning_profile is None:
            turning = [profile.token for profile in await self.profiles() if profile.turns]
            if not turning:
                raise OnvifFailed(TurnRefusal.NO_PTZ)
            self._turning_profile = turning[0]
        return self._turning_profile

    def _ours(self, address: str) -> str:
        """The same path on the host that we were told to ask; its port where it names that very host."""
        try:
            parts = urlsplit(address)
            port = parts.port if parts.hostname == self._host else self._port
        except ValueError:
            return self._address
        return urlunsplit((self._scheme, _place(self._host, port), parts.path, parts.query, ""))

    def _reached(self, told: Mapping[str, Any], schemes: Iterable[str]) -> SecretStr:
        """A picture's address on our host, with our account.

        Raises:
            OnvifFailed: it named none that we can read.
        """
        address = _text(told.get("Uri"), longest=2_000)
        try:
            parts = urlsplit(address)
            place = _place(self._host, parts.port)
        except ValueError:
            raise OnvifFailed(TurnRefusal.BROKEN_ANSWER) from None
        if parts.scheme not in schemes or not parts.hostname:
            raise OnvifFailed(TurnRefusal.BROKEN_ANSWER)
        account = ""
        if self._account.user:
            account = f"{quote(self._account.user, safe='')}:{quote(self._account.password, safe='')}@"
        return SecretStr(urlunsplit((parts.scheme, account + place, parts.path, parts.query, "")))


def _place(host: str, port: int | None) -> str:
    shown = f"[{host}]" if ":" in host else host
    return shown if port is None else f"{shown}:{port}"


def _named(services: Any) -> dict[str, str]:
    """Addresses by namespace."""
    told = [plain(one) for one in _list(services)]
    return {_text(one.get("Namespace")): _text(one.get("XAddr")) for one in told}


def _profile(told: Mapping[str, Any]) -> Profile:
    encoder = plain(told.get("VideoEncoderConfiguration"))
    size, rate = plain(encoder.get("Resolution")), plain(encoder.get("RateControl"))
    return Profile(
        token=_text(told.get("token")),
        name=_text(told.get("Name")),
        codec=_text(encoder.get("Encoding")).upper(),
        width=int(_number(size.get("Width")) or 0),
        height=int(_number(size.get("Height")) or 0),
        fps=_number(rate.get("FrameRateLimit")) or 0.0,
        turns=told.get("PTZConfiguration") is not None,
    )


def _device_time(answer: Any) -> datetime:
    """UTC of the answer; without it, its local time taken for UTC is worth nothing, so that is refused."""
    moment = plain(plain(answer).get("UTCDateTime"))
    day, clock = plain(moment.get("Date")), plain(moment.get("Time"))
    try:
        year, month, of_month = (int(day[name]) for name in ("Year", "Month", "Day"))
        hour, minute, second = (int(clock[name]) for name in ("Hour", "Minute", "Second"))
        return datetime(year, month, of_month, hour, minute, min(second, 59), tzinfo=UTC)
    except (KeyError, TypeError, ValueError):
        raise OnvifFailed(TurnRefusal.BROKEN_ANSWER) from None


def _list(answer: Any) -> list[Any]:
    return answer if isinstance(answer, list) else []


def _text(value: Any, *, longest: int = _LONGEST_TEXT) -> str:
    """One line without control characters: it may be shown."""
    return re.sub(r"[^\x20-\x7e\u00a0-\uffff]", " ", str(value or ""))[:longest].strip()


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None
