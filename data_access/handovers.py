"""Signed handovers (交接班): what was shown, who left, who took over, sealed by its hash. Append-only. Blocking."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Engine, Row, insert, select

from data_access.alarm_schema import alarm_log, handovers
from data_access.engine import reading, take_turn, writing
from domain.alarm_log import AlarmEvent
from domain.journal import milliseconds, moment

LISTED = 60


def sealed(shown: Mapping[str, Any]) -> tuple[str, str]:
    """What was shown as the text that is kept, and its SHA-256."""
    text = orjson.dumps(shown, option=orjson.OPT_SORT_KEYS).decode()
    return text, hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """One handover, signed by both. `intact`: what is kept is still what was signed."""

    number: int
    at: datetime
    leaver: str
    leaver_name: str
    taker: str
    taker_name: str
    note: str
    sha256: str
    shown: Mapping[str, Any]
    intact: bool


class Handovers:
    """Thread-safe: every call takes a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def sign(self, shown: str, *, at: datetime, leaver: tuple[str, str], taker: tuple[str, str], note: str) -> int:
        """Keep one, and its line in the alarm log; its number. `leaver` and `taker`: account name and display name.

        Raises:
            StoreError: the database cannot be written; nothing is kept.
        """
        values = {
            "at": milliseconds(at),
            "leaver": leaver[0],
            "leaver_name": leaver[1],
            "taker": taker[0],
            "taker_name": taker[1],
            "note": note,
            "sha256": hashlib.sha256(shown.encode()).hexdigest(),
            "shown": shown,
        }
        with writing(self._engine) as connection:
            take_turn(connection)
            number = int(connection.execute(insert(handovers).values(values).returning(handovers.c.id)).scalar_one())
            connection.execute(insert(alarm_log).values(_line(number, values)))
        return number

    def newest(self) -> list[Handover]:
        """The last ones, newest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(handovers).order_by(handovers.c.id.desc()).limit(LISTED)).all()
        return [_handover(row) for row in rows]

    def get(self, number: int) -> Handover | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(handovers).where(handovers.c.id == number)).first()
        return None if row is None else _handover(row)


def _line(number: int, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "at": values["at"],
        "event": AlarmEvent.HANDED_OVER.value,
        "alarm_id": "",
        "subject": str(number),
        "who": values["leaver"],
        "who_name": values["leaver_name"],
        "reason": values["note"],
        "about": orjson.dumps({"taker": values["taker"], "taker_name": values["taker_name"]}).decode(),
    }


def _handover(row: Row[Any]) -> Handover:
    return Handover(
        number=row.id,
        at=moment(row.at),
        leaver=row.leaver,
        leaver_name=row.leaver_name,
        taker=row.taker,
        taker_name=row.taker_name,
        note=row.note,
        sha256=row.sha256,
        shown=orjson.loads(row.shown),
        intact=hashlib.sha256(row.shown.encode()).hexdigest() == row.sha256,
    )
