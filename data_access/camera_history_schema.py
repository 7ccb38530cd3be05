"""The tables of how cameras fared: spells of every camera, alarms of every sharing platform. Times are epoch ms."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from data_access.schema import metadata

camera_spells = Table(
    "camera_spells",
    metadata,
    Column("camera_id", Text, primary_key=True),
    Column("since", BigInteger, primary_key=True, autoincrement=False),
    Column("until", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("error", Text),
    Column("conditions", Text, nullable=False),
)
"""`until` is the last moment somebody vouched for the spell; `conditions` are codes with commas between them."""

Index(None, camera_spells.c.until)

platform_alarms = Table(
    "platform_alarms",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("since", BigInteger, primary_key=True, autoincrement=False),
    Column("cleared_at", BigInteger),
    Column("lost", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("most_lost", Integer, nullable=False),
)
"""`cleared_at` is null while the alarm stands."""
