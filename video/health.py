"""The second witness of a dead camera: an encoder that goes on sending one and the same picture.

Compared are key-frame thumbnails, without the strips where cameras burn in their clock. A still street at night is
not frozen: sensor noise alone moves the mean by far more than the limit (measured ≥ 3.9, limit 0.05; video sheet 8).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

REPEAT_SECONDS = 10.0
_LIMIT = 0.05
"""Mean absolute difference of luma (0–255) below which two pictures are the same."""
_STRIP = 0.15
"""Share of the height cut off at top and bottom."""

Luma = npt.NDArray[np.uint8]


class RepeatWatch:
    """Tells since when the picture has been the same. One a camera, fed in time order."""

    def __init__(self) -> None:
        self._last: Luma | None = None
        self._same_since = 0.0
        self._seen_at = 0.0

    def see(self, luma: Luma, at: float) -> None:
        """Take the thumbnail of a key frame that arrived at `at` (monotonic seconds)."""
        middle = _without_strips(luma)
        if self._last is None or self._last.shape != middle.shape or _difference(self._last, middle) >= _LIMIT:
            self._last = middle
            self._same_since = at
        self._seen_at = at

    @property
    def repeating(self) -> bool:
        """Whether all pictures of `REPEAT_SECONDS` were one; a camera that sends no key frame is not judged."""
        return self._seen_at - self._same_since >= REPEAT_SECONDS

    def forget(self) -> None:
        """Begin anew, after a gap in the stream."""
        self._last = None
        self._same_since = self._seen_at = 0.0


def _without_strips(luma: Luma) -> Luma:
    cut = int(luma.shape[0] * _STRIP)
    return luma[cut : luma.shape[0] - cut]


def _difference(one: Luma, other: Luma) -> float:
    return float(np.abs(one.astype(np.int16) - other.astype(np.int16)).mean())
