"""Cases as they stood at a past moment: the journal folded up to it, for those that something happened to since.

The cases that nothing happened to since are read from their rows; so a look a minute back costs next to nothing, and a
look a year back reads the journal once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import MISSING
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from data_access.case_rows import FACT_FIELDS, facts_of_row
from data_access.schema import cases, journal
from domain.case import FINAL_STATES, Case
from domain.facts import CaseFacts
from domain.journal import milliseconds, plain, valued

_BATCH = 5_000
FACT_DEFAULTS: dict[str, Any] = {
    name: plain(name, field.default)
    for name, field in Case.__dataclass_fields__.items()
    if field.default is not MISSING
}
"""Plain values of what a case has before any entry said it."""


def cases_changed_since(connection: Connection, at: datetime) -> Iterator[Case]:
    """Each case that has entries from `at` on, as it stood just before; those begun later are not there yet."""
    for values in _folded(connection, at):
        yield Case(**{name: valued(name, value) for name, value in values.items()})


def facts_changed_since(connection: Connection, at: datetime) -> Iterator[CaseFacts]:
    """The same cases' facts only."""
    for values in _folded(connection, at):
        known = FACT_DEFAULTS | values
        yield CaseFacts(**{name: valued(name, known[name]) for name in FACT_FIELDS})


def open_untouched_since(connection: Connection, at: datetime) -> Iterator[CaseFacts]:
    """The facts of open cases that nothing happened to from `at` on: their rows are what they were then."""
    is_open = cases.c.state.not_in([state.value for state in FINAL_STATES])
    wanted = select(*(cases.c[name] for name in FACT_FIELDS)).where(is_open, cases.c.updated_at < milliseconds(at))
    for row in connection.execute(wanted, execution_options={"yield_per": _BATCH}):
        yield facts_of_row(row)


def _folded(connection: Connection, at: datetime) -> Iterator[dict[str, Any]]:
    before = milliseconds(at)
    entries = journal.c
    rows = connection.execute(
        select(entries.case_no, entries.version, entries.at, entries.changes)
        .where(entries.case_no.in_(select(cases.c.case_no).where(cases.c.updated_at >= before)), entries.at < before)
        .order_by(entries.case_no, entries.version),
        execution_options={"yield_per": _BATCH},
    )
    for _, entries_of_one in groupby(rows, key=attrgetter("case_no")):
        yield plain_fold(entries_of_one)


def plain_fold(entries: Iterable[Row[*tuple[Any, ...]]]) -> dict[str, Any]:
    """What `domain.journal.rebuild` makes of one case's rows, as plain values: a tenth of the time, the same result."""
    values: dict[str, Any] = {}
    for entry in entries:
        changes = orjson.loads(entry.changes)
        values.update(changes)
        values["case_no"] = entry.case_no
        values["version"] = entry.version
        if "state" in changes:
            values["state_since"] = entry.at
    return values
