"""Conditions that are written once for the databases, as DuckDB reads them."""

from __future__ import annotations

from sqlalchemy import ColumnElement
from sqlalchemy.dialects import postgresql

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def in_duckdb(condition: ColumnElement[bool]) -> str:
    """The condition with its values written out; DuckDB understands PostgreSQL's way of writing it."""
    text = str(condition.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True}))
    return f"({text.replace('%%', '%')})"
