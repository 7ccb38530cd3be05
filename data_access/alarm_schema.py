"""The tables of the alarm log and of handovers, in the hall's one `schema.metadata`.

Both are append-only: triggers refuse changes (migration 0009).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from data_access.schema import metadata

_SERIAL = BigInteger().with_variant(Integer, "sqlite")

alarm_log = Table(
    "alarm_log",
    metadata,
    Column("id", _SERIAL, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("event", Text, nullable=False),
    Column("alarm_id", Text, nullable=False),
    Column("kind", Text),
    Column("level", Text),
    Column("subject", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("who_name", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("until", BigInteger),
    Column("about", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index(None, alarm_log.c.at)
Index(None, alarm_log.c.alarm_id)

handovers = Table(
    "handovers",
    metadata,
    Column("id", _SERIAL, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("leaver", Text, nullable=False),
    Column("leaver_name", Text, nullable=False),
    Column("taker", Text, nullable=False),
    Column("taker_name", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("shown", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index(None, handovers.c.at)
