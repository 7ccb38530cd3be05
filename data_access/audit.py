"""The audit log: who logged in or failed to, watched which camera, took which figures along, when and from where.

Append-only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Engine, insert, select

from data_access.accounts_schema import audit
from data_access.engine import writing
from domain.journal import milliseconds, moment


class AuditEvent(StrEnum):
    """What is worth remembering for ever."""

    LOGGED_IN = "logged_in"
    LOGIN_FAILED = "login_failed"
    LOGGED_OUT = "logged_out"
    DEVICE_LINKED = "device_linked"
    CAMERA_VIEWED = "camera_viewed"
    WALL_SENT = "wall_sent"
    WALL_TAKEN_DOWN = "wall_taken_down"
    EVIDENCE_SAVED = "evidence_saved"
    EVIDENCE_SEEN = "evidence_seen"
    CAMERA_HELD = "camera_held"
    CAMERA_TURNED = "camera_turned"
    CAMERA_PRESET = "camera_preset"
    CAMERA_CONFIGURED = "camera_configured"
    FIGURES_EXPORTED = "figures_exported"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One remembered event. `subject` is what it was done to (a camera), `address` where it came from."""

    at: datetime
    who: str
    event: AuditEvent
    subject: str
    address: str


class AuditLog:
    """Writes and reads the log; blocking."""

    def __init__(self, engine: Engine, *, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def record(self, event: AuditEvent, *, who: str, subject: str = "", address: str = "") -> None:
        """One more line. Never hand in what somebody typed into a form: it may be a password in the wrong field."""
        line = {"at": milliseconds(self._now()), "who": who, "event": event.value, "subject": subject}
        with writing(self._engine) as connection:
            connection.execute(insert(audit).values(address=address, **line))

    def newest(self, limit: int) -> list[AuditLine]:
        with self._engine.connect() as connection:
            rows = connection.execute(select(audit).order_by(audit.c.id.desc()).limit(limit))
            return [
                AuditLine(
                    at=moment(row.at),
                    who=row.who,
                    event=AuditEvent(row.event),
                    subject=row.subject,
                    address=row.address,
                )
                for row in rows
            ]
