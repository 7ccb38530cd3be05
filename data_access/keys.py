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

ALARM_LEASE = PREFIX + "alarms:lease"
"""Which keeper judges alarms; expires after 5 s unless renewed."""

ALARMS = PREFIX + "alarms"
"""String: every alarm that stands, floods and backlog (JSON, `domain.alarm_board`); its absence: nobody keeps them."""

ALARMS_TTL_SECONDS = 20

ALARM_CHANGES = PREFIX + "alarms:changes"
"""Channel: `ALARMS` was written anew; carries its version."""

ALARM_NEWS = PREFIX + "alarms:news"
"""Channel: somebody wrote into the alarm log (an acknowledgement, a shelf); the keeper need not wait for its timer."""

ALARM_SOUND = PREFIX + "alarms:sound"
"""Hash `account|seat` → JSON `{state, at}`: whether alarms can be heard at an open desk page."""

RISK_LEASE = PREFIX + "risk:lease"
"""Which keeper scores risks and has models trained; expires after 5 s unless renewed."""

RISKS = PREFIX + "risks"
"""String: every running case's risk and the model that says so (JSON, `domain.risk_wire`); absent: none is kept."""

RISKS_TTL_SECONDS = 300

SOURCES = PREFIX + "sources"
"""Hash source name → JSON `{state, as_of, ttl, detail}`: the source lamps. A source that stops writing turns stale."""

CLERK_LEASE = PREFIX + "clerk:lease"
"""Which clerk does what the hall does by itself; expires after 5 s unless renewed."""

CLAIM_LEASES = PREFIX + "claims"
"""Sorted set of claims (`case number|token`) by the end of their lease, epoch ms."""

WALL_CHOICE = PREFIX + "wallchoice"
"""String: which cameras were sent to the wall's places (JSON, `data_access.wall_choice`). No expiry."""

DESK_VIEWS = PREFIX + "deskviews"
"""Hash account → what its dispatch desk shows (JSON, `data_access.desk_view`); expires 12 h after the last move."""


def wall_heartbeat(device: str) -> str:
    """Hash of one wall's last heartbeat; expires after 60 s."""
    return f"{PREFIX}wall:{device}"


def handover_draft(sha256: str) -> str:
    """String: what a handover page showed, until both officers sign it; expires after an hour."""
    return f"{PREFIX}handover:{sha256}"


def login_failures(who: str) -> str:
    """Counter of failed logins of one account or address; expires with the throttle window."""
    return f"{PREFIX}login:{who}"
