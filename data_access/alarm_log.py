"""The store of the alarm log: append-only, read by span, by number, and as what stands. Blocking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Engine, Row, Select, func, insert, select

from data_access.alarm_schema import alarm_log
from data_access.engine import reading, take_turn, writing
from domain.alarm import AlarmKind
from domain.alarm_log import AlarmEntry, AlarmEvent
from domain.case import Severity
from domain.journal import milliseconds, moment


@dataclass(frozen=True, slots=True)
class Written:
    """Lines as the store has them; `last` is the number of the newest line read over."""

    entries: Sequence[AlarmEntry]
    last: int


class AlarmLog:
    """Thread-safe: every call takes a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def append(self, entries: Sequence[AlarmEntry]) -> None:
        """All of them, or none.

        Raises:
            StoreError: the database cannot be written.
        """
        if entries:
            with writing(self._engine) as connection:
                take_turn(connection)  # who reads on from the newest number misses none
                connection.execute(insert(alarm_log), [_stored(entry) for entry in entries])

    def standing(self) -> Written:
        """The lines that what stands now follows from: of alarms without an end, the watch's beginning, open floods."""
        c = alarm_log.c
        cleared = select(c.alarm_id).where(c.event == AlarmEvent.CLEARED)
        about_alarms = select(alarm_log).where(c.alarm_id != "", c.alarm_id.not_in(cleared)).order_by(c.id)
        first = select(alarm_log).where(c.event == AlarmEvent.WATCH_BEGAN).order_by(c.id).limit(1)
        floods = (AlarmEvent.FLOOD_BEGAN, AlarmEvent.FLOOD_ENDED)
        newest = select(func.max(c.id)).where(c.event.in_(floods)).group_by(c.subject)
        with reading(self._engine) as connection:
            last = connection.execute(select(func.max(c.id))).scalar() or 0
            found = [
                connection.execute(asked).all()
                for asked in (first, about_alarms, select(alarm_log).where(c.id.in_(newest)))
            ]
        return Written([_entry(row) for rows in found for row in rows], last)

    def since(self, last: int) -> Written:
        """The lines written after number `last`."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(alarm_log).where(alarm_log.c.id > last).order_by(alarm_log.c.id)).all()
        return Written([_entry(row) for row in rows], rows[-1].id if rows else last)

    def between(self, begins_at: datetime, ends_at: datetime) -> list[AlarmEntry]:
        """The lines of a span, half open."""
        c = alarm_log.c
        span = select(alarm_log).where(c.at >= milliseconds(begins_at), c.at < milliseconds(ends_at))
        return self._some(span.order_by(c.at, c.id))

    def of_alarm(self, alarm_id: str) -> list[AlarmEntry]:
        """One alarm's life."""
        return self._some(select(alarm_log).where(alarm_log.c.alarm_id == alarm_id).order_by(alarm_log.c.id))

    def sound_tested(self, who: str) -> datetime | None:
        """When somebody last heard the test tone and said so."""
        c = alarm_log.c
        asked = select(func.max(c.at)).where(c.event == AlarmEvent.SOUND_TESTED, c.who == who)
        with reading(self._engine) as connection:
            found = connection.execute(asked).scalar()
        return None if found is None else moment(found)

    def _some(self, asked: Select[Any]) -> list[AlarmEntry]:
        with reading(self._engine) as connection:
            return [_entry(row) for row in connection.execute(asked)]


def _stored(entry: AlarmEntry) -> dict[str, Any]:
    return {
        "at": milliseconds(entry.at),
        "event": entry.event.value,
        "alarm_id": entry.alarm_id,
        "kind": None if entry.kind is None else entry.kind.value,
        "level": None if entry.level is None else entry.level.value,
        "subject": entry.subject,
        "who": entry.who,
        "who_name": entry.who_name,
        "reason": entry.reason,
        "until": None if entry.until is None else milliseconds(entry.until),
        "about": orjson.dumps(dict(entry.about)).decode(),
    }


def _entry(row: Row[Any]) -> AlarmEntry:
    return AlarmEntry(
        at=moment(row.at),
        event=AlarmEvent(row.event),
        alarm_id=row.alarm_id,
        kind=None if row.kind is None else AlarmKind(row.kind),
        level=None if row.level is None else Severity(row.level),
        subject=row.subject,
        who=row.who,
        who_name=row.who_name,
        reason=row.reason,
        until=None if row.until is None else moment(row.until),
        about=orjson.loads(row.about),
    )
