"""All cameras in one picture (video sheet 9.4): thumbnails side by side, made on demand, at most one a second.

A picture that has stopped coming is grey; a camera without one is a dark place. Nobody's place is ever another's.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.camera import Camera
from domain.tile_state import DELAYED_SECONDS
from video.cv import cv2
from video.ladder import LADDER
from video.tile import Tile

KEPT_SECONDS = 1.0
MOST_KEPT = 16
"""Sets of cameras (one for each set of rights) whose picture is kept."""
_CELL = LADDER[0]
_QUALITY = 70
_GROUND = (18, 14, 11)
_LABEL_HEIGHT = 14
_FONT = cv2.FONT_HERSHEY_SIMPLEX

Pixels = npt.NDArray[np.uint8]
Thumbnails = Callable[[list[int]], Awaitable[list[Tile | None]]]


@dataclass(frozen=True, slots=True)
class _Kept:
    made_at: float
    jpeg: bytes


class Overview:
    """One a web process. Whoever asks for the same cameras within a second gets the same picture."""

    def __init__(self, thumbnails: Thumbnails, *, monotonic: Callable[[], float]) -> None:
        self._thumbnails = thumbnails
        self._monotonic = monotonic
        self._kept: dict[tuple[int, ...], _Kept] = {}
        self._making = asyncio.Lock()

    async def picture(self, cameras: Sequence[Camera], now_ms: int) -> bytes:
        """JPEG of these cameras in order of their numbers."""
        ordered = sorted(cameras, key=lambda camera: camera.number)
        numbers = tuple(camera.number for camera in ordered)
        async with self._making:
            kept = self._kept.get(numbers)
            if kept is None or self._monotonic() - kept.made_at >= KEPT_SECONDS:
                tiles = await self._thumbnails(list(numbers))
                jpeg = await asyncio.to_thread(mosaic, ordered, tiles, now_ms)
                kept = self._keep(numbers, _Kept(self._monotonic(), jpeg))
        return kept.jpeg

    def _keep(self, numbers: tuple[int, ...], made: _Kept) -> _Kept:
        self._kept.pop(numbers, None)
        while len(self._kept) >= MOST_KEPT:
            del self._kept[next(iter(self._kept))]  # the oldest
        self._kept[numbers] = made
        return made


def mosaic(cameras: Sequence[Camera], tiles: Sequence[Tile | None], now_ms: int) -> bytes:
    """JPEG with a cell for each camera, as square a grid as their number allows.

    Raises:
        ValueError: the picture cannot be encoded.
    """
    columns = max(1, math.ceil(math.sqrt(len(cameras))))
    rows = max(1, math.ceil(len(cameras) / columns))
    canvas = np.full((rows * _CELL.height, columns * _CELL.width, 3), _GROUND, np.uint8)
    for index, (camera, tile) in enumerate(zip(cameras, tiles, strict=True)):
        top, left = index // columns * _CELL.height, index % columns * _CELL.width
        cell = canvas[top : top + _CELL.height, left : left + _CELL.width]
        if tile is not None:
            _draw(cell, tile, now_ms)
        _label(cell, camera.camera_id)
    done, data = cv2.imencode(".jpg", canvas, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise ValueError("overview cannot be encoded")
    return data.tobytes()


def _draw(cell: Pixels, tile: Tile, now_ms: int) -> None:
    """The picture in the middle of its cell; bytes that are no picture leave it dark."""
    picture = cv2.imdecode(np.frombuffer(tile.jpeg, np.uint8), cv2.IMREAD_REDUCED_COLOR_2)
    if picture is None:
        return
    if now_ms - tile.captured_ms > DELAYED_SECONDS * 1000:
        picture = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) // 2, cv2.COLOR_GRAY2BGR)
    height, width = min(picture.shape[0], cell.shape[0]), min(picture.shape[1], cell.shape[1])
    top, left = (cell.shape[0] - height) // 2, (cell.shape[1] - width) // 2
    cell[top : top + height, left : left + width] = picture[:height, :width]


def _label(cell: Pixels, text: str) -> None:
    cell[-_LABEL_HEIGHT:, : 7 * len(text) + 6] = _GROUND
    at = (3, cell.shape[0] - 4)
    cv2.putText(cell, text, at, _FONT, 0.38, (220, 220, 220), 1, cv2.LINE_AA)
