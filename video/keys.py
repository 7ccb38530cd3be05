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

FOCUS_ASK = PREFIX + "focus:ask"
"""Channel: number of a camera whose focus stream some web process joined late and needs from its beginning."""

REQUESTS = PREFIX + "requests"
"""Channel: JSON asking the process that holds a camera for a picture or a clip; see `answer`."""

WORKERS = PREFIX + "workers"
"""Hash of capture processes: id → JSON of its last heartbeat (host, cameras, load); see `video.fleet`."""

WORKERS_SEEN = PREFIX + "workers:seen"
"""Sorted set of the same ids by the moment of their last heartbeat, in milliseconds of the server's own clock."""

FENCE = PREFIX + "fence"
"""String: the newest fencing number given out with a lease."""

FENCES = PREFIX + "fences"
"""Hash camera id → fencing number of the worker whose word on it was taken last; an older worker's is refused."""

RELEARN = PREFIX + "relearn"
"""Set of camera numbers whose picture is to be learned anew: they were mended or given another view on purpose."""

TURN_REQUESTS = PREFIX + "turn"
"""Channel: JSON asking for a motion or preset of a camera (`video.onvif.executor`); answers as on `REQUESTS`."""

TURNED = PREFIX + "turned"
"""Channel: number of a camera that somebody turns or has just turned; its sharpness is not judged for a while."""

BASELINE_TTL_SECONDS = 14 * 86_400
DEMAND_TTL_SECONDS = 10
ANSWER_TTL_MS = 30_000
THUMBNAIL_TTL_SECONDS = 60
GLIMPSE_TTL_SECONDS = 180
"""Of the thumbnail of a camera that is looked at once a minute: it outlives one missed glimpse."""


def at_preset(number: int) -> str:
    """String: token of the preset a camera was last turned to; gone as soon as somebody moves it on."""
    return f"{PREFIX}preset:{number}"


def demand(web: str) -> str:
    """String: what one web process wants (JSON), expires after `DEMAND_TTL_SECONDS` unless renewed."""
    return f"{PREFIX}demand:{web}"


def tiles(number: int, size: str) -> str:
    """Channel of one camera's tiles in one size: capture time, then JPEG. Nothing is stored."""
    return f"{PREFIX}tile:{number}:{size}"


def baseline(number: int) -> str:
    """String: what is normal for a camera's picture (`video.checks.baseline`), renewed every few minutes."""
    return f"{PREFIX}baseline:{number}"


def thumbnail(number: int) -> str:
    """String: newest small picture of a camera in the form of a tile, expires after `THUMBNAIL_TTL_SECONDS`."""
    return f"{PREFIX}thumb:{number}"


def focus(number: int) -> str:
    """Channel of one camera's main stream as fragmented MP4: kind, capture time, payload (see `video.focus_hub`)."""
    return f"{PREFIX}focus:{number}"


def answer(request: str) -> str:
    """String, kept for `ANSWER_TTL_MS`, and channel of the same name: the answer to one request on `REQUESTS`."""
    return f"{PREFIX}answer:{request}"


def lease(number: int) -> str:
    """String with a time to live: id of the capture process that holds a camera, space, fencing number."""
    return f"{PREFIX}lease:{number}"


def holder(number: int) -> str:
    """Hash with a time to live: who holds a turning camera, since and until when (`video.ptz`)."""
    return f"{PREFIX}holder:{number}"


def turner(number: int) -> str:
    """String with a time to live: which video process speaks with a camera's device, so that only one does."""
    return f"{PREFIX}turner:{number}"
