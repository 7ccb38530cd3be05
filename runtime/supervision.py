"""Keeps roles running as child processes: starts them in order, restarts a crashed one, stops all in reverse order.

A role that ends, for whatever reason, is started again after a pause; pauses grow, and start over after a healthy
spell. Nothing gives up: the hall's source lamps say what is away and for how long. Every change of a role is reported
as a value. The asking side owns `stop`; `stop_on_signals` ties it to Ctrl-C and SIGTERM.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import signal
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from runtime.backoff import pauses
from runtime.children import end_child, kill_group, start_child
from runtime.clock import Clock

log = logging.getLogger(__name__)

RESTART_PAUSES_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_READY_ASKED_EVERY_SECONDS = 0.05
_INTERRUPTED = 130


class RoleState(StrEnum):
    """Where a supervised role stands."""

    STARTING = "starting"
    RUNNING = "running"
    PAUSING = "pausing"
    """It ended by itself and waits for its next start."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What to run. `ready` tells that it serves (asked until it does); without it, a started role counts as running."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path | None = None
    ready: Callable[[], bool] | None = None
    ready_within_seconds: float = 20.0
    stop_within_seconds: float = 8.0
    death_signal: signal.Signals = signal.SIGKILL


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleStatus:
    """One role as it stands. `failures` counts its ends since a healthy spell; `exit_code` is that of the newest."""

    name: str
    state: RoleState
    since: datetime
    pid: int | None = None
    failures: int = 0
    exit_code: int | None = None
    retry_at: datetime | None = None


Reporter = Callable[[RoleStatus], None]


class Supervisor:
    """Runs the roles until told to stop. `on_status` is called in the supervisor's own loop and must not block."""

    def __init__(
        self,
        roles: Sequence[Role],
        *,
        clock: Clock,
        rng: random.Random,
        on_status: Reporter,
        pauses_seconds: Sequence[float] = RESTART_PAUSES_SECONDS,
        healthy_seconds: float = 30.0,
    ) -> None:
        self._keepers = [
            _Keeper(role, clock, on_status, lambda: pauses(pauses_seconds, jitter=0.2, rng=rng), healthy_seconds)
            for role in roles
        ]

    async def run(self, stop: asyncio.Event) -> None:
        """Start each role when the one before it serves, keep them, and stop them in reverse order."""
        tasks: list[asyncio.Task[None]] = []
        try:
            for keeper in self._keepers:
                tasks.append(asyncio.create_task(keeper.run(), name=f"keep {keeper.role.name}"))
                await first_of(keeper.settled.wait(), stop.wait(), _one_ended(tasks))
                if stop.is_set():
                    break
            await first_of(stop.wait(), _one_ended(tasks))
        finally:
            for keeper, task in reversed(list(zip(self._keepers, tasks, strict=False))):
                await keeper.end()
                await task


class _Keeper:
    """Keeps one role: `run` loops and pauses, `_run_once` is one life of its process."""

    def __init__(
        self,
        role: Role,
        clock: Clock,
        report: Reporter,
        fresh_pauses: Callable[[], Iterator[float]],
        healthy_seconds: float,
    ) -> None:
        self.role = role
        self.settled = asyncio.Event()
        """The first start is over, well or badly: the next role need not wait longer."""
        self._clock = clock
        self._tell = report
        self._fresh_pauses = fresh_pauses
        self._healthy_seconds = healthy_seconds
        self._ending = asyncio.Event()
        self._child: asyncio.subprocess.Process | None = None
        self._failures = 0
        self._exit_code: int | None = None

    async def run(self) -> None:
        waits = self._fresh_pauses()
        while not self._ending.is_set():
            born = self._clock.monotonic()
            self._exit_code = await self._run_once()
            self.settled.set()
            if self._ending.is_set():
                break
            if self._clock.monotonic() - born >= self._healthy_seconds:
                waits, self._failures = self._fresh_pauses(), 0
            await self._pause(next(waits))
        self._report(RoleState.STOPPED)

    async def end(self) -> None:
        """No further start, and the process that runs now is stopped."""
        self._ending.set()
        if self._child is not None:
            await end_child(self._child, within_seconds=self.role.stop_within_seconds)

    async def _run_once(self) -> int:
        """One life of the process: its exit code, negative for a signal, 127 where it could not be started."""
        try:
            self._child = await start_child(
                self.role.argv,
                environment=self.role.environment,
                directory=self.role.directory,
                death_signal=self.role.death_signal,
            )
        except OSError as error:
            log.error("a role cannot be started", extra={"facts": {"role": self.role.name, "error": str(error)}})
            return 127
        return await self._see_it_through(self._child)

    async def _see_it_through(self, child: asyncio.subprocess.Process) -> int:
        if self._ending.is_set():  # told to stop while the process was being started
            await end_child(child, within_seconds=self.role.stop_within_seconds)
        self._report(RoleState.STARTING)
        await first_of(self._until_ready(), child.wait())
        if child.returncode is None:
            self._report(RoleState.RUNNING)
            self.settled.set()
        code = await child.wait()
        kill_group(child.pid)
        self._child = None
        return code

    async def _until_ready(self) -> None:
        if self.role.ready is None:
            return
        try:
            async with asyncio.timeout(self.role.ready_within_seconds):
                while not await asyncio.to_thread(self.role.ready):  # noqa: ASYNC110 (no event of ours tells it)
                    await asyncio.sleep(_READY_ASKED_EVERY_SECONDS)
        except TimeoutError:
            log.warning("a role runs but does not serve yet", extra={"facts": {"role": self.role.name}})

    async def _pause(self, seconds: float) -> None:
        self._failures += 1
        self._report(RoleState.PAUSING, retry_in=seconds)
        await first_of(self._clock.sleep(seconds), self._ending.wait())

    def _report(self, state: RoleState, *, retry_in: float | None = None) -> None:
        now = self._clock.now()
        status = RoleStatus(
            name=self.role.name,
            state=state,
            since=now,
            pid=self._child.pid if self._child else None,
            failures=self._failures,
            exit_code=self._exit_code,
            retry_at=None if retry_in is None else datetime.fromtimestamp(now.timestamp() + retry_in, now.tzinfo),
        )
        level = logging.WARNING if state is RoleState.PAUSING else logging.INFO
        log.log(level, "role %s", state, extra={"facts": _facts(status)})
        self._tell(status)


def _facts(status: RoleStatus) -> dict[str, object]:
    return {
        "role": status.name,
        "pid": status.pid,
        "failures": status.failures or None,
        "exit_code": status.exit_code,
        "retry_at": status.retry_at and status.retry_at.isoformat(timespec="seconds"),
    }


async def first_of(*these: Coroutine[Any, Any, Any]) -> None:
    """Wait until one of them is done; the others are cancelled, and an error of the one is raised."""
    tasks = [asyncio.ensure_future(one) for one in these]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def _one_ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    """A keeper only ends when told; one that ended otherwise failed, and its error must not wait for the evening."""
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)


def stop_on_signals(stop: asyncio.Event) -> None:
    """Tie `stop` to Ctrl-C and SIGTERM in the running loop. Asked twice, end at once: the kernel ends the children."""
    loop = asyncio.get_running_loop()

    def told() -> None:
        if stop.is_set():
            log.warning("asked to stop twice: ending at once")
            os._exit(_INTERRUPTED)
        stop.set()

    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, told)


def run_until_stopped(work: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    """Run `work` in a loop of its own until it ends or Ctrl-C or SIGTERM set the event it is given."""

    async def whole() -> None:
        stop = asyncio.Event()
        stop_on_signals(stop)
        await work(stop)

    asyncio.run(whole())
