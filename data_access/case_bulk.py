"""Writing whole case histories at once: imported and demo history, at tens of thousands of rows a second.

Such histories are already decided. They skip the outbox; one `rebuild` mark at the end tells the live worker to load
everything anew instead of following them one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, Self

import psycopg
from sqlalchemy import Connection, Engine, Table
from sqlalchemy.exc import IntegrityError

from data_access.case_rows import CASE_COLUMNS, ENTRY_COLUMNS, case_row, entry_row
from data_access.codec import REBUILD
from data_access.engine import is_sqlite, take_turn, writing
from data_access.errors import AlreadyStored, translate
from data_access.ownership import note_decision
from data_access.photos import use_rows
from data_access.photos_schema import photo_uses
from data_access.schema import cases, journal, outbox
from domain.case import Case
from domain.journal import FIRST_LINK, Entry, milliseconds, sealed

History = tuple[Case, Sequence[Entry]]
"""A case and the entries that make it: unsealed, in order, versions 1, 2, 3, …"""


class BulkWriter:
    """Use as a context manager. Each `append` is one transaction: all of it is stored, or none."""

    def __init__(self, engine: Engine, on_commit: Callable[[], None]) -> None:
        self._engine = engine
        self._on_commit = on_commit
        self._wrote = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ask for a rebuild if anything was stored, also when the rest failed."""
        if not self._wrote:
            return
        with writing(self._engine) as connection:
            take_turn(connection)
            connection.execute(outbox.insert().values(payload=REBUILD))
        self._on_commit()

    def append(self, histories: Sequence[History]) -> None:
        """Seal and store new cases with their entries. Keep batches to some thousands: a batch is held in memory.

        Raises:
            AlreadyStored: one of them is there already (its number, or its outside id); nothing of the batch is stored.
        """
        case_rows: list[tuple[object, ...]] = []
        entry_rows: list[tuple[object, ...]] = []
        for case, entries in histories:
            entry_rows.extend(_chained(entries))
            case_rows.append(case_row(case, max(milliseconds(entry.at) for entry in entries)))
        try:
            with writing(self._engine) as connection:
                take_turn(connection)
                _insert(connection, cases, CASE_COLUMNS, case_rows)
                _insert(connection, journal, ENTRY_COLUMNS, entry_rows)
                if used := [row for _, entries in histories for row in _photo_uses(entries)]:
                    connection.execute(photo_uses.insert(), used)
                for case, entries in histories:
                    for entry in entries:
                        note_decision(connection, entry, case)
        except IntegrityError as error:
            raise AlreadyStored(_twice(error.orig)) from error
        self._wrote = True


def _chained(entries: Iterable[Entry]) -> Iterable[tuple[object, ...]]:
    previous = FIRST_LINK
    for entry in entries:
        linked = sealed(entry, previous)
        previous = linked.hash
        yield entry_row(linked)


def _photo_uses(entries: Iterable[Entry]) -> Iterator[dict[str, Any]]:
    """Where the histories' sealed photos are used; most histories have none."""
    before: Sequence[str] = ()
    for entry in entries:
        if "photos" in entry.changes:
            yield from use_rows(entry, before)
            before = entry.changes["photos"]


def _insert(connection: Connection, table: Table, columns: Sequence[str], rows: list[tuple[object, ...]]) -> None:
    names = ", ".join(columns)
    if is_sqlite(connection):
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)  # noqa: S608 (our names)
        return
    _copy(connection, f"COPY {table.name} ({names}) FROM STDIN", rows)


def _copy(connection: Connection, statement: str, rows: list[tuple[object, ...]]) -> None:
    """PostgreSQL's own way in. It goes past SQLAlchemy, so its errors are translated here."""
    cursor = connection.connection.cursor()
    try:
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.errors.UniqueViolation as error:
        raise AlreadyStored(_twice(error)) from error
    except psycopg.Error as error:
        ours = translate(error)
        if ours is None:
            raise
        raise ours from error


def _twice(error: BaseException | None) -> str:
    return f"a case of this batch is stored already, so nothing of the batch is: {error}"
