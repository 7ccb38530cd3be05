"""Moments that change a picture without harming it: the switch to night vision, a camera that is being turned.

For a minute after them sharpness and view are not judged.
"""

from __future__ import annotations

import math

from video.checks.look import Look, Luma, edge_picture
from video.checks.view import likeness

CALM_SECONDS = 60.0
AGAIN_SECONDS = 600.0
"""Between two switch-overs that count: headlights and lightning must not keep a camera unjudged for ever."""
_JUMP = 25.0
_TURNED_BELOW = 0.3


class Unrest:
    """Since when a picture may be judged again."""

    def __init__(self, *, turns: bool) -> None:
        """`turns`: a PTZ camera, whose turning is seen in the picture itself, whoever turns it."""
        self._turns = turns
        self._mean: float | None = None
        self._edges: Luma | None = None
        self._until = self._switched_at = -math.inf

    def see(self, look: Look, at: float) -> bool:
        """One look. Whether sharpness and view must not be judged from it."""
        if self._switched(look.mean) and at - self._switched_at >= AGAIN_SECONDS:
            self._switched_at = at
            self.begin(at)
        if self._turns and self._turned(look):
            self.begin(at)
        return at < self._until

    def begin(self, at: float) -> None:
        """The view or its light is changing at `at` (monotonic seconds)."""
        self._until = max(self._until, at + CALM_SECONDS)

    def _switched(self, mean: float) -> bool:
        before, self._mean = self._mean, mean
        return before is not None and abs(mean - before) >= _JUMP

    def _turned(self, look: Look) -> bool:
        before, self._edges = self._edges, edge_picture(look.luma)
        return before is not None and not look.flat and likeness(self._edges, before) < _TURNED_BELOW
