"""A pinhole camera on a pole: metres of the street to pixels of the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
NEAREST = 1.0
"""Metres before the lens where drawing stops."""


@dataclass(frozen=True, slots=True)
class View:
    """X to the right, Y up, Z away from the pole's foot. `focal` is in pixels of the given picture width."""

    width: int
    height: int
    pole: float = 7.0
    pitch_degrees: float = 12.0
    yaw_degrees: float = 0.0
    aside: float = 0.0
    focal_share: float = 0.85

    @property
    def focal(self) -> float:
        return self.width * self.focal_share

    def scaled(self, factor: int) -> View:
        """The same view in a picture `factor` times as large."""
        return View(
            self.width * factor,
            self.height * factor,
            self.pole,
            self.pitch_degrees,
            self.yaw_degrees,
            self.aside,
            self.focal_share,
        )

    def project(self, points: Points) -> tuple[Points, Points]:
        """Pixels (n × 2) and depths (n) of points (n × 3); depths below `NEAREST` are behind the picture."""
        local = points - np.array([self.aside, self.pole, 0.0])
        turned = local @ _rotation(math.radians(self.pitch_degrees), math.radians(self.yaw_degrees))
        depth = turned[:, 2]
        safe = np.maximum(depth, 0.05)[:, None]
        flat = turned[:, :2] / safe * self.focal * np.array([1.0, -1.0])
        return flat + np.array([self.width / 2, self.height / 2]), depth

    @property
    def horizon(self) -> float:
        """Row where the ground would end."""
        return self.height / 2 - self.focal * math.tan(math.radians(self.pitch_degrees))

    def row_depth(self, row: float) -> float:
        """How far away the ground is that shows in `row`; infinite at and above the horizon."""
        angle = math.atan((row - self.height / 2) / self.focal) + math.radians(self.pitch_degrees)
        return self.pole / math.tan(angle) if angle > 0.001 else math.inf


def _rotation(pitch: float, yaw: float) -> Points:
    turn = np.array([[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]])
    nod = np.array([[1, 0, 0], [0, math.cos(pitch), -math.sin(pitch)], [0, math.sin(pitch), math.cos(pitch)]])
    return turn @ nod


def ground(corners: list[tuple[float, float]], height: float = 0.0) -> Points:
    """Points on (or above) the ground from (x, z) pairs."""
    return np.array([(x, height, z) for x, z in corners], dtype=float)


def box(x: tuple[float, float], y: tuple[float, float], z: tuple[float, float]) -> Points:
    """Eight corners: bottom four, then top four, each clockwise from near left."""
    flat = [(x[0], z[0]), (x[0], z[1]), (x[1], z[1]), (x[1], z[0])]
    return np.vstack([ground(flat, y[0]), ground(flat, y[1])])
