"""Pictures and clips kept as evidence, and a case's references to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_REFUSAL = "evidence is append-only"
_SQLITE_GUARD = """
CREATE TRIGGER evidence_no_{verb} BEFORE {verb} ON evidence
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
"""
_POSTGRES_GUARD = (
    f"CREATE FUNCTION evidence_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$",
    "CREATE TRIGGER evidence_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence "
    "FOR EACH STATEMENT EXECUTE FUNCTION evidence_is_append_only()",
)


def upgrade() -> None:
    """Make the table, forbid changing it, and give cases a place for references."""
    op.create_table(
        "evidence",
        *[sa.Column(name, sa.Text, nullable=False) for name in ("evidence_id", "kind", "camera_id")],
        sa.Column("begins_at", sa.BigInteger, nullable=False),
        sa.Column("ends_at", sa.BigInteger, nullable=False),
        sa.Column("preset", sa.Text, nullable=False),
        sa.Column("operator", sa.Text, nullable=False),
        sa.Column("case_no", sa.Text),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("media", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("evidence_id", name="pk_evidence"),
    )
    op.create_index("ix_evidence_camera_id_begins_at", "evidence", ["camera_id", "begins_at"])
    op.add_column("cases", sa.Column("evidence", sa.Text, nullable=False, server_default="[]"))
    for statement in _guards():
        op.execute(statement)


def _guards() -> tuple[str, ...]:
    if op.get_bind().dialect.name == "sqlite":
        return tuple(_SQLITE_GUARD.format(verb=verb, refusal=_REFUSAL) for verb in ("UPDATE", "DELETE"))
    return _POSTGRES_GUARD
