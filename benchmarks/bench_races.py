"""Two dispatchers, one case, the same moment, again and again: how often does a case go to two departments?

Two processes with stores of their own on one database, as two web processes are. For each case both have seen the same
version and dispatch it to a department of their own at the same moment; one must win, the other must be told who did.
Afterwards the journal is asked how many dispatches each case has.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from multiprocessing.synchronize import Barrier
from pathlib import Path

from measured import arguments, percentiles, report
from sqlalchemy import func, select
from synthetic import BATCH, open_store

from data_access.cases import CaseStore, Done
from data_access.schema import journal
from domain.action import Action, Command, RefusalCode
from domain.case import CaseState
from domain.journal import Entry, milliseconds, rebuild
from domain.roles import Identity, Role

RACES, QUICK = 100_000, 2_000
START = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)


def _waiting(store: CaseStore, count: int) -> list[str]:
    """Cases that wait for their dispatch."""
    numbers = [f"R{number:09}" for number in range(count)]
    facts = {
        "reported_at": milliseconds(START),
        "filed_at": milliseconds(START),
        "state": CaseState.PENDING_DISPATCH.value,
        "class_code": "E0101",
        "limit_value": 1.0,
        "limit_unit": "work_day",
    }
    with store.bulk() as writer:
        rest = iter(numbers)
        while batch := list(islice(rest, BATCH)):
            entries = [_first(number, facts) for number in batch]
            writer.append([(case, [entry]) for entry in entries if (case := rebuild([entry])) is not None])
    return numbers


def _first(number: str, facts: dict[str, object]) -> Entry:
    return Entry(
        case_no=number, version=1, action=Action.IMPORT_REPORT, at=START, actor="bench", role="admin", changes=facts
    )


def _client(file: Path, name: str, numbers: Sequence[str], barrier: Barrier, told: multiprocessing.Queue) -> None:
    """Dispatch every case at the same moment as the other client; afterwards say what became of it."""
    _, store = open_store(file)
    actor = Identity(name, name, Role.DISPATCHER)
    won, stale, other, took = 0, 0, 0, []
    for number in numbers:
        command = Command(
            action=Action.DISPATCH,
            actor=actor,
            at=START + timedelta(hours=1),
            case_no=number,
            expected_version=1,
            facts={"department": f"D-{name}"},
        )
        barrier.wait()
        began = time.perf_counter()
        answer = store.execute(command)
        took.append((time.perf_counter() - began) * 1000)
        won += isinstance(answer, Done)
        stale += not isinstance(answer, Done) and answer.code is RefusalCode.STALE_VERSION
        other += not isinstance(answer, Done) and answer.code is not RefusalCode.STALE_VERSION
    told.put((won, stale, other, percentiles(took)))


def _race(file: Path, count: int) -> list[str]:
    engine, store = open_store(file)
    numbers = _waiting(store, count)
    context = multiprocessing.get_context("spawn")
    barrier, told = context.Barrier(2), context.Queue()
    clients = [context.Process(target=_client, args=(file, name, numbers, barrier, told)) for name in ("A", "B")]
    began = time.perf_counter()
    for client in clients:
        client.start()
    answers = [told.get() for _ in clients]
    for client in clients:
        client.join()
    seconds = time.perf_counter() - began
    dispatches = select(journal.c.case_no).where(journal.c.action == Action.DISPATCH.value).group_by(journal.c.case_no)
    with engine.connect() as connection:
        once = connection.execute(select(func.count()).select_from(dispatches.subquery())).scalar_one()
        twice = len(connection.execute(dispatches.having(func.count() > 1)).all())
    won, stale, other = (sum(answer[part] for answer in answers) for part in range(3))
    return [
        f"- {count:,} races of two processes: {won:,} won, {stale:,} told who was faster, {other} other answers",
        f"- cases dispatched: {once:,}; **dispatched twice: {twice}**; cases never dispatched: {count - once}",
        f"- {seconds:.0f} s; a command took ms p50/p95/p99 "
        + ", ".join("/".join(f"{value:.1f}" for value in took) for *_, took in answers),
    ]


def main() -> None:
    given = arguments(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lines = _race(Path(folder) / "races.db", QUICK if given.quick else RACES)
    report("Races for one case", lines, save=given.save)


if __name__ == "__main__":
    main()
