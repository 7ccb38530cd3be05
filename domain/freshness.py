"""What a value may look like at its age (product sheet 3.4): the contract of every screen.

`as_of` is when the source last confirmed the value, not when it last changed. The table is written once, here; the
browser gets it as `wire_table()` and judges by its own timer, so that a value turns stale even when nothing comes any
more.
"""

from __future__ import annotations

from enum import StrEnum

EXPECTED_SECONDS = 2.0
"""How often the wall's figures are confirmed at the latest (product sheet 3.7)."""
LATE_FACTOR = 2.0
STALE_FACTOR = 5.0
DEAD_SECONDS = 900.0
LINK_LOST_SECONDS = 10.0
"""A link silent for longer makes everything that came over it stale."""


class Face(StrEnum):
    """The look a value is given. `ERROR` and `EMPTY` are never drawn alike."""

    LIVE = "live"
    LATE = "late"
    STALE = "stale"
    DEAD = "dead"
    NEVER = "never"
    EMPTY = "empty"
    ERROR = "error"


def face(
    age_seconds: float | None,
    *,
    silent_seconds: float = 0.0,
    expected_seconds: float = EXPECTED_SECONDS,
    empty: bool = False,
    error: bool = False,
) -> Face:
    """The face of a value of this age.

    Args:
        age_seconds: since its source confirmed it; None when no value ever came.
        silent_seconds: since the link last spoke.
        expected_seconds: how often the source confirms.
        empty: the source lives and has nothing to show.
        error: the source answers, wrongly.
    """
    if error:
        return Face.ERROR
    if age_seconds is None:
        return Face.NEVER
    if age_seconds > DEAD_SECONDS:
        return Face.DEAD
    if age_seconds > STALE_FACTOR * expected_seconds or silent_seconds > LINK_LOST_SECONDS:
        return Face.STALE
    if age_seconds > LATE_FACTOR * expected_seconds:
        return Face.LATE
    return Face.EMPTY if empty else Face.LIVE


def wire_table() -> dict[str, float]:
    """The table as the browser gets it; seconds and factors."""
    return {
        "expected": EXPECTED_SECONDS,
        "late": LATE_FACTOR,
        "stale": STALE_FACTOR,
        "dead": DEAD_SECONDS,
        "link": LINK_LOST_SECONDS,
    }
