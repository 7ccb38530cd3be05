"""The tables of photos, in the hall's one `schema.metadata`. Append-only: triggers refuse changes (migration 0010).

A picture's hash stands whole and in four bands of 16 bits: alike pictures are found by index, never by looking at all.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, Table, Text

from data_access.schema import metadata

BANDS = 4

photos = Table(
    "photos",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("taken_at", BigInteger),
    Column("lon", Float),
    Column("lat", Float),
    Column("picture_hash", Text),
    *[Column(f"band{number}", Integer) for number in range(BANDS)],
    Column("software", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("uploaded_by", Text, nullable=False),
    Column("uploaded_at", BigInteger, nullable=False),
    Column("thumb", LargeBinary, nullable=False),
    Column("media", LargeBinary, nullable=False),
)
for number in range(BANDS):
    Index(None, photos.c[f"band{number}"])

photo_uses = Table(
    "photo_uses",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("case_no", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("action", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)
Index(None, photo_uses.c.case_no)
