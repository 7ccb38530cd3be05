"""A clock that a test moves by hand; sleeping moves it at once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta


class ManualClock:
    """Time stands still until `advance`; `sleeps` are the pauses somebody asked for, in seconds."""

    def __init__(self, at: datetime = datetime(2026, 8, 6, 6, 32, 7, tzinfo=UTC)) -> None:
        self._at = at
        self._monotonic = 0.0
        self.sleeps: list[float] = []

    def now(self) -> datetime:
        return self._at

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        self._at += timedelta(seconds=seconds)
        self._monotonic += seconds

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)
