"""One attempt after another, with pauses between them, until told to stop: the `run` around every `run_once`."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from typing import Any

from runtime.backoff import pauses
from runtime.clock import Clock

PAUSE_STEPS_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
HEALTHY_SECONDS = 30.0
"""An attempt that held this long begins the pauses anew when it ends."""

CANCEL_AGAIN_SECONDS = 1.0
_JITTER = 0.2


async def keep_trying(
    attempt: Callable[[], Coroutine[Any, Any, None]],
    stop: asyncio.Event,
    *,
    expected: tuple[type[Exception], ...],
    failed: Callable[[Exception], Awaitable[None]],
    clock: Clock,
    steps_seconds: Sequence[float] = PAUSE_STEPS_SECONDS,
) -> None:
    """Attempt for ever; after an `expected` exception say so through `failed`, pause, attempt again.

    At `stop` the running attempt is cancelled; its `finally` blocks run. Any other exception ends the loop.
    """
    waits = _new_pauses(steps_seconds)
    while not stop.is_set():
        began = clock.monotonic()
        try:
            await until_stopped(attempt(), stop)
        except expected as error:
            if clock.monotonic() - began > HEALTHY_SECONDS:
                waits = _new_pauses(steps_seconds)
            await failed(error)
            await until_stopped(clock.sleep(next(waits)), stop)


def _new_pauses(steps_seconds: Sequence[float]) -> Iterator[float]:
    return pauses(steps_seconds, jitter=_JITTER, rng=random.Random())  # noqa: S311 (spreads pauses, hides nothing)


async def until_stopped(work: Coroutine[Any, Any, None], stop: asyncio.Event) -> None:
    """Let `work` go on until it ends or `stop` is set, then cancel it; raises what it raised."""
    task, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        await _end(task)
    if not task.cancelled():
        task.result()


async def _end(task: asyncio.Future[None]) -> None:
    """Cancel until it has ended: `asyncio.wait_for`, used by redis-py, may swallow one before Python 3.12."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=CANCEL_AGAIN_SECONDS)
    if not task.cancelled():
        task.exception()  # looked at, so that asyncio does not report it as forgotten when we are cancelled ourselves
