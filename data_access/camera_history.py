"""How cameras fared, in the database: spells and alarms kept, totals asked. Keeping the same twice changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from data_access.camera_history_schema import camera_spells, platform_alarms
from data_access.engine import is_sqlite, writing
from domain.camera import CameraCondition, CameraError, CameraState
from domain.camera_health import Spell
from domain.journal import milliseconds, moment
from domain.platform_alarm import PlatformAlarm

KEPT_FOR = timedelta(days=400)
MOST_SPELLS = 50_000
"""Of one camera: one that comes and goes every few seconds for months must not fill the disk."""

_spell = camera_spells.c
_alarm = platform_alarms.c


class CameraHistory:
    """Reads and writes both tables; blocking."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, spells: Sequence[Spell], alarms: Sequence[PlatformAlarm] = ()) -> None:
        """Store what is new and stretch what is known, in one transaction.

        Raises:
            StoreError: nothing of it was stored.
        """
        with writing(self._engine) as connection:
            _put(connection, camera_spells, [_spell_row(spell) for spell in spells])
            _put(connection, platform_alarms, [_alarm_row(alarm) for alarm in alarms])

    def newest(self) -> list[Spell]:
        """The newest spell of each camera."""
        last = select(_spell.camera_id, func.max(_spell.since).label("since")).group_by(_spell.camera_id).subquery()
        asked = select(camera_spells).join(
            last, (last.c.camera_id == _spell.camera_id) & (last.c.since == _spell.since)
        )
        with self._engine.connect() as connection:
            return [_to_spell(row) for row in connection.execute(asked)]

    def spells(self, start: datetime, end: datetime) -> dict[str, list[Spell]]:
        """Every camera's spells that reach into the window, in order of time."""
        asked = select(camera_spells).where(*_reach_into(start, end)).order_by(_spell.camera_id, _spell.since)
        found: dict[str, list[Spell]] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(asked):
                found.setdefault(row.camera_id, []).append(_to_spell(row))
        return found

    def totals(self, start: datetime, end: datetime) -> dict[str, dict[CameraState, int]]:
        """Milliseconds each camera spent in each state within the window, counted by the database."""
        first, last = milliseconds(start), milliseconds(end)
        begins = case((_spell.since < first, first), else_=_spell.since)
        ends = case((_spell.until > last, last), else_=_spell.until)
        asked = (
            select(_spell.camera_id, _spell.state, func.sum(ends - begins).label("spent"))
            .where(*_reach_into(start, end))
            .group_by(_spell.camera_id, _spell.state)
        )
        found: dict[str, dict[CameraState, int]] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(asked):
                found.setdefault(row.camera_id, {})[CameraState(row.state)] = int(row.spent)
        return found

    def alarms(self, start: datetime) -> list[PlatformAlarm]:
        """Alarms that stand, or stood since `start`; newest first."""
        reached = _alarm.cleared_at.is_(None) | (_alarm.cleared_at > milliseconds(start))
        asked = select(platform_alarms).where(reached).order_by(_alarm.since.desc())
        with self._engine.connect() as connection:
            return [_to_alarm(row) for row in connection.execute(asked)]

    def standing(self) -> list[PlatformAlarm]:
        """Alarms nobody has seen the end of."""
        asked = select(platform_alarms).where(_alarm.cleared_at.is_(None))
        with self._engine.connect() as connection:
            return [_to_alarm(row) for row in connection.execute(asked)]

    def prune(self, now: datetime, *, most: int = MOST_SPELLS) -> int:
        """Remove what is older than `KEPT_FOR`, and of each camera all but its newest `most` spells.

        Returns:
            how many rows went.
        """
        before = milliseconds(now - KEPT_FOR)
        with writing(self._engine) as connection:
            gone = connection.execute(delete(camera_spells).where(_spell.until < before)).rowcount
            gone += connection.execute(delete(platform_alarms).where(_alarm.cleared_at < before)).rowcount
            return gone + sum(_shorten(connection, camera, most) for camera in _long(connection, most))


def _reach_into(start: datetime, end: datetime) -> tuple[Any, Any]:
    return _spell.until > milliseconds(start), _spell.since < milliseconds(end)


def _put(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    dialect = sqlite if is_sqlite(connection) else postgresql
    statement = dialect.insert(table)
    others = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    connection.execute(statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=others), rows)


def _long(connection: Connection, most: int) -> list[str]:
    counted = select(_spell.camera_id).group_by(_spell.camera_id).having(func.count() > most)
    return list(connection.execute(counted).scalars())


def _shorten(connection: Connection, camera_id: str, most: int) -> int:
    mine = _spell.camera_id == camera_id
    oldest = connection.execute(
        select(_spell.since).where(mine).order_by(_spell.since.desc()).offset(most - 1)
    ).scalar()
    return connection.execute(delete(camera_spells).where(mine, _spell.since < oldest)).rowcount


def _spell_row(spell: Spell) -> dict[str, Any]:
    return {
        "camera_id": spell.camera_id,
        "since": milliseconds(spell.since),
        "until": milliseconds(spell.until),
        "state": spell.state.value,
        "error": spell.error.value if spell.error else None,
        "conditions": ",".join(spell.conditions),
    }


def _to_spell(row: Row[Any]) -> Spell:
    return Spell(
        camera_id=row.camera_id,
        state=CameraState(row.state),
        error=CameraError(row.error) if row.error else None,
        conditions=tuple(CameraCondition(code) for code in row.conditions.split(",") if code),
        since=moment(row.since),
        until=moment(row.until),
    )


def _alarm_row(alarm: PlatformAlarm) -> dict[str, Any]:
    return {
        "platform": alarm.platform,
        "since": milliseconds(alarm.since),
        "cleared_at": milliseconds(alarm.cleared_at) if alarm.cleared_at else None,
        "lost": alarm.lost,
        "total": alarm.total,
        "most_lost": alarm.most_lost,
    }


def _to_alarm(row: Row[Any]) -> PlatformAlarm:
    return PlatformAlarm(
        platform=row.platform,
        since=moment(row.since),
        lost=row.lost,
        total=row.total,
        most_lost=row.most_lost,
        cleared_at=moment(row.cleared_at) if row.cleared_at is not None else None,
    )
