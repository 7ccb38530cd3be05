"""The hand-moved clock for parts that also pause: sleeping moves it at once."""

from __future__ import annotations

import asyncio
from datetime import datetime

from tests.hand_clock import HandClock


class ManualClock(HandClock):
    """`sleeps` are the pauses somebody asked for, in seconds."""

    def __init__(self, *at: datetime) -> None:
        super().__init__(*at)
        self.sleeps: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.forward(seconds=seconds)
        await asyncio.sleep(0)
