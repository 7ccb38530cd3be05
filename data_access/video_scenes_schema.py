"""The table of the camera wall's named scenes, in the hall's one `schema.metadata`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, Table, Text

from data_access.schema import big_serial, metadata

video_scenes = Table(
    "video_scenes",
    metadata,
    Column("id", big_serial, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    Column("arrangement", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("saved_by", Text, nullable=False),
    Column("saved_at", BigInteger, nullable=False),
    Column("deleted", Boolean, nullable=False),
    sqlite_autoincrement=True,
)
"""A deleted scene stays for a day, so that its deletion can be taken back."""
