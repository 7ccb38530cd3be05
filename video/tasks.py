"""Tasks side by side, and their end. Cancelling once is not enough: redis-py now and then swallows it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any

AGAIN_SECONDS = 0.2


async def first_of(*parts: Coroutine[Any, Any, None]) -> None:
    """Run `parts` side by side until the first of them ends, then end the others.

    Raises:
        whatever the first one raised.
    """
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await end(tasks)
    for task in tasks:
        if not task.cancelled():
            task.exception()  # two may fail at once: Python complains of errors nobody has looked at
    for task in done:
        task.result()


async def end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel `tasks` until they are over."""
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=AGAIN_SECONDS)
