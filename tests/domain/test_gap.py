"""The gap to 90 %, by unit: parts that add up to the tenth of a case, and a what-if that can be counted again."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.gap import BarKind, Closed, explains_most, if_reached, percent_text, together, waterfall


@st.composite
def _closed(draw: st.DrawFn) -> Closed:
    due = draw(st.integers(0, 5000))
    return Closed(draw(st.integers(0, due)), due)


CITIES = st.dictionaries(st.text("ABCDEFGH0123", max_size=3), _closed(), min_size=1, max_size=40)


@settings(max_examples=40)
@given(CITIES)
def test_the_bars_add_up_to_the_gap_of_the_city_to_the_tenth(units: dict[str, Closed]) -> None:
    *parts, total = waterfall(units)
    assert total.closed == together(units.values())
    assert sum(bar.closed.gap_tenths for bar in parts) == total.closed.gap_tenths
    assert Fraction(total.closed.gap_tenths, 10) == Fraction(9, 10) * total.closed.denominator - total.closed.numerator
    assert sum(bar.closed.denominator for bar in parts) == total.closed.denominator


@settings(max_examples=40)
@given(CITIES)
def test_each_bar_begins_where_the_one_before_ends_and_the_last_at_the_total(units: dict[str, Closed]) -> None:
    *parts, total = waterfall(units)
    assert [bar.start for bar in parts[:1]] in ([0], [])
    assert all(one.end == other.start for one, other in pairwise(parts))
    assert total.start == 0
    assert total.end == (parts[-1].end if parts else 0)


@settings(max_examples=40)
@given(CITIES)
def test_no_unit_left_out_lacks_more_than_one_that_is_shown(units: dict[str, Closed]) -> None:
    shown = [bar for bar in waterfall(units) if bar.kind is BarKind.UNIT]
    hidden = [one.gap_tenths for key, one in units.items() if key not in {bar.key for bar in shown}]
    if shown:
        assert min(bar.closed.gap_tenths for bar in shown) >= max(hidden, default=0)


@settings(max_examples=40)
@given(CITIES)
def test_the_what_if_is_the_rate_counted_again_with_that_unit_at_the_target(units: dict[str, Closed]) -> None:
    bars = waterfall(units)
    leader = explains_most(bars)
    if leader is None:
        return
    others = [Fraction(one.numerator) for key, one in units.items() if key != leader.key]
    again = (sum(others, Fraction(0)) + Fraction(9, 10) * units[leader.key].denominator) / sum(
        one.denominator for one in units.values()
    )
    assert if_reached(bars[-1].closed, leader.closed) == again


def test_a_city_at_the_target_has_nobody_to_blame_and_a_unit_beyond_it_no_what_if() -> None:
    city = {"A": Closed(9, 10), "B": Closed(10, 10), "C": Closed(0, 0)}
    assert explains_most(waterfall(city)) is None
    assert if_reached(Closed(19, 20), city["B"]) is None
    beyond = waterfall(city)[0]
    assert (beyond.kind, beyond.units, beyond.closed.gap_tenths) == (BarKind.BEYOND, 2, -10)


def test_a_rate_just_below_the_target_is_not_shown_as_the_target() -> None:
    assert percent_text(Fraction(89999, 100000)) == "89.9"
    assert percent_text(Fraction(9, 10)) == "90.0"
    assert percent_text(Fraction(1, 1)) == "100.0"
