"""A lens that is fogged, dirty or out of focus: far less sharp than this camera usually is."""

from __future__ import annotations

from video.checks.held import Held
from video.checks.look import Look
from video.checks.normal import Normal

BLURRED_BELOW = 0.25
SHARP_ABOVE = 0.4
LEARN_ABOVE = 0.5
"""Shares of the camera's own normal sharpness. Night and haze leave it in place; a blur of sigma 3 takes it to 0.15."""
_ON_SECONDS, _OFF_SECONDS = 60.0, 20.0


class SharpnessWatch:
    """Fed looks at pictures that are neither black nor covered."""

    def __init__(self) -> None:
        self.normal: Normal[float] = Normal()
        self.blurred = Held(_ON_SECONDS, _OFF_SECONDS)

    def see(self, look: Look, at: float) -> None:
        ratio = self._ratio(look)
        if ratio is not None:
            self.blurred.see(bad=ratio < BLURRED_BELOW, good=ratio > SHARP_ABOVE, at=at)
        if ratio is None or ratio > LEARN_ABOVE:
            self.normal.learn(look.sharpness, at)

    def soft(self, look: Look) -> bool:
        """Whether this look alone is suspicious."""
        ratio = self._ratio(look)
        return ratio is not None and ratio < SHARP_ABOVE

    def forget(self) -> None:
        self.normal.forget()
        self.blurred.forget()

    def _ratio(self, look: Look) -> float | None:
        return look.sharpness / self.normal.value if self.normal.value else None
