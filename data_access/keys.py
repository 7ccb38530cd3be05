"""Every Redis key and channel, written once. The prefix carries a schema version; raise it with the form."""

from __future__ import annotations

PREFIX = "cw1:"

CHANGES_STREAM = PREFIX + "city:changes"
"""Stream of `Change` (field `c`), in commit order; trimmed to about 100,000 entries."""

OUTBOX_WAKE = PREFIX + "outbox:wake"
"""Channel: somebody committed a change; the relay need not wait for its timer."""

BOARD = PREFIX + "board"
"""String: newest published board without open cases (JSON, `version` inside). No expiry."""

BOARD_CASES = PREFIX + "board:cases"
"""Hash case number → open case row (JSON); written in the same MULTI as `BOARD`."""

BOARD_CHANGES = PREFIX + "board:changes"
"""Channel of board messages (`domain.board.message`), at least one a second; `from` null: fetch the whole board."""

RELAY_LEASE = PREFIX + "relay:lease"
"""Which relay empties the outbox; expires after 5 s unless renewed."""

LIVE_LEASE = PREFIX + "live:lease"
"""Which live worker owns the board; expires after 5 s unless renewed."""

CAMERA_HISTORY_LEASE = PREFIX + "cameras:history:lease"
"""Which live role records how cameras fare; expires after 5 s unless renewed."""

PLATFORM_ALARMS = PREFIX + "cameras:alarms"
"""String: the sharing platforms' standing alarms (JSON list); its absence means that nobody watches over them."""

PLATFORM_ALARMS_TTL_SECONDS = 30

SOURCES = PREFIX + "sources"
"""Hash source name → JSON `{state, as_of, ttl, detail}`: the source lamps. A source that stops writing turns stale."""

CLERK_LEASE = PREFIX + "clerk:lease"
"""Which clerk does what the hall does by itself; expires after 5 s unless renewed."""

CLAIM_LEASES = PREFIX + "claims"
"""Sorted set of claims (`case number|token`) by the end of their lease, epoch ms."""

WALL_CHOICE = PREFIX + "wallchoice"
"""String: which cameras were sent to the wall's places (JSON, `data_access.wall_choice`). No expiry."""


def wall_heartbeat(device: str) -> str:
    """Hash of one wall's last heartbeat; expires after 60 s."""
    return f"{PREFIX}wall:{device}"


def login_failures(who: str) -> str:
    """Counter of failed logins of one account or address; expires with the throttle window."""
    return f"{PREFIX}login:{who}"
