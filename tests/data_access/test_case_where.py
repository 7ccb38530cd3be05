from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from data_access.cases import CaseStore
from domain.case import Case, CaseState, Severity, Source, Stage
from domain.case_query import CaseQuery, Count
from domain.facts import facts_of
from domain.indicators import BEGINNING, FLOWS, counted
from domain.period import Period, Window, window
from tests.data_access.histories import (
    CITY_ZONE,
    STEP,
    STEPS,
    History,
    as_they_stood,
    at_step,
    case_histories,
    history,
)
from tests.data_access.policies import PLAIN_POLICY

NOW = at_step(STEPS) + timedelta(seconds=1)
_grids = (f"grid-{number}" for number in itertools.count(1))
_steps = st.integers(0, STEPS)


@pytest.fixture
def store(engine: Engine) -> CaseStore:
    return CaseStore(engine, PLAIN_POLICY, number_prefix="T", zone=CITY_ZONE)


def _stored(store: CaseStore, data: st.DataObject) -> tuple[str, list[History]]:
    """Some new cases in a grid of their own, so that every example asks only about its own cases."""
    grid = next(_grids)
    histories = data.draw(case_histories(prefix=f"{grid}-", grid=grid))
    with store.bulk() as writer:
        writer.append(histories)
    return grid, histories


def _numbers(cases: list[Case]) -> list[str]:
    return sorted(case.case_no for case in cases)


@pytest.mark.parametrize("count", Count)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), first=_steps, length=_steps)
def test_every_count_lists_exactly_the_cases_it_counts(
    store: CaseStore, count: Count, data: st.DataObject, first: int, length: int
) -> None:
    grid, histories = _stored(store, data)
    period = Window(at_step(first), at_step(first + length))
    standing = as_they_stood(histories, min(period.end, NOW))
    expected = [case for case in standing if counted(facts_of(case), count, Window(period.start, min(period.end, NOW)))]
    query = CaseQuery(count=count, start=period.start, end=period.end, grid=grid)
    assert store.count(query, NOW) == len(expected)
    assert _numbers(store.find(query, NOW)) == _numbers(expected)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), step=_steps)
def test_any_filter_asks_for_the_cases_as_they_stood_then(store: CaseStore, data: st.DataObject, step: int) -> None:
    grid, histories = _stored(store, data)
    wanted: dict[str, Any] = data.draw(
        st.fixed_dictionaries(
            {},
            optional={
                "district": st.sampled_from(["370202", ""]),
                "department": st.sampled_from(["A01", ""]),
                "class_code": st.just("C0101"),
                "state": st.sampled_from(CaseState),
                "severity": st.sampled_from(Severity),
                "source": st.sampled_from(Source),
                "stage": st.sampled_from(Stage),
                "text": st.sampled_from(["井盖", "100%", "POTHOLE", "_"]),
            },
        )
    )
    expected = [case for case in as_they_stood(histories, at_step(step)) if _fits(case, wanted)]
    query = CaseQuery(as_of=at_step(step), grid=grid, **wanted)
    assert store.count(query, NOW) == len(expected)
    assert store.find(query, NOW) == sorted(expected, key=lambda case: (case.reported_at, case.case_no), reverse=True)


def _fits(case: Case, wanted: dict[str, Any]) -> bool:
    text = wanted.get("text", "").lower()
    told = f"{case.case_no}\n{case.address}\n{case.description}".lower()
    same = all((getattr(case, name) or "") == value for name, value in wanted.items() if name != "text")
    return same and text in told


@pytest.mark.parametrize("period", Period)
@pytest.mark.parametrize("count", [count for count in Count if count in FLOWS])
def test_a_period_ends_at_the_moment_asked_about(store: CaseStore, period: Period, count: Count) -> None:
    stamp = FLOWS[count].stamp
    end = at_step(60)
    start = window(period, end, CITY_ZONE).start
    facts: dict[str, Any] = {"self_disposed": count is Count.SELF_DISPOSED, "deadline": end - timedelta(days=50)}
    facts["state"] = "voided" if count is Count.VOIDED else "closed"
    if count in (Count.ON_TIME_CLOSED, Count.ON_TIME_DISPOSED):
        facts["deadline"] = None
    with store.bulk() as writer:
        writer.append([_case_with(f"C{n}", stamp, at, facts) for n, at in enumerate((start, end - STEP / 480), 1)])
        outside = (start - timedelta(milliseconds=1), end)
        writer.append([_case_with(f"D{n}", stamp, at, facts) for n, at in enumerate(outside, 1)])
    query = CaseQuery(count=count, period=period, as_of=end)
    assert _numbers(store.find(query, NOW)) == ["C1", "C2"]
    assert store.count(query, NOW) == 2


def _case_with(case_no: str, stamp: str, at: datetime, facts: dict[str, Any]) -> History:
    if stamp in ("reported_at", "state_since"):
        return history(case_no, (at, facts))
    return history(case_no, (at_step(0) - timedelta(days=90), facts | {stamp: at}))


def test_without_a_count_the_period_says_when_cases_were_reported(store: CaseStore) -> None:
    with store.bulk() as writer:
        writer.append(
            [history("A1", (at_step(3), {})), history("A2", (at_step(5), {})), history("A3", (at_step(7), {}))]
        )
    assert _numbers(store.find(CaseQuery(start=at_step(5), end=at_step(7)), NOW)) == ["A2"]
    assert store.count(CaseQuery(start=at_step(5)), NOW) == 2
    assert store.count(CaseQuery(period=Period.TODAY, as_of=at_step(7) + STEP / 2), NOW) == 2


def test_a_flow_count_without_a_period_counts_from_the_beginning(store: CaseStore) -> None:
    with store.bulk() as writer:
        writer.append([history("A1", (BEGINNING + timedelta(days=1), {})), history("A2", (at_step(5), {}))])
    assert store.count(CaseQuery(count=Count.REPORTED), NOW) == 2


@pytest.fixture
def fifty(store: CaseStore) -> list[History]:
    """Fifty cases, a third of them changed after step 40."""
    made = [
        history(f"N{n:02d}", (at_step(n // 2), {}), *([(at_step(41), {"state": "closed"})] if n % 3 == 0 else []))
        for n in range(50)
    ]
    with store.bulk() as writer:
        writer.append(made)
    return made


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("as_of", [None, at_step(40)])
@pytest.mark.usefixtures("fifty")
def test_pages_put_together_are_the_whole_list_without_a_gap(
    store: CaseStore, newest_first: bool, as_of: datetime | None
) -> None:
    query = CaseQuery(count=Count.OPEN, as_of=as_of)
    whole = store.find(query, NOW, limit=1000, newest_first=newest_first)
    pages = [store.find(query, NOW, limit=7, offset=at, newest_first=newest_first) for at in range(0, 56, 7)]
    assert [case for page in pages for case in page] == whole
    assert len(whole) == store.count(query, NOW) == (50 if as_of else 33)
