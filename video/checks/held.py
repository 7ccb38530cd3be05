"""A suspicion must hold for a while before it is told, and be gone for a while before it is taken back."""

from __future__ import annotations

LONGEST_GAP_SECONDS = 90.0
"""Looks further apart than this vouch for nothing between them (a snapshot camera gives one a minute)."""


class Held:
    """One condition of one camera: fills while looks are bad, empties while they are good, waits at those between.

    A single odd look therefore neither raises nor hides anything.
    """

    def __init__(self, on_seconds: float, off_seconds: float) -> None:
        self._on_seconds = on_seconds
        self._emptying = on_seconds / off_seconds
        self._filled = 0.0
        self._last: tuple[bool, bool, float] | None = None
        self.told = False

    def see(self, *, bad: bool, good: bool, at: float) -> None:
        """One look at `at` (monotonic seconds, in order)."""
        was_bad, was_good, before = self._last or (False, False, at)
        passed = at - before if at - before <= LONGEST_GAP_SECONDS else 0.0
        if bad and was_bad:
            self._filled = min(self._on_seconds, self._filled + passed)
        elif good and was_good:
            self._filled = max(0.0, self._filled - passed * self._emptying)
        self._last = (bad, good, at)
        if self._filled >= self._on_seconds:
            self.told = True
        elif self._filled <= 0.0:
            self.told = False

    def skip(self) -> None:
        """A look that says nothing (the camera is turning): what was told stays, what was only suspected is dropped."""
        self._last = None
        if not self.told:
            self._filled = 0.0

    def forget(self) -> None:
        """The camera was given another view: nothing is known."""
        self.told = False
        self.skip()
