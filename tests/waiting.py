"""Wait for the event itself: ask again, briefly paused, until it is so or the time is up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Answer = TypeVar("Answer")

_PAUSE_SECONDS = 0.02


def eventually(ask: Callable[[], Answer], *, within: float = 5.0) -> Answer:
    """The first truthy answer; fails with the last one when `within` seconds are over."""
    end = time.monotonic() + within
    while not (answer := ask()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {within} s; last answer: {answer!r}")
        time.sleep(_PAUSE_SECONDS)
    return answer


async def eventually_async(ask: Callable[[], Awaitable[Answer]], *, within: float = 5.0) -> Answer:
    """As `eventually`, for questions that are awaited."""
    end = time.monotonic() + within
    while not (answer := await ask()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {within} s; last answer: {answer!r}")
        await asyncio.sleep(_PAUSE_SECONDS)
    return answer
