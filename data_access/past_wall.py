"""The wall as of any past moment, from the journal: a tally begun there, then led on entry by entry.

The order of the past is the order of the entries' own times: numbers say when an entry was stored, and histories are
stored by the case. A moment is what `case_past` says of it: the fold of each case's entries with ``at < moment``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection, Engine, Row, func, select

from data_access.case_past import FACT_DEFAULTS, open_untouched_since, plain_fold
from data_access.case_rows import FACT_FIELDS, facts_of_row
from data_access.case_where import cut
from data_access.engine import reading
from data_access.schema import cases, journal
from data_access.tally_seed import read_past_seed
from domain.board import Board
from domain.facts import CaseFacts, Change
from domain.indicators import BEGINNING
from domain.journal import milliseconds, moment
from domain.playback import Spell, curve_points, load_curve
from domain.tally import Tally, TallyGap, TallySeed

STRETCH = timedelta(hours=4)
"""How much of the past is read at a time: some seconds at the highest speed, some thousand entries in memory."""
RUN_UP = timedelta(minutes=30)
"""How long before the moment asked for the reading begins, so that a step back costs no reading."""

_BATCH = 5_000

Life = list[Spell]
"""A case's spells in order of time; the first may begin before the stretch that was asked for."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What happened in [start, end), in order; `entry_id` of its changes counts on in that order."""

    start: datetime
    end: datetime
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """Cases open and overdue as of a moment."""

    at: datetime
    open: int
    overdue: int


class PastReader:
    """Reads the past from one database. Thread-safe; blocking: call it off the event loop."""

    def __init__(self, engine: Engine, zone: ZoneInfo) -> None:
        self._engine = engine
        self.zone = zone

    def first_at(self) -> datetime | None:
        """The first moment anything is known of: just after the oldest report. None without any case."""
        with reading(self._engine) as connection:
            oldest = connection.execute(select(func.min(cases.c.reported_at))).scalar_one()
        return None if oldest is None else moment(oldest + 1)

    def begin(self, start: datetime, end: datetime) -> tuple[TallySeed, Stretch]:
        """What a tally begins from as of `start`, and what happened from then on until `end`; one snapshot."""
        with reading(self._engine) as connection:
            lives = list(_lives(connection, start, end))
            before = [spell.facts for life in lives for spell in life if spell.start < start]
            seed = read_past_seed(connection, start, self.zone, before)
        return seed, _stretch(lives, start, end)

    def go_on(self, start: datetime, end: datetime, after: int) -> Stretch:
        """What happened in [start, end); its changes are numbered on from `after`."""
        with reading(self._engine) as connection:
            return _stretch(list(_lives(connection, start, end)), start, end, after)

    def curve(self, day: date, until: datetime) -> list[Load]:
        """How full the hall was over a local day, as far as it has passed at `until`."""
        points = [point for point in curve_points(day, self.zone) if point <= until]
        if not points:
            return []
        with reading(self._engine) as connection:
            spells = [spell for life in _lives(connection, points[0], points[-1]) for spell in life]
            untouched = [Spell(BEGINNING, None, facts) for facts in open_untouched_since(connection, points[0])]
        found = load_curve([*spells, *untouched], points)
        return [Load(at, *numbers) for at, numbers in zip(points, found, strict=True)]


def _lives(connection: Connection, start: datetime, end: datetime) -> Iterator[Life]:
    """The cases that something happened to from `start` on, with what happened before `end`.

    No entry of a case lies before its report (`domain.gates.time_goes_on`), so the report's index finds who was there.
    """
    entries = journal.c
    alive = select(cases.c.case_no).where(
        cases.c.updated_at >= milliseconds(start), cases.c.reported_at < milliseconds(end)
    )
    rows = connection.execute(
        select(entries.case_no, entries.version, entries.at, entries.changes)
        .where(entries.case_no.in_(alive), entries.at < milliseconds(end))
        .order_by(entries.case_no, entries.version),
        execution_options={"yield_per": _BATCH},
    )
    for _, of_one in groupby(rows, key=attrgetter("case_no")):
        yield _life(list(of_one), milliseconds(start))


def _life(rows: list[Row[*tuple[Any, ...]]], start: int) -> Life:
    """Spells from the last entry before `start` on. Outside history may be numbered against its times: then the entries
    up to each moment are folded by their numbers, as every other look at the past folds them.
    """
    in_time = sorted(rows, key=attrgetter("at", "version"))
    first = max(0, sum(row.at < start for row in in_time) - 1)
    straight = all(one.version < other.version for one, other in pairwise(in_time))
    values: dict[str, Any] = {}
    life: Life = []
    for number, row in enumerate(in_time):
        if straight:
            _fold_one(values, row)
        elif number >= first:
            values = plain_fold(sorted(in_time[: number + 1], key=attrgetter("version")))
        if number >= first:
            end = moment(in_time[number + 1].at) if number + 1 < len(in_time) else None
            life.append(Spell(moment(row.at), end, _facts(values, number + 1)))
    return life


def _fold_one(values: dict[str, Any], row: Row[*tuple[Any, ...]]) -> None:
    """`plain_fold` by one entry."""
    changes = orjson.loads(row.changes)
    values.update(changes)
    values["case_no"] = row.case_no
    if "state" in changes:
        values["state_since"] = row.at


def _facts(values: dict[str, Any], version: int) -> CaseFacts:
    known = FACT_DEFAULTS | values | {"version": version}
    return facts_of_row([known[name] for name in FACT_FIELDS])


def _stretch(lives: list[Life], start: datetime, end: datetime, after: int = 0) -> Stretch:
    moves: list[tuple[datetime, str, CaseFacts | None, CaseFacts]] = []
    for life in lives:
        before: CaseFacts | None = None
        for spell in life:
            if spell.start >= start:
                moves.append((spell.start, spell.facts.case_no, before, spell.facts))
            before = spell.facts
    moves.sort(key=lambda move: (move[0], move[1], move[3].version))
    changes = (
        Change(entry_id=number, action="", at=at, before=before, after=after)
        for number, (at, _, before, after) in enumerate(moves, start=after + 1)
    )
    return Stretch(start, end, tuple(changes))


class PastWall:
    """One viewer's wall in the past. Blocking, and one call at a time.

    `tallies` counts how often it began anew: boards of two of them are not one step apart. `share` says how much of a
    beginning is done, for whoever watches from another thread.
    """

    def __init__(self, reader: PastReader) -> None:
        self._reader = reader
        self._seed: TallySeed | None = None
        self._stretch: Stretch | None = None
        self._tally: Tally | None = None
        self._at: datetime | None = None
        self._done = 0
        self._numbered = 0
        self._version = 0
        self.tallies = 0
        self.share = 1.0

    def board(self, at: datetime, now: datetime) -> Board:
        """The board as of `at`, not later than `now`; its versions grow over all calls.

        Raises:
            StoreError: the past cannot be read.
        """
        at = cut(at)
        if not self._leads_to(at):
            self._begin(at, now)
        elif self._at is not None and at < self._at:
            self._rewind()
        try:
            return self._lead(at, now)
        except TallyGap:  # an entry of the part already shown came late: another machine's clock
            self._begin(at, now)
            return self._lead(at, now)

    def _leads_to(self, at: datetime) -> bool:
        """Whether the moment lies in what was read, or so near behind it that reading on is the shorter way."""
        read, seed = self._stretch, self._seed
        if read is None or seed is None or self._at is None or at > read.end + STRETCH:
            return False
        return at >= self._at or (at >= seed.as_of and read.start == seed.as_of)

    def _begin(self, at: datetime, now: datetime) -> None:
        self.share = 0.1
        start = at - RUN_UP
        self._seed, self._stretch = self._reader.begin(start, min(start + STRETCH, max(now, at)))
        self._numbered, self.share = len(self._stretch.changes), 0.6
        self._rewind()
        self.share = 1.0

    def _rewind(self) -> None:
        """Back to where the reading began."""
        if self._seed is None:
            raise LookupError("nothing was read yet")
        self._tally = Tally(self._reader.zone, self._seed, first_version=self._version + 1)
        self._at, self._done = self._seed.as_of, 0
        self.tallies += 1

    def _lead(self, at: datetime, now: datetime) -> Board:
        """Lead the tally on to `at`, reading on where what was read ends before it."""
        tally, read = self._tally, self._stretch
        if tally is None or read is None:
            raise LookupError("nothing was read yet")
        while True:
            while self._done < len(read.changes) and read.changes[self._done].at < at:
                tally.apply(read.changes[self._done])
                self._done += 1
            if at <= read.end:
                break
            read = self._read_on(tally, read.end, min(read.end + STRETCH, max(now, at)))
        board = tally.board(at)
        self._at, self._version = at, board.version
        return board

    def _read_on(self, tally: Tally, start: datetime, end: datetime) -> Stretch:
        """The next stretch. Behind it lies no way back but a new beginning: what was before is let go."""
        tally.advance(start)
        self._stretch = self._reader.go_on(start, end, after=self._numbered)
        self._numbered += len(self._stretch.changes)
        self._done = 0
        return self._stretch
