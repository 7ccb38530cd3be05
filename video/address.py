"""Where a camera's picture is fetched. Addresses carry passwords: they stay inside the capture process."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from domain.camera import Camera, CameraCondition

_CREDENTIALS = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)[^/\s?#]*@")


class Scheme(StrEnum):
    """How a picture is fetched."""

    RTSP = "rtsp"
    HTTP = "http"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraAddress:
    """A camera and its two streams: `main_url` full size, `sub_url` the small one that watching and tiles use."""

    camera: Camera
    main_url: SecretStr
    sub_url: SecretStr | None = None
    checks_off: frozenset[CameraCondition] = frozenset()
    """Conditions that are not to be told of this camera."""

    @property
    def watch_url(self) -> SecretStr:
        """The stream pulled day and night."""
        return self.sub_url or self.main_url

    @property
    def detail_url(self) -> SecretStr | None:
        """A larger stream worth a second pull while a large tile is shown; None when there is only one."""
        return None if self.watch_url == self.main_url else self.main_url


def scheme_of(url: str) -> Scheme | None:
    """How to fetch `url`; None for an address we cannot read."""
    name = urlsplit(url).scheme.lower()
    if name in ("rtsp", "rtsps"):
        return Scheme.RTSP
    if name in ("http", "https"):
        return Scheme.HTTP
    return Scheme.FILE if name == "file" else None


def file_path(url: str) -> Path:
    """Path of a `file:` address."""
    return Path(unquote(urlsplit(url).path))


def redact(text: str) -> str:
    """`text` with user and password cut out of every address in it."""
    return _CREDENTIALS.sub(r"\g<scheme>***@", text)
