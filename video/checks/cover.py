"""A lens that is covered: wholly (nothing to be seen at all) or in part (paint, a poster, a hand).

In part is not separable by any limit for all cameras (video sheet 8): each of 16 blocks is compared with its own past.
A low-contrast street at night is as even as a hand before the lens: it differs by how even *this* camera usually is.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from video.checks.held import Held
from video.checks.look import Floats, Look, block_deviations
from video.checks.normal import Normal

ROWS = COLUMNS = 4
FLAT_SHARE = 0.2
"""A picture or block below this share of its own normal deviation has gone flat; night leaves a quarter."""
EVEN_SHARE = 0.95
"""Share of the two fullest brightness bins above which a picture is even."""
_FLAT_BELOW = 5.0
_HAD_CONTENT = 12.0
_DARK_MEAN = 50.0
"""At night unlit walls go flat by themselves: such pictures are not judged block by block."""
_MANY, _FEW = 4, 1
_PART_ON_SECONDS, _WHOLE_ON_SECONDS, _OFF_SECONDS = 60.0, 20.0, 10.0


class CoverWatch:
    """One camera's lens. A PTZ camera's blocks have no past to compare with: only the whole picture is judged."""

    def __init__(self, *, by_block: bool) -> None:
        self.deviation: Normal[float] = Normal()
        self.blocks: Normal[Floats] = Normal()
        self._by_block = by_block
        self._whole = Held(_WHOLE_ON_SECONDS, _OFF_SECONDS)
        self._part = Held(_PART_ON_SECONDS, _OFF_SECONDS)

    @property
    def whole(self) -> bool:
        return self._whole.told

    @property
    def part(self) -> bool:
        return self._part.told

    def see(self, look: Look, at: float, *, view_stands: bool | None) -> bool:
        """One look; `view_stands`: whether the camera's usual edges are there, however faint, where that can be told.

        Returns:
            whether the picture shows something, so that other checks may judge it.
        """
        normal = self.deviation.value
        even = look.flat and look.top_share > EVEN_SHARE
        flat = normal is None or look.deviation < FLAT_SHARE * normal
        gone = even and (flat if view_stands is None else not view_stands)
        self._whole.see(bad=gone, good=not gone, at=at)
        if gone:
            return False
        if not look.flat or normal is not None:
            self.deviation.learn(look.deviation, at)
        if self._by_block:
            self._see_blocks(look, at)
        return True

    def forget(self) -> None:
        for normal in (self.deviation, self.blocks):
            normal.forget()
        for held in (self._whole, self._part):
            held.forget()

    def _see_blocks(self, look: Look, at: float) -> None:
        if look.mean < _DARK_MEAN:
            self._part.skip()
            return
        deviations = block_deviations(look.luma, ROWS, COLUMNS)
        if self.blocks.value is None:
            self.blocks.learn(deviations, at)
            return
        flat = int(_gone_flat(deviations, self.blocks.value).sum())
        self._part.see(bad=flat >= _MANY, good=flat <= _FEW, at=at)
        if not flat:
            self.blocks.learn(deviations, at)


def _gone_flat(deviations: Floats, normal: Floats) -> npt.NDArray[np.bool_]:
    """Which blocks had content and have none, measured against the blocks that kept most of theirs."""
    kept = deviations / np.maximum(normal, 1.0)
    lively = min(1.0, float(np.sort(kept, axis=None)[-ROWS]))
    return np.asarray((normal >= _HAD_CONTENT) & (deviations < _FLAT_BELOW) & (kept < FLAT_SHARE * lively))
