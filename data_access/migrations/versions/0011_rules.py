"""The switches a city sets for itself (`[rules]` of city.toml), as JSON text."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the column; cities imported before have the usual rules."""
    op.add_column("city", sa.Column("rules", sa.Text, nullable=False, server_default="{}"))
