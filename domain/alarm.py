"""Alarms (报警): what an officer must act on, at which level, how soon somebody must say "seen" (product sheet 3.5).

An alarm is not a case. It stands while its condition holds, whoever has seen it; a subject has one alarm of a kind at
most. Levels are the national four, so that shape and word are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.case import Severity


class AlarmKind(StrEnum):
    """Why an alarm stands."""

    SEVERE = "severe"
    """一级案卷: reported, and no department has received it yet."""
    ORDER_OVERDUE = "order_overdue"
    """A leader's order is past the date it owes its answer by."""
    CAMERAS_LOST = "cameras_lost"
    OVERDUE = "overdue"
    UNANSWERED = "unanswered"
    """Dispatched, and not received after a fifth of its time. L1 for a case of severity 一级."""
    PLATFORM_LOST = "platform_lost"
    WALL_SILENT = "wall_silent"
    SOUND_LOST = "sound_lost"
    DUE_SOON = "due_soon"
    BOUNCED = "bounced"
    """Sent back so often that it is frozen until somebody says whose it is."""
    REQUEST_WAITING = "request_waiting"
    SUSPENSION_ENDING = "suspension_ending"


LEVELS: Mapping[AlarmKind, Severity] = {
    AlarmKind.SEVERE: Severity.L1,
    AlarmKind.ORDER_OVERDUE: Severity.L1,
    AlarmKind.CAMERAS_LOST: Severity.L1,
    AlarmKind.OVERDUE: Severity.L2,
    AlarmKind.UNANSWERED: Severity.L2,
    AlarmKind.PLATFORM_LOST: Severity.L2,
    AlarmKind.WALL_SILENT: Severity.L2,
    AlarmKind.SOUND_LOST: Severity.L2,
    AlarmKind.DUE_SOON: Severity.L3,
    AlarmKind.BOUNCED: Severity.L3,
    AlarmKind.REQUEST_WAITING: Severity.L4,
    AlarmKind.SUSPENSION_ENDING: Severity.L4,
}

DELAY_ON = timedelta(seconds=5)
DELAY_OFF = timedelta(seconds=60)

DELAYED_ON = frozenset(
    {
        *(AlarmKind.OVERDUE, AlarmKind.UNANSWERED, AlarmKind.DUE_SOON, AlarmKind.SUSPENSION_ENDING),
        *(AlarmKind.CAMERAS_LOST, AlarmKind.WALL_SILENT, AlarmKind.SOUND_LOST),
    }
)
"""Driven by a threshold. A platform's alarm has had its delays already (`domain.platform_alarm`)."""

MEASURED = frozenset({AlarmKind.CAMERAS_LOST, AlarmKind.WALL_SILENT, AlarmKind.SOUND_LOST})
"""What may waver, and so ends late. A case's alarm ends by somebody's act, and at once: time does not go back."""

ACK_WITHIN: Mapping[Severity, timedelta | None] = {
    Severity.L1: timedelta(seconds=60),
    Severity.L2: timedelta(minutes=5),
    Severity.L3: timedelta(minutes=30),
    Severity.L4: None,
}
"""Within which an alarm should be acknowledged; None: by the end of the shift."""

ESCALATIONS: Mapping[Severity, tuple[timedelta, ...]] = {
    Severity.L1: (timedelta(seconds=60), timedelta(seconds=180)),
    Severity.L2: (timedelta(minutes=5),),
}
"""After how long without an acknowledgement the first step (the shift leader) and the second one (the leader) come."""

CHATTER_TIMES = 3
CHATTER_WITHIN = timedelta(seconds=60)
CHATTER_CALM = timedelta(minutes=10)
"""After that long without being raised anew, a chattering alarm counts as a plain one again."""


@dataclass(frozen=True, slots=True)
class AlarmKey:
    """What an alarm is about: one kind, and a case number, platform, wall or seat ("" where there is one only)."""

    kind: AlarmKind
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """That something calls for an alarm. `since`: when it began, where that is known.

    `about` is plain JSON for the screens: number, class, address, district, grid, department of a case, and figures.
    """

    key: AlarmKey
    level: Severity
    since: datetime | None
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm that stands. `acked_by` is an account's name, `acked_name` how people call them."""

    alarm_id: str
    key: AlarmKey
    level: Severity
    raised_at: datetime
    about: Mapping[str, Any] = field(default_factory=dict)
    acked_by: str | None = None
    acked_name: str | None = None
    acked_at: datetime | None = None
    shelved_by: str | None = None
    shelved_name: str | None = None
    shelved_until: datetime | None = None
    shelf_reason: str = ""
    escalated: int = 0
    escalated_at: datetime | None = None
    chattering_until: datetime | None = None

    @property
    def district(self) -> str | None:
        found = self.about.get("district")
        return None if found is None else str(found)

    def concerns(self, district: str | None) -> bool:
        """Whether it is this officer's: district people have their district's, and those that are nobody's own."""
        return district is None or self.district in (None, district)

    def shelved(self, now: datetime) -> bool:
        return self.shelved_until is not None and now < self.shelved_until

    def chattering(self, now: datetime) -> bool:
        return self.chattering_until is not None and now < self.chattering_until

    def unshelved(self) -> Alarm:
        return replace(self, shelved_by=None, shelved_name=None, shelved_until=None, shelf_reason="")
