"""Asking the copy, exactly: what the journal got since the last refresh is read from it and laid beside the files.

A view is one moment's state of both. It is given to a question and must not outlive it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import duckdb
import pyarrow as pa
from sqlalchemy import Engine

from data_access.engine import reading
from data_access.history.engine import Bounds, connect, parquet
from data_access.history.folder import HistoryFolder, Manifest
from data_access.history.journal_rows import Mark, belongs_to, entries_between, newest, rows_between
from data_access.history.relations import CHANGED, DEAD, FOREVER, TAIL, Copy
from data_access.history.rows import Row, table_of

TAIL_ENTRIES = 20_000
"""So many entries may lie between the last refresh and now; reading more takes longer than asking the database."""

_ATTEMPTS = 3

Answer = TypeVar("Answer")


class HistoryBehind(Exception):
    """There is no copy yet, or the journal is too far ahead of it: ask the database, or again in a minute."""


@dataclass(frozen=True, slots=True)
class _Tail:
    """What the journal has beyond a manifest, up to `mark`."""

    manifest: Manifest
    mark: Mark
    rows: pa.Table
    changed: Sequence[int]
    dead: Sequence[int]


class View:
    """One state of the copy with what came since. For one question, in one thread."""

    def __init__(self, copy: Copy, connection: duckdb.DuckDBPyConnection, mark: Mark) -> None:
        self.copy = copy
        self.mark = mark
        """How far in the journal this view knows."""
        self._db = connection

    def rows(self, question: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The answer to a question in SQL, over the relations of `copy`."""
        return self._db.execute(question, parameters).fetchall()

    def table(self, question: str, parameters: Sequence[Any] = ()) -> pa.Table:
        """The same as an Arrow table."""
        return self._db.execute(question, parameters).to_arrow_table()


class History:
    """One process's way to its machine's copy. Thread-safe; blocking, so call it off the event loop."""

    def __init__(
        self, folder: HistoryFolder, engine: Engine, bounds: Bounds, *, tail_entries: int = TAIL_ENTRIES
    ) -> None:
        self._folder = folder
        self._engine = engine
        self._tail_entries = tail_entries
        self._db = connect(bounds, folder.path / "reading")
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._tail: _Tail | None = None

    def ask(self, work: Callable[[View], Answer]) -> Answer:
        """What `work` makes of a view of now.

        Raises:
            HistoryBehind: no copy near enough, or its files cannot be read.
            StoreError: the database does not answer.
        """
        why = ""
        for _ in range(_ATTEMPTS):
            try:
                return self._asked(work)
            except duckdb.IOException as error:  # two refreshes deleted its files meanwhile: the newest manifest knows
                self._stamp, why = None, str(error)
        raise HistoryBehind(f"the copy's files cannot be read: {why}")

    def _asked(self, work: Callable[[View], Answer]) -> Answer:
        tail = self._newest()
        manifest = tail.manifest
        with self._db.cursor() as connection:
            connection.register(TAIL, tail.rows)
            connection.register(CHANGED, _numbers(tail.changed))
            dead = f"SELECT case_id, {FOREVER} AS before FROM tail_dead"
            if manifest.dead_file:
                dead += f" UNION ALL SELECT case_id, before FROM {parquet([self._folder.of(manifest.dead_file)])}"
            connection.register("tail_dead", _numbers(tail.dead))
            connection.execute(f"CREATE TEMP VIEW {DEAD} AS {dead}")
            is_dead = bool(tail.dead) or manifest.dead > 0
            copy = Copy(self._folder, manifest, dead=is_dead, tail=bool(tail.rows.num_rows))
            return work(View(copy, connection, tail.mark))

    def _newest(self) -> _Tail:
        """The newest manifest with all that came since: as it was, if nothing did."""
        with self._lock:
            stamp = self._folder.stamp()
            if self._tail is None or stamp != self._stamp:
                self._tail, self._stamp = None, stamp
            manifest = self._tail.manifest if self._tail else self._folder.manifest()
            with reading(self._engine) as connection:
                end = newest(connection)
                if self._tail is not None and self._tail.mark == end:
                    return self._tail
                self._check(connection, manifest, end)
            self._tail = self._read(manifest, end)
            return self._tail

    def _check(self, connection: Any, manifest: Manifest, end: Mark) -> None:
        if not belongs_to(connection, manifest.mark):
            raise HistoryBehind("the copy was made from another database")
        if entries_between(connection, manifest.mark.entry_id, end.entry_id) > self._tail_entries:
            raise HistoryBehind("the journal is too far ahead of the copy")

    def _read(self, manifest: Manifest, end: Mark) -> _Tail:
        rows: list[Row] = []
        changed, dead = [], []
        for change in rows_between(self._engine, manifest.mark.entry_id, end.entry_id):
            rows += change.rows
            changed += [change.case_id] if change.known else []
            dead += [change.case_id] if change.replaces else []
        return _Tail(manifest, end, table_of(rows), changed, dead)


def _numbers(values: Sequence[int]) -> pa.Table:
    return pa.table({"case_id": pa.array(values, pa.int64())})
