"""What a tile may say of its picture, judged from ages alone (design 4, product sheet 3.9).

The table is written once, here: the server judges with `tile_state`, the browser receives `wire_table()` when its
socket opens and judges the same way between two messages, even when no message comes any more.
"""

from __future__ import annotations

from domain.camera import CameraState

LIVE_SECONDS = 2.0
DELAYED_SECONDS = 5.0
FROZEN_SECONDS = 15.0
REMOVED_SECONDS = 60.0
"""From this age the old picture itself is taken away: nobody may mistake it for the street of now."""

STEPS: tuple[tuple[float, CameraState], ...] = (
    (LIVE_SECONDS, CameraState.LIVE),
    (DELAYED_SECONDS, CameraState.DELAYED),
    (FROZEN_SECONDS, CameraState.FROZEN),
)
"""Oldest age (seconds, inclusive) at which each state still holds; older than the last one is offline."""

_GRAVITY = {
    CameraState.LIVE: 0,
    CameraState.DELAYED: 1,
    CameraState.FROZEN: 2,
    CameraState.OFFLINE: 3,
}


def tile_state(age_seconds: float | None) -> CameraState:
    """State of a picture of this age; None is a picture that never came."""
    if age_seconds is None:
        return CameraState.OFFLINE
    for limit, state in STEPS:
        if age_seconds <= limit:
            return state
    return CameraState.OFFLINE


def graver(one: CameraState, other: CameraState) -> CameraState:
    """The worse of two states: age and repeated picture are separate witnesses, either may condemn.

    `IDLE` and `CONNECTING` say nothing about a picture and yield to any state that does.
    """
    return max(one, other, key=lambda state: _GRAVITY.get(state, -1))


def removed(age_seconds: float | None) -> bool:
    """Whether the picture must be gone from the screen."""
    return age_seconds is None or age_seconds > REMOVED_SECONDS


def wire_table() -> dict[str, object]:
    """The table as the browser gets it: steps as `[seconds, state]`, the state after them, and when a picture goes."""
    return {
        "steps": [[limit, str(state)] for limit, state in STEPS],
        "after": str(CameraState.OFFLINE),
        "removed": REMOVED_SECONDS,
    }
