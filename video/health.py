"""The second witness of a dead camera: an encoder that goes on sending one and the same picture.

Compared are key-frame thumbnails, without the strips where cameras burn in their clock. A still street at night is
not frozen: sensor noise alone moves the mean by far more than the limit (measured ≥ 3.9, limit 0.05; video sheet 8).
A clock burned in elsewhere does not hide a dead picture either: if all that ever changes is one small patch, as wide
and high as a line of writing, and the rest is the same to the last bit, the camera is dead and its clock goes on.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import numpy.typing as npt

from video.cv import cv2

REPEAT_SECONDS = 10.0
_LIMIT = 0.05
"""Mean absolute difference of luma (0–255) below which two pictures are the same."""
_STRIP = 0.15
"""Share of the height cut off at top and bottom."""
_BLOCKS = (8, 16)
_BLOCK_LIMIT = 0.5
"""Mean absolute difference of luma above which a block has changed."""
_PATCH_BLOCKS = (3, 10)
"""Most rows and columns of blocks a burned-in clock covers."""
_BRIGHT_MEAN = 40.0
"""In the dark, denoising leaves nothing but a blinking sign to change: there a patch alone condemns nobody."""

Luma = npt.NDArray[np.uint8]


class RepeatWatch:
    """Tells since when the picture has been the same. One a camera, fed in time order."""

    def __init__(self) -> None:
        self._last: Luma | None = None
        self._patch = np.zeros(_BLOCKS, np.bool_)
        self._same_since = 0.0
        self._seen_at = 0.0

    def see(self, luma: Luma, at: float) -> None:
        """Take the thumbnail of a key frame that arrived at `at` (monotonic seconds)."""
        middle = _without_strips(luma)
        if not self._same(middle):
            self._patch[:] = False
            self._same_since = at
        self._last = middle
        self._seen_at = at

    @property
    def repeating(self) -> bool:
        """Whether all pictures of `REPEAT_SECONDS` were one; a camera that sends no key frame is not judged."""
        return self._seen_at - self._same_since >= REPEAT_SECONDS

    def forget(self) -> None:
        """Begin anew, after a gap in the stream."""
        self._last = None
        self._same_since = self._seen_at = 0.0

    def _same(self, middle: Luma) -> bool:
        """Whether nothing but perhaps a burned-in clock has changed since the picture first was this one."""
        if self._last is None or self._last.shape != middle.shape:
            return False
        difference = cast(Luma, cv2.absdiff(self._last, middle))
        if cv2.mean(difference)[0] < _LIMIT:
            return True
        blocks = _by_block(difference)
        self._patch |= blocks >= _BLOCK_LIMIT
        rest = float(blocks[~self._patch].mean()) if not self._patch.all() else _LIMIT
        return rest < _LIMIT and _is_writing(self._patch) and float(middle.mean()) >= _BRIGHT_MEAN


def _without_strips(luma: Luma) -> Luma:
    cut = int(luma.shape[0] * _STRIP)
    return luma[cut : luma.shape[0] - cut]


def _by_block(difference: Luma) -> npt.NDArray[np.float32]:
    """Mean difference of each block."""
    rows, columns = _BLOCKS
    blocks = cv2.resize(difference.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
    return cast("npt.NDArray[np.float32]", blocks)


def _is_writing(patch: npt.NDArray[np.bool_]) -> bool:
    """Whether the changed blocks lie as close together as one line of writing."""
    spans = (np.flatnonzero(patch.any(axis=axis)) for axis in (1, 0))
    return all(span.size == 0 or span[-1] - span[0] < most for span, most in zip(spans, _PATCH_BLOCKS, strict=True))
