"""Alarms for tests: one in a call, and the lines of a log."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from domain.alarm import LEVELS, Alarm, AlarmKey, AlarmKind
from domain.alarm_log import AlarmEntry, AlarmEvent, alarm_id
from tests.domain.facts_made import NOW

_numbers = count(1)


def make_alarm(kind: AlarmKind = AlarmKind.OVERDUE, at: datetime = NOW, **given: Any) -> Alarm:
    """An alarm of a case of its own; `given` sets fields, and what it is about."""
    subject = str(given.pop("subject", f"QD{next(_numbers)}"))
    fields = {name: given.pop(name) for name in Alarm.__slots__ if name in given}
    key = AlarmKey(kind, subject)
    about = {"case_no": subject, "class_code": "E0101", "district": "370202", "grid": "370202001001001"} | given
    made = {"alarm_id": alarm_id(key, at), "key": key, "level": LEVELS[kind], "raised_at": at, "about": about}
    return Alarm(**(made | fields))


def raised(alarm: Alarm) -> AlarmEntry:
    """The line that made it."""
    return AlarmEntry(
        at=alarm.raised_at,
        event=AlarmEvent.RAISED,
        alarm_id=alarm.alarm_id,
        kind=alarm.key.kind,
        level=alarm.level,
        subject=alarm.key.subject,
        about=alarm.about,
    )
