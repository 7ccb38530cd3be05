"""Composition root and command line entry. Imported by nobody."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
