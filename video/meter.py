"""Rates over the last seconds: frames and bits of a stream, damaged pictures of a decoder. Read from any thread."""

from __future__ import annotations

WINDOW_SECONDS = 5.0
DAMAGE_WINDOW_FRAMES = 100
DAMAGED_SHARE = 0.05


class RateMeter:
    """Frames a second and kilobits a second over whole windows of `WINDOW_SECONDS`."""

    def __init__(self) -> None:
        self.fps = 0.0
        self.kbps = 0.0
        self._began: float | None = None
        self._frames = 0
        self._bytes = 0

    def count(self, size_bytes: int, at: float) -> None:
        """One packet at `at` (monotonic seconds)."""
        if self._began is None:
            self._began = at
        self._frames += 1
        self._bytes += size_bytes
        took = at - self._began
        if took >= WINDOW_SECONDS:
            self.fps = round(self._frames / took, 1)
            self.kbps = round(self._bytes * 8 / 1000 / took, 1)
            self._began, self._frames, self._bytes = at, 0, 0

    def reset(self) -> None:
        self.fps = self.kbps = 0.0
        self._began, self._frames, self._bytes = None, 0, 0


class DamageMeter:
    """Whether more than 5 % of the last hundred pictures came out damaged."""

    def __init__(self) -> None:
        self.damaged = False
        self._seen = 0
        self._bad = 0

    def count(self, *, damaged: bool) -> None:
        self._seen += 1
        self._bad += damaged
        if self._seen >= DAMAGE_WINDOW_FRAMES:
            self.damaged = self._bad / self._seen > DAMAGED_SHARE
            self._seen = self._bad = 0
