"""The seed read by SQL against the one made the slow way from every case's facts, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

import data_access.tally_seed
from data_access.cases import CaseStore, Done
from domain.action import Action
from domain.case_query import Count
from domain.facts import CaseFacts
from domain.figure_book import DAYS
from domain.indicators import Dimension
from domain.period import day_start
from domain.tally import Tally, TallySeed
from tests.data_access.histories import CITY_ZONE, STEPS, at_step, case_histories, history
from tests.data_access.policies import PLAIN_POLICY
from tests.domain.loop import START, command
from tests.domain.tallies import seed_of

BERLIN = ZoneInfo("Europe/Berlin")
_prefixes = count(1)


@pytest.fixture
def store(engine: Engine) -> CaseStore:
    return CaseStore(engine, PLAIN_POLICY, number_prefix="QD", zone=CITY_ZONE)


def buckets_of(seed: TallySeed) -> dict[tuple[object, ...], int]:
    found = {(b.count, b.day, b.dimension, b.key): b.number for b in seed.buckets}
    assert len(found) == len(list(seed.buckets)), "a bucket is given twice"
    return found


def assert_same(read: TallySeed, facts: list[CaseFacts], as_of: datetime) -> None:
    slow = seed_of(facts, as_of)
    assert buckets_of(read) == buckets_of(slow)
    by_number = {case.case_no: case for case in slow.open_facts}
    assert {case.case_no: case for case in read.open_facts} == by_number


@given(st.data(), st.integers(0, STEPS), st.sampled_from([timedelta(), timedelta(milliseconds=1)]))
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_for_any_histories_it_is_the_one_made_the_slow_way(
    store: CaseStore, data: st.DataObject, step: int, past: timedelta
) -> None:
    as_of = at_step(step) + past
    prefix = f"P{next(_prefixes)}-"
    with store.bulk() as writer:
        writer.append(data.draw(case_histories(prefix, "G1")))
    assert_same(store.tally_seed(as_of), list(store.facts()), as_of)


def test_batches_are_added_up(store: CaseStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_access.tally_seed, "BATCH", 3)
    with store.bulk() as writer:
        writer.append([history(f"B{number}", (at_step(number), {"district": "370202"})) for number in range(10)])
    assert_same(store.tally_seed(at_step(20)), list(store.facts()), at_step(20))


def test_it_names_the_newest_entry_and_a_tally_can_begin_from_it(store: CaseStore) -> None:
    with store.bulk() as writer:
        writer.append([history("one", (at_step(1), {}), (at_step(2), {})), history("two", (at_step(2), {}))])
    seed = store.tally_seed(at_step(3))
    assert seed.entries_to == store.last_entry_id() == 3
    assert Tally(CITY_ZONE, seed, first_version=7).board(at_step(3)).open_total == 2


def _reported(seed: TallySeed) -> dict[date, int]:
    """How many cases were reported in the city on each local day."""
    city = (bucket for bucket in seed.buckets if bucket.dimension is Dimension.CITY)
    return {bucket.day: bucket.number for bucket in city if bucket.count is Count.REPORTED}


@pytest.mark.parametrize(
    ("noon", "hours"),
    [
        (datetime(2026, 3, 30, 10, tzinfo=UTC), 23),  # the clocks went forward on the 29th
        (datetime(2026, 10, 26, 11, tzinfo=UTC), 25),  # and back on the 25th
    ],
)
def test_days_are_cut_at_local_midnight_across_a_change_of_the_clocks(
    engine: Engine, noon: datetime, hours: int
) -> None:
    store = CaseStore(engine, PLAIN_POLICY, number_prefix="QD", zone=BERLIN)
    change, today = (day_start(noon, BERLIN, days_back=back) for back in (1, 0))
    assert (today - change).total_seconds() == hours * 3600
    edges = (change, today - timedelta(milliseconds=1), today)
    with store.bulk() as writer:
        writer.append([history(f"E{number}", (at, {})) for number, at in enumerate(edges)])
    assert _reported(store.tally_seed(noon)) == {_local(change): 2, _local(today): 1}


def _local(at: datetime) -> date:
    return at.astimezone(BERLIN).date()


def test_thirty_days_are_read_and_not_a_millisecond_more(store: CaseStore) -> None:
    now = at_step(STEPS)
    oldest = day_start(now, CITY_ZONE, days_back=DAYS - 1)
    with store.bulk() as writer:
        writer.append([history("A1", (oldest - timedelta(milliseconds=1), {})), history("A2", (oldest, {}))])
    assert _reported(store.tally_seed(now)) == {oldest.astimezone(CITY_ZONE).date(): 1}


def test_a_tally_goes_on_from_the_seed_without_counting_twice(store: CaseStore) -> None:
    first, now = store.execute(command(Action.REPORT, START)), START + timedelta(hours=1)
    tally = Tally(CITY_ZONE, store.tally_seed(now), first_version=1)
    second = store.execute(command(Action.REPORT, now + timedelta(minutes=1)))
    assert isinstance(first, Done)
    assert isinstance(second, Done)
    assert [tally.apply(done.change) for done in (first, second)] == [False, True]
    assert tally.board(now + timedelta(hours=1)).open_total == 2
