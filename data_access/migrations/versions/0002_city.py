"""The city's own data: its tables are added here."""

from __future__ import annotations

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the city tables."""
