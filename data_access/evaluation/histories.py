"""The cases that an evaluated period concerns, each with its entries, as they stood at T1: one pass over both tables.

This is the one way evaluation reads the journal; whatever answers it faster takes the place of `CaseHistories`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, or_, select

from data_access.case_past import FACT_DEFAULTS, plain_fold
from data_access.case_rows import FACT_FIELDS, facts_of_row
from data_access.case_where import cut
from data_access.engine import reading
from data_access.schema import cases, journal
from domain.action import Action
from domain.case import OPEN_STATES
from domain.evaluation.histories import History, Judged
from domain.facts import CaseFacts
from domain.indicators import Convention
from domain.journal import Entry, milliseconds, moment

_BATCH = 5_000
_TOLD = ('"state"', '"department"')
"""What of an entry's changes evaluation reads; of the others the text is not even parsed."""

c, j = cases.c, journal.c


class CaseHistories:
    """Histories from the case store. Blocking; call it off the event loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def concerned(self, judged: Judged) -> Iterator[History]:
        """Every case that may be counted in the period, as it stood at `judged.at`; some others may come too.

        The read transaction lasts as long as the iteration.
        """
        at = milliseconds(cut(judged.at))
        with reading(self._engine) as connection:
            rows = iter(_rows(connection, judged))
            row = next(rows, None)
            for case_no, entries in groupby(_entries(connection, judged, at), key=attrgetter("case_no")):
                while row is not None and row.case_no != case_no:
                    row = next(rows, None)
                if row is not None:
                    yield _history(row, list(entries), at)


def _concerns(judged: Judged) -> ColumnElement[bool]:
    """Cases in which something happened since the period began, that are open, or whose deadline lies in it or later.

    Rows show the present: what was so at T1 and is not any more has been touched since.
    """
    start = milliseconds(judged.period.start)
    if judged.convention is Convention.COHORT:
        return and_(c.reported_at >= start, c.reported_at < milliseconds(judged.period.end))
    touched = or_(c.updated_at >= start, c.state.in_([state.value for state in OPEN_STATES]))
    return or_(touched, c.deadline >= start) if judged.convention is Convention.DUE else touched


def _rows(connection: Connection, judged: Judged) -> Iterator[Row[*tuple[Any, ...]]]:
    wanted = select(*(c[name] for name in FACT_FIELDS), c.updated_at).where(_concerns(judged)).order_by(c.case_no)
    return iter(connection.execute(wanted, execution_options={"yield_per": _BATCH}))


def _entries(connection: Connection, judged: Judged, at: int) -> Iterator[Row[*tuple[Any, ...]]]:
    concerned = select(c.case_no).where(_concerns(judged))
    wanted = (
        select(j.case_no, j.version, j.action, j.at, j.actor, j.role, j.changes)
        .where(j.case_no.in_(concerned), j.at < at)
        .order_by(j.case_no, j.version)
    )
    return iter(connection.execute(wanted, execution_options={"yield_per": _BATCH}))


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
