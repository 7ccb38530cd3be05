from __future__ import annotations

import asyncio

import pytest

from data_access.keep_trying import HEALTHY_SECONDS, keep_trying, until_stopped
from tests.fakes.clock import ManualClock


class Script:
    """Attempts that end as written; the last one asks for the stop."""

    def __init__(self, clock: ManualClock, *endings: Exception, healthy_before: int = -1) -> None:
        self.stop = asyncio.Event()
        self.failures: list[str] = []
        self._clock = clock
        self._endings = list(endings)
        self._healthy_before = healthy_before

    async def attempt(self) -> None:
        if not self._endings:
            self.stop.set()
            await asyncio.Event().wait()
        if len(self.failures) == self._healthy_before:
            self._clock.forward(seconds=HEALTHY_SECONDS + 1)
        raise self._endings.pop(0)

    async def failed(self, error: Exception) -> None:
        self.failures.append(str(error))

    async def run(self) -> None:
        await keep_trying(
            self.attempt, self.stop, expected=(OSError,), failed=self.failed, clock=self._clock, steps_seconds=(1, 2, 4)
        )


async def test_every_failure_is_said_and_followed_by_a_growing_pause() -> None:
    clock = ManualClock()
    script = Script(clock, *[OSError(str(number)) for number in range(4)])
    await script.run()
    assert script.failures == ["0", "1", "2", "3"]
    assert [0.8 * step <= pause <= 1.2 * step for step, pause in zip((1, 2, 4, 4), clock.sleeps, strict=True)] == 4 * [
        True
    ]


async def test_pauses_begin_anew_after_a_healthy_spell() -> None:
    clock = ManualClock()
    await Script(clock, OSError(), OSError(), OSError(), OSError(), healthy_before=2).run()
    assert clock.sleeps[2] <= 1.2


async def test_an_unexpected_exception_ends_the_loop() -> None:
    with pytest.raises(ZeroDivisionError):
        await Script(ManualClock(), ZeroDivisionError()).run()


async def test_a_stop_cancels_the_work_and_lets_it_clean_up() -> None:
    stop, cleaned = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        try:
            stop.set()
            await asyncio.Event().wait()
        finally:
            cleaned.set()

    await until_stopped(work(), stop)
    assert cleaned.is_set()


async def test_work_that_swallows_its_first_cancellation_is_asked_again() -> None:
    stop, swallowed = asyncio.Event(), []

    async def work() -> None:
        stop.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            swallowed.append(True)
        await asyncio.Event().wait()

    await until_stopped(work(), stop)
    assert swallowed == [True]


async def test_work_that_fails_while_it_is_stopped_still_says_so() -> None:
    stop = asyncio.Event()

    async def work() -> None:
        stop.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError("could not give the lease back")

    with pytest.raises(OSError, match="give the lease back"):
        await until_stopped(work(), stop)
