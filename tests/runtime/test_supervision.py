"""The supervisor with real processes."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from runtime.clock import SystemClock
from runtime.supervision import Role, RoleState, RoleStatus, Supervisor, first_of
from tests.runtime.processes import gone
from tests.shared_data import PROJECT
from tests.waiting import eventually, eventually_async

STAYS = (sys.executable, "-c", "import signal; signal.pause()")
ENDS = (sys.executable, "-c", "raise SystemExit(3)")


class HurryingClock(SystemClock):
    """Pauses are written down and pass at once; a life lasts as long as the test says."""

    def __init__(self, *lives_seconds: float) -> None:
        self.pauses: list[float] = []
        self._lives = iter(lives_seconds)
        self._readings = 0
        self._at = 0.0

    def monotonic(self) -> float:
        """The supervisor reads it at birth and at death; between the two lies the life."""
        self._readings += 1
        if self._readings % 2 == 0:
            self._at += next(self._lives, 0.0)
        return self._at

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


class Run:
    """A supervisor at work inside a test."""

    def __init__(self, *roles: Role, clock: SystemClock | None = None, pauses: tuple[float, ...] = (0.01,)) -> None:
        self.told: list[RoleStatus] = []
        self.stop = asyncio.Event()
        self._supervisor = Supervisor(
            roles,
            clock=clock or SystemClock(),
            rng=random.Random(1),
            on_status=self.told.append,
            pauses_seconds=pauses,
        )
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Run:
        self._task = asyncio.create_task(self._supervisor.run(self.stop))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop.set()
        assert self._task is not None
        await self._task

    def states(self, name: str) -> list[RoleState]:
        return [status.state for status in self.told if status.name == name]

    def pids(self, name: str) -> list[int]:
        return [s.pid for s in self.told if s.name == name and s.state is RoleState.RUNNING and s.pid]

    async def until(self, ask: Callable[[], bool]) -> None:
        async def asked() -> bool:
            return ask()

        await eventually_async(asked)


async def test_a_killed_role_comes_back_as_a_new_process_and_the_pause_is_told() -> None:
    async with Run(Role(name="live", argv=STAYS)) as run:
        await run.until(lambda: len(run.pids("live")) == 1)
        os.kill(run.pids("live")[0], signal.SIGKILL)
        await run.until(lambda: len(run.pids("live")) == 2)
    pausing = next(status for status in run.told if status.state is RoleState.PAUSING)
    assert (pausing.exit_code, pausing.failures) == (-signal.SIGKILL, 1)
    assert pausing.retry_at is not None
    assert pausing.retry_at > pausing.since
    assert run.states("live")[-1] is RoleState.STOPPED
    assert all(gone(pid) for pid in run.pids("live"))


async def test_pauses_grow_and_start_over_after_a_healthy_spell() -> None:
    clock = HurryingClock(1, 1, 1, 31, 1)
    async with Run(Role(name="live", argv=ENDS), clock=clock, pauses=(1.0, 2.0, 4.0)) as run:
        await run.until(lambda: len(clock.pauses) >= 5)
    assert clock.pauses[:5] == [pytest.approx(step, rel=0.2) for step in (1, 2, 4, 1, 2)]


async def test_failures_are_counted_until_a_healthy_spell() -> None:
    clock = HurryingClock(1, 1, 31)
    async with Run(Role(name="live", argv=ENDS), clock=clock) as run:
        await run.until(lambda: run.states("live").count(RoleState.PAUSING) >= 3)
    pausing = [status for status in run.told if status.state is RoleState.PAUSING]
    assert [status.failures for status in pausing[:3]] == [1, 2, 1]
    assert {status.exit_code for status in pausing[:3]} == {3}


async def test_a_program_that_does_not_exist_is_a_failure_like_any_other() -> None:
    async with Run(Role(name="web", argv=("/nowhere/citywall",))) as run:
        await run.until(lambda: RoleState.PAUSING in run.states("web"))
    assert next(s.exit_code for s in run.told if s.state is RoleState.PAUSING) == 127


async def test_a_role_waits_until_the_one_before_it_serves(tmp_path: Path) -> None:
    serving = tmp_path / "serving"
    first = Role(name="first", argv=STAYS, ready=serving.exists)
    async with Run(first, Role(name="second", argv=STAYS)) as run:
        await run.until(lambda: RoleState.STARTING in run.states("first"))
        assert run.states("second") == []
        serving.touch()
        await run.until(lambda: RoleState.RUNNING in run.states("second"))


async def test_a_role_that_cannot_start_does_not_hold_up_the_next() -> None:
    async with Run(Role(name="first", argv=ENDS, ready=lambda: False), Role(name="second", argv=STAYS)) as run:
        await run.until(lambda: RoleState.RUNNING in run.states("second"))


async def test_a_role_that_serves_too_late_counts_as_running_and_is_not_restarted() -> None:
    role = Role(name="slow", argv=STAYS, ready=lambda: False, ready_within_seconds=0.01)
    async with Run(role) as run:
        await run.until(lambda: RoleState.RUNNING in run.states("slow"))
    assert run.states("slow") == [RoleState.STARTING, RoleState.RUNNING, RoleState.STOPPED]


async def test_roles_stop_in_reverse_order() -> None:
    names = ("one", "two", "three")
    async with Run(*(Role(name=name, argv=STAYS) for name in names)) as run:
        await run.until(lambda: RoleState.RUNNING in run.states("three"))
    stopped = [status.name for status in run.told if status.state is RoleState.STOPPED]
    assert stopped == ["three", "two", "one"]


async def test_stopping_during_a_long_pause_does_not_wait_for_its_end() -> None:
    async with Run(Role(name="live", argv=ENDS), pauses=(600.0,)) as run:
        await run.until(lambda: RoleState.PAUSING in run.states("live"))
    assert run.states("live")[-1] is RoleState.STOPPED


async def test_an_error_in_the_listener_ends_the_supervisor_loudly_and_leaves_no_process() -> None:
    seen: list[int] = []

    def broken(status: RoleStatus) -> None:
        if status.pid:
            seen.append(status.pid)
        if status.state is RoleState.RUNNING:
            raise ValueError("cannot tell")

    supervisor = Supervisor([Role(name="web", argv=STAYS)], clock=SystemClock(), rng=random.Random(1), on_status=broken)
    with pytest.raises(ValueError, match="cannot tell"):
        await supervisor.run(asyncio.Event())
    eventually(lambda: all(gone(pid) for pid in seen))


async def test_the_first_of_several_cancels_the_others() -> None:
    ended: list[str] = []

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    async def answers() -> None:
        ended.append("answered")

    await first_of(waits(), answers())
    assert ended == ["answered", "cancelled"]


class Hall:
    """The hall of `supervised_hall.py` as a process of its own, and the processes it told of."""

    def __init__(self) -> None:
        # Unbuffered, a line is written in pieces, and the lines of several processes run into each other.
        whole_lines = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.runtime.supervised_hall"],
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
            env=whole_lines,
        )
        assert self.process.stdout is not None
        self.lines: list[str] = []
        self.pids: dict[str, int] = {}
        while not {"polite", "deaf", "parent", "grandchild"} <= self.pids.keys() or "deaf" not in self.lines:
            line = self.process.stdout.readline().strip()
            assert line, "the hall ended while it started"
            self.lines.append(line)
            name, *pid = line.split()
            self.pids.update({name: int(pid[0])} if pid else {})

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        assert self.process.stdout is not None
        self.lines += self.process.stdout.read().split()
        return self.process.wait(timeout=10)


@pytest.fixture
def hall() -> Iterator[Hall]:
    hall = Hall()
    yield hall
    hall.process.kill()
    hall.process.wait()
    hall.process.stdout.close()  # type: ignore[union-attr]
    for pid in hall.pids.values():
        if not gone(pid):
            psutil.Process(pid).kill()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_told_hall_ends_well_and_leaves_nobody_not_even_the_deaf(hall: Hall, how: signal.Signals) -> None:
    assert hall.end(how) == 0
    assert hall.lines[-1] == "ended"
    eventually(lambda: all(gone(pid) for pid in hall.pids.values()))


def test_a_killed_hall_leaves_nobody_behind_where_children_of_roles_die_with_their_parent_too(hall: Hall) -> None:
    hall.end(signal.SIGKILL)
    eventually(lambda: all(gone(pid) for pid in hall.pids.values()))


def test_asking_twice_ends_at_once(hall: Hall) -> None:
    hall.process.send_signal(signal.SIGTERM)
    eventually(lambda: gone(hall.pids["parent"]))  # it is stopping, and waits for the deaf one
    assert hall.end(signal.SIGTERM) == 130
    eventually(lambda: gone(hall.pids["deaf"]))
