"""The table of locked results and their corrections, in the hall's one `schema.metadata`. Append-only by triggers."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, text

from data_access.schema import big_serial, metadata

evaluation_results = Table(
    "evaluation_results",
    metadata,
    Column("id", big_serial, primary_key=True, autoincrement=True),
    Column("corrects", BigInteger),
    Column("at", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("who_name", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("convention", Text, nullable=False),
    Column("scheme_id", Text, nullable=False),
    Column("scheme_version", Integer, nullable=False),
    Column("period_start", BigInteger, nullable=False),
    Column("period_end", BigInteger, nullable=False),
    Column("as_of", BigInteger, nullable=False),
    Column("result", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    sqlite_autoincrement=True,
)
_LOCKS = text("corrects IS NULL")
_c = evaluation_results.c
Index(
    "uq_evaluation_results_lock",
    *(_c.object, _c.period_start, _c.period_end, _c.convention, _c.scheme_id),
    unique=True,
    sqlite_where=_LOCKS,
    postgresql_where=_LOCKS,
)
Index(None, evaluation_results.c.corrects)
