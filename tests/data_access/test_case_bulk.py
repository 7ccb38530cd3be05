from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from data_access.cases import CaseStore
from data_access.codec import decode_change
from data_access.errors import AlreadyStored
from data_access.journal_check import verify_journal
from data_access.schema import case_numbers
from tests.data_access.histories import CITY_ZONE, History, at_step, history
from tests.data_access.policies import PLAIN_POLICY


@pytest.fixture
def store(engine: Engine) -> CaseStore:
    return CaseStore(engine, PLAIN_POLICY, number_prefix="T", zone=CITY_ZONE)


def _from_boston(case_no: str, outside_id: str) -> History:
    return history(
        case_no,
        (at_step(1), {"source_system": "boston", "outside_id": outside_id, "attributes": {"ward": "12"}}),
        (at_step(2), {"state": "closed", "closed_at": at_step(2), "assisting": ["A", "B"], "lon": 120}),
    )


def test_histories_are_kept_sealed_and_in_order(store: CaseStore, engine: Engine) -> None:
    histories = [_from_boston("B1", "1"), _from_boston("B2", "2")]
    with store.bulk() as writer:
        writer.append(histories)
    assert [store.get("B1"), store.get("B2")] == [case for case, _ in histories]
    kept = [replace(entry, hash="", previous_hash="0" * 64, entry_id=0) for entry in store.history("B2")]
    assert kept == histories[1][1]
    assert verify_journal(engine).faults == ()


def test_one_mark_asks_for_a_rebuild_whatever_the_number_of_batches(store: CaseStore) -> None:
    with store.bulk() as writer:
        writer.append([_from_boston("B1", "1")])
        writer.append([_from_boston("B2", "2")])
    assert [decode_change(payload) for _, payload in store.outbox(10)] == [None]


def test_nothing_stored_asks_for_nothing(store: CaseStore) -> None:
    with store.bulk():
        pass
    assert store.outbox(10) == []


@pytest.mark.parametrize("twice", [_from_boston("B1", "9"), _from_boston("B9", "1")])
def test_a_batch_with_a_stored_case_is_refused_as_a_whole(store: CaseStore, twice: History) -> None:
    with store.bulk() as writer:
        writer.append([_from_boston("B1", "1")])
        with pytest.raises(AlreadyStored):
            writer.append([_from_boston("B2", "2"), twice])
    assert store.get("B2") is None
    assert store.outside_ids("boston") == {"1"}
    assert store.last_entry_id() >= 2


def test_what_was_stored_before_a_failure_still_asks_for_a_rebuild(store: CaseStore) -> None:
    def load() -> None:
        with store.bulk() as writer:
            writer.append([_from_boston("B1", "1")])
            writer.append([_from_boston("B1", "1")])

    with pytest.raises(AlreadyStored):
        load()
    assert [decode_change(payload) for _, payload in store.outbox(10)] == [None]


def test_listeners_are_woken_once_at_the_end(engine: Engine) -> None:
    woken: list[bool] = []
    store = CaseStore(
        engine, PLAIN_POLICY, number_prefix="T", zone=CITY_ZONE, on_commit=lambda: woken.append(bool(store.outbox(1)))
    )
    with store.bulk() as writer:
        writer.append([_from_boston("B1", "1")])
        writer.append([_from_boston("B2", "2")])
        assert woken == []
    assert woken == [True]


def test_numbers_of_a_history_follow_those_already_given(store: CaseStore, engine: Engine) -> None:
    day, next_day = at_step(0), at_step(0) + timedelta(days=1)
    assert store.numbers([day, next_day, day]) == ["T2026031000001", "T2026031100001", "T2026031000002"]
    assert store.numbers([next_day]) == ["T2026031100002"]
    assert store.numbers([]) == []
    with engine.connect() as connection:
        rows = connection.execute(select(case_numbers).order_by(case_numbers.c.day)).all()
    assert [tuple(row) for row in rows] == [("T20260310", 2), ("T20260311", 2)]


def test_more_than_99999_cases_a_day_get_longer_numbers(store: CaseStore) -> None:
    assert store.numbers([at_step(0)] * 100_001)[-2:] == ["T20260310100000", "T20260310100001"]
