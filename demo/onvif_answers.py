"""The answers of a turning demo camera, operation by operation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from lxml import etree

from demo.soap import Fault, axis, deep, seconds, xml
from demo.turning import Turning


class Answers:
    """What one camera answers, as XML inside the SOAP body."""

    def __init__(self, camera: Turning, *, number: int, base: str, at: float, now: datetime) -> None:
        """`base`: the camera's own address; `at`: monotonic seconds; `now`: its own clock."""
        self._camera, self._number, self._base, self._at, self._now = camera, number, base, at, now

    def to(self, operation: str, question: etree._Element) -> str:
        """The answer to one operation.

        Raises:
            Fault: it does not know the operation, or an argument is wrong.
        """
        known: dict[str, Callable[[etree._Element], str]] = {
            "GetSystemDateAndTime": self._time,
            "GetDeviceInformation": self._information,
            "GetServices": self._services,
            "GetProfiles": self._profiles,
            "GetStreamUri": self._stream,
            "GetSnapshotUri": self._snapshot,
            "GetPresets": self._presets,
            "GotoPreset": self._goto,
            "SetPreset": self._set,
            "RemovePreset": self._remove,
            "ContinuousMove": self._move,
            "Stop": self._stop,
            "GetStatus": self._status,
        }
        if operation not in known:
            raise Fault("ter:ActionNotSupported", "ter:NotImplemented")
        return known[operation](question)

    def _time(self, _question: etree._Element) -> str:
        now = self._now
        clock = f"<tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute><tt:Second>{now.second}</tt:Second>"
        day = f"<tt:Year>{now.year}</tt:Year><tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day>"
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>"
            f"<tt:DaylightSavings>false</tt:DaylightSavings><tt:UTCDateTime><tt:Time>{clock}</tt:Time>"
            f"<tt:Date>{day}</tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )

    def _information(self, _question: etree._Element) -> str:
        told = {
            "Manufacturer": "CityWall",
            "Model": "Demo PTZ",
            "FirmwareVersion": "1.0",
            "SerialNumber": f"{self._number:06d}",
            "HardwareId": "demo",
        }
        inside = "".join(f"<tds:{name}>{value}</tds:{name}>" for name, value in told.items())
        return f"<tds:GetDeviceInformationResponse>{inside}</tds:GetDeviceInformationResponse>"

    def _services(self, _question: etree._Element) -> str:
        spaces = (
            ("http://www.onvif.org/ver10/device/wsdl", ""),
            ("http://www.onvif.org/ver10/media/wsdl", "/media"),
            ("http://www.onvif.org/ver20/ptz/wsdl", "/ptz"),
        )
        inside = "".join(
            f"<tds:Service><tds:Namespace>{space}</tds:Namespace><tds:XAddr>{self._base}{path}</tds:XAddr>"
            "<tds:Version><tt:Major>2</tt:Major><tt:Minor>4</tt:Minor></tds:Version></tds:Service>"
            for space, path in spaces
        )
        return f"<tds:GetServicesResponse>{inside}</tds:GetServicesResponse>"

    def _profiles(self, _question: etree._Element) -> str:
        sizes = zip(("main", "sub"), self._camera.sizes, strict=True)
        inside = "".join(_profile(token, *size) for token, size in sizes)
        return f"<trt:GetProfilesResponse>{inside}</trt:GetProfilesResponse>"

    def _stream(self, question: etree._Element) -> str:
        main, sub = self._camera.streams
        return _media_uri("GetStreamUri", sub if deep(question, "ProfileToken") == "sub" else main)

    def _snapshot(self, _question: etree._Element) -> str:
        return _media_uri("GetSnapshotUri", f"{self._base}/snapshot.jpg")

    def _presets(self, _question: etree._Element) -> str:
        inside = "".join(
            f'<tptz:Preset token="{xml(token)}"><tt:Name>{xml(name)}</tt:Name></tptz:Preset>'
            for token, (name, _place) in self._camera.presets.items()
        )
        return f"<tptz:GetPresetsResponse>{inside}</tptz:GetPresetsResponse>"

    def _goto(self, question: etree._Element) -> str:
        self._camera.goto(deep(question, "PresetToken"), self._at)
        return "<tptz:GotoPresetResponse/>"

    def _set(self, question: etree._Element) -> str:
        presets = self._camera.presets
        free = next(str(number) for number in range(1, len(presets) + 2) if str(number) not in presets)
        token = deep(question, "PresetToken") or free
        presets[token] = (deep(question, "PresetName") or f"Preset {token}", self._camera.now(self._at))
        return f"<tptz:SetPresetResponse><tptz:PresetToken>{xml(token)}</tptz:PresetToken></tptz:SetPresetResponse>"

    def _remove(self, question: etree._Element) -> str:
        if self._camera.presets.pop(deep(question, "PresetToken"), None) is None:
            raise Fault("ter:InvalidArgVal", "ter:NoToken")
        return "<tptz:RemovePresetResponse/>"

    def _move(self, question: etree._Element) -> str:
        pan_tilt = question.find(".//{*}Velocity/{*}PanTilt")
        zoom = question.find(".//{*}Velocity/{*}Zoom")
        x, y = (axis(pan_tilt, name) for name in ("x", "y"))
        self._camera.move((x, y, axis(zoom, "x")), seconds(deep(question, "Timeout")), self._at)
        return "<tptz:ContinuousMoveResponse/>"

    def _stop(self, _question: etree._Element) -> str:
        self._camera.stop(self._at)
        return "<tptz:StopResponse/>"

    def _status(self, _question: etree._Element) -> str:
        pan, tilt, zoom = self._camera.now(self._at)
        state = "MOVING" if self._camera.moving(self._at) else "IDLE"
        return (
            f'<tptz:GetStatusResponse><tptz:PTZStatus><tt:Position><tt:PanTilt x="{pan:.4f}" y="{tilt:.4f}"/>'
            f'<tt:Zoom x="{zoom:.4f}"/></tt:Position><tt:MoveStatus><tt:PanTilt>{state}</tt:PanTilt>'
            f"<tt:Zoom>{state}</tt:Zoom></tt:MoveStatus>"
            f"<tt:UtcTime>{self._now:%Y-%m-%dT%H:%M:%SZ}</tt:UtcTime></tptz:PTZStatus></tptz:GetStatusResponse>"
        )


def _profile(token: str, width: int, height: int, fps: int = 15) -> str:
    return (
        f'<trt:Profiles token="{token}" fixed="true"><tt:Name>{token}</tt:Name>'
        f'<tt:VideoEncoderConfiguration token="{token}"><tt:Name>{token}</tt:Name><tt:UseCount>1</tt:UseCount>'
        f"<tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>{width}</tt:Width>"
        f"<tt:Height>{height}</tt:Height></tt:Resolution><tt:Quality>5</tt:Quality>"
        f"<tt:RateControl><tt:FrameRateLimit>{fps}</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval>"
        "<tt:BitrateLimit>4096</tt:BitrateLimit></tt:RateControl></tt:VideoEncoderConfiguration>"
        '<tt:PTZConfiguration token="ptz"><tt:Name>ptz</tt:Name><tt:UseCount>1</tt:UseCount>'
        "<tt:NodeToken>node</tt:NodeToken></tt:PTZConfiguration></trt:Profiles>"
    )


def _media_uri(operation: str, address: str) -> str:
    return (
        f"<trt:{operation}Response><trt:MediaUri><tt:Uri>{xml(address)}</tt:Uri>"
        "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot>"
        f"<tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:{operation}Response>"
    )
