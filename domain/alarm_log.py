"""The alarm log: every raise, acknowledgement, shelf, end and escalation with who, when and why; and what stands by it.

The log is the truth. `AlarmSet` is its fold: taking an entry twice changes nothing, so a keeper may read its own words
again, and a keeper that takes over stands where the last one stood.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.alarm import CHATTER_CALM, CHATTER_TIMES, CHATTER_WITHIN, Alarm, AlarmKey, AlarmKind
from domain.case import Severity
from domain.journal import milliseconds


class AlarmEvent(StrEnum):
    """What is worth a line. The last five are about no single alarm."""

    RAISED = "raised"
    ACKED = "acked"
    SHELVED = "shelved"
    UNSHELVED = "unshelved"
    CLEARED = "cleared"
    ESCALATED = "escalated"
    WATCH_BEGAN = "watch_began"
    FLOOD_BEGAN = "flood_began"
    FLOOD_ENDED = "flood_ended"
    SOUND_TESTED = "sound_tested"
    HANDED_OVER = "handed_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmEntry:
    """One line. `who` is an account's name, "" for the hall itself; `subject` a case, platform, wall, scope or seat.

    `about` holds what the line needs beyond that, as plain JSON: a raised alarm's facts, an escalation's step.
    """

    at: datetime
    event: AlarmEvent
    alarm_id: str = ""
    kind: AlarmKind | None = None
    level: Severity | None = None
    subject: str = ""
    who: str = ""
    who_name: str = ""
    reason: str = ""
    until: datetime | None = None
    about: Mapping[str, Any] = field(default_factory=dict)


def alarm_id(key: AlarmKey, at: datetime) -> str:
    """The name of the alarm that was raised for `key` at `at`: the same wherever it is worked out."""
    return hashlib.sha256(f"{key.kind}\n{key.subject}\n{milliseconds(at)}".encode()).hexdigest()[:16]


def of_alarm(alarm: Alarm, event: AlarmEvent, at: datetime, **more: Any) -> AlarmEntry:
    """A line about an alarm that stands."""
    known = {"alarm_id": alarm.alarm_id, "kind": alarm.key.kind, "level": alarm.level, "subject": alarm.key.subject}
    return AlarmEntry(at=at, event=event, **(known | more))


class AlarmSet:
    """The alarms that stand, by id and by what they are about."""

    def __init__(self, entries: Iterable[AlarmEntry] = ()) -> None:
        self._by_id: dict[str, Alarm] = {}
        self._ids: dict[AlarmKey, str] = {}
        self._raises: dict[AlarmKey, list[datetime]] = {}
        self._last: dict[AlarmKey, Alarm] = {}
        self.watched_from: datetime | None = None
        self.floods: dict[str, datetime] = {}
        """Scope ("" for the whole city) → when its flood began."""
        for entry in entries:
            self.take(entry)

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def alarms(self) -> list[Alarm]:
        return list(self._by_id.values())

    def get(self, name: str) -> Alarm | None:
        return self._by_id.get(name)

    def about(self, key: AlarmKey) -> Alarm | None:
        return self._by_id.get(self._ids.get(key, ""))

    @property
    def keys(self) -> set[AlarmKey]:
        return set(self._ids)

    def take(self, entry: AlarmEntry) -> None:
        """Move on by one line."""
        if entry.event is AlarmEvent.RAISED:
            self._raise(entry)
        elif entry.event is AlarmEvent.CLEARED:
            self._clear(entry)
        elif entry.event is AlarmEvent.WATCH_BEGAN:
            self.watched_from = min(self.watched_from or entry.at, entry.at)
        elif entry.event is AlarmEvent.FLOOD_BEGAN:
            self.floods.setdefault(entry.subject, entry.at)
        elif entry.event is AlarmEvent.FLOOD_ENDED:
            self.floods.pop(entry.subject, None)
        elif (alarm := self._by_id.get(entry.alarm_id)) is not None:
            self._by_id[entry.alarm_id] = _changed(alarm, entry)

    def _raise(self, entry: AlarmEntry) -> None:
        if entry.kind is None or entry.level is None:
            return
        key = AlarmKey(entry.kind, entry.subject)
        if entry.alarm_id in self._by_id or entry.at in self._raises.get(key, ()) or key in self._ids:
            return
        alarm = Alarm(alarm_id=entry.alarm_id, key=key, level=entry.level, raised_at=entry.at, about=entry.about)
        self._by_id[entry.alarm_id] = self._chatter(alarm)
        self._ids[key] = entry.alarm_id

    def _chatter(self, alarm: Alarm) -> Alarm:
        """A source that says the same again and again is marked, and keeps the "seen" of its last time."""
        key, at = alarm.key, alarm.raised_at
        recent = [*(one for one in self._raises.get(key, ()) if at - one < CHATTER_WITHIN), at]
        self._raises[key] = recent
        before = self._last.pop(key, None)
        still = before is not None and before.chattering(at)
        if len(recent) < CHATTER_TIMES and not still:
            return alarm
        marked = replace(alarm, chattering_until=at + CHATTER_CALM)
        if before is None or before.acked_at is None:
            return marked
        return replace(marked, acked_by=before.acked_by, acked_name=before.acked_name, acked_at=before.acked_at)

    def _clear(self, entry: AlarmEntry) -> None:
        alarm = self._by_id.pop(entry.alarm_id, None)
        if alarm is not None:
            del self._ids[alarm.key]
            self._last[alarm.key] = alarm

    def forget(self, now: datetime) -> None:
        """Drop what can no longer matter: sources that have been calm for long."""
        gone = [key for key, times in self._raises.items() if now - times[-1] > CHATTER_CALM and key not in self._ids]
        for key in gone:
            del self._raises[key]
            self._last.pop(key, None)


def _changed(alarm: Alarm, entry: AlarmEntry) -> Alarm:
    if entry.event is AlarmEvent.ACKED and alarm.acked_at is None:
        return replace(alarm, acked_by=entry.who, acked_name=entry.who_name, acked_at=entry.at)
    if entry.event is AlarmEvent.SHELVED:
        return replace(
            alarm,
            shelved_by=entry.who,
            shelved_name=entry.who_name,
            shelved_until=entry.until,
            shelf_reason=entry.reason,
        )
    if entry.event is AlarmEvent.UNSHELVED:
        return alarm.unshelved()
    if entry.event is AlarmEvent.ESCALATED and int(entry.about.get("step", 1)) > alarm.escalated:
        return replace(alarm, escalated=int(entry.about.get("step", 1)), escalated_at=entry.at)
    return alarm
