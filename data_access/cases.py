"""The case store: the only way a case changes, and the questions about cases. Synchronous; call it off the event loop.

The journal is the truth. `execute` appends to it, renews the case row and leaves a note in the outbox in one
transaction, one writer at a time, so that the numbers of journal entries are in the order of their commits.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, Select, and_, bindparam, delete, func, select, update

from data_access.case_bulk import BulkWriter
from data_access.case_numbers import give_numbers
from data_access.case_past import cases_changed_since, facts_changed_since
from data_access.case_rows import FACT_FIELDS, case_of, case_values, entry_of, entry_values, facts_of_row
from data_access.case_where import Asked, asked, condition, cut, matches
from data_access.codec import encode_change
from data_access.engine import reading, roll_back, take_turn, writing
from data_access.errors import StoreDamaged
from data_access.ownership import note_decision
from data_access.photos import note_photos
from data_access.refusals import CODES, Names, duplicate, no_such_case, stale, unstorable
from data_access.schema import cases, journal, outbox
from data_access.tally_seed import read_seed
from domain.action import Command, Refusal
from domain.case import FINAL_STATES, Case, CaseState
from domain.case_query import CaseQuery
from domain.facts import CaseFacts, Change, facts_of
from domain.geo import distance_m, metres_per_degree
from domain.journal import FIRST_LINK, Entry, milliseconds, sealed
from domain.tally import TallySeed
from domain.workflow import Accepted, Policy, decide

ALIKE_METRES, ALIKE_WITHIN = 50.0, timedelta(hours=24)
"""How near and how recent a case of the same class must be to be called a possible duplicate (domain sheet 4.5)."""

_BATCH = 5_000
_FACT_COLUMNS = [cases.c[name] for name in FACT_FIELDS]
_ADD_ENTRY = journal.insert().returning(journal.c.entry_id)
_ADD_CASE = cases.insert()
_RENEW_CASE = update(cases).where(cases.c.case_no == bindparam("this_case"), cases.c.version == bindparam("seen"))
_ADD_CHANGE = outbox.insert()
_NEWEST_FIRST = (cases.c.reported_at.desc(), cases.c.case_no.desc())
_OLDEST_FIRST = (cases.c.reported_at, cases.c.case_no)


@dataclass(frozen=True, slots=True)
class Done:
    """A command that was accepted and is stored: the case after it, the sealed entry, and what was told to the feed.

    `change` is None where the same command had been stored before: nothing was told twice.
    """

    case: Case
    entry: Entry
    change: Change | None


@dataclass(frozen=True, slots=True)
class _Held:
    """A stored case, its newest entry, and when the newest was (epoch ms)."""

    case: Case
    last: Entry
    updated_at: int


def _nobody() -> None:
    """Nobody waits for commits."""


class CaseStore:
    """Cases in one database. Thread-safe: every call takes a connection of its own.

    `number_prefix` begins every case number; `zone` says which local day a case is numbered in and what "today" means.
    `on_commit` is called after each commit, in the caller's thread: it wakes the relay and must return at once.
    `names` says how people and departments are called in refusals.
    """

    def __init__(
        self,
        engine: Engine,
        policy: Policy,
        *,
        number_prefix: str,
        zone: ZoneInfo,
        on_commit: Callable[[], None] = _nobody,
        names: Names = CODES,
    ) -> None:
        self.engine = engine
        self._policy = policy
        self._prefix = number_prefix
        self._zone = zone
        self._on_commit = on_commit
        self._names = names

    @property
    def policy(self) -> Policy:
        """The rules that decide."""
        return self._policy

    def execute(self, command: Command) -> Done | Refusal:
        """Ask the workflow, and store what it accepted. Of two who act on one version of a case, one is refused.

        The very same command again (a repeated click, an answer lost on the way) gets the first one's answer.

        Raises:
            StoreError: the database cannot be written; nothing changed.
        """
        if broken := unstorable(command):
            return broken
        command = replace(command, at=cut(command.at))
        with writing(self.engine) as connection:
            take_turn(connection)
            answer = self._decide(connection, command)
            if isinstance(answer, Refusal):
                roll_back(connection)  # gives the case number back
                return answer
        if answer.change is not None:
            self._on_commit()
        return answer

    def preview(self, command: Command) -> Case | Refusal:
        """What `execute` would make of the case just now; nothing is stored.

        Raises:
            StoreError: the database cannot be read.
        """
        if broken := unstorable(command):
            return broken
        with reading(self.engine) as connection:
            held = _held(connection, command.case_no) if command.case_no else None
        if held is None:
            return no_such_case(command)
        if command.expected_version not in (None, held.case.version):
            return stale(held.last, self._zone, self._names)
        answer = decide(held.case, replace(command, at=cut(command.at)), self._policy)
        return answer.case if isinstance(answer, Accepted) else answer

    def suspended_until(self, now: datetime) -> list[Case]:
        """Suspended cases whose end date has come, longest ago first."""
        over = (cases.c.state == CaseState.SUSPENDED.value) & (cases.c.suspended_until <= milliseconds(now))
        return self._some(select(cases).where(over).order_by(cases.c.suspended_until))

    def claimed(self) -> list[Case]:
        """Open cases that somebody has claimed."""
        is_open = cases.c.state.not_in([state.value for state in FINAL_STATES])
        return self._some(select(cases).where(is_open, cases.c.claimed_by.is_not(None)))

    def alike(self, class_code: str, lon: float, lat: float, now: datetime) -> list[tuple[Case, float]]:
        """Open cases of the class reported in the last day within 50 m, with their distance in metres."""
        east, north = metres_per_degree(lat)
        c = cases.c
        box = and_(
            c.lon.between(lon - ALIKE_METRES / east, lon + ALIKE_METRES / east),
            c.lat.between(lat - ALIKE_METRES / north, lat + ALIKE_METRES / north),
        )
        recent = c.reported_at.between(milliseconds(now - ALIKE_WITHIN), milliseconds(now))
        is_open = c.state.not_in([state.value for state in FINAL_STATES])
        found = self._some(select(cases).where(recent, c.class_code == class_code, is_open, box))
        near = [(case, float(distance_m(lon, lat, case.lon or 0, case.lat or 0))) for case in found]
        return sorted((pair for pair in near if pair[1] <= ALIKE_METRES), key=lambda pair: pair[1])

    def _some(self, wanted: Select[*tuple[Any, ...]]) -> list[Case]:
        with reading(self.engine) as connection:
            return [case_of(row) for row in connection.execute(wanted)]

    def _decide(self, connection: Connection, command: Command) -> Done | Refusal:
        held = _held(connection, command.case_no) if command.case_no else None
        if command.case_no and held is None:
            return no_such_case(command)
        if held and command.expected_version not in (None, held.case.version):
            return _first_answer(held, command) or stale(held.last, self._zone, self._names)
        twin = _twin(connection, command) if held is None else None
        if twin:
            return duplicate(twin)
        case_no = None if held else give_numbers(connection, self._prefix, [command.at.astimezone(self._zone)])[0]
        answer = decide(held.case if held else None, command, self._policy, case_no=case_no)
        return _store(connection, held, answer) if isinstance(answer, Accepted) else answer

    def get(self, case_no: str) -> Case | None:
        """The case as it stands."""
        with reading(self.engine) as connection:
            row = connection.execute(select(cases).where(cases.c.case_no == case_no)).first()
        return case_of(row) if row else None

    def history(self, case_no: str) -> tuple[Entry, ...]:
        """All entries of a case, in order."""
        entries = select(journal).where(journal.c.case_no == case_no).order_by(journal.c.version)
        with reading(self.engine) as connection:
            return tuple(entry_of(row) for row in connection.execute(entries))

    def count(self, query: CaseQuery, now: datetime) -> int:
        """How many cases the query means, as of the moment it names."""
        wanted = asked(query, now, self._zone)
        with reading(self.engine) as connection:
            number: int = connection.execute(
                select(func.count()).select_from(cases).where(condition(wanted))
            ).scalar_one()
            return number + sum(1 for _ in _changed_matching(connection, wanted))

    def find(
        self, query: CaseQuery, now: datetime, *, limit: int = 100, offset: int = 0, newest_first: bool = True
    ) -> list[Case]:
        """One page of the cases that `count` counts, by the time they were reported, as they stood then."""
        wanted = asked(query, now, self._zone)
        with reading(self.engine) as connection:
            if not wanted.past:
                return _page(connection, wanted, limit, offset, newest_first)
            kept = _page(connection, wanted, limit + offset, 0, newest_first)
            changed = sorted(_changed_matching(connection, wanted), key=_age, reverse=newest_first)
        return list(islice(heapq.merge(kept, changed, key=_age, reverse=newest_first), offset, offset + limit))

    def facts(self, *, as_of: datetime | None = None) -> Iterator[CaseFacts]:
        """The facts of all cases, now or as of a past moment, in no order; one snapshot, streamed."""
        everything = select(*_FACT_COLUMNS)
        with reading(self.engine) as connection:
            if as_of is not None:
                everything = everything.where(cases.c.updated_at < milliseconds(as_of))
                yield from facts_changed_since(connection, as_of)
            yield from _stream(connection, everything)

    def open_facts(self) -> list[CaseFacts]:
        """The facts of all cases that are not in a final state."""
        with reading(self.engine) as connection:
            return list(_stream(connection, _open_cases()))

    def tally_seed(self, as_of: datetime) -> TallySeed:
        """What a live tally begins from, read in one snapshot."""
        with reading(self.engine) as connection:
            facts = list(_stream(connection, _open_cases()))
            return read_seed(connection, cut(as_of), self._zone, facts, _last_entry_id(connection))

    def last_entry_id(self) -> int:
        """The number of the newest entry; 0 without any. All lower numbers are committed or will never be."""
        with reading(self.engine) as connection:
            return _last_entry_id(connection)

    def bulk(self) -> BulkWriter:
        """A writer for histories that are already decided."""
        return BulkWriter(self.engine, self._on_commit)

    def numbers(self, moments: Sequence[datetime]) -> list[str]:
        """A case number for each case of a history, by the day it was reported; given out once, never again."""
        with writing(self.engine) as connection:
            take_turn(connection)
            return give_numbers(connection, self._prefix, [at.astimezone(self._zone) for at in moments])

    def outside_ids(self, source_system: str) -> set[str]:
        """The outside ids already stored of one outside system."""
        known = select(cases.c.outside_id).where(cases.c.source_system == source_system)
        with reading(self.engine) as connection:
            return {str(outside_id) for outside_id in connection.execute(known).scalars()}

    def outbox(self, limit: int) -> list[tuple[int, bytes]]:
        """The oldest changes not yet told to the feed."""
        oldest = select(outbox.c.id, outbox.c.payload).order_by(outbox.c.id).limit(limit)
        with reading(self.engine) as connection:
            return [(row.id, bytes(row.payload)) for row in connection.execute(oldest)]

    def drop_outbox(self, ids: Sequence[int]) -> None:
        """Forget changes that the feed has taken."""
        with writing(self.engine) as connection:
            connection.execute(delete(outbox).where(outbox.c.id.in_(ids)))


def _page(connection: Connection, wanted: Asked, limit: int, offset: int, newest_first: bool) -> list[Case]:
    """Orders numbers only, then reads the rows of one page: a whole row is wide."""
    order = _NEWEST_FIRST if newest_first else _OLDEST_FIRST
    numbers = select(cases.c.case_no).where(condition(wanted)).order_by(*order).limit(limit).offset(offset)
    page = select(cases).where(cases.c.case_no.in_(numbers)).order_by(*order)
    return [case_of(row) for row in connection.execute(page)]


def _age(case: Case) -> tuple[datetime, str]:
    return case.reported_at, case.case_no


def _open_cases() -> Select[*tuple[Any, ...]]:
    return select(*_FACT_COLUMNS).where(cases.c.state.not_in([state.value for state in FINAL_STATES]))


def _stream(connection: Connection, facts: Select[*tuple[Any, ...]]) -> Iterator[CaseFacts]:
    for row in connection.execute(facts, execution_options={"yield_per": _BATCH}):
        yield facts_of_row(row)


def _changed_matching(connection: Connection, wanted: Asked) -> Iterator[Case]:
    """The cases that `condition` left out because something happened to them since."""
    if wanted.past:
        yield from (case for case in cases_changed_since(connection, wanted.judged.end) if matches(case, wanted))


def _last_entry_id(connection: Connection) -> int:
    number: int = connection.execute(select(func.coalesce(func.max(journal.c.entry_id), 0))).scalar_one()
    return number


def _held(connection: Connection, case_no: str) -> _Held | None:
    row = connection.execute(select(cases).where(cases.c.case_no == case_no)).first()
    if row is None:
        return None
    newest = select(journal).where(journal.c.case_no == case_no).order_by(journal.c.version.desc()).limit(1)
    return _Held(case_of(row), entry_of(connection.execute(newest).one()), row.updated_at)


def _twin(connection: Connection, command: Command) -> str | None:
    """The number of the stored case that has the outside id this command brings."""
    system, outside_id = command.facts.get("source_system"), command.facts.get("outside_id")
    if not system or not outside_id:
        return None
    same = (cases.c.source_system == str(system)) & (cases.c.outside_id == str(outside_id))
    return connection.execute(select(cases.c.case_no).where(same)).scalar()


def _store(connection: Connection, held: _Held | None, accepted: Accepted) -> Done:
    entry = sealed(accepted.entry, held.last.hash if held else FIRST_LINK)
    entry_id = connection.execute(_ADD_ENTRY, entry_values(entry)).scalar_one()
    _renew_row(connection, held, accepted.case, milliseconds(entry.at))
    change = Change(
        entry_id=entry_id,
        action=entry.action.value,
        at=entry.at,
        before=facts_of(held.case) if held else None,
        after=facts_of(accepted.case),
    )
    connection.execute(_ADD_CHANGE, {"payload": encode_change(change)})
    note_decision(connection, entry, accepted.case)
    note_photos(connection, entry, held.case.photos if held else ())
    return Done(accepted.case, replace(entry, entry_id=entry_id), change)


def _first_answer(held: _Held, command: Command) -> Done | None:
    """What the same command was answered a moment ago: one version back, by the same person, with the same effect."""
    last = held.last
    same = (
        command.expected_version == last.version - 1
        and (last.action, last.actor, last.reason) == (command.action, command.actor.name, command.reason.strip())
        and all(last.changes.get(name) == value for name, value in command.facts.items() if name == "department")
    )
    return Done(held.case, last, None) if same else None


def _renew_row(connection: Connection, held: _Held | None, case: Case, at: int) -> None:
    if held is None:
        connection.execute(_ADD_CASE, case_values(case, at))
        return
    row = {"this_case": case.case_no, "seen": held.case.version}
    if connection.execute(_RENEW_CASE, row | case_values(case, max(at, held.updated_at))).rowcount != 1:
        raise StoreDamaged(f"the row of {case.case_no} changed under a held turn; run `citywall verify-journal`")
