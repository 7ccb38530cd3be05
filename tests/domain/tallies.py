"""Tallies for tests: begun from nothing or from a seed made the slow way, told some changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.case import CaseState
from domain.facts import CaseFacts, Change
from domain.figure_book import DAYS, keys_of
from domain.indicators import FLOWS, counted, is_open
from domain.period import Window, day_start
from domain.tally import FlowBucket, Tally, TallySeed
from tests.domain.facts_made import NOW, ZONE, make_facts

LONG_AGO = NOW - timedelta(days=60)


def seed_of(facts: Sequence[CaseFacts], at: datetime, entries_to: int = 0) -> TallySeed:
    """What a case store would read in one snapshot, made the slow and obvious way."""
    kept = Window(day_start(at, ZONE, days_back=DAYS - 1), at)
    found: Counter[tuple[object, ...]] = Counter()
    for case in facts:
        for count, flow in FLOWS.items():
            if counted(case, count, kept):
                day = getattr(case, flow.stamp).astimezone(ZONE).date()
                found.update((count, day, *key) for key in keys_of(case))
    return TallySeed(
        as_of=at,
        entries_to=entries_to,
        buckets=[FlowBucket(*key, number) for key, number in found.items()],  # type: ignore[arg-type]
        open_facts=[case for case in facts if is_open(case)],
    )


def empty_tally(at: datetime = LONG_AGO) -> Tally:
    return Tally(ZONE, seed_of([], at), first_version=1)


def told(changes: Sequence[Change], at: datetime = LONG_AGO) -> Tally:
    tally = empty_tally(at)
    for change in changes:
        tally.apply(change)
    return tally


def change_to(facts: CaseFacts, before: CaseFacts | None = None, entry_id: int = 1) -> Change:
    return Change(entry_id=entry_id, action="report", at=facts.state_since, before=before, after=facts)


def working(**given: object) -> CaseFacts:
    """A case at a department, dispatched ten hours before its deadline, which is one hour ahead."""
    times = {"dispatched_at": NOW - timedelta(hours=9), "deadline": NOW + timedelta(hours=1)}
    state = {"state": CaseState.DISPOSING, "department": "D1"}
    return make_facts(**{"reported_at": NOW - timedelta(hours=9)} | times | state | given)
