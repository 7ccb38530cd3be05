"""Refreshing the copy: what is new in the journal becomes a new segment, and small segments are merged into larger.

One refresh costs as much as what happened since the last one. Each row is rewritten a few times in its life: segments
grow by about `_GROWTH` from one to the next, as in a log-structured store.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from shutil import rmtree

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Engine

from data_access.engine import reading
from data_access.history.engine import Bounds, connect, parquet, quoted
from data_access.history.folder import FINAL, OPEN, PAST, PAST_DAYS, HistoryFolder, Manifest, Segment
from data_access.history.journal_rows import Mark, belongs_to, newest, rows_between
from data_access.history.relations import COLUMNS, DAY_MS, FINAL_STATES_SQL, MARKS
from data_access.history.rows import SCHEMA, CaseRows, Row, table_of

_BATCH_ROWS = 50_000
_GROWTH = 8
_SMALL_ROWS = 50_000
_DEAD_SHARE = 0.02
"""More than this share of rows no longer true: everything is written once more, without them."""

_SPAN_DAYS = f"(until - since) / {DAY_MS}"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What one refresh did. `size_bytes` is what the whole copy takes on disk."""

    cases: int
    rows: int
    segments: int
    size_bytes: int
    seconds: float


@dataclass(slots=True)
class News:
    """What is new: rows in a file, and the numbers of the cases that had rows before, and whose rows were wrong."""

    file: Path
    rows: int = 0
    cases: int = 0
    known: list[int] = field(default_factory=list)
    replaced: list[int] = field(default_factory=list)


class GivenUp(Exception):
    """The refresh was told to stop; the last good state stands."""


class HistoryWriter:
    """Refreshes one copy from one database. Blocking, and heavy: it belongs in a process of its own."""

    def __init__(
        self, folder: HistoryFolder, engine: Engine, bounds: Bounds, *, now_ms: Callable[[], int] | None = None
    ) -> None:
        self._folder = folder
        self._engine = engine
        self._bounds = bounds
        self._now_ms = now_ms or (lambda: time.time_ns() // 1_000_000)
        self._stopped = threading.Event()

    def give_up(self) -> None:
        """Break off a refresh under way, and begin no other. From any thread."""
        self._stopped.set()

    def refresh(self) -> Refreshed | None:
        """Bring the copy up to the journal's end; None if it was there.

        Raises:
            CopyBusy: another process is at it. GivenUp: told so while reading.
            StoreError: the database does not answer; the copy stays as it was.
        """
        began = time.perf_counter()
        with self._folder.writing():
            manifest, end = self._begin()
            if manifest.mark == end:
                return None
            with workbench(self._folder, self._bounds) as bench:
                raw = self._folder.of("1-raw.parquet.part")
                changes = rows_between(self._engine, manifest.mark.entry_id, end.entry_id)
                news = write_raw(self._unless_stopped(changes), raw)
                after = bench.take_in(manifest, news, replace(manifest, mark=end, made_at=self._now_ms()))
        size = self._folder.size_bytes()
        return Refreshed(news.cases, news.rows, len(after.segments), size, time.perf_counter() - began)

    def _unless_stopped(self, changes: Iterator[CaseRows]) -> Iterator[CaseRows]:
        for change in changes:
            if self._stopped.is_set():
                raise GivenUp("told to stop")
            yield change

    def _begin(self) -> tuple[Manifest, Mark]:
        """The good state to go on from, and how far. A copy of another database is begun anew."""
        manifest = self._folder.manifest()
        self._folder.sweep(manifest)
        with reading(self._engine) as connection:
            if not belongs_to(connection, manifest.mark):
                manifest = Manifest(next_number=manifest.next_number)
            return manifest, newest(connection)


@contextmanager
def workbench(folder: HistoryFolder, bounds: Bounds) -> Iterator[Workbench]:
    """A database to write the copy's files with; nothing of it stays."""
    spill = folder.path / "spill"
    rmtree(spill, ignore_errors=True)
    with connect(bounds, spill) as connection:
        yield Workbench(folder, connection)
    rmtree(spill, ignore_errors=True)


class Workbench:
    """Writes files and swaps manifests. Only under `HistoryFolder.writing`."""

    def __init__(self, folder: HistoryFolder, connection: duckdb.DuckDBPyConnection) -> None:
        self._folder = folder
        self._db = connection

    def take_in(self, before: Manifest, news: News, marked: Manifest) -> Manifest:
        """Make `marked` with the news in it the good state, then merge what has grown too many; the state after both.

        `before` is the state that stands.
        """
        after = self._added(marked, news)
        self._folder.swap(before, after)
        merged = self._merged(after)
        if merged is not None:
            self._folder.swap(after, merged)
        return merged or after

    def _added(self, before: Manifest, news: News) -> Manifest:
        number = before.next_number
        self._db.register("changed", pa.table({"case_id": pa.array(news.known, pa.int64())}))
        segment = self._segment(number, f"{parquet([news.file])} AS cases")
        after = replace(
            before,
            next_number=number + 1,
            segments=(*before.segments, segment) if segment.files else before.segments,
            open_file=self._open_file(number, before, news.file),
        )
        return self._with_dead(number, after, news.replaced) if news.replaced else after

    def _segment(self, number: int, source: str) -> Segment:
        """Write what belongs into a segment, each part in its order."""
        files = {}
        rows = 0
        for part, where, order in _PARTS:
            columns = f"{COLUMNS}, {MARKS}" if part == FINAL else COLUMNS
            name = f"{number}-{part}.parquet"
            if found := self._copy(f"SELECT {columns} FROM {source} WHERE {where} ORDER BY {order}", name):
                files[part] = name
                rows += found
        return Segment(number, rows, files)

    def _open_file(self, number: int, before: Manifest, raw: Path) -> str | None:
        fresh = f"SELECT {COLUMNS} FROM {parquet([raw])} WHERE until IS NULL AND state NOT IN ({FINAL_STATES_SQL})"
        kept = ""
        if before.open_file:
            old = parquet([self._folder.of(before.open_file)])
            kept = f"SELECT {COLUMNS} FROM {old} WHERE case_id NOT IN (SELECT case_id FROM changed) UNION ALL "
        name = f"{number}-{OPEN}.parquet"
        return name if self._copy(f"SELECT * FROM ({kept}{fresh}) ORDER BY since", name) else None

    def _with_dead(self, number: int, manifest: Manifest, replaced: Sequence[int]) -> Manifest:
        """Note that what older segments hold of these cases no longer counts."""
        self._db.register("fresh_dead", pa.table({"case_id": pa.array(replaced, pa.int64())}))
        old = ""
        if manifest.dead_file:
            file = parquet([self._folder.of(manifest.dead_file)])
            old = f" UNION ALL SELECT case_id, before FROM {file} WHERE case_id NOT IN (SELECT case_id FROM fresh_dead)"
        name = f"{number}-dead.parquet"
        dead = self._copy(f"SELECT case_id, {number}::BIGINT AS before FROM fresh_dead{old}", name)
        return replace(manifest, dead_file=name, dead=dead)

    def _merged(self, before: Manifest) -> Manifest | None:
        """The state with its newest segments made one, if they have grown too many; None if not."""
        first = _merge_from(before)
        if first >= len(before.segments) - 1 and not (first == 0 and before.dead):
            return None
        number = before.next_number
        kept, taken = before.segments[:first], before.segments[first:]
        files: dict[str, str] = {}
        rows = 0
        for part, _, order in _PARTS:
            sources = [self._alive(before, segment, part) for segment in taken if part in segment.files]
            name = f"{number}-{part}.parquet"
            if sources and (found := self._copy(f"{' UNION ALL '.join(sources)} ORDER BY {order}", name)):
                files[part] = name
                rows += found
        after = replace(
            before, next_number=number + 1, segments=(*kept, *([Segment(number, rows, files)] if files else []))
        )
        return after if kept else replace(after, dead_file=None, dead=0)

    def _alive(self, manifest: Manifest, segment: Segment, part: str) -> str:
        file = parquet([self._folder.of(segment.files[part])])
        if not manifest.dead_file:
            return f"SELECT * FROM {file}"
        dead = parquet([self._folder.of(manifest.dead_file)])
        return f"SELECT * FROM {file} WHERE case_id NOT IN (SELECT case_id FROM {dead} WHERE before > {segment.number})"

    def _copy(self, question: str, name: str) -> int:
        """Write an answer to a file; the number of its rows. Without any, no file stays."""
        path = self._folder.of(name)
        part = path.with_name(f"{name}.part")
        options = "FORMAT parquet, COMPRESSION zstd"
        found = self._db.execute(f"COPY ({question}) TO {quoted(str(part))} ({options})").fetchone()
        rows = int(found[0]) if found else 0
        part.replace(path) if rows else part.unlink()
        return rows


def _parts() -> Iterator[tuple[str, str, str]]:
    yield FINAL, f"until IS NULL AND state IN ({FINAL_STATES_SQL})", "since"
    shortest = 0
    for part, days in zip(PAST, (*PAST_DAYS, None), strict=True):
        longest = f" AND {_SPAN_DAYS} <= {days}" if days is not None else ""
        above = f" AND {_SPAN_DAYS} > {shortest}" if shortest else ""
        yield part, f"until IS NOT NULL{above}{longest}", "until"
        shortest = days or shortest


_PARTS = tuple(_parts())
"""The parts of a segment: which rows, and in which order they lie."""


def write_raw(changes: Iterator[CaseRows], path: Path) -> News:
    """All new rows into one file, as they come; little is in memory at a time."""
    news = News(path)
    batch: list[Row] = []
    with pq.ParquetWriter(path, SCHEMA, compression="zstd", compression_level=1) as file:
        for change in changes:
            news.cases += 1
            news.known += [change.case_id] if change.known else []
            news.replaced += [change.case_id] if change.replaces else []
            batch += change.rows
            if len(batch) >= _BATCH_ROWS:
                news.rows += _flush(file, batch)
        news.rows += _flush(file, batch)
    return news


def _flush(file: pq.ParquetWriter, batch: list[Row]) -> int:
    rows = len(batch)
    file.write_table(table_of(batch))
    batch.clear()
    return rows


def _merge_from(manifest: Manifest) -> int:
    """The first of the newest segments to be merged; all of them where too much of them is no longer true."""
    segments = manifest.segments
    if manifest.dead > _SMALL_ROWS and manifest.dead > _DEAD_SHARE * sum(segment.rows for segment in segments):
        return 0
    first = len(segments) - 1
    rows = segments[-1].rows if segments else 0
    while first > 0 and segments[first - 1].rows <= max(_GROWTH * rows, _SMALL_ROWS):
        first -= 1
        rows += segments[first].rows
    return max(first, 0)
