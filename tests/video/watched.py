"""A camera's picture checks, fed scenes two seconds apart; scenes drawn here, and real ones from films."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import cast

import av
import cv2
import numpy as np
import numpy.typing as npt

from domain.camera import CameraCondition
from video.checks.picture import PictureChecks

Luma = npt.NDArray[np.uint8]
Fault = Callable[[Luma], Luma]
EVERY_SECONDS = 2.0
LEARN_SECONDS = 150.0
_SAMPLES = 12
_RNG = np.random.default_rng(11)


class Watched:
    """Checks that have learned a scene; `show` goes on with other pictures."""

    def __init__(self, scene: Sequence[Luma], checks: PictureChecks | None = None) -> None:
        self.checks = checks or PictureChecks()
        self.at = 1000.0
        self.show(scene, LEARN_SECONDS)

    def show(self, scene: Sequence[Luma], seconds: float) -> tuple[CameraCondition, ...]:
        """Look at the scene's pictures in turn for so long; what is told then."""
        for index in range(round(seconds / EVERY_SECONDS)):
            self.checks.see(scene[index % len(scene)], self.at)
            self.at += EVERY_SECONDS
        return self.told

    @property
    def told(self) -> tuple[CameraCondition, ...]:
        return self.checks.conditions(self.at)


def noisy(picture: npt.NDArray[np.generic], sigma: float = 2.0) -> Luma:
    """With a sensor's noise."""
    return np.clip(picture + _RNG.normal(0, sigma, picture.shape), 0, 255).astype(np.uint8)


def street(seed: int = 3) -> list[Luma]:
    """A drawn street at a camera's size: houses and kerbs that stand, cars that pass, noise."""
    rng = np.random.default_rng(seed)
    still = np.full((288, 512), 110.0)
    for _ in range(70):
        x, y = rng.integers(0, 480), rng.integers(0, 260)
        still[y : y + rng.integers(8, 60), x : x + rng.integers(8, 60)] = rng.integers(30, 220)
    return [noisy(_with_car(still, index)) for index in range(_SAMPLES)]


def _with_car(still: npt.NDArray[np.float64], index: int) -> npt.NDArray[np.float64]:
    picture = still.copy()
    left = (index * 97) % 440
    picture[200:240, left : left + 60] = 200 - 10 * index
    return picture


def small(scene: Sequence[Luma], fault: Fault = lambda picture: picture) -> list[Luma]:
    """Thumbnails as the checks get them, with something wrong in the full-size pictures."""
    return [cast(Luma, cv2.resize(fault(picture), (160, 90))) for picture in scene]


@cache
def filmed(path: Path) -> list[Luma]:
    """A dozen pictures of a film, one a second, in full size."""
    found: list[Luma] = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            if len(found) == _SAMPLES:
                break
            if frame.time is not None and frame.time >= len(found):
                found.append(frame.to_ndarray(format="gray"))
    return found


def night(picture: Luma) -> Luma:
    return noisy(picture * 0.25)


def haze(picture: Luma) -> Luma:
    return (picture * 0.4 + 90).astype(np.uint8)


def blur(sigma: float) -> Fault:
    """A lens out of focus; `sigma` in pixels of a 704 px wide picture."""
    return lambda picture: cast(Luma, cv2.GaussianBlur(picture, (0, 0), sigma * picture.shape[1] / 704))


def black(picture: Luma) -> Luma:
    return noisy(np.full(picture.shape, 6.0), 1.0)


def covered(picture: Luma) -> Luma:
    return noisy(np.full(picture.shape, 84.0), 1.5)


def sprayed(picture: Luma) -> Luma:
    """Paint over the left half."""
    painted = picture.copy()
    half = picture.shape[1] // 2
    painted[:, :half] = covered(picture)[:, :half]
    return painted


def pushed(picture: Luma) -> Luma:
    """The mast was hit: everything lies elsewhere by a twelfth of the picture."""
    return np.roll(picture, (picture.shape[0] // 12, picture.shape[1] // 12), (0, 1))


def turned_away(picture: Luma) -> Luma:
    """Another view altogether: a corner of the old one, enlarged and mirrored."""
    height, width = picture.shape
    return cast(Luma, cv2.resize(picture[: height // 2, : width // 2][:, ::-1], (width, height)))
