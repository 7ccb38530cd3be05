"""The alarm log and the signed handovers: written once, never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_TABLES = ("alarm_log", "handovers")
_SQLITE_GUARD = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
_POSTGRES_GUARDS = (
    "CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$",
    "CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()",
)


def upgrade() -> None:
    """Make both tables and forbid changing them."""
    _create_log()
    _create_handovers()
    for statement in _guards():
        op.execute(statement)


def _serial() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _create_log() -> None:
    op.create_table(
        "alarm_log",
        sa.Column("id", _serial(), autoincrement=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        *[sa.Column(name, sa.Text, nullable=False) for name in ("event", "alarm_id")],
        *[sa.Column(name, sa.Text) for name in ("kind", "level")],
        *[sa.Column(name, sa.Text, nullable=False) for name in ("subject", "who", "who_name", "reason")],
        sa.Column("until", sa.BigInteger),
        sa.Column("about", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alarm_log"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_alarm_log_at", "alarm_log", ["at"])
    op.create_index("ix_alarm_log_alarm_id", "alarm_log", ["alarm_id"])


def _create_handovers() -> None:
    texts = ("leaver", "leaver_name", "taker", "taker_name", "note", "sha256", "shown")
    op.create_table(
        "handovers",
        sa.Column("id", _serial(), autoincrement=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        *[sa.Column(name, sa.Text, nullable=False) for name in texts],
        sa.PrimaryKeyConstraint("id", name="pk_handovers"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_handovers_at", "handovers", ["at"])


def _guards() -> list[str]:
    if op.get_bind().dialect.name == "sqlite":
        return [_SQLITE_GUARD.format(table=table, verb=verb) for table in _TABLES for verb in ("UPDATE", "DELETE")]
    return [guard.format(table=table) for table in _TABLES for guard in _POSTGRES_GUARDS]
