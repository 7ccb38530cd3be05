"""Locked results of evaluation, written once, never changed; a city's own schemes beside its rules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_SQLITE_GUARD = """
CREATE TRIGGER evaluation_results_no_{verb} BEFORE {verb} ON evaluation_results
BEGIN SELECT RAISE(ABORT, 'evaluation_results is append-only'); END
"""
_POSTGRES_GUARDS = (
    "CREATE FUNCTION evaluation_results_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'evaluation_results is append-only'; END $$",
    "CREATE TRIGGER evaluation_results_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON evaluation_results "
    "FOR EACH STATEMENT EXECUTE FUNCTION evaluation_results_is_append_only()",
)


def upgrade() -> None:
    """Make the table, forbid changing it, and give the city its column."""
    op.add_column("city", sa.Column("evaluation", sa.Text, nullable=False, server_default="{}"))
    _create_results()
    for statement in _guards():
        op.execute(statement)


def _create_results() -> None:
    op.create_table(
        "evaluation_results",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=True),
        sa.Column("corrects", sa.BigInteger),
        sa.Column("at", sa.BigInteger, nullable=False),
        *[
            sa.Column(name, sa.Text, nullable=False)
            for name in ("who", "who_name", "reason", "object", "convention", "scheme_id")
        ],
        sa.Column("scheme_version", sa.Integer, nullable=False),
        *[sa.Column(name, sa.BigInteger, nullable=False) for name in ("period_start", "period_end", "as_of")],
        *[sa.Column(name, sa.Text, nullable=False) for name in ("result", "sha256")],
        sa.PrimaryKeyConstraint("id", name="pk_evaluation_results"),
        sqlite_autoincrement=True,
    )
    locks = sa.text("corrects IS NULL")
    op.create_index(
        "uq_evaluation_results_lock",
        "evaluation_results",
        ["object", "period_start", "period_end", "convention", "scheme_id"],
        unique=True,
        sqlite_where=locks,
        postgresql_where=locks,
    )
    op.create_index("ix_evaluation_results_corrects", "evaluation_results", ["corrects"])


def _guards() -> list[str]:
    if op.get_bind().dialect.name == "sqlite":
        return [_SQLITE_GUARD.format(verb=verb) for verb in ("UPDATE", "DELETE")]
    return [*_POSTGRES_GUARDS]
