"""Cases with their entries as they stood at T1, for the domain to count: one pass over two tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import groupby
from operator import attrgetter
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Result, Row, select

from data_access.case_past import FACT_DEFAULTS, plain_fold
from data_access.case_rows import FACT_FIELDS, facts_of_row
from data_access.schema import cases, journal
from domain.action import Action
from domain.evaluation.histories import History
from domain.facts import CaseFacts
from domain.journal import Entry, moment

_BATCH = 5_000
_TOLD = ('"state"', '"department"')
"""What of an entry's changes evaluation reads; of the others the text is not even parsed."""

c, j = cases.c, journal.c


def histories_of(connection: Connection, wanted: ColumnElement[bool], at: int) -> Iterator[History]:
    """The histories of those cases as they stood at `at` (epoch ms), without those that began later."""
    with closing(_rows(connection, wanted)) as rows, closing(_entries(connection, wanted, at)) as entries:
        row = next(rows, None)
        for case_no, of_one in groupby(entries, key=attrgetter("case_no")):
            while row is not None and row.case_no != case_no:
                row = next(rows, None)
            if row is not None:
                yield _history(row, list(of_one), at)


def _rows(connection: Connection, which: ColumnElement[bool]) -> Result[*tuple[Any, ...]]:
    wanted = select(*(c[name] for name in FACT_FIELDS), c.updated_at).where(which).order_by(c.case_no)
    return connection.execute(wanted, execution_options={"yield_per": _BATCH})


def _entries(connection: Connection, which: ColumnElement[bool], at: int) -> Result[*tuple[Any, ...]]:
    concerned = select(c.case_no).where(which)
    wanted = (
        select(j.case_no, j.version, j.action, j.at, j.actor, j.role, j.changes)
        .where(j.case_no.in_(concerned), j.at < at)
        .order_by(j.case_no, j.version)
    )
    return connection.execute(wanted, execution_options={"yield_per": _BATCH})


def _history(row: Row[*tuple[Any, ...]], entries: Sequence[Row[*tuple[Any, ...]]], at: int) -> History:
    return History(_facts(row, entries, at), [_entry(entry) for entry in entries])


def _facts(row: Row[*tuple[Any, ...]], entries: Sequence[Row[*tuple[Any, ...]]], at: int) -> CaseFacts:
    if row.updated_at < at:
        return facts_of_row(row[:-1])
    known = FACT_DEFAULTS | plain_fold(entries)
    return facts_of_row([known[name] for name in FACT_FIELDS])


def _entry(row: Row[*tuple[Any, ...]]) -> Entry:
    """The entry without seat, reason and hashes."""
    told = any(name in row.changes for name in _TOLD)
    return Entry(
        case_no=row.case_no,
        version=row.version,
        action=_ACTIONS[row.action],
        at=moment(row.at),
        actor=row.actor,
        role=row.role,
        changes=orjson.loads(row.changes) if told else {},
    )


_ACTIONS = {action.value: action for action in Action}
