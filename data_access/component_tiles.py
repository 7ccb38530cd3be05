"""Components as 256-pixel map tiles: density far away, dots near, drawn by NumPy and OpenCV (design 7).

Colours follow the major class and stay dull: on a command wall saturated colour means "act" (product 3.2).
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from data_access.components_index import ComponentIndex
from data_access.mercator import BITS

SIZE = 256
FIRST_ZOOM, LAST_ZOOM = 14, 20
CACHED_TILES = 512
"""At most about 75 kB each."""

MARGIN = 8
"""Pixels around the tile whose dots may reach into it."""

COLOURS = {
    "01": (0x8F, 0xA6, 0xBA),
    "02": (0xA8, 0x9B, 0xC8),
    "03": (0xBF, 0xA8, 0x8A),
    "04": (0x7F, 0xA8, 0x8F),
}
OTHER_COLOUR = (0x9A, 0xA0, 0xA6)
"""Red, green, blue of each major class."""

_DOT_FROM_ZOOM = 17
_RADIUS = {17: 1.9, 18: 3.0, 19: 4.4, 20: 6.0}
_SPOT = {
    14: np.array([[1.0]]),
    15: np.array([[1.0]]),
    16: np.array([[0.4, 1.0, 0.4], [1.0, 1.6, 1.0], [0.4, 1.0, 0.4]]),
}
"""What one component adds around its pixel where dots would be too small to tell apart."""

_SHIFT = 4
"""OpenCV draws at sixteenths of a pixel."""

_DENSITY = 0.55
_OPACITY = 0.85

Image = NDArray[np.uint8]


class ComponentTiles:
    """Draws tiles of one index and keeps the newest."""

    def __init__(self, index: ComponentIndex) -> None:
        self.index = index
        self._colours = np.array([COLOURS.get(code[1:3], OTHER_COLOUR) for code in index.class_codes], dtype=np.float32)
        self._kept = lru_cache(CACHED_TILES)(self._draw)

    def png(self, zoom: int, x: int, y: int) -> bytes:
        """One tile as PNG; an empty one outside the city and outside the zooms that are drawn."""
        return self._kept(zoom, x, y) if FIRST_ZOOM <= zoom <= LAST_ZOOM else EMPTY

    def _draw(self, zoom: int, x: int, y: int) -> bytes:
        across, down, kinds = self._pixels(zoom, x, y)
        if not len(kinds):
            return EMPTY
        if zoom < _DOT_FROM_ZOOM:
            return _encoded(_density(across, down, self._colours[kinds], _SPOT[zoom]))
        return _encoded(_dots(across, down, self._colours[kinds], _RADIUS[zoom]))

    def _pixels(self, zoom: int, x: int, y: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.uint16]]:
        """Pixel positions of the components in and just around a tile."""
        scale = SIZE / 2 ** (BITS - zoom)
        runs = [self.index.of_tile(zoom, x + i, y + j) for j in (-1, 0, 1) for i in (-1, 0, 1)]
        world_x, world_y, kinds = (np.concatenate(parts) for parts in zip(*runs, strict=True))
        across, down = world_x * scale - x * SIZE, world_y * scale - y * SIZE
        near = (across > -MARGIN) & (across < SIZE + MARGIN) & (down > -MARGIN) & (down < SIZE + MARGIN)
        return across[near], down[near], kinds[near]


def _density(
    across: NDArray[np.float64], down: NDArray[np.float64], colours: NDArray[np.float32], spot: NDArray[np.float64]
) -> Image:
    """Every component adds its colour around its pixel; the more there are, the less transparent it is."""
    side = SIZE + 2 * MARGIN
    pixel = (down + MARGIN).astype(np.int64) * side + (across + MARGIN).astype(np.int64)
    layers = [np.bincount(pixel, weights, side * side) for weights in (*colours.T[::-1], None)]
    stacked = np.stack(layers, axis=1).astype(np.float32).reshape(side, side, 4)
    spread = cv2.filter2D(stacked, -1, spot)[MARGIN:-MARGIN, MARGIN:-MARGIN]
    amount = spread[..., 3:]
    image = np.empty((SIZE, SIZE, 4), np.uint8)
    image[..., :3] = spread[..., :3] / np.maximum(amount, 1e-6)
    image[..., 3:] = 255 * (1 - np.exp(-_DENSITY * amount))
    return image


def _dots(across: NDArray[np.float64], down: NDArray[np.float64], colours: NDArray[np.float32], radius: float) -> Image:
    image = np.zeros((SIZE, SIZE, 4), np.uint8)
    one = 1 << _SHIFT
    centres = np.rint(np.stack([across, down], axis=1) * one).astype(int).tolist()
    reach = round(radius * one)
    for centre, (red, green, blue) in zip(centres, colours.tolist(), strict=True):
        cv2.circle(image, centre, reach, (blue, green, red, 255 * _OPACITY), cv2.FILLED, cv2.LINE_AA, _SHIFT)
    return _unmixed(image)


def _unmixed(image: Image) -> Image:
    """OpenCV blends a dot's rim with transparent black; undo that, so that rims are clear, not dark."""
    alpha = image[..., 3:].astype(np.float32)
    image[..., :3] = np.where(alpha > 0, np.minimum(image[..., :3] * (255 * _OPACITY) / np.maximum(alpha, 1), 255), 0)
    return image


def _encoded(image: Image) -> bytes:
    done, data = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    if not done:
        raise RuntimeError("OpenCV refused to encode a PNG tile")
    return bytes(data)


EMPTY = _encoded(np.zeros((SIZE, SIZE, 4), np.uint8))
"""A transparent tile."""
