"""One key frame's thumbnail, measured: brightness, contrast, evenness, sharpness. About 0.03 ms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from video.cv import cv2

Luma = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

EDGE_SIZE = (80, 45)
"""Width and height of an edge picture."""
_BINS = 16
FLAT_DEVIATION = 5.0
"""Standard deviation of luma below which a picture shows nothing (scenes at night: ≥ 10)."""


@dataclass(frozen=True, slots=True)
class Look:
    """`mean` and `deviation` of luma (0–255); `top_share` of the pixels in the two fullest of 16 brightness bins.

    `sharpness` is the variance of the Laplacian ÷ the variance of luma: hardly touched by night and haze.
    """

    luma: Luma
    mean: float
    deviation: float
    top_share: float
    sharpness: float

    @property
    def flat(self) -> bool:
        return self.deviation < FLAT_DEVIATION


def looked(luma: Luma) -> Look:
    """Measure a thumbnail of 160 × 90."""
    mean, deviation = (float(value[0, 0]) for value in cv2.meanStdDev(luma))
    counts = cv2.calcHist([luma], [0], None, [_BINS], [0, 256]).ravel()
    edges = float(cv2.meanStdDev(cv2.Laplacian(luma, cv2.CV_16S))[1][0, 0])
    top_share = float(np.sort(counts)[-2:].sum()) / luma.size
    return Look(luma, mean, deviation, top_share, edges**2 / max(deviation**2, 1.0))


def edge_picture(luma: Luma) -> Luma:
    """How strong the edges are, at half the size: what stays of a street by day, by night and in haze."""
    half = cv2.resize(luma, EDGE_SIZE, interpolation=cv2.INTER_AREA)
    across, down = (cv2.Sobel(half, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    return cast(Luma, cv2.convertScaleAbs(cv2.magnitude(across, down), alpha=0.25))


def block_deviations(luma: Luma, rows: int, columns: int) -> Floats:
    """Standard deviation of luma in each of `rows` × `columns` blocks.

    A remainder at the edges is left out: blocks of whole pixels cost a tenth of others.
    """
    height, width = luma.shape[0] // rows * rows, luma.shape[1] // columns * columns
    values = luma[:height, :width].astype(np.float32)
    means, squares = (
        cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA) for part in (values, values * values)
    )
    return cast(Floats, np.sqrt(np.maximum(squares - means * means, 0)))
