"""The tables of accounts, wall devices, ended sessions and the audit log, in the hall's one `schema.metadata`.

No password and no device token is stored: of the first there is an Argon2 hash, of the second a SHA-256 (it is random
and long, so a slow hash would add nothing). The audit log is append-only: triggers refuse changes (migration 0003).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, Table, Text

from data_access.schema import big_serial, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("display_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("department", Text),
    Column("district", Text),
    Column("password_hash", Text, nullable=False),
    Column("password_changed_at", BigInteger, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("session_epoch", Integer, nullable=False),
)

devices = Table(
    "devices",
    metadata,
    Column("name", Text, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("revoked", Boolean, nullable=False),
    Column("session_epoch", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger),
)

ended_sessions = Table(
    "ended_sessions",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("until", BigInteger, nullable=False),
)
"""Sessions that were logged out, until their cookies would have run out by themselves."""

audit = Table(
    "audit",
    metadata,
    Column("id", big_serial, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False, index=True),
    Column("who", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("address", Text, nullable=False),
    sqlite_autoincrement=True,
)
