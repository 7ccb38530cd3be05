"""The canvas a scene is painted on: surfaces, their depth, and what shines by itself."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from demo.street.light import Colour, Light
from demo.street.view import NEAREST, Points, View

FAR = 1e6
SMOOTH = 2
"""Scenes are painted this many times larger and scaled down: smooth edges."""
_SHIFT = 4


@dataclass(slots=True)
class Stage:
    """`surface` and `glow` are float pictures; `depth` is metres to what stands upright there (ground is far)."""

    view: View
    light: Light
    rng: np.random.Generator
    surface: npt.NDArray[np.float32] = field(init=False)
    glow: npt.NDArray[np.float32] = field(init=False)
    depth: npt.NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        size = (self.view.height, self.view.width)
        self.surface = np.zeros((*size, 3), np.float32)
        self.glow = np.zeros((*size, 3), np.float32)
        self.depth = np.full(size, FAR, np.float32)

    def polygon(self, points: Points, colour: Colour, *, stands: bool = False) -> None:
        """A filled shape of the street; hazed by its distance. `stands`: hides what passes behind it."""
        pixels, depths = self.view.project(points)
        if depths.min() < NEAREST:
            return
        shape = np.round(pixels * (1 << _SHIFT)).astype(np.int32)
        cv2.fillPoly(self.surface, [shape], self.hazed(colour, float(depths.mean())), cv2.LINE_AA, _SHIFT)
        if stands:
            cv2.fillPoly(self.depth, [shape], float(depths.min()), cv2.LINE_8, _SHIFT)

    def disc(self, centre: Points, radius: float, colour: Colour, *, stands: bool = False) -> None:
        """A round thing of `radius` metres facing the lens."""
        pixels, depths = self.view.project(centre[None, :])
        depth = float(depths[0])
        if depth < NEAREST:
            return
        at, wide = self._place(pixels[0]), max(1, round(radius * self.view.focal / depth * (1 << _SHIFT)))
        cv2.circle(self.surface, at, wide, self.hazed(colour, depth), -1, cv2.LINE_AA, _SHIFT)
        if stands:
            cv2.circle(self.depth, at, wide, depth, -1, cv2.LINE_8, _SHIFT)

    def shine(self, centre: Points, radius: float, colour: Colour) -> None:
        """A lamp: only where lamps are lit."""
        pixels, depths = self.view.project(centre[None, :])
        if self.light.lamps and depths[0] > NEAREST:
            wide = max(1, round(radius * self.view.focal / depths[0] * (1 << _SHIFT)))
            cv2.circle(self.glow, self._place(pixels[0]), wide, colour, -1, cv2.LINE_AA, _SHIFT)

    def warp(self, texture: npt.NDArray[np.float32], corners: Points, *, glow: bool = False) -> None:
        """A flat texture onto four corners (top left, top right, bottom right, bottom left)."""
        pixels, depths = self.view.project(corners)
        if depths.min() < NEAREST:
            return
        area, corner = self.area(pixels)
        flat, inside = _warped(texture, (pixels - corner).astype(np.float32), area)
        if not inside.any():
            return
        share = self._haze_share(float(depths.mean()))
        if glow:
            self.glow[area][inside] = flat[inside] * (1 - share)
            return
        self.surface[area][inside] = flat[inside] * (1 - share) + np.float32(self.light.haze) * share
        self.glow[area][inside] = 0
        self.depth[area][inside] = float(depths.min())

    def shade(self, points: Points, share: float) -> None:
        """A soft shadow on the ground: takes `share` of the light away."""
        pixels, depths = self.view.project(points)
        if depths.min() < NEAREST:
            return
        area, corner = self.area(pixels, margin=10)
        mask = np.zeros(self.surface[area].shape[:2], np.float32)
        if mask.size:
            cv2.fillPoly(mask, [np.round(pixels - corner).astype(np.int32)], 1.0, cv2.LINE_AA)
            self.surface[area] *= 1 - cv2.blur(mask, (9, 9))[:, :, None] * share

    def area(self, pixels: Points, margin: int = 1) -> tuple[tuple[slice, slice], Points]:
        """The part of the canvas around `pixels`, and its corner."""
        bounds = (self.view.width, self.view.height)
        low = np.clip(np.floor(pixels.min(axis=0)) - margin, 0, bounds).astype(int)
        high = np.clip(np.ceil(pixels.max(axis=0)) + margin, low, bounds).astype(int)
        return (slice(low[1], high[1]), slice(low[0], high[0])), low.astype(float)

    def hazed(self, colour: Colour, depth: float) -> Colour:
        share = self._haze_share(depth)
        haze = self.light.haze
        return (
            colour[0] * (1 - share) + haze[0] * share,
            colour[1] * (1 - share) + haze[1] * share,
            colour[2] * (1 - share) + haze[2] * share,
        )

    def finished(self) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
        """Picture and depth in the size of the film: lit, glowing, a little darker towards the corners."""
        size = (self.view.width // SMOOTH, self.view.height // SMOOTH)
        lit = cv2.resize(self.surface, size, interpolation=cv2.INTER_AREA) * np.float32(self.light.ambient)
        if self.light.lamps:
            lit += _halo(cv2.resize(self.glow, size, interpolation=cv2.INTER_AREA)) * self.light.lamps
        lit *= _vignette(*size)
        lit += self.rng.normal(0, 1.0, lit.shape).astype(np.float32)
        depth = cv2.resize(self.depth, size, interpolation=cv2.INTER_NEAREST)
        return np.clip(lit, 0, 255).astype(np.uint8), depth

    def _haze_share(self, depth: float) -> float:
        return float(1 - np.exp(-max(0.0, depth - 12) / self.light.haze_metres))

    def _place(self, pixel: Points) -> tuple[int, int]:
        at = np.clip(np.round(pixel * (1 << _SHIFT)), -1e6, 1e6).astype(int)
        return int(at[0]), int(at[1])


def _halo(glow: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Lamps with light around them; the wide blur is made small, where it costs little."""
    height, width = glow.shape[:2]
    near = cv2.GaussianBlur(glow, (0, 0), width / 320)
    small = cv2.resize(glow, (width // 8, height // 8), interpolation=cv2.INTER_AREA)
    far = cv2.resize(cv2.GaussianBlur(small, (0, 0), 4), (width, height), interpolation=cv2.INTER_LINEAR)
    return glow + near * 0.9 + far * 1.2


def _vignette(width: int, height: int) -> npt.NDArray[np.float32]:
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :, None]
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None, None]
    return 1 - 0.16 * np.clip(across**2 * 0.8 + down**2 * 0.6, 0, 1.4)


def _warped(
    texture: npt.NDArray[np.float32], pixels: npt.NDArray[np.float32], area: tuple[slice, slice]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """The texture as it falls into an area of the canvas, and where it does."""
    height, width = texture.shape[:2]
    rows, columns = area[0].stop - area[0].start, area[1].stop - area[1].start
    inside = np.zeros((rows, columns), np.uint8)
    if not inside.size:
        return texture, inside > 0
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, pixels)
    flat = cv2.warpPerspective(texture, matrix, (columns, rows), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    cv2.fillConvexPoly(inside, np.round(pixels * (1 << _SHIFT)).astype(np.int32), 255, cv2.LINE_8, _SHIFT)
    return flat, inside > 0
