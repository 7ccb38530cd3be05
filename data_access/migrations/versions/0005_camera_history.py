"""How every camera was, spell by spell, and when a sharing platform's cameras went together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make both tables; windows of time are asked for by their beginning, which `until` reaches."""
    op.create_table(
        "camera_spells",
        sa.Column("camera_id", sa.Text),
        sa.Column("since", sa.BigInteger, autoincrement=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("conditions", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("camera_id", "since", name="pk_camera_spells"),
    )
    op.create_index("ix_camera_spells_until", "camera_spells", ["until"])
    op.create_table(
        "platform_alarms",
        sa.Column("platform", sa.Text),
        sa.Column("since", sa.BigInteger, autoincrement=False),
        sa.Column("cleared_at", sa.BigInteger),
        sa.Column("lost", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("most_lost", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("platform", "since", name="pk_platform_alarms"),
    )
