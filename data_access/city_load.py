"""Bulk "insert, or update what differs": the same on SQLite (executemany) and PostgreSQL (COPY, then one statement).

A row equal to the stored one is not touched, so an import that brings nothing new writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import psycopg
from sqlalchemy import Connection, Insert, Table, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from data_access.engine import is_sqlite
from data_access.errors import StoreError, translate


@dataclass(frozen=True, slots=True)
class Put:
    """What became of a file's good rows."""

    new: int = 0
    changed: int = 0
    same: int = 0
    removed: int = 0

    @property
    def touched(self) -> bool:
        """Whether anything in the store is different now."""
        return bool(self.new or self.changed or self.removed)


class TableWriter:
    """Writes one table in one or many transactions and says at the end what became of the rows.

    Rows are counted once before and once after: a count is a scan, too dear for each batch.
    """

    def __init__(self, connection: Connection, table: Table) -> None:
        self._table = table
        self._before = _count(connection, table)
        self._given = self._written = self._removed = 0

    def write(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> int:
        """Bring rows in, keys unique among all of them; how many were written. Entries that are no columns are left."""
        written = _write(connection, self._table, rows) if rows else 0
        self._given += len(rows)
        self._written += written
        return written

    def remove_others(self, connection: Connection, keep: Sequence[str]) -> int:
        """Delete the rows whose key (of one column) is not among `keep`; how many."""
        key = _key(self._table)
        gone = sorted(set(connection.execute(select(key)).scalars()).difference(keep))
        for start in range(0, len(gone), 500):
            connection.execute(delete(self._table).where(key.in_(gone[start : start + 500])))
        self._removed += len(gone)
        return len(gone)

    def result(self, connection: Connection) -> Put:
        """What became of all rows so far."""
        new = _count(connection, self._table) + self._removed - self._before
        return Put(new, self._written - new, self._given - self._written, self._removed)


def _write(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> int:
    names = [column.name for column in table.columns]
    values = [tuple(map(row.get, names)) for row in rows]
    return _write_sqlite(connection, table, values) if is_sqlite(connection) else _copy(connection, table, values)


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _key(table: Table) -> Any:
    return next(iter(table.primary_key.columns))


def _write_sqlite(connection: Connection, table: Table, values: list[tuple[Any, ...]]) -> int:
    return connection.exec_driver_sql(_sqlite_statement(table), values).rowcount


@cache
def _sqlite_statement(table: Table) -> str:
    statement = sqlite.insert(table).values({column.name: None for column in table.columns})
    compiled = _updating(statement, table).compile(dialect=sqlite.dialect())
    return str(compiled)


def _copy(connection: Connection, table: Table, values: list[tuple[Any, ...]]) -> int:
    staging = f"incoming_{table.name}"
    connection.exec_driver_sql(f"CREATE TEMP TABLE {staging} (LIKE {table.name}) ON COMMIT DROP")
    names = [column.name for column in table.columns]
    _copy_rows(connection, f"{staging} ({', '.join(names)})", values)
    incoming = Table(staging, table.metadata.__class__(), *(c._copy() for c in table.columns))
    statement = postgresql.insert(table).from_select(names, select(*(incoming.c[name] for name in names)))
    written = connection.execute(_updating(statement, table).execution_options(preserve_rowcount=True)).rowcount
    connection.exec_driver_sql(f"DROP TABLE {staging}")
    return written


def _copy_rows(connection: Connection, into: str, values: list[tuple[Any, ...]]) -> None:
    """`into` names the columns too: a migrated table has those that came later at its end."""
    try:
        with connection.connection.cursor().copy(f"COPY {into} FROM STDIN") as out:
            for row in values:
                out.write_row(row)
    except psycopg.Error as error:
        # Only the first sentence: the rest quotes the row, and a camera's row holds a password.
        told = error.diag.message_primary or type(error).__name__
        raise translate(error) or StoreError(f"The database refused rows of {into.partition(' ')[0]}: {told}") from None


def _updating(statement: Any, table: Table) -> Insert:
    """With the update of rows that exist and differ."""
    keys = list(table.primary_key.columns)
    others = [column for column in table.columns if not column.primary_key]
    differs = or_(*(column.is_distinct_from(statement.excluded[column.name]) for column in others))
    updated: Insert = statement.on_conflict_do_update(
        index_elements=keys, set_={column.name: statement.excluded[column.name] for column in others}, where=differs
    )
    return updated
