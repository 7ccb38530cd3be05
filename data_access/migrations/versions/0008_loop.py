"""What the loop needs on a case: claims, orders, ownership, emergencies, links, pauses; and whose work it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_TEXTS = ("limit_code", "claimant", "order_by", "order_text", "order_answer", "owner_department", "owner_scope")
_TIMES = (
    *("tasked_at", "claimed_at", "ownerless_since", "order_at", "order_due", "order_answered_at"),
    *("owner_decided_at", "owner_until"),
)
_LISTS = {"pauses": "[]", "linked": "[]", "emergency": "{}"}


def upgrade() -> None:
    """Add the columns; cases stored before have none of it."""
    for name in _TEXTS:
        op.add_column("cases", sa.Column(name, sa.Text))
    for name in _TIMES:
        op.add_column("cases", sa.Column(name, sa.BigInteger))
    for name, empty in _LISTS.items():
        op.add_column("cases", sa.Column(name, sa.Text, nullable=False, server_default=empty))
    op.add_column("cases", sa.Column("claim_token", sa.Integer, nullable=False, server_default="0"))
    op.add_column("departments", sa.Column("area_code", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "duties",
        *[sa.Column(name, sa.Text, nullable=False) for name in ("class_code", "area_code", "department")],
        sa.PrimaryKeyConstraint("class_code", "area_code", name="pk_duties"),
    )
    _create_ownership()


def _create_ownership() -> None:
    texts = ("case_no", "component_code", "class_code", "grid", "department")
    serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "ownership",
        sa.Column("id", serial, autoincrement=True),
        *[sa.Column(name, sa.Text, nullable=False) for name in texts],
        sa.Column("decided_at", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_ownership"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ownership_component_code", "ownership", ["component_code"])
    op.create_index("ix_ownership_class_code_grid", "ownership", ["class_code", "grid"])
