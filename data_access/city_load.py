"""Bulk "insert, or update what differs": the same on SQLite (executemany) and PostgreSQL (COPY, then one statement).

A row equal to the stored one is not touched, so an import that brings nothing new writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, Table, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from data_access.engine import is_sqlite


@dataclass(frozen=True, slots=True)
class Put:
    """What became of some rows."""

    new: int = 0
    changed: int = 0
    same: int = 0
    removed: int = 0

    def __add__(self, other: Put) -> Put:
        return Put(
            self.new + other.new,
            self.changed + other.changed,
            self.same + other.same,
            self.removed + other.removed,
        )

    @property
    def touched(self) -> bool:
        """Whether anything in the store is different now."""
        return bool(self.new or self.changed or self.removed)


def put(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> Put:
    """Bring rows in; keys are unique among them. Further entries of a row than the table's columns are ignored."""
    if not rows:
        return Put()
    before = _count(connection, table)
    names = [column.name for column in table.columns]
    values = [tuple(row.get(name) for name in names) for row in rows]
    written = _put_sqlite(connection, table, values) if is_sqlite(connection) else _copy(connection, table, values)
    new = _count(connection, table) - before
    return Put(new=new, changed=written - new, same=len(rows) - written)


def remove_others(connection: Connection, table: Table, keep: Sequence[str]) -> Put:
    """Delete the rows whose key is not among `keep`."""
    key = _key(table)
    found = connection.execute(select(key)).scalars().all()
    gone = sorted(set(found).difference(keep))
    for start in range(0, len(gone), 500):
        connection.execute(delete(table).where(key.in_(gone[start : start + 500])))
    return Put(removed=len(gone))


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _key(table: Table) -> Any:
    return next(iter(table.primary_key.columns))


def _put_sqlite(connection: Connection, table: Table, values: list[tuple[Any, ...]]) -> int:
    return connection.exec_driver_sql(_sqlite_statement(table), values).rowcount


@cache
def _sqlite_statement(table: Table) -> str:
    statement = sqlite.insert(table).values({column.name: None for column in table.columns})
    compiled = _updating(statement, table).compile(dialect=sqlite.dialect())
    return str(compiled)


def _copy(connection: Connection, table: Table, values: list[tuple[Any, ...]]) -> int:
    staging = f"incoming_{table.name}"
    connection.exec_driver_sql(f"CREATE TEMP TABLE {staging} (LIKE {table.name}) ON COMMIT DROP")
    cursor = connection.connection.cursor()
    with cursor.copy(f"COPY {staging} FROM STDIN") as out:
        for row in values:
            out.write_row(row)
    incoming = Table(staging, table.metadata.__class__(), *(c._copy() for c in table.columns))
    names = [column.name for column in table.columns]
    statement = postgresql.insert(table).from_select(names, select(*(incoming.c[name] for name in names)))
    written = connection.execute(_updating(statement, table)).rowcount
    connection.exec_driver_sql(f"DROP TABLE {staging}")
    return written


def _updating(statement: Any, table: Table) -> Insert:
    """With the update of rows that exist and differ."""
    key = _key(table)
    others = [column for column in table.columns if column is not key]
    differs = or_(*(column.is_distinct_from(statement.excluded[column.name]) for column in others))
    updated: Insert = statement.on_conflict_do_update(
        index_elements=[key], set_={column.name: statement.excluded[column.name] for column in others}, where=differs
    )
    return updated
