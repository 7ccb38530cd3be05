"""Locked results (锁定): the whole evaluation of a period as it was signed off, and dated corrections beside it.

Append-only: triggers of the database refuse every change, and each row carries the SHA-256 of its text. Blocking.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Engine, Row, insert, select
from sqlalchemy.exc import IntegrityError

from data_access.engine import reading, writing
from data_access.evaluation_schema import evaluation_results
from domain.evaluation.histories import Judged
from domain.evaluation.scheme import Target
from domain.journal import milliseconds, moment

c = evaluation_results.c


class AlreadyLocked(Exception):
    """The period was locked before; it can only be corrected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One row: a locked result, or a correction of one. `intact`: the text is still what was signed."""

    number: int
    at: datetime
    who: str
    who_name: str
    reason: str
    scheme_id: str
    scheme_version: int
    result: Mapping[str, Any]
    intact: bool


@dataclass(frozen=True, slots=True)
class Signed:
    """Who locks or corrects, when and why."""

    who: str
    who_name: str
    at: datetime
    reason: str = ""


class EvaluationResults:
    """Thread-safe: every call takes a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def lock(self, target: Target, judged: Judged, scheme: tuple[str, int], result: str, by: Signed) -> int:
        """Keep a result for ever; its number.

        Raises:
            AlreadyLocked: this object, period, convention and scheme have their result.
            StoreError: the database cannot be written; nothing is kept.
        """
        values = {
            "object": target.value,
            "convention": judged.convention.value,
            "scheme_id": scheme[0],
            "scheme_version": scheme[1],
            "period_start": milliseconds(judged.period.start),
            "period_end": milliseconds(judged.period.end),
            "as_of": milliseconds(judged.at),
        }
        if self.locked(target, judged, scheme[0]) is not None:
            raise AlreadyLocked
        return self._add(values, result, by)

    def correct(self, lock: int, correction: str, by: Signed) -> int:
        """Put a correction beside a locked result; its number.

        Raises:
            LookupError: there is no such result.
            StoreError: the database cannot be written; nothing is kept.
        """
        copied = ("object", "convention", "scheme_id", "scheme_version", "period_start", "period_end", "as_of")
        with reading(self._engine) as connection:
            row = connection.execute(select(evaluation_results).where(c.id == lock, c.corrects.is_(None))).first()
        if row is None:
            raise LookupError(lock)
        return self._add({name: getattr(row, name) for name in copied} | {"corrects": lock}, correction, by)

    def locked(self, target: Target, judged: Judged, scheme_id: str = "") -> Kept | None:
        """The locked result of the period; without a scheme the one that was locked first."""
        wanted: list[ColumnElement[bool]] = [
            c.corrects.is_(None),
            c.object == target.value,
            c.convention == judged.convention.value,
            c.period_start == milliseconds(judged.period.start),
            c.period_end == milliseconds(judged.period.end),
        ]
        if scheme_id:
            wanted.append(c.scheme_id == scheme_id)
        with reading(self._engine) as connection:
            row = connection.execute(select(evaluation_results).where(*wanted).order_by(c.id).limit(1)).first()
        return None if row is None else _kept(row)

    def corrections(self, lock: int) -> list[Kept]:
        """What was put beside a locked result, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(evaluation_results).where(c.corrects == lock).order_by(c.id)).all()
        return [_kept(row) for row in rows]

    def _add(self, values: Mapping[str, Any], result: str, by: Signed) -> int:
        signed = {
            "at": milliseconds(by.at),
            "who": by.who,
            "who_name": by.who_name,
            "reason": by.reason,
            "result": result,
            "sha256": _seal(result),
        }
        try:
            with writing(self._engine) as connection:
                added = insert(evaluation_results).values({**values, **signed}).returning(c.id)
                return int(connection.execute(added).scalar_one())
        except IntegrityError as error:
            raise AlreadyLocked from error


def as_text(result: Mapping[str, Any]) -> str:
    """A result as the text that is kept."""
    return orjson.dumps(result, option=orjson.OPT_SORT_KEYS).decode()


def _seal(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _kept(row: Row[*tuple[Any, ...]]) -> Kept:
    return Kept(
        number=row.id,
        at=moment(row.at),
        who=row.who,
        who_name=row.who_name,
        reason=row.reason,
        scheme_id=row.scheme_id,
        scheme_version=row.scheme_version,
        result=orjson.loads(row.result),
        intact=_seal(row.result) == row.sha256,
    )
