"""From a decoded picture to a tile: scaled once per size (linear; area is seven times slower), JPEG once per size."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame

from video.cv import cv2
from video.ladder import TileSize, fitted

QUALITY = {160: 60, 320: 65, 480: 70, 640: 72, 960: 75}
"""JPEG quality by box width: the larger the tile, the closer the look."""
BEST_QUALITY = 90
"""Of a whole picture kept as evidence; what tiles may have at most while there is no hurry."""

_LUMA_SIZE = (160, 90)
_PLANAR = "yuv420p"

Pixels = npt.NDArray[np.uint8]

_FULL_RANGE = 2
_STRETCH: Pixels = np.clip((np.arange(256) - 16) * 255 / 219, 0, 255).round().astype(np.uint8)
"""Most cameras code brightness from 16 (black) to 235 (white)."""


def tile_jpeg(frame: VideoFrame, box: TileSize, at_most: int = BEST_QUALITY) -> bytes:
    """JPEG of `frame` inside `box`, of a quality not above `at_most`.

    Raises:
        ValueError: the picture cannot be encoded (no size).
    """
    width, height = fitted((frame.width, frame.height), box)
    return _jpeg(_scaled(frame, width, height), min(at_most, QUALITY[box.width]))


def whole_jpeg(frame: VideoFrame) -> bytes:
    """JPEG of `frame` as large as it is.

    Raises:
        ValueError: the picture cannot be encoded (no size).
    """
    return _jpeg(cast(Pixels, frame.to_ndarray(format="bgr24")), BEST_QUALITY)


def health_luma(frame: VideoFrame) -> Pixels:
    """Small brightness picture for the health checks, black being 0 whatever range the camera codes in."""
    if frame.format.name in (_PLANAR, "yuvj420p"):
        luma = _resize(_plane(frame, 0, frame.width, frame.height), *_LUMA_SIZE)
        full = frame.format.name != _PLANAR or frame.color_range == _FULL_RANGE
        return luma if full else cast(Pixels, cv2.LUT(luma, _STRETCH))
    grey = frame.reformat(width=_LUMA_SIZE[0], height=_LUMA_SIZE[1], format="gray")
    return cast(Pixels, grey.to_ndarray())


def _jpeg(pixels: Pixels, quality: int) -> bytes:
    ok, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not ok:
        raise ValueError("picture cannot be encoded")
    return data.tobytes()


def _scaled(frame: VideoFrame, width: int, height: int) -> Pixels:
    """BGR. The common case resizes the three planes before they become colours: a third cheaper than the other way."""
    if frame.format.name != _PLANAR or frame.width % 2 or frame.height % 2:
        small = frame.reformat(width=width, height=height, format="bgr24", interpolation="FAST_BILINEAR")
        return cast(Pixels, small.to_ndarray())
    luma = _resize(_plane(frame, 0, frame.width, frame.height), width, height)
    chroma = [
        _resize(_plane(frame, index, frame.width // 2, frame.height // 2), width // 2, height // 2) for index in (1, 2)
    ]
    planes = np.concatenate([luma.reshape(-1), *(plane.reshape(-1) for plane in chroma)])
    return cast(Pixels, cv2.cvtColor(planes.reshape(height * 3 // 2, width), cv2.COLOR_YUV2BGR_I420))


def _plane(frame: VideoFrame, index: int, width: int, height: int) -> Pixels:
    plane = frame.planes[index]
    rows = np.frombuffer(cast(Any, plane), np.uint8).reshape(-1, plane.line_size)
    return rows[:height, :width]


def _resize(pixels: Pixels, width: int, height: int) -> Pixels:
    return cast(Pixels, cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR))
