"""A clock moved by hand: wall time and seconds together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class HandClock:
    """Stands still until told otherwise."""

    def __init__(self, at: datetime = datetime(2026, 8, 6, 6, 32, 7, tzinfo=UTC)) -> None:
        self._at = at
        self._seconds = 1000.0

    def now(self) -> datetime:
        return self._at

    def monotonic(self) -> float:
        return self._seconds

    def forward(self, **spans: float) -> None:
        """Later by a `timedelta`'s arguments."""
        step = timedelta(**spans)
        self._at += step
        self._seconds += step.total_seconds()
