"""What is new in the journal since a number, as rows of the copy.

The journal only grows and its numbers are given in the order of commits, so "all entries up to number N" never changes:
it is read in many short transactions, and nobody who writes ever waits for a reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

import orjson
from sqlalchemy import Connection, Engine, func, select

from data_access.engine import reading
from data_access.history.rows import CaseRows, Told, case_rows
from data_access.schema import journal

_CASES_AT_ONCE = 1_000
_e = journal.c
_COLUMNS = (_e.entry_id, _e.case_no, _e.version, _e.at, _e.actor, _e.role, _e.action, _e.changes)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in one journal: its newest entry's number and hash. `0` and empty: nothing yet."""

    entry_id: int = 0
    hash: str = ""


def newest(connection: Connection) -> Mark:
    """Where the journal ends now."""
    found = connection.execute(select(_e.entry_id, _e.hash).order_by(_e.entry_id.desc()).limit(1)).one_or_none()
    return Mark(*found) if found else Mark()


def belongs_to(connection: Connection, mark: Mark) -> bool:
    """Whether the mark lies in this journal: a database that was put in its place has another hash there."""
    if not mark.entry_id:
        return True
    return connection.execute(select(_e.hash).where(_e.entry_id == mark.entry_id)).scalar_one_or_none() == mark.hash


def rows_between(engine: Engine, after: int, to: int) -> Iterator[CaseRows]:
    """What each case with entries in (after, to] adds, from its whole history up to `to`."""
    for some in _changed(engine, after, to):
        with reading(engine) as connection:
            asked = select(*_COLUMNS).where(_e.case_no.in_(some), _e.entry_id <= to)
            found = connection.execute(asked.order_by(_e.case_no, _e.version)).all()
        for _, entries in groupby(found, key=attrgetter("case_no")):
            told = [Told(*entry[:7], orjson.loads(entry.changes)) for entry in entries]
            yield case_rows(told, kept_to=after)


def _changed(engine: Engine, after: int, to: int) -> Iterator[tuple[str, ...]]:
    """The numbers of these cases, some at a time: walked through in order if all are new, else listed first."""
    if after:
        with reading(engine) as connection:
            asked = select(_e.case_no).where(_e.entry_id > after, _e.entry_id <= to)
            numbers = sorted(set(connection.execute(asked).scalars()))
        for first in range(0, len(numbers), _CASES_AT_ONCE):
            yield tuple(numbers[first : first + _CASES_AT_ONCE])
        return
    last = ""
    while True:
        with reading(engine) as connection:
            asked = select(_e.case_no).where(_e.case_no > last, _e.version == 1).order_by(_e.case_no)
            some = tuple(connection.execute(asked.limit(_CASES_AT_ONCE)).scalars())
        if not some:
            return
        yield some
        last = some[-1]


def entries_between(connection: Connection, after: int, to: int) -> int:
    """How many entries there are in (after, to]; numbers may have gaps."""
    asked = select(func.count()).select_from(journal).where(_e.entry_id > after, _e.entry_id <= to)
    number: int = connection.execute(asked).scalar_one()
    return number
