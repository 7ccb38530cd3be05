"""Historic questions over many cases: the hall's columnar copy against what one would do instead.

The same versions of the same made-up cases (five steps each, three years, 132 departments, 4,737 grids) are given to
the copy (DuckDB over Parquet, as the hall asks it), to pandas, and to plain SQL on SQLite and PostgreSQL (the newest
rows and the superseded ones, with the indexes such questions want). Each asks, in a process of its own:
month     the last 30 days by department, as of now
grids     all of the time by grid, as of now
past      a month of a year ago by district, as it stood at its end
cohort    cases of a year by class, followed until half a year ago
trend     twelve months by department, each as of its own end
stays     median and ninth decile of the time in each state by department, a quarter
`s` is the median of the runs, in brackets the processor's seconds, which other work on the machine does not lengthen;
memory is the process's peak, for PostgreSQL that of the server process that answered.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import pandas as pd
import psycopg
import pyarrow.parquet as pq
from made_history import BOUNDS, NOW, YEARS, make_rows
from measured import ROOT, arguments, report
from sqlalchemy import cast, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import Integer

sys.path.insert(0, str(ROOT))

from synthetic import open_store

from data_access.case_where import belongs_condition, counted_condition
from data_access.figure_question import UNIT_FIELDS, FigureQuestion, settled
from data_access.figures import FigureService
from data_access.history.folder import HistoryFolder, Manifest
from data_access.history.reader import History
from data_access.history.rows import SCHEMA
from data_access.history.writer import News, workbench
from data_access.schema import cases
from data_access.stay_times import StayTimeService
from domain.case_query import Count
from domain.indicators import COUNT_FIELDS, FLOWS, OVERDUE_FACTOR, Convention, Dimension
from domain.journal import milliseconds
from domain.period import Window
from tests.databases import postgres_server

DAY = timedelta(days=1)
ENOUGH_SECONDS = 20.0
"""A question that has taken so long is not asked again."""
QUARTER = Window(NOW - 200 * DAY, NOW - 110 * DAY)
KEPT = [
    "case_id",
    "since",
    "until",
    "state",
    "state_since",
    "left_state",
    "district",
    "department",
    "class_code",
    "grid",
    "reported_at",
    "accepted_at",
    "filed_at",
    "dispatched_at",
    "deadline",
    "disposed_at",
    "closed_at",
    "last_failed_check_at",
    "self_disposed",
    "timeout_exempt",
]


def asked(name: str) -> list[FigureQuestion]:
    """The figure questions of that name."""
    flow, ended = Convention.FLOW, NOW - 365 * DAY
    months = [Window(NOW - 30 * (n + 1) * DAY, NOW - 30 * n * DAY) for n in range(12)]
    return {
        "month": [settled(months[0], Dimension.DEPARTMENT, flow, None, NOW)],
        "grids": [settled(Window(NOW - YEARS - DAY, NOW), Dimension.GRID, flow, None, NOW)],
        "past": [settled(Window(ended - 30 * DAY, ended), Dimension.DISTRICT, flow, None, NOW)],
        "cohort": [settled(Window(NOW - 700 * DAY, ended), Dimension.CLASS, Convention.COHORT, NOW - 180 * DAY, NOW)],
        "trend": [settled(month, Dimension.DEPARTMENT, flow, None, NOW) for month in months],
    }[name]


QUESTIONS = ("month", "grids", "past", "cohort", "trend", "stays")


# --- those who answer -------------------------------------------------------------------------------------------------

Ask = Callable[[str], Any]


def build_copy(folder: Path) -> None:
    """The copy's own way from rows to files."""
    kept = HistoryFolder(folder)
    with kept.writing(), workbench(kept, BOUNDS) as bench:
        bench.take_in(Manifest(), News(folder / "rows.parquet"), Manifest())


def ask_copy(folder: Path) -> Ask:
    engine, store = open_store(folder / "empty.db")
    history = History(HistoryFolder(folder), engine, BOUNDS)
    figures, stays = FigureService(store, history), StayTimeService(history)

    def ask(name: str) -> Any:
        if name == "stays":
            return stays.times(start=QUARTER.start, end=QUARTER.end, by=Dimension.DEPARTMENT)
        first, questions = asked(name)[0], asked(name)
        as_of = first.at if first.convention is not Convention.FLOW else None
        rows = figures.kpis(
            [one.period for one in questions], by=first.by, convention=first.convention, as_of=as_of, now=NOW
        )
        return [{row.key: row.counts for row in some} for some in rows]

    return ask


def ask_pandas(folder: Path) -> Ask:
    """All versions in memory, then masks and groups."""
    frame = pq.read_table(folder / "rows.parquet", columns=KEPT).to_pandas(strings_to_categorical=True)

    def ask(name: str) -> Any:
        if name == "stays":
            some = frame[frame.left_state & frame.until.between(*_ms(QUARTER), inclusive="left")]
            spent = (some.until - some.state_since).groupby([some.department, some.state], observed=True)
            return spent.quantile([0.5, 0.9])
        return [_pandas_counts(frame, wanted) for wanted in asked(name)]

    return ask


def _ms(window: Window) -> tuple[int, int]:
    return milliseconds(window.start), milliseconds(window.end)


def _pandas_counts(frame: pd.DataFrame, wanted: FigureQuestion) -> pd.DataFrame:
    at, (start, end) = milliseconds(wanted.at), _ms(wanted.judged)
    rows = (
        frame[frame.until.isna()]
        if not wanted.past
        else frame[(frame.since < at) & ((frame.until >= at) | frame.until.isna())]
    )
    if wanted.convention is Convention.COHORT:
        rows = rows[rows.reported_at.between(*_ms(wanted.period), inclusive="left")]
    state = rows.state.astype(str)
    left = state.isin(["rejected", "voided", "transferred", "suspended"]) | rows.self_disposed
    done = state.isin(["rejected", "closed", "forced_closed", "voided", "transferred"])
    on_time = rows.deadline.isna() | (rows.disposed_at.fillna(rows.closed_at) <= rows.deadline) | rows.timeout_exempt
    closed = (state == "closed") & ~rows.self_disposed
    holds = {
        "reported": True,
        "accepted": ~rows.self_disposed,
        "filed": ~rows.self_disposed,
        "dispatched": ~rows.self_disposed,
        "disposed": ~left,
        "on_time_disposed": ~left & on_time,
        "late_disposed": ~left & ~on_time,
        "closed": closed,
        "on_time_closed": closed & on_time,
        "rework": ~left,
        "voided": state == "voided",
        "self_disposed": rows.self_disposed,
    }
    found = {
        name: rows[FLOWS[Count(name)].stamp].between(start, end, inclusive="left") & hold
        for name, hold in holds.items()
    }
    late = ~done & ~left & (rows.deadline < at) & rows.disposed_at.isna() & ~rows.timeout_exempt
    found |= {
        "awaiting_closing": ~done & ~left & rows.disposed_at.notna(),
        "overdue_undisposed": late,
        "suspended": state == "suspended",
        "open": ~done,
        "overdue_3x": late & (at - rows.dispatched_at > OVERDUE_FACTOR * (rows.deadline - rows.dispatched_at)),
    }
    field = UNIT_FIELDS[wanted.by]
    return pd.DataFrame(found).groupby(rows[field].astype(str).replace("None", ""), observed=True).sum()


def plain_sql(wanted: FigureQuestion, dialect: Any) -> str:
    """One grouped question over newest and superseded rows."""
    at = milliseconds(wanted.at)
    field = UNIT_FIELDS[wanted.by]
    unit = func.coalesce(cases.c[field or "district"], "")
    sums = [func.sum(cast(counted_condition(Count(name), wanted.judged), Integer)) for name in COUNT_FIELDS]
    question = select(unit, *sums).where(belongs_condition(wanted.period, wanted.convention)).group_by(unit)
    text = str(question.compile(dialect=dialect, compile_kwargs={"literal_binds": True})).replace("%%", "%")
    rows = "SELECT * FROM newest"
    if wanted.past:
        rows += f" WHERE since < {at} UNION ALL SELECT * FROM past WHERE until >= {at} AND since < {at}"
    return text.replace("FROM cases", f"FROM ({rows}) AS cases")


_INDEXES = ("newest (reported_at)", "newest (closed_at)", "past (until)")


def _batches(folder: Path) -> Iterator[list[tuple[Any, ...]]]:
    for batch in pq.ParquetFile(folder / "rows.parquet").iter_batches(50_000, columns=KEPT):
        yield list(zip(*(column.to_pylist() for column in batch.columns), strict=True))


def _tables(kinds: dict[str, str]) -> Iterator[str]:
    columns = ", ".join(f"{name} {kinds[str(SCHEMA.field(name).type)]}" for name in KEPT)
    for table in ("newest", "past"):
        yield f"CREATE TABLE {table} ({columns})"


def build_sqlite(folder: Path) -> None:
    file = sqlite3.connect(folder / "plain.db")
    file.execute("PRAGMA journal_mode=OFF")
    file.execute("PRAGMA synchronous=OFF")
    for statement in _tables({"int64": "INTEGER", "bool": "BOOLEAN", "string": "TEXT"}):
        file.execute(statement)
    marks = ", ".join("?" * len(KEPT))
    for rows in _batches(folder):
        for table, some in (
            ("newest", [r for r in rows if r[2] is None]),
            ("past", [r for r in rows if r[2] is not None]),
        ):
            file.executemany(f"INSERT INTO {table} VALUES ({marks})", some)
    for number, where in enumerate(_INDEXES):
        file.execute(f"CREATE INDEX i{number} ON {where}")
    file.execute("ANALYZE")
    file.commit()
    file.close()


def ask_sqlite(folder: Path) -> Ask:
    file = sqlite3.connect(folder / "plain.db")
    dialect = sqlite.dialect()
    return lambda name: [file.execute(plain_sql(wanted, dialect)).fetchall() for wanted in asked(name)]


def build_postgres(folder: Path, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as server:
        for statement in _tables({"int64": "BIGINT", "bool": "BOOLEAN", "string": "TEXT"}):
            server.execute(statement)
        for rows in _batches(folder):
            for table, is_newest in (("newest", True), ("past", False)):
                with server.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                    for row in rows:
                        if (row[2] is None) is is_newest:
                            copy.write_row(row)
        for where in _INDEXES:
            server.execute(f"CREATE INDEX ON {where}")
        server.execute("VACUUM ANALYZE")


def ask_postgres(_folder: Path, url: str) -> Ask:
    server = psycopg.connect(url, autocommit=True)
    server.execute("SET max_parallel_workers_per_gather = 0")  # else its helpers' memory would not be seen
    dialect = postgresql.dialect()
    ask = lambda name: [server.execute(plain_sql(wanted, dialect)).fetchall() for wanted in asked(name)]  # noqa: E731
    ask.process = server.info.backend_pid  # type: ignore[attr-defined]
    return ask


# --- one process a measurement ----------------------------------------------------------------------------------------


def measured_in_child(step: str, folder: Path, count: int, url: str, runs: int) -> dict[str, Any]:
    """Run one step of this file in a process of its own; what it measured, and its peak memory."""
    argv = [sys.executable, __file__, "--step", step, "--folder", str(folder), "--cases", str(count)]
    ran = subprocess.run([*argv, "--url", url, "--runs", str(runs)], capture_output=True, text=True, check=False)
    if ran.returncode:
        return {"failed": (ran.stderr.strip().splitlines() or ["killed"])[-1][:80]}
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


def run_step(step: str, folder: Path, count: int, url: str, runs: int) -> dict[str, Any]:
    began = time.perf_counter()
    kind, _, who = step.partition(" ")
    if step == "make rows":
        make_rows(folder / "rows.parquet", count)
    elif kind == "build":
        {"copy": build_copy, "sqlite": build_sqlite, "postgres": partial(build_postgres, url=url)}[who](folder)
    else:
        return _answers(who, folder, url, runs)
    return {"seconds": time.perf_counter() - began, "peak": _peak_mb(os.getpid())}


def _answers(who: str, folder: Path, url: str, runs: int) -> dict[str, Any]:
    makers = {"copy": ask_copy, "pandas": ask_pandas, "sqlite": ask_sqlite, "postgres": partial(ask_postgres, url=url)}
    began = time.perf_counter()
    ask = makers[who](folder)
    found: dict[str, Any] = {"open": time.perf_counter() - began}
    process = getattr(ask, "process", os.getpid())
    for name in QUESTIONS:
        if name == "stays" and who in ("sqlite", "postgres"):
            continue
        seconds, busy = [], []
        while len(seconds) < runs and sum(seconds) < ENOUGH_SECONDS:
            began, worked = time.perf_counter(), _processor_seconds(process)
            ask(name)
            seconds.append(time.perf_counter() - began)
            busy.append(_processor_seconds(process) - worked)
        found[name] = [median(seconds), median(busy)]
    return found | {"peak": _peak_mb(process)}


def _peak_mb(process: int) -> float:
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _processor_seconds(process: int) -> float:
    ticks = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()[11:13]
    return sum(int(tick) for tick in ticks) / os.sysconf("SC_CLK_TCK")


def _size_mb(*paths: Path) -> float:
    return sum(path.stat().st_size for path in paths) / 1e6


def measure(count: int, runs: int, others: tuple[str, ...], place: Path | None) -> Iterator[str]:
    """The rows of the table for one number of cases."""
    with tempfile.TemporaryDirectory(dir=place) as name:
        folder = Path(name)
        measured_in_child("make rows", folder, count, "", 1)
        yield _line(count, "copy", folder, "", runs)
        if "pandas" in others:
            yield _line(count, "pandas", folder, "", runs)
        if "sqlite" in others:
            yield _line(count, "sqlite", folder, "", runs)
        if "postgres" in others:
            with postgres_server() as url:
                yield _line(count, "postgres", folder, url, runs)


def _line(count: int, who: str, folder: Path, url: str, runs: int) -> str:
    built: dict[str, Any] = {"seconds": 0.0, "peak": 0.0}
    if who != "pandas":
        built = measured_in_child(f"build {who}", folder, count, url, runs)
    found = built if "failed" in built else measured_in_child(f"ask {who}", folder, count, url, runs)
    if "failed" in found:
        return f"| {count:,} | {who} | failed: {found['failed']} |" + " |" * (len(QUESTIONS) + 3)
    size = {
        "copy": lambda: HistoryFolder(folder).size_bytes() / 1e6,
        "pandas": lambda: _size_mb(folder / "rows.parquet"),
        "sqlite": lambda: _size_mb(folder / "plain.db"),
        "postgres": lambda: _postgres_mb(url),
    }[who]()
    times = [f"{found[name][0]:.2f} ({found[name][1]:.2f})" if name in found else "" for name in QUESTIONS]
    ready = built["seconds"] if who != "pandas" else found["open"]
    cells = [f"{count:,}", who, f"{ready:.1f}", f"{size:,.0f}", *times, f"{found['peak']:,.0f}"]
    return "| " + " | ".join(cells) + " |"


def _postgres_mb(url: str) -> float:
    with psycopg.connect(url) as server:
        return float(server.execute("SELECT pg_database_size(current_database())").fetchone()[0]) / 1e6  # type: ignore[index]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--cases", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--databases-to", type=int, default=1_000_000, help="SQLite and PostgreSQL up to so many cases")
    parser.add_argument("--pandas-to", type=int, default=3_000_000, help="pandas up to so many cases: memory")
    parser.add_argument("--place", type=Path, help="folder for the data; 15 GB for the largest")
    parser.add_argument("--step", help="one step, in a process of its own")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--url", default="")
    given = parser.parse_args()
    if given.step:
        print(json.dumps(run_step(given.step, given.folder, given.cases[0], given.url, given.runs)))
        return
    sizes, runs = ([5_000], 1) if given.quick else (given.cases, given.runs)
    lines = [f"| cases | asked of | ready s | disk MB | {' s | '.join(QUESTIONS)} s | peak MB |", "|---" * 11 + "|"]
    for count in sizes:
        others = ("pandas",) if count <= given.pandas_to else ()
        others += ("sqlite", "postgres") if count <= given.databases_to else ()
        for line in measure(count, runs, others, given.place):
            print(line, flush=True)
            lines.append(line)
    report("Historic figures at any size", lines, save=given.save)


if __name__ == "__main__":
    main()
