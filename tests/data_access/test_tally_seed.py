from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from data_access.cases import CaseStore, Done
from data_access.figures import FigureService
from data_access.tally_seed import local_days
from domain.action import Action
from domain.board import BOARD_DIMENSIONS
from domain.case_query import Count
from domain.figure_book import DAYS
from domain.indicators import Convention, Counts, Dimension
from domain.period import Period, Window, window
from domain.tally import FlowBucket, Tally
from tests.data_access.histories import CITY_ZONE, STEPS, at_step, case_histories, history
from tests.data_access.policies import PLAIN_POLICY
from tests.domain.loop import START, command

NOW = at_step(STEPS) + timedelta(seconds=1)
BERLIN = ZoneInfo("Europe/Berlin")
_rounds = itertools.count(1)


@pytest.fixture
def store(engine: Engine) -> CaseStore:
    return CaseStore(engine, PLAIN_POLICY, number_prefix="T", zone=CITY_ZONE)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_board_from_the_seed_shows_the_figures_of_the_store(store: CaseStore, data: st.DataObject) -> None:
    prefix = f"{next(_rounds)}-"
    with store.bulk() as writer:
        writer.append(data.draw(case_histories(prefix=prefix, grid=prefix)))
    board = Tally(CITY_ZONE, store.tally_seed(NOW), first_version=1).board(NOW)
    for period, unit in itertools.product(Period, BOARD_DIMENSIONS):
        rows = _figures(store, window(period, NOW, CITY_ZONE), unit)
        assert {key: counts for key, counts in board.figures[period][unit].items() if counts != Counts()} == rows


def _figures(store: CaseStore, period: Window, unit: Dimension) -> dict[str, Counts]:
    rows = FigureService(store).kpi(
        start=period.start, end=period.end, by=unit, convention=Convention.FLOW, as_of=None, now=NOW
    )
    return {row.key: row.counts for row in rows if row.counts != Counts()}


def test_a_tally_goes_on_from_the_seed_without_counting_twice(store: CaseStore) -> None:
    first = store.execute(command(Action.REPORT, START))
    now = START + timedelta(hours=1)
    tally = Tally(CITY_ZONE, store.tally_seed(now), first_version=1)
    second = store.execute(command(Action.REPORT, now + timedelta(minutes=1)))
    assert isinstance(first, Done)
    assert isinstance(second, Done)
    assert [tally.apply(done.change) for done in (first, second)] == [False, True]
    assert tally.board(now + timedelta(hours=1)).open_total == 2


def test_a_seed_of_an_empty_store_is_empty(store: CaseStore) -> None:
    seed = store.tally_seed(NOW)
    assert (list(seed.buckets), list(seed.open_facts), seed.entries_to) == ([], [], 0)


def test_what_happens_at_the_moment_itself_or_later_is_not_in_the_seed(store: CaseStore) -> None:
    with store.bulk() as writer:
        writer.append([history("A1", (NOW - timedelta(milliseconds=1), {})), history("A2", (NOW, {}))])
    assert sum(bucket.number for bucket in store.tally_seed(NOW).buckets if bucket.count is Count.REPORTED) == 1


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
    store = CaseStore(engine, PLAIN_POLICY, number_prefix="T", zone=BERLIN)
    _, change, today = local_days(noon, BERLIN, 3)
    assert (change.end - change.start).total_seconds() == hours * 3600
    edges = (change.start, change.end - timedelta(milliseconds=1), change.end)
    with store.bulk() as writer:
        writer.append([history(f"E{number}", (at, {})) for number, at in enumerate(edges)])
    days = {bucket.day: bucket.number for bucket in store.tally_seed(noon).buckets if bucket.count is Count.REPORTED}
    assert days == {_local(change): 2, _local(today): 1}


def _local(day: Window) -> date:
    return day.start.astimezone(BERLIN).date()


def test_thirty_days_are_read_and_not_one_more(store: CaseStore) -> None:
    oldest = local_days(NOW, CITY_ZONE, DAYS)[0].start
    with store.bulk() as writer:
        writer.append([history("A1", (oldest - timedelta(milliseconds=1), {})), history("A2", (oldest, {}))])
    buckets = [bucket for bucket in store.tally_seed(NOW).buckets if bucket.count is Count.REPORTED]
    day = oldest.astimezone(CITY_ZONE).date()
    assert buckets == [FlowBucket(Count.REPORTED, day, None, None, "", 1)]
