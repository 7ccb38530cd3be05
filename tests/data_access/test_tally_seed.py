"""The seed read by SQL against the one made the slow way from every case's facts, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

import data_access.tally_seed
from data_access.cases import CaseStore
from domain.facts import CaseFacts
from domain.tally import Tally, TallySeed
from tests.data_access.histories import CITY_ZONE, STEPS, at_step, case_histories, history
from tests.data_access.policies import PLAIN_POLICY
from tests.domain.tallies import seed_of

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
