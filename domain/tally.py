"""The running tally: takes one change after another and always knows the board, at a constant cost a change.

A change moves every figure by taking out the case's facts before it and counting in those after it. What time alone
changes (a deadline passes, midnight) ripens from a heap and is never searched for. `domain.indicators.counts` over the
same facts gives the same figures; a property test holds the two together.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.attention import TICK, ripens_at
from domain.board import Board
from domain.case_query import Count
from domain.delivered import Delivered
from domain.facts import CaseFacts, Change
from domain.figure_book import FigureBook
from domain.indicators import Dimension, is_open
from domain.open_cases import OpenCases
from domain.period import day_start

CLOCK_LEAD = timedelta(seconds=5)
"""How far a change may lie in the future (another machine's clock) and still be counted at once."""

SWEEP_FROM = 1_000
"""Least number of outdated heap entries worth sweeping out."""


class TallyGap(Exception):
    """A change does not follow what the tally holds: one before it was lost. Load the tally again."""


@dataclass(frozen=True, slots=True)
class FlowBucket:
    """How many cases one flow count (`indicators.FLOWS`) counts on one local day under one key of the board."""

    count: Count
    day: date
    dimension: Dimension
    key: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TallySeed:
    """What a tally begins from, all read in ONE database transaction (one snapshot), as of `as_of`.

    `buckets` covers every stored case, open ones too, on the last 30 local days (`figure_book.DAYS`, the running one
    included), stamps before `as_of` only, once for each of `board.BOARD_DIMENSIONS`. `open_facts` are all cases not in
    a final state. `entries_to` is the newest entry's number; the store gives numbers in the order of commits, so every
    lower one is in too.
    """

    as_of: datetime
    entries_to: int
    buckets: Iterable[FlowBucket]
    open_facts: Sequence[CaseFacts]


class Tally:
    """One writer's running figures. Not thread-safe: it belongs to one task.

    `first_version` is the version of the first board it gives out; it grows by one with every change of content.
    """

    def __init__(self, zone: ZoneInfo, seed: TallySeed, *, first_version: int) -> None:
        self._zone = zone
        self._now = seed.as_of
        self._first_version = first_version
        self._board: Board | None = None
        self._delivered = Delivered(seed.entries_to)
        self._book = FigureBook(zone, seed.as_of)
        self._cases = OpenCases()
        self._held: dict[str, CaseFacts] = {}
        self._ripening: list[tuple[datetime, str, int]] = []
        self._load(seed)

    def _load(self, seed: TallySeed) -> None:
        for bucket in seed.buckets:
            self._book.add_flow(bucket.count, bucket.day, (bucket.dimension, bucket.key), bucket.number)
        for facts in seed.open_facts:
            self._book.stand(facts, self._now, 1)
            self._hold(facts)

    def apply(self, change: Change) -> bool:
        """Count one journal entry; False if it was counted before.

        Raises:
            TallyGap: the case is not as the change found it.
        """
        held = self._held.get(change.after.case_no)
        if not self._delivered.add(change.entry_id) or (held is not None and held.version >= change.after.version):
            return False
        self._check_follows(change, held)
        if change.at < self._now + CLOCK_LEAD:
            self.advance(change.at + TICK)
        if change.before is not None:
            self._release(change.before)
            self._book.count_out(change.before, self._now)
        self._book.count_in(change.after, self._now)
        self._hold(change.after)
        return True

    def advance(self, now: datetime) -> None:
        """Let time pass: deadlines ripen, the day turns. A moment already passed changes nothing."""
        if now <= self._now:
            return
        before, self._now = self._now, now
        self._book.roll(now)
        while self._ripening and self._ripening[0][0] <= now:
            _, case_no, version = heapq.heappop(self._ripening)
            facts = self._held.get(case_no)
            if facts is not None and facts.version == version:
                self._recount(facts, before)

    def next_at(self) -> datetime:
        """When time alone may next change the board."""
        midnight = day_start(self._now, self._zone, days_back=-1)
        return min(midnight, self._ripening[0][0]) if self._ripening else midnight

    def board(self, now: datetime) -> Board:
        """The board as of `now`, or as of the newest change if its clock was ahead.

        While nothing changes it is the same version, confirmed at a later `as_of`.
        """
        self.advance(now)
        if self._board is None or self._book.changed or self._cases.changed:
            self._board = self._next_board(self._board)
        return replace(self._board, as_of=self._now)

    def _next_board(self, old: Board | None) -> Board:
        figures, city, cases = self._book.figures(), self._book.city(), self._cases
        return Board(
            version=self._first_version if old is None else old.version + 1,
            as_of=self._now,
            figures=figures,
            stages=cases.stages(city.closed),
            attention=cases.attention(),
            attention_total=cases.attention_total,
            overdue_departments=cases.overdue_departments(),
            open_total=city.open,
            overdue=city.overdue_undisposed,
            overdue_3x=city.overdue_3x,
            grids=cases.grids(),
            cases=cases.rows(),
        )

    def _hold(self, facts: CaseFacts) -> None:
        """Keep what may still change: open cases, and any that time alone still moves."""
        ripe = ripens_at(facts, self._now)
        if is_open(facts):
            self._cases.put(facts, self._now)
        if is_open(facts) or ripe is not None:
            self._held[facts.case_no] = facts
        if ripe is not None:
            heapq.heappush(self._ripening, (ripe, facts.case_no, facts.version))
            self._sweep()

    def _release(self, facts: CaseFacts) -> None:
        self._held.pop(facts.case_no, None)
        self._cases.drop(facts.case_no)

    def _recount(self, facts: CaseFacts, counted_at: datetime) -> None:
        self._book.count_out(facts, counted_at)
        self._book.count_in(facts, self._now)
        self._release(facts)
        self._hold(facts)

    def _sweep(self) -> None:
        """Drop heap entries of cases that moved on, once they are the most of it."""
        if len(self._ripening) <= 2 * len(self._held) + SWEEP_FROM:
            return
        self._ripening = [item for item in self._ripening if self._is_current(item)]
        heapq.heapify(self._ripening)

    def _is_current(self, item: tuple[datetime, str, int]) -> bool:
        facts = self._held.get(item[1])
        return facts is not None and facts.version == item[2]

    def _check_follows(self, change: Change, held: CaseFacts | None) -> None:
        before = change.before
        if before is None or not is_open(before):
            return
        if held is None or held.version != before.version:
            found = "nothing" if held is None else f"version {held.version}"
            raise TallyGap(f"{change.after.case_no}: version {change.after.version} arrived, {found} is held")
