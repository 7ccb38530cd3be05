"""Accounts, wall devices, ended sessions and the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_BIG_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_REFUSAL = "the audit log is append-only"
_SQLITE_GUARD = """
CREATE TRIGGER audit_no_{verb} BEFORE {verb} ON audit
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
"""
_POSTGRES_GUARD = (
    f"CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$",
    "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
)


def upgrade() -> None:
    """Make the tables, then forbid changing the audit log."""
    _make_accounts()
    _make_devices()
    _make_audit()
    for statement in _guards():
        op.execute(statement)


def _guards() -> tuple[str, ...]:
    if op.get_bind().dialect.name == "sqlite":
        return tuple(_SQLITE_GUARD.format(verb=verb, refusal=_REFUSAL) for verb in ("UPDATE", "DELETE"))
    return _POSTGRES_GUARD


def _make_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("name", sa.Text),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("department", sa.Text),
        sa.Column("district", sa.Text),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("password_changed_at", sa.BigInteger, nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("session_epoch", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_accounts"),
    )


def _make_devices() -> None:
    op.create_table(
        "devices",
        sa.Column("name", sa.Text),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("revoked", sa.Boolean, nullable=False),
        sa.Column("session_epoch", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("last_seen_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("name", name="pk_devices"),
        sa.UniqueConstraint("token_hash", name="uq_devices_token_hash"),
    )
    op.create_table(
        "ended_sessions",
        sa.Column("session_id", sa.Text),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("session_id", name="pk_ended_sessions"),
    )


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _BIG_SERIAL, autoincrement=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_at", "audit", ["at"])
