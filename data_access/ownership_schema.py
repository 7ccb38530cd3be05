"""The table of ownership decisions that hold beyond their case, in the hall's one `schema.metadata`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table, Text

from data_access.schema import big_serial, metadata

ownership = Table(
    "ownership",
    metadata,
    Column("id", big_serial, primary_key=True, autoincrement=True),
    Column("case_no", Text, nullable=False),
    Column("component_code", Text, nullable=False),
    Column("class_code", Text, nullable=False),
    Column("grid", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("decided_at", BigInteger, nullable=False),
    Column("until", BigInteger),
    sqlite_autoincrement=True,
)
Index(None, ownership.c.component_code)
Index(None, ownership.c.class_code, ownership.c.grid)
