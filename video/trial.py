"""One look at an address before it is believed: does it open, what does it send, how long until the first picture."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from av.video.frame import VideoFrame

from domain.camera import CameraError
from video.decoder import PictureDecoder
from video.meter import DamageMeter
from video.opencv_source import CvOpener
from video.picture import whole_jpeg
from video.probe import probe
from video.source import OpenFailed, Session

PICTURE_SECONDS = 15.0
"""Longest wait for a key frame: some cameras send one only every ten seconds."""
RATE_SECONDS = 2.0
"""How long pictures are counted after the first one."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What an address sends. `first_picture_ms` counts from the first question to the decoded key frame."""

    codec: str
    width: int
    height: int
    fps: float
    first_picture_ms: int
    jpeg: bytes


def look(url: str) -> Trial:
    """Open, wait for a whole picture, count for a moment, close. Blocks, for half a minute at most.

    Raises:
        OpenFailed: with the reason as a code.
    """
    began = time.monotonic()
    wrong = asyncio.run(probe(url))
    if wrong is not None:
        raise OpenFailed(wrong)
    session = CvOpener().open(url)
    try:
        frame = _first_picture(session)
        took = time.monotonic() - began
        fps = session.info.fps if urlsplit(url).scheme == "file" else _rate(session)
        return Trial(
            codec=session.info.codec,
            width=frame.width,
            height=frame.height,
            fps=round(fps, 1),
            first_picture_ms=round(took * 1000),
            jpeg=whole_jpeg(frame),
        )
    finally:
        session.close()


def _first_picture(session: Session) -> VideoFrame:
    decoder = PictureDecoder(session.info, DamageMeter())
    end = time.monotonic() + PICTURE_SECONDS
    while time.monotonic() < end:
        packet = session.read()
        if packet is None:
            raise OpenFailed(CameraError.STREAM_ENDED)
        frame = decoder.key_picture(packet) if packet.key else None
        if frame is not None:
            return frame
    raise OpenFailed(CameraError.TIMEOUT)


def _rate(session: Session) -> float:
    """Pictures a second, counted; a stream that ends meanwhile had as many as came."""
    began, count = time.monotonic(), 0
    while time.monotonic() - began < RATE_SECONDS and session.read() is not None:
        count += 1
    return count / max(time.monotonic() - began, 0.001)
