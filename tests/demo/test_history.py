"""The past of the small town, stored."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data_access.cases import CaseStore
from data_access.codec import decode_change
from data_access.engine import open_engine
from data_access.journal_check import verify_journal
from data_access.ownership import OwnershipDecisions
from demo.history import A_DAY, StoryRefused, make_past
from demo.stocks import QUEUES
from demo.weather import LASTS, REPORTS, past_storm
from domain.case import CaseState
from domain.case_query import CaseQuery, Count
from domain.facts import CaseFacts
from domain.journal import rebuild
from domain.period import Period
from domain.policy import Policy
from domain.rights import Mode
from tests.demo.towns import NOW, QUARRELSOME, SMALL, ZONE, policy, small_town


def test_the_past_is_stored_whole_with_unbroken_chains(demo_store: CaseStore, demo_engine: Engine) -> None:
    told: list[tuple[int, int]] = []
    past = make_past(
        demo_store, small_town(), policy(), NOW, days=20, a_day=SMALL, progress=lambda *at: told.append(at)
    )
    report = verify_journal(demo_engine, lambda *_: None)
    assert (report.cases, report.entries, report.faults) == (past.cases, past.entries, ())
    assert told[-1] == (past.cases, past.cases)
    assert past.entries > 5 * past.cases


def test_the_same_seed_makes_the_same_past(sqlite_template: Path, tmp_path: Path) -> None:
    def made(name: str) -> dict[str, CaseFacts]:
        file = tmp_path / name
        shutil.copy(sqlite_template, file)
        engine = open_engine(f"sqlite:///{file}")
        store = CaseStore(engine, policy(), number_prefix="QD", zone=ZONE)
        make_past(store, small_town(), policy(), NOW, days=3, a_day=SMALL)
        found = {facts.case_no: facts for facts in store.facts()}
        engine.dispose()
        return found

    first = made("a.db")
    assert made("b.db") == first
    assert {case_no[:10] for case_no in first} == {f"QD{NOW - timedelta(days=n):%Y%m%d}" for n in range(4)}


def test_the_live_worker_is_told_to_load_everything_anew_once(demo_store: CaseStore) -> None:
    make_past(demo_store, small_town(), policy(), NOW, days=3, a_day=SMALL)
    assert [decode_change(payload) for _, payload in demo_store.outbox(10)] == [None]


def test_figures_of_the_past_can_be_asked_for(demo_store: CaseStore) -> None:
    make_past(demo_store, small_town(), policy(), NOW, days=20, a_day=SMALL)
    closed = demo_store.count(CaseQuery(count=Count.CLOSED, period=Period.DAYS_7), NOW)
    assert closed > 50
    assert demo_store.count(CaseQuery(count=Count.REPORTED, period=Period.DAYS_30), NOW) > closed


def test_a_city_whose_rules_have_come_apart_from_the_story_is_told_where(demo_store: CaseStore) -> None:
    """The story closes some cases from their photos; a city that forbids it does not get a silently wrong past."""
    strict = Policy(mode=Mode.TWO_TWO, calendar=policy().calendar, photos_may_close=False)
    with pytest.raises(StoryRefused, match="close_from_photos by shift_leader"):
        make_past(demo_store, small_town(), strict, NOW, days=20, a_day=SMALL)


def test_the_past_ends_with_work_in_every_queue(demo_store: CaseStore, demo_engine: Engine) -> None:
    make_past(demo_store, small_town(QUARRELSOME), policy(), NOW, days=8, a_day=A_DAY / 3)
    standing = [case for facts in demo_store.open_facts() if (case := demo_store.get(facts.case_no)) is not None]
    for queue in QUEUES:
        held = sum(queue.holds(case) for case in standing)
        if queue.name not in ("appeals", "voids"):  # these have cases that ended, or hardly any in so small a town
            assert held >= round(queue.stock / 3), queue.name
    due = [case.order_due for case in standing if case.order_open and case.order_due]
    assert any(at > NOW for at in due)
    ends = [case.suspended_until for case in standing if case.suspended_until and case.state is CaseState.SUSPENDED]
    assert any(NOW < at < NOW + timedelta(hours=3) for at in ends)
    assert verify_journal(demo_engine, lambda *_: None).faults == ()
    assert all(rebuild(demo_store.history(case.case_no)) == case for case in standing)


def test_one_day_of_the_past_was_stormy(demo_store: CaseStore) -> None:
    make_past(demo_store, small_town(), policy(), NOW, days=10, a_day=A_DAY / 10)
    storm = past_storm(small_town(), NOW, 0.1)
    half_hour = [f for f in demo_store.facts() if storm.begins <= f.reported_at <= storm.begins + LASTS]
    assert len(half_hour) >= REPORTS / 10


def test_decisions_that_reach_further_are_known_to_whoever_dispatches_next(
    demo_store: CaseStore, demo_engine: Engine
) -> None:
    make_past(demo_store, small_town(QUARRELSOME), policy(), NOW, days=35, a_day=40)
    cases = demo_store.find(CaseQuery(), NOW, limit=5_000)
    decided = [case for case in cases if case.owner_scope in ("component", "duty")]
    assert decided
    for case in decided:
        known = OwnershipDecisions(demo_engine).about(case)
        assert case.owner_department in {decision.department for decision in known}
