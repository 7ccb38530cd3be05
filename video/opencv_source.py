"""Packets of RTSP, HTTP and file addresses, pulled by OpenCV in its packet mode (0.2 % of a core a camera)."""

from __future__ import annotations

from domain.camera import CameraError
from video.address import Scheme, file_path, scheme_of
from video.cv import cv2
from video.source import OpenFailed, Packet, StreamInfo

OPEN_LIMIT_SECONDS = 8.0
READ_LIMIT_SECONDS = 4.0

_CODECS = {
    "h264": "h264",
    "avc1": "h264",
    "hevc": "hevc",
    "hev1": "hevc",
    "hvc1": "hevc",
    "mjpg": "mjpeg",
    "jpeg": "mjpeg",
    "fmp4": "mpeg4",
    "mp4v": "mpeg4",
    "xvid": "mpeg4",
    "divx": "mpeg4",
    "dx50": "mpeg4",
    "mp42": "msmpeg4v2",
    "mp43": "msmpeg4v3",
    "div3": "msmpeg4v3",
}
"""FOURCC (lower case) as OpenCV reports it → the decoder's name."""


class CvOpener:
    """Opens an address with exact limits: the defaults are 30 s for an open and 30 s a decoder thread for a read."""

    def open(self, url: str) -> CvSession:
        target = str(file_path(url)) if scheme_of(url) is Scheme.FILE else url
        capture = cv2.VideoCapture(
            target,
            cv2.CAP_FFMPEG,
            [
                *(cv2.CAP_PROP_FORMAT, -1),
                *(cv2.CAP_PROP_N_THREADS, 1),
                *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(OPEN_LIMIT_SECONDS * 1000)),
                *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(READ_LIMIT_SECONDS * 1000)),
            ],
        )
        if not capture.isOpened():
            capture.release()
            raise OpenFailed(CameraError.TIMEOUT)
        return CvSession(capture)


class CvSession:
    """One open `VideoCapture` in packet mode."""

    def __init__(self, capture: cv2.VideoCapture) -> None:
        self._capture = capture
        self._info = _info(capture)

    @property
    def info(self) -> StreamInfo:
        return self._info

    def read(self) -> Packet | None:
        ok, data = self._capture.read()
        if not ok or data is None:
            return None
        return Packet(
            data=data.tobytes(),
            key=self._capture.get(cv2.CAP_PROP_LRF_HAS_KEY_FRAME) != 0,
            position_ms=self._capture.get(cv2.CAP_PROP_POS_MSEC),
        )

    def close(self) -> None:
        self._capture.release()


def _info(capture: cv2.VideoCapture) -> StreamInfo:
    fourcc = int(capture.get(cv2.CAP_PROP_FOURCC))
    name = "".join(chr(fourcc >> shift & 0xFF) for shift in (0, 8, 16, 24)).strip().lower()
    if name not in _CODECS:
        capture.release()
        raise OpenFailed(CameraError.CODEC)
    return StreamInfo(
        codec=_CODECS[name],
        extradata=_extradata(capture),
        width=int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
        height=int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
        fps=float(capture.get(cv2.CAP_PROP_FPS)),
        frames=max(0, int(capture.get(cv2.CAP_PROP_FRAME_COUNT))),
    )


def _extradata(capture: cv2.VideoCapture) -> bytes:
    """Parameter sets of the stream; the index is itself a property (−1: the stream has none)."""
    index = int(capture.get(cv2.CAP_PROP_CODEC_EXTRADATA_INDEX))
    if index < 0:
        return b""
    ok, data = capture.retrieve(flag=index)
    return data.tobytes() if ok and data is not None else b""
