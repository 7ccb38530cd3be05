"""What capture needs of a camera connection: packets as they were encoded, and an end.

One implementation pulls with OpenCV (`opencv_source`), one paces files (`file_source`); tests script a third.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from domain.camera import CameraError


@dataclass(frozen=True, slots=True)
class Packet:
    """One encoded picture. `position_ms` is the source's own time, uneven and restarting; our clock stamps arrival."""

    data: bytes
    key: bool
    position_ms: float


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What an opened stream says of itself. `codec` is the decoder's name (`h264`, `hevc`, `mjpeg`, `mpeg4` …).

    `frames` is the length of a recorded file; 0 for anything live.
    """

    codec: str
    extradata: bytes
    width: int
    height: int
    fps: float
    frames: int = 0


class Session(Protocol):
    """An open stream, used by one thread."""

    @property
    def info(self) -> StreamInfo: ...

    def read(self) -> Packet | None:
        """The next packet, waiting for it at most the read limit; None when the stream has ended or failed."""
        ...

    def close(self) -> None:
        """Free the connection; more than once is harmless."""
        ...


class Opener(Protocol):
    """Opens an address within bounded time.

    Raises:
        OpenFailed: with a code for the screen.
    """

    def open(self, url: str) -> Session: ...


class OpenFailed(Exception):
    """A stream could not be opened. Carries a code; the address is never part of it."""

    def __init__(self, error: CameraError) -> None:
        super().__init__(str(error))
        self.error = error
