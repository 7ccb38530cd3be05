from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.case import CaseState, Severity, Source, Stage
from domain.case_query import CaseQuery, Count, QueryError, from_params
from domain.journal import moment
from domain.period import Period

MOMENTS = st.none() | st.integers(0, 4_102_444_800_000).map(moment)
WORDS = st.none() | st.text(min_size=1, max_size=12)
QUERIES = st.builds(
    CaseQuery,
    count=st.none() | st.sampled_from(Count),
    period=st.none() | st.sampled_from(Period),
    start=MOMENTS,
    end=MOMENTS,
    as_of=MOMENTS,
    reported_from=MOMENTS,
    reported_to=MOMENTS,
    district=WORDS,
    department=WORDS,
    class_code=WORDS,
    grid=WORDS,
    state=st.none() | st.sampled_from(CaseState),
    stage=st.none() | st.sampled_from(Stage),
    severity=st.none() | st.sampled_from(Severity),
    source=st.none() | st.sampled_from(Source),
    text=WORDS,
)


@given(QUERIES)
def test_an_address_asks_for_exactly_the_query_it_was_made_from(query: CaseQuery) -> None:
    assert from_params(query.to_params()) == query


def test_only_what_is_set_stands_in_the_address() -> None:
    assert CaseQuery(count=Count.CLOSED, district="370202").to_params() == {"count": "closed", "district": "370202"}


def test_an_empty_value_counts_as_absent() -> None:
    assert from_params({"district": "", "count": ""}) == CaseQuery()


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"colour": "red"}, "colour: not a filter of cases; possible are as_of, class_code"),
        ({"count": "everything"}, "count=everything: possible are reported, accepted"),
        ({"state": "done"}, "state=done: possible are pending_acceptance"),
        ({"as_of": "yesterday"}, "as_of=yesterday: give epoch milliseconds"),
        ({"start": "9" * 30}, "give epoch milliseconds"),
    ],
)
def test_an_impossible_address_names_what_is_possible(params: dict[str, str], words: str) -> None:
    with pytest.raises(QueryError, match=words):
        from_params(params)
