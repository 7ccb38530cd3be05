"""Old looks old: the freshness contract of product sheet 3.4."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.freshness import DEAD_SECONDS, EXPECTED_SECONDS, LINK_LOST_SECONDS, Face, face, wire_table

GETTING_WORSE = [Face.LIVE, Face.LATE, Face.STALE, Face.DEAD]


@pytest.mark.parametrize(
    ("age_seconds", "expected"),
    [
        (0.0, Face.LIVE),
        (4.0, Face.LIVE),
        (4.1, Face.LATE),
        (10.0, Face.LATE),
        (10.1, Face.STALE),
        (900.0, Face.STALE),
        (900.1, Face.DEAD),
        (None, Face.NEVER),
    ],
)
def test_a_value_confirmed_every_two_seconds_ages_through_its_faces(age_seconds: float | None, expected: Face) -> None:
    assert face(age_seconds) is expected


def test_a_slower_source_may_be_older() -> None:
    assert face(19.0, expected_seconds=10.0) is Face.LIVE
    assert face(51.0, expected_seconds=10.0) is Face.STALE


def test_a_lost_link_makes_everything_stale_however_young() -> None:
    assert face(0.0, silent_seconds=LINK_LOST_SECONDS) is Face.LIVE
    assert face(0.0, silent_seconds=LINK_LOST_SECONDS + 0.1) is Face.STALE


def test_nothing_to_show_is_empty_only_while_its_source_lives() -> None:
    assert face(1.0, empty=True) is Face.EMPTY
    assert face(5.0, empty=True) is Face.LATE
    assert face(60.0, empty=True) is Face.STALE


def test_a_wrong_answer_is_an_error_at_any_age() -> None:
    assert {face(age, error=True) for age in (None, 0.0, 60.0, 2000.0)} == {Face.ERROR}


@given(st.floats(0, 2000), st.floats(0, 2000), st.floats(0.5, 100))
def test_growing_older_never_looks_better(one: float, other: float, expected_seconds: float) -> None:
    younger, older = sorted((one, other))
    looks = [GETTING_WORSE.index(face(age, expected_seconds=expected_seconds)) for age in (younger, older)]
    assert looks[0] <= looks[1]


def test_the_browsers_table_is_this_table() -> None:
    table = wire_table()
    assert (table["expected"], table["dead"], table["link"]) == (EXPECTED_SECONDS, DEAD_SECONDS, LINK_LOST_SECONDS)
    assert face(table["late"] * table["expected"]) is Face.LIVE
    assert face(table["stale"] * table["expected"]) is Face.LATE
