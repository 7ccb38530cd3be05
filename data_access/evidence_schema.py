"""The table of evidence, in the hall's one `schema.metadata`. Append-only: triggers refuse changes (migration 0007)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text

from data_access.schema import metadata

evidence = Table(
    "evidence",
    metadata,
    Column("evidence_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("camera_id", Text, nullable=False),
    Column("begins_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("preset", Text, nullable=False),
    Column("operator", Text, nullable=False),
    Column("case_no", Text),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("media", LargeBinary, nullable=False),
)
Index(None, evidence.c.camera_id, evidence.c.begins_at)
