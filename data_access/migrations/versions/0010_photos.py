"""Photos kept as evidence, which journal entries brought them to which case; indexes of the leaders' lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_REFUSAL = "photos are append-only"
_TABLES = ("photos", "photo_uses")
_BANDS = ("band0", "band1", "band2", "band3")
_SQLITE_GUARD = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
"""


def upgrade() -> None:
    """Make the tables and forbid changing them."""
    op.create_table(
        "photos",
        *[sa.Column(name, sa.Text, nullable=False) for name in ("sha256", "media_type")],
        sa.Column("size", sa.BigInteger, nullable=False),
        *[sa.Column(name, sa.Integer, nullable=False) for name in ("width", "height")],
        sa.Column("taken_at", sa.BigInteger),
        *[sa.Column(name, sa.Float) for name in ("lon", "lat")],
        sa.Column("picture_hash", sa.Text),
        *[sa.Column(name, sa.Integer) for name in _BANDS],
        *[sa.Column(name, sa.Text, nullable=False) for name in ("software", "kind", "uploaded_by")],
        sa.Column("uploaded_at", sa.BigInteger, nullable=False),
        *[sa.Column(name, sa.LargeBinary, nullable=False) for name in ("thumb", "media")],
        sa.PrimaryKeyConstraint("sha256", name="pk_photos"),
    )
    for name in _BANDS:
        op.create_index(f"ix_photos_{name}", "photos", [name])
    op.create_table(
        "photo_uses",
        *[sa.Column(name, sa.Text, nullable=False) for name in ("sha256", "case_no")],
        sa.Column("version", sa.Integer, nullable=False),
        *[sa.Column(name, sa.Text, nullable=False) for name in ("kind", "action", "actor")],
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("sha256", "case_no", "version", "kind", name="pk_photo_uses"),
    )
    op.create_index("ix_photo_uses_case_no", "photo_uses", ["case_no"])
    _add_indexes()
    for statement in _guards():
        op.execute(statement)


def _add_indexes() -> None:
    """What leaders ask for: few cases have an order or an emergency."""
    for name, column, which in (
        ("order_at", "order_at", sa.text("order_at IS NOT NULL")),
        ("emergency", "state_since", sa.text("emergency <> '{}'")),
    ):
        op.create_index(f"ix_cases_{name}", "cases", [column], sqlite_where=which, postgresql_where=which)


def _guards() -> list[str]:
    if op.get_bind().dialect.name == "sqlite":
        return [
            _SQLITE_GUARD.format(table=table, verb=verb, refusal=_REFUSAL)
            for table in _TABLES
            for verb in ("UPDATE", "DELETE")
        ]
    function = (
        "CREATE FUNCTION photos_are_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    return [function] + [
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION photos_are_append_only()"
        for table in _TABLES
    ]
