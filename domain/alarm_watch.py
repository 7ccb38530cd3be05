"""The watch: holds conditions against what stands, and says what is raised, cleared, taken off its shelf, escalated.

A hall that starts, or takes in years of history, meets thousands of conditions that began long before. They are work,
not alarms: only what begins while somebody watches is raised; the rest is counted as the backlog, without a sound.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from domain.alarm import (
    DELAY_OFF,
    DELAY_ON,
    DELAYED_ON,
    ESCALATIONS,
    MEASURED,
    Alarm,
    AlarmKey,
    AlarmKind,
    Condition,
)
from domain.alarm_log import AlarmEntry, AlarmEvent, AlarmSet, alarm_id, of_alarm
from domain.case import Severity

OLDEST_NEWS = timedelta(hours=24)
"""What began longer ago than this was not missed, it was imported."""

NEVER_OLD = frozenset({AlarmKind.ORDER_OVERDUE, AlarmKind.PLATFORM_LOST, *MEASURED})
"""A leader's word is owed whenever it was given; what failed in the hall fails now."""

STEPS = ("shift_leader", "leader")
"""Whom the first and the second escalation tell."""


class AlarmWatch:
    """Works on `standing`, which it moves on by every line it gives out."""

    def __init__(self, standing: AlarmSet, watched_from: datetime) -> None:
        self.standing = standing
        self._watched_from = watched_from
        self._looked = False
        self._pending: dict[AlarmKey, datetime] = {}
        self._calm: dict[AlarmKey, datetime] = {}
        self._backlog: dict[AlarmKey, Condition] = {}

    def look(self, conditions: Mapping[AlarmKey, Condition], now: datetime) -> list[AlarmEntry]:
        """The lines that these conditions ask for at `now`."""
        entries = [*self._ended(conditions, now), *self._begun(conditions, now), *self._waited(now)]
        self._looked = True
        self.standing.forget(now)
        return entries

    def backlog(self, district: str | None) -> Mapping[AlarmKind, int]:
        """How many conditions of each kind are older than the watch, of one district or of all."""
        mine = (one for one in self._backlog.values() if district is None or one.about.get("district") == district)
        return Counter(one.key.kind for one in mine)

    def backlog_districts(self) -> set[str]:
        return {str(one.about["district"]) for one in self._backlog.values() if one.about.get("district")}

    def _ended(self, conditions: Mapping[AlarmKey, Condition], now: datetime) -> Iterator[AlarmEntry]:
        for key in [key for key in self._pending if key not in conditions]:
            del self._pending[key]
        for key in [key for key in self._backlog if key not in conditions]:
            del self._backlog[key]
        for alarm in self.standing.alarms:
            if alarm.key in conditions:
                self._calm.pop(alarm.key, None)
            elif self._calm_enough(alarm, now):
                yield self._said(of_alarm(alarm, AlarmEvent.CLEARED, now))

    def _calm_enough(self, alarm: Alarm, now: datetime) -> bool:
        if alarm.key.kind not in MEASURED:
            return True
        if now - self._calm.setdefault(alarm.key, now) < DELAY_OFF:
            return False
        del self._calm[alarm.key]
        return True

    def _begun(self, conditions: Mapping[AlarmKey, Condition], now: datetime) -> Iterator[AlarmEntry]:
        for key in conditions.keys() - self.standing.keys - self._backlog.keys():
            condition = conditions[key]
            if self._is_old(condition, now):
                self._backlog[key] = condition
            elif self._long_enough(condition, now):
                yield self._raised(condition, now)

    def _is_old(self, condition: Condition, now: datetime) -> bool:
        """The first look asks what began before there was a watch; later ones, what was brought in with its past."""
        if condition.since is None or condition.key in self._pending or condition.key.kind in NEVER_OLD:
            return False
        oldest = now - OLDEST_NEWS
        if condition.level is not Severity.L1 and not self._looked:
            oldest = max(oldest, self._watched_from)
        return condition.since < oldest

    def _long_enough(self, condition: Condition, now: datetime) -> bool:
        if condition.key.kind not in DELAYED_ON:
            return True
        if now - self._pending.setdefault(condition.key, now) < DELAY_ON:
            return False
        del self._pending[condition.key]
        return True

    def _raised(self, condition: Condition, now: datetime) -> AlarmEntry:
        key = condition.key
        return self._said(
            AlarmEntry(
                at=now,
                event=AlarmEvent.RAISED,
                alarm_id=alarm_id(key, now),
                kind=key.kind,
                level=condition.level,
                subject=key.subject,
                about=condition.about,
            )
        )

    def _waited(self, now: datetime) -> Iterator[AlarmEntry]:
        """Shelves that are over, and alarms that nobody has seen for too long."""
        for alarm in self.standing.alarms:
            if alarm.shelved_until is not None and alarm.shelved_until <= now:
                yield self._said(of_alarm(alarm, AlarmEvent.UNSHELVED, now))
            elif alarm.acked_at is None and not alarm.shelved(now):
                yield from self._escalated(alarm, now)

    def _escalated(self, alarm: Alarm, now: datetime) -> Iterator[AlarmEntry]:
        for step, after in enumerate(ESCALATIONS.get(alarm.level, ()), start=1):
            if step > alarm.escalated and now - alarm.raised_at >= after:
                about = {"step": step, "to": STEPS[step - 1]}
                yield self._said(of_alarm(alarm, AlarmEvent.ESCALATED, now, about=about))

    def _said(self, entry: AlarmEntry) -> AlarmEntry:
        self.standing.take(entry)
        return entry
