"""What a camera's record gained: street, policy, ONVIF address, presets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Cameras that are there already stand in no street, are always pulled and have no ONVIF address."""
    for name, stored in (("street", ""), ("policy", "always"), ("onvif_url", "")):
        op.add_column("cameras", sa.Column(name, sa.Text, nullable=False, server_default=stored))
    op.create_table(
        "camera_presets",
        sa.Column("camera_id", sa.Text, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("bearing", sa.Float),
        sa.Column("fov", sa.Float),
        sa.PrimaryKeyConstraint("camera_id", "token", name="pk_camera_presets"),
    )
