"""Proof that the journal is whole: every chain of hashes is walked, every case row compared with its entries' fold.

What the chain cannot show by itself is the rewriting of a case's newest entry together with its row; for that, keep
backups elsewhere. Entries are streamed case by case, so memory does not grow with their number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, islice, pairwise
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Engine, Row, exists, func, select

from data_access.case_rows import CASE_COLUMNS, entry_of, row_told_by
from data_access.engine import reading
from data_access.schema import cases, journal
from domain.journal import FIRST_LINK, Entry, link

_FETCH = 5_000
_CASES_AT_ONCE = 500

AnyRow = Row[*tuple[Any, ...]]
Chain = tuple[str, list[AnyRow]]


class FaultKind(StrEnum):
    """What is wrong."""

    CHANGED = "changed"
    """An entry is not what was written: its hash does not fit its content, or not the entry chained to it."""
    REMOVED = "removed"
    """Entries of a case are missing."""
    INSERTED = "inserted"
    """An entry was put in later than the one that follows it, or the case row never heard of it."""
    ROW_DIFFERS = "row_differs"
    """The entries are whole, but the case row is not what they make."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding. `version` and `entry_id` are None where it concerns the case as a whole."""

    case_no: str
    version: int | None
    entry_id: int | None
    kind: FaultKind
    text: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What was checked, and what was wrong with it."""

    cases: int
    entries: int
    faults: tuple[Fault, ...]


Progress = Callable[[int, int], None]
"""Told after every few hundred cases: entries checked, entries in all."""


def _unwatched(checked: int, total: int) -> None:
    """Nobody watches the progress."""


def verify_journal(engine: Engine, progress: Progress = _unwatched) -> ChainReport:
    """Walk the whole journal and every case row, in one snapshot.

    Raises:
        StoreError: the database cannot be read.
    """
    faults: list[Fault] = []
    cases_seen = entries_seen = 0
    with reading(engine) as connection:
        total = connection.execute(select(func.count()).select_from(journal)).scalar_one()
        for chains in _batches(_chains(connection)):
            rows = _rows_of(connection, [case_no for case_no, _ in chains])
            for case_no, entries in chains:
                faults += _check_case(case_no, entries, rows.get(case_no))
                entries_seen += len(entries)
            cases_seen += len(chains)
            progress(entries_seen, total)
        faults += _rows_without_entries(connection)
    return ChainReport(cases_seen, entries_seen, tuple(faults))


def _chains(connection: Connection) -> Iterator[Chain]:
    ordered = select(journal).order_by(journal.c.case_no, journal.c.version)
    rows = connection.execute(ordered, execution_options={"yield_per": _FETCH})
    for case_no, entries in groupby(rows, key=attrgetter("case_no")):
        yield case_no, list(entries)


def _batches(chains: Iterator[Chain]) -> Iterator[list[Chain]]:
    while batch := list(islice(chains, _CASES_AT_ONCE)):
        yield batch


def _rows_of(connection: Connection, case_nos: Sequence[str]) -> dict[str, AnyRow]:
    found = connection.execute(select(cases).where(cases.c.case_no.in_(case_nos)))
    return {row.case_no: row for row in found}


def _rows_without_entries(connection: Connection) -> Iterator[Fault]:
    lonely = select(cases.c.case_no).where(~exists().where(journal.c.case_no == cases.c.case_no))
    for case_no in connection.execute(lonely).scalars():
        yield Fault(case_no, None, None, FaultKind.REMOVED, "the case row stands, all entries of the case are gone")


def _check_case(case_no: str, rows: Sequence[AnyRow], case_row: AnyRow | None) -> list[Fault]:
    """The faults of one case; the row is only compared with entries that are whole."""
    try:
        entries = [entry_of(row) for row in rows]
    except (ValueError, TypeError) as error:
        return [Fault(case_no, None, None, FaultKind.CHANGED, f"an entry cannot be read: {error}")]
    return faults_of(entries) or _check_row(entries, case_row)


def faults_of(entries: Sequence[Entry]) -> list[Fault]:
    """What is wrong with the entries of one case, by their own numbers and hashes."""
    return [*_check_order(entries), *_check_links(entries)]


def _check_order(entries: Sequence[Entry]) -> Iterator[Fault]:
    """Numbers are given in the order of writing, so a smaller one after a larger one means a late insertion."""
    for entry, following in pairwise(entries):
        if entry.entry_id > following.entry_id:
            yield _fault(entry, FaultKind.INSERTED, f"written after entry {following.entry_id}, which follows it")


def _check_links(entries: Sequence[Entry]) -> Iterator[Fault]:
    before: Entry | None = None
    for entry in entries:
        version, hashed = (before.version, before.hash) if before else (0, FIRST_LINK)
        if link(entry) != entry.hash:
            yield _fault(entry, FaultKind.CHANGED, "its content does not fit its hash")
        elif entry.version != version + 1:
            yield _fault(entry, FaultKind.REMOVED, f"versions {version + 1} to {entry.version - 1} before it are gone")
        elif entry.previous_hash != hashed:
            yield _fault(before or entry, FaultKind.CHANGED, f"version {entry.version} is chained to another content")
        before = entry


def _check_row(entries: Sequence[Entry], row: AnyRow | None) -> list[Fault]:
    last = entries[-1]
    if row is None:
        return [Fault(last.case_no, None, None, FaultKind.ROW_DIFFERS, "entries without a case row")]
    if row.version > last.version:
        text = f"the case row stands at version {row.version}, the entries end at {last.version}"
        return [Fault(last.case_no, last.version + 1, None, FaultKind.REMOVED, text)]
    if row.version < last.version:
        return [_fault(last, FaultKind.INSERTED, f"the case row stands at version {row.version}")]
    return _compare(entries, row)


def _compare(entries: Sequence[Entry], row: AnyRow) -> list[Fault]:
    last, told = entries[-1], row_told_by(entries)
    names = [name for name, value in zip(CASE_COLUMNS, row, strict=True) if told.get(name) != value]
    if not names:
        return []
    return [
        Fault(last.case_no, last.version, None, FaultKind.ROW_DIFFERS, f"the case row differs in {', '.join(names)}")
    ]


def _fault(entry: Entry, kind: FaultKind, text: str) -> Fault:
    return Fault(entry.case_no, entry.version, entry.entry_id, kind, text)
