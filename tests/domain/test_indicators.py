"""The figures' definitions: the domain sheet's worked example, its published reports, and the identities."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.case import CaseState
from domain.case_query import Count
from domain.facts import CaseFacts
from domain.indicators import (
    COUNT_FIELDS,
    FLOWS,
    FORMULA_TEXT,
    FORMULAS,
    STANDING,
    SUMS,
    Convention,
    Counts,
    Figure,
    Rate,
    belongs,
    counted,
    counts,
    on_time,
    rate,
)
from domain.period import Window
from tests.domain.facts_made import NOW, Life, as_of, lives, make_facts


def june(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 6, day, hour, tzinfo=UTC)


MAY_28, MAY_30 = datetime(2026, 5, 28, 9, tzinfo=UTC), datetime(2026, 5, 30, 12, tzinfo=UTC)
WEEK = Window(june(1, 0), june(8, 0))


def filed(case_no: str, dispatched: datetime, deadline: datetime | None, **given: object) -> CaseFacts:
    times = dict.fromkeys(("reported_at", "accepted_at", "filed_at", "dispatched_at"), dispatched)
    state = {"state": CaseState.DISPOSING, "department": "D", "deadline": deadline}
    return make_facts(case_no, **{**times, **state, **given})


CLOSED = {"state": CaseState.CLOSED}
WORKED_EXAMPLE = [
    filed("c1", MAY_28, MAY_30),
    filed("c2", june(1), june(2, 18), disposed_at=june(2, 10), closed_at=june(2, 16), **CLOSED),
    filed("c3", june(2), june(3, 10), disposed_at=june(3, 15), closed_at=june(4), **CLOSED),
    filed(
        "c4",
        june(3),
        june(5, 18),
        disposed_at=june(4, 10),
        closed_at=june(4, 16),
        last_failed_check_at=june(3, 20),
        rework_count=1,
        **CLOSED,
    ),
    filed("c5", june(5), june(12, 18)),
    filed("c6", june(2), june(3), state=CaseState.SUSPENDED, state_since=june(4)),
    filed("c7", june(2), june(3), state=CaseState.VOIDED, state_since=june(3)),
    filed("c8", june(6), june(9, 18), state=CaseState.PENDING_FEEDBACK_REVIEW, disposed_at=june(6, 20)),
]
"""Domain sheet 6.10, as the eight cases stood on 8 June."""


def test_the_worked_example_of_the_domain_sheet() -> None:
    assert counts(WORKED_EXAMPLE, WEEK) == Counts(
        reported=7,
        accepted=7,
        filed=7,
        dispatched=7,
        disposed=4,
        on_time_disposed=3,
        late_disposed=1,
        closed=3,
        on_time_closed=2,
        rework=1,
        voided=1,
        awaiting_closing=1,
        overdue_undisposed=1,
        suspended=1,
        open=4,
        overdue_3x=1,
    )


@pytest.mark.parametrize(
    ("kind", "numerator", "denominator", "percent"),
    [
        (Rate.DISPOSAL, 4, 5, 80),
        (Rate.ON_TIME_DISPOSAL, 3, 5, 60),
        (Rate.CLOSING, 3, 5, 60),
        (Rate.ON_TIME_CLOSING, 2, 5, 40),
        (Rate.REWORK, 1, 5, 20),
    ],
)
def test_the_rates_of_the_worked_example(kind: Rate, numerator: int, denominator: int, percent: int) -> None:
    figure = rate(kind, counts(WORKED_EXAMPLE, WEEK))
    assert figure == Figure(kind, numerator, denominator, Convention.FLOW)
    assert figure.value == pytest.approx(percent / 100)


@pytest.mark.parametrize(
    ("numerator", "denominator", "percent"),
    [
        (51_229, 51_571, "99.34"),
        (49_151, 51_229, "95.94"),
        (43_523, 52_434, "83.01"),
        (40_394, 52_434, "77.04"),
        (276, 52_434, "0.53"),
        (3_746, 3_789, "98.87"),
        (3_746, 3_788, "98.89"),
        (911, 972, "93.72"),
        (737, 972, "75.82"),
    ],
)
def test_published_rates_recompute_from_their_counts(numerator: int, denominator: int, percent: str) -> None:
    value = Figure(Rate.CLOSING, numerator, denominator).value
    assert value is not None
    assert f"{100 * value:.2f}" == percent


def test_nothing_due_gives_no_rate_instead_of_nought_or_hundred() -> None:
    figure = rate(Rate.CLOSING, Counts())
    assert (figure.numerator, figure.denominator, figure.value) == (0, 0, None)


def test_cohort_figures_follow_the_cases_reported_in_the_period() -> None:
    later = counts(WORKED_EXAMPLE, Window(june(1, 0), june(3, 0)), Convention.COHORT, as_of=june(8, 0))
    assert (later.reported, later.disposed, later.closed, later.overdue_undisposed) == (4, 2, 2, 0)


def test_due_date_figures_take_deadlines_of_the_period_and_older_open_ones() -> None:
    due = [case.case_no for case in WORKED_EXAMPLE if belongs(case, WEEK, Convention.DUE)]
    assert due == ["c1", "c2", "c3", "c4", "c6", "c7"]


def test_an_old_case_closed_before_the_period_is_not_due_in_it() -> None:
    closed = filed("old", MAY_28, MAY_30, closed_at=MAY_30, state_since=MAY_30, **CLOSED)
    assert not belongs(closed, WEEK, Convention.DUE)


def test_flow_figures_have_no_later_moment_than_the_window_s_end() -> None:
    with pytest.raises(ValueError, match="leave as_of out"):
        counts([], WEEK, as_of=june(9))


def test_a_case_without_deadline_is_on_time() -> None:
    assert on_time(filed("free", june(1), None, disposed_at=june(7)))


def test_feedback_at_the_very_deadline_is_on_time_and_a_moment_later_is_late() -> None:
    assert on_time(filed("just", june(1), june(2), disposed_at=june(2)))
    assert not on_time(filed("late", june(1), june(2), disposed_at=june(2) + timedelta(milliseconds=1)))


def test_an_approved_appeal_never_counts_as_late() -> None:
    case = filed("appeal", june(1), june(2), disposed_at=june(3), closed_at=june(3), timeout_exempt=True, **CLOSED)
    assert counted(case, Count.ON_TIME_CLOSED, WEEK)
    assert not counted(case, Count.LATE_DISPOSED, WEEK)


def test_outside_history_without_feedback_is_judged_by_its_closing() -> None:
    assert on_time(filed("in time", june(1), june(3), closed_at=june(3), **CLOSED))
    assert not on_time(filed("late", june(1), june(3), closed_at=june(4), **CLOSED))


def test_a_case_whose_deadline_is_now_is_not_yet_overdue() -> None:
    case = filed("edge", june(1), june(8, 0))
    assert not counted(case, Count.OVERDUE_UNDISPOSED, WEEK)
    later = Window(WEEK.start, WEEK.end + timedelta(milliseconds=1))
    assert counted(case, Count.OVERDUE_UNDISPOSED, later)


@pytest.mark.parametrize(
    "given",
    [
        {"state": CaseState.REJECTED},
        {"state": CaseState.VOIDED},
        {"state": CaseState.TRANSFERRED},
        {"state": CaseState.SUSPENDED},
        {"state": CaseState.PENDING_CLOSE, "self_disposed": True},
    ],
)
def test_left_out_cases_are_neither_due_nor_done(given: dict[str, object]) -> None:
    late = filed("late", june(1), june(2), **given)
    fed_back = filed("done", june(1), june(2), disposed_at=june(2), last_failed_check_at=june(2), **given)
    found = counts([late, fed_back], WEEK)
    assert (found.due_disposal, found.due_closing, found.rework, found.reported) == (0, 0, 0, 2)


def test_a_forced_closing_is_neither_a_closing_nor_overdue() -> None:
    found = counts([filed("forced", june(1), june(2), state=CaseState.FORCED_CLOSED)], WEEK)
    assert (found.closed, found.overdue_undisposed, found.open, found.filed) == (0, 0, 0, 1)


def test_self_disposed_cases_have_their_own_line() -> None:
    case = filed("self", june(1), None, self_disposed=True, closed_at=june(2), **CLOSED)
    found = counts([case], WEEK)
    assert (found.self_disposed, found.reported, found.filed, found.closed) == (1, 1, 0, 0)


EDGES = {"start": WEEK.start, "end": WEEK.end}


@pytest.mark.parametrize("count", FLOWS)
def test_a_window_holds_its_start_and_not_its_end(count: Count) -> None:
    stamp = FLOWS[count].stamp
    case = _in_every_way(count)
    assert counted(case(**{stamp: EDGES["start"]}), count, WEEK)
    assert not counted(case(**{stamp: EDGES["end"]}), count, WEEK)


def _in_every_way(count: Count) -> Callable[..., CaseFacts]:
    """A case that `count` counts as soon as its stamp lies in the window."""
    needs: dict[Count, dict[str, object]] = {
        Count.VOIDED: {"state": CaseState.VOIDED},
        Count.CLOSED: CLOSED,
        Count.ON_TIME_CLOSED: CLOSED,
        Count.SELF_DISPOSED: {"self_disposed": True},
        Count.LATE_DISPOSED: {"deadline": MAY_28},
    }
    return lambda **stamp: make_facts(**{**needs.get(count, {}), **stamp})


def test_every_count_is_defined_once() -> None:
    assert set(Count) == FLOWS.keys() | STANDING.keys() | SUMS.keys()
    assert list(COUNT_FIELDS) == [*FLOWS, *STANDING]
    assert FORMULAS.keys() == FORMULA_TEXT.keys() == set(Rate)


@given(lives(), st.integers(0, 40 * 24), st.integers(0, 40 * 24))
@settings(deadline=None)
def test_the_identities_hold_for_any_history_and_window(some: list[Life], one: int, other: int) -> None:
    start, end = (NOW - timedelta(hours=hours) for hours in sorted((one, other), reverse=True))
    span = Window(start, end)
    facts = as_of(some, end)
    found = counts(facts, span)
    assert found.disposed == found.on_time_disposed + found.late_disposed
    assert found.due_disposal == sum(counted(case, Count.DUE_DISPOSAL, span) for case in facts)
    assert found.due_closing == sum(counted(case, Count.DUE_CLOSING, span) for case in facts)
    assert found.on_time_closed <= found.closed
    assert found.overdue_3x <= found.overdue_undisposed <= found.open


@given(lives(), st.sampled_from(Convention), st.integers(0, 6))
@settings(deadline=None)
def test_counts_of_parts_sum_to_the_whole_in_any_order(some: list[Life], convention: Convention, cut: int) -> None:
    facts, span = as_of(some, NOW), Window(NOW - timedelta(days=7), NOW)
    whole = counts(facts, span, convention)
    first, rest = counts(facts[cut:], span, convention), counts(facts[:cut], span, convention)
    assert first + rest == whole
    assert whole - rest == first
