"""Every Redis key and channel of the cameras, written once. The prefix carries a schema version."""

from __future__ import annotations

PREFIX = "cw1:video:"

STATUS = PREFIX + "status"
"""Hash camera id → status JSON with `as_of`, rewritten every few seconds by the process that holds the camera."""

EVENTS = PREFIX + "events"
"""Channel: status JSON of one camera, the moment it changes."""

DEMANDERS = PREFIX + "demanders"
"""Set of web processes that may want tiles; members whose demand has run out are removed by the reader."""

DEMAND_WAKE = PREFIX + "demand:wake"
"""Channel: some demand changed; capture need not wait for its timer."""

DEMAND_TTL_SECONDS = 10
THUMBNAIL_TTL_SECONDS = 60


def demand(web: str) -> str:
    """String: what one web process wants (JSON), expires after `DEMAND_TTL_SECONDS` unless renewed."""
    return f"{PREFIX}demand:{web}"


def tiles(number: int, size: str) -> str:
    """Channel of one camera's tiles in one size: capture time, then JPEG. Nothing is stored."""
    return f"{PREFIX}tile:{number}:{size}"


def thumbnail(number: int) -> str:
    """String: newest small picture of a camera in the form of a tile, expires after `THUMBNAIL_TTL_SECONDS`."""
    return f"{PREFIX}thumb:{number}"
