"""Journal, case rows, outbox and number counters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_BIG_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_REFUSAL = "the journal is append-only"
_SQLITE_GUARD = """
CREATE TRIGGER journal_no_{verb} BEFORE {verb} ON journal
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
"""
_POSTGRES_GUARD = (
    f"CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$",
    "CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON journal "
    "FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()",
)


def upgrade() -> None:
    """Make the tables, then forbid changing the journal."""
    _make_cases()
    _make_journal()
    op.create_table(
        "outbox",
        sa.Column("id", _BIG_SERIAL, autoincrement=True),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "case_numbers",
        sa.Column("day", sa.Text),
        sa.Column("serial", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_case_numbers"),
    )
    for statement in _guards():
        op.execute(statement)


def _guards() -> tuple[str, ...]:
    if op.get_bind().dialect.name == "sqlite":
        return tuple(_SQLITE_GUARD.format(verb=verb, refusal=_REFUSAL) for verb in ("UPDATE", "DELETE"))
    return _POSTGRES_GUARD


def _make_journal() -> None:
    op.create_table(
        "journal",
        sa.Column("entry_id", _BIG_SERIAL, autoincrement=True),
        sa.Column("case_no", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("seat", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("changes", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name="pk_journal"),
        sa.UniqueConstraint("case_no", "version", name="uq_journal_case_no_version"),
        sqlite_autoincrement=True,
    )


def _make_cases() -> None:
    op.create_table(
        "cases",
        *_identity_columns(),
        *_place_columns(),
        *_time_columns(),
        *_handling_columns(),
        sa.PrimaryKeyConstraint("case_no", name="pk_cases"),
        sa.UniqueConstraint("source_system", "outside_id", name="uq_cases_source_system_outside_id"),
    )
    for columns in (
        ("state", "deadline"),
        ("reported_at",),
        ("accepted_at",),
        ("filed_at",),
        ("dispatched_at",),
        ("disposed_at",),
        ("closed_at",),
        ("last_failed_check_at",),
        ("updated_at",),
        ("department", "reported_at"),
        ("grid", "reported_at"),
    ):
        op.create_index("ix_cases_" + "_".join(columns), "cases", list(columns))


def _identity_columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("case_no", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("state_since", sa.BigInteger, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("source_system", sa.Text),
        sa.Column("outside_id", sa.Text),
        sa.Column("edition", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("class_code", sa.Text, nullable=False),
        sa.Column("component_code", sa.Text),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
    )


def _place_columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("lon", sa.Float),
        sa.Column("lat", sa.Float),
        sa.Column("district", sa.Text),
        sa.Column("grid", sa.Text),
        sa.Column("area_class", sa.Integer, nullable=False),
        sa.Column("owner_level", sa.Text, nullable=False),
        sa.Column("reporter", sa.Text),
        sa.Column("reporter_phone", sa.Text),
    )


def _time_columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("reported_at", sa.BigInteger, nullable=False),
        sa.Column("accepted_at", sa.BigInteger),
        sa.Column("filed_at", sa.BigInteger),
        sa.Column("dispatched_at", sa.BigInteger),
        sa.Column("assigned_at", sa.BigInteger),
        sa.Column("disposed_at", sa.BigInteger),
        sa.Column("checked_at", sa.BigInteger),
        sa.Column("closed_at", sa.BigInteger),
        sa.Column("last_failed_check_at", sa.BigInteger),
        sa.Column("filing_condition", sa.Text),
        sa.Column("closing_condition", sa.Text),
        sa.Column("limit_value", sa.Float),
        sa.Column("limit_unit", sa.Text),
        sa.Column("calendar_version", sa.Text),
        sa.Column("deadline", sa.BigInteger),
        sa.Column("original_deadline", sa.BigInteger),
        sa.Column("paused_seconds", sa.Float, nullable=False),
        sa.Column("paused_since", sa.BigInteger),
        sa.Column("remaining_seconds", sa.Float),
    )


def _handling_columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("department", sa.Text),
        sa.Column("assisting", sa.Text, nullable=False),
        sa.Column("departments_tasked", sa.Text, nullable=False),
        sa.Column("rework_count", sa.Integer, nullable=False),
        sa.Column("extension_count", sa.Integer, nullable=False),
        sa.Column("send_back_count", sa.Integer, nullable=False),
        sa.Column("urged_count", sa.Integer, nullable=False),
        sa.Column("supervised", sa.Boolean, nullable=False),
        sa.Column("self_disposed", sa.Boolean, nullable=False),
        sa.Column("timeout_exempt", sa.Boolean, nullable=False),
        sa.Column("appealed", sa.Boolean, nullable=False),
        sa.Column("called_back", sa.Boolean, nullable=False),
        sa.Column("current_request", sa.Text),
        sa.Column("requested_until", sa.BigInteger),
        sa.Column("requested_hours", sa.Float),
        sa.Column("resume_state", sa.Text),
        sa.Column("suspended_until", sa.BigInteger),
        sa.Column("claimed_by", sa.Text),
        sa.Column("photos", sa.Text, nullable=False),
        sa.Column("attributes", sa.Text, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
    )
