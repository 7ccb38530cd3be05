"""Accounts and wall devices: their tables are added here."""

from __future__ import annotations

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the account tables."""
