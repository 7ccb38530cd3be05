"""Cases and journal entries as table rows, and back.

A row is a tuple in the order of `CASE_COLUMNS` or `ENTRY_COLUMNS`, the form that drivers insert fastest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any, get_args, get_type_hints

import orjson
from sqlalchemy import Row

from data_access.schema import cases, journal
from domain.action import Action
from domain.case import Case
from domain.facts import CaseFacts
from domain.journal import Entry, milliseconds, moment, valued

CASE_COLUMNS: tuple[str, ...] = tuple(column.name for column in cases.columns)
ENTRY_COLUMNS: tuple[str, ...] = tuple(column.name for column in journal.columns if column.name != "entry_id")

_CASE_FIELDS = CASE_COLUMNS[:-1]
_JSON_FIELDS = frozenset(
    {"assisting", "departments_tasked", "pauses", "photos", "evidence", "linked", "emergency", "attributes"}
)
FACT_FIELDS: tuple[str, ...] = tuple(CaseFacts.__dataclass_fields__)


def json_text(value: object) -> str:
    """Compact JSON, keys sorted."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def case_row(case: Case, updated_at: int) -> tuple[object, ...]:
    """The row of a case whose newest entry was at `updated_at` (epoch ms)."""
    values = list(_all_fields(case))
    for index, stored in _CONVERTED:
        if values[index] is not None:
            values[index] = stored(values[index])
    return (*values, updated_at)


def case_values(case: Case, updated_at: int) -> dict[str, object]:
    """The same row by column name."""
    return dict(zip(CASE_COLUMNS, case_row(case, updated_at), strict=True))


def _stored(name: str, kind: Any) -> Callable[[Any], object] | None:
    """How a field's value is stored; None: as it is."""
    if name in _JSON_FIELDS:
        return json_text
    if kind in (datetime, datetime | None):
        return milliseconds
    is_enum = any(isinstance(one, type) and issubclass(one, StrEnum) for one in (kind, *get_args(kind)))
    return attrgetter("value") if is_enum else None


_KINDS = get_type_hints(Case)
_CONVERTED = tuple(
    (index, stored) for index, name in enumerate(_CASE_FIELDS) if (stored := _stored(name, _KINDS[name])) is not None
)
_all_fields = attrgetter(*_CASE_FIELDS)
"""Settled once: history comes by the hundred thousand, and a case has some sixty fields."""


def _fact_readers() -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """What `domain.journal.valued` does, settled once for each field: a live board reads all open cases at once."""
    for name, kind in get_type_hints(CaseFacts).items():
        if kind in (datetime, datetime | None):
            yield name, moment
        elif isinstance(kind, type) and issubclass(kind, StrEnum):
            yield name, {member.value: member for member in kind}.__getitem__


_FACT_READERS = tuple(_fact_readers())


def case_of(row: Row[*tuple[Any, ...]] | Sequence[Any]) -> Case:
    """The case of a row that holds all columns."""
    return Case(**{name: _loaded(name, value) for name, value in zip(_CASE_FIELDS, row, strict=False)})


def facts_of_row(row: Row[*tuple[Any, ...]] | Sequence[Any]) -> CaseFacts:
    """The facts of a row that holds the columns of `FACT_FIELDS`."""
    values = dict(zip(FACT_FIELDS, row, strict=True))
    for name, read in _FACT_READERS:
        if values[name] is not None:
            values[name] = read(values[name])
    return CaseFacts(**values)


def _loaded(name: str, value: Any) -> Any:
    if name in _JSON_FIELDS:
        value = orjson.loads(value)
    return valued(name, value)


_UNTOLD = case_values(Case(case_no="", state_since=moment(0), reported_at=moment(0)), 0)
"""The row of a case that nothing is known of."""


def row_told_by(entries: Iterable[Entry]) -> dict[str, object]:
    """The row that a case's entries make, by column: `case_values` of their fold, without the way through a `Case`."""
    row = dict(_UNTOLD)
    times = []
    for entry in entries:
        at = milliseconds(entry.at)
        row |= entry.changes
        row |= {"case_no": entry.case_no, "version": entry.version}
        row |= {"state_since": at} if "state" in entry.changes else {}
        times.append(at)
    texts = {name: value if isinstance(value := row[name], str) else json_text(value) for name in _JSON_FIELDS}
    return row | texts | {"updated_at": max(times)}


def entry_row(entry: Entry) -> tuple[object, ...]:
    """The row of a sealed entry, without its number."""
    return (
        entry.case_no,
        entry.version,
        entry.action.value,
        milliseconds(entry.at),
        entry.actor,
        entry.role,
        entry.seat,
        entry.reason,
        json_text(dict(entry.changes)),
        entry.previous_hash,
        entry.hash,
    )


def entry_values(entry: Entry) -> dict[str, object]:
    """The same row by column name."""
    return dict(zip(ENTRY_COLUMNS, entry_row(entry), strict=True))


def entry_of(row: Row[*tuple[Any, ...]]) -> Entry:
    """The entry of a row that holds all columns of the journal."""
    return Entry(
        entry_id=row.entry_id,
        case_no=row.case_no,
        version=row.version,
        action=Action(row.action),
        at=moment(row.at),
        actor=row.actor,
        role=row.role,
        seat=row.seat,
        reason=row.reason,
        changes=orjson.loads(row.changes),
        previous_hash=row.previous_hash,
        hash=row.hash,
    )
