"""The running tally against the reference: whatever happened, in whatever order, both give the same board."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.attention import AttentionReason, reason_for
from domain.board import BOARD_DIMENSIONS, Board, row_of
from domain.case import STAGE_OF, CaseState, Severity, Stage
from domain.facts import CaseFacts, Change
from domain.figure_book import day_number, keys_of
from domain.indicators import Counts, Dimension, counts, is_open, overdue
from domain.period import Period, day_start, window
from domain.tally import Tally, TallyGap
from tests.domain.facts_made import NOW, ZONE, Life, as_of, changes_of, lives, make_facts
from tests.domain.tallies import change_to, empty_tally, seed_of, told, working


def reference_figures(facts: Sequence[CaseFacts], now: datetime) -> dict[Period, dict[Dimension, dict[str, Counts]]]:
    figures = {}
    for period in Period:
        span = window(period, now, ZONE)
        figures[period] = {
            unit: {key: counts(cases, span) for key, cases in _by_key(facts, unit).items()} for unit in BOARD_DIMENSIONS
        }
        for keys in figures[period].values():
            for key in [key for key in keys if keys[key] == Counts()]:
                del keys[key]
    return figures


def _by_key(facts: Sequence[CaseFacts], unit: Dimension) -> dict[str, list[CaseFacts]]:
    found: dict[str, list[CaseFacts]] = {}
    for case in facts:
        found.setdefault(dict(keys_of(case))[unit], []).append(case)
    return found


def assert_board_is(board: Board, facts: Sequence[CaseFacts], now: datetime) -> None:
    """Every part of the board, recomputed from the facts."""
    still_open = [case for case in facts if is_open(case)]
    assert board.as_of == now
    assert board.figures == reference_figures(facts, now)
    assert board.cases == {case.case_no: row_of(case, now) for case in still_open}
    assert board.open_total == len(still_open)
    assert board.overdue == sum(overdue(case, now) for case in still_open)
    for load in board.stages[:-1]:
        since = [case.state_since for case in still_open if STAGE_OF[case.state] is load.stage]
        assert (load.count, load.oldest_at) == (len(since), min(since, default=None))
    assert board.attention_total == sum(reason_for(case, now) is not None for case in still_open)
    late = Counter(case.department for case in still_open if case.department and overdue(case, now))
    assert {line.department: line.overdue for line in board.overdue_departments} == late
    grids = Counter(case.grid for case in still_open if case.grid)
    assert {code: load[0] for code, load in board.grids.items()} == grids


@given(lives(), st.integers(0, 3 * 1440))
@settings(deadline=None, max_examples=50)
def test_after_any_history_the_board_equals_the_reference(some: list[Life], minutes_later: int) -> None:
    now = NOW + timedelta(minutes=minutes_later, milliseconds=1)
    board = told(changes_of(some)).board(now)
    assert_board_is(board, as_of(some, now), now)


@given(lives(), st.lists(st.integers(0, 45 * 1440), min_size=1, max_size=4))
@settings(deadline=None, max_examples=50)
def test_at_every_moment_on_the_way_the_board_equals_the_reference(some: list[Life], minutes: list[int]) -> None:
    tally, changes = empty_tally(), changes_of(some)
    for minute in sorted(minutes):
        now = NOW - timedelta(days=40) + timedelta(minutes=minute, milliseconds=1)
        while changes and changes[0].at < now:
            tally.apply(changes.pop(0))
        assert_board_is(tally.board(now), as_of(some, now), now)


@given(lives(), st.integers(0, 42 * 1440))
@settings(deadline=None, max_examples=50)
def test_a_tally_begun_in_the_middle_equals_one_that_saw_everything(some: list[Life], minute: int) -> None:
    middle = NOW - timedelta(days=40) + timedelta(minutes=minute)
    changes = changes_of(some)
    before = [change for change in changes if change.at < middle]
    tally = Tally(ZONE, seed_of(as_of(some, middle), middle, len(before)), first_version=1)
    for change in changes:
        assert tally.apply(change) is (change not in before)
    end = NOW + timedelta(days=3)
    assert_board_is(tally.board(end), as_of(some, end), end)


@given(lives(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=50)
def test_the_order_of_changes_of_different_cases_does_not_matter(some: list[Life], random) -> None:  # type: ignore[no-untyped-def]
    in_order = changes_of(some)
    waiting = {no: list(group) for no, group in groupby(sorted(in_order, key=_case_no), key=_case_no)}
    mixed = []
    while waiting:
        case_no = random.choice(sorted(waiting))
        mixed.append(waiting[case_no].pop(0))
        if not waiting[case_no]:
            del waiting[case_no]
    now = NOW + timedelta(days=1)
    assert told(mixed).board(now) == told(in_order).board(now)


def _case_no(change: Change) -> str:
    return change.after.case_no


@given(lives())
@settings(deadline=None, max_examples=50)
def test_delivering_everything_twice_changes_nothing(some: list[Life]) -> None:
    changes = changes_of(some)
    tally = told(changes)
    once = tally.board(NOW)
    assert not any(tally.apply(change) for change in changes)
    assert tally.board(NOW) == once


def test_a_deadline_ripens_without_any_change() -> None:
    tally = told([change_to(working())], NOW - timedelta(days=1))
    calm = tally.board(NOW)
    late = tally.board(NOW + timedelta(hours=1, milliseconds=1))
    assert (calm.overdue, late.overdue) == (0, 1)
    assert late.version == calm.version + 1
    assert late.attention[0].reason is AttentionReason.OVERDUE
    assert late.overdue_departments[0].oldest_at == NOW + timedelta(hours=1)


def test_the_next_moment_of_change_is_known() -> None:
    tally = told([change_to(working(severity=Severity.L1))], NOW - timedelta(days=1))
    tally.board(NOW)
    assert tally.next_at() == NOW + timedelta(hours=1, milliseconds=1)


def test_without_deadlines_the_next_moment_is_local_midnight() -> None:
    assert empty_tally(NOW).next_at() == day_start(NOW, ZONE, days_back=-1)


def test_three_limits_after_dispatch_a_case_is_badly_overdue() -> None:
    tally = told([change_to(working())], NOW - timedelta(days=1))
    assert tally.board(NOW + timedelta(hours=21)).overdue_3x == 0
    assert tally.board(NOW + timedelta(hours=21, milliseconds=1)).overdue_3x == 1


def test_at_local_midnight_today_begins_anew_and_the_week_keeps_the_case() -> None:
    tally = told([change_to(make_facts())])
    midnight = day_start(NOW, ZONE, days_back=-1)
    board = tally.board(midnight)
    assert board.counts(Period.TODAY).reported == 0
    assert board.counts(Period.DAYS_7).reported == 1


def test_a_quiet_hour_confirms_the_same_version_later() -> None:
    tally = told([change_to(make_facts())])
    first, second = tally.board(NOW), tally.board(NOW + timedelta(seconds=30))
    assert second.version == first.version
    assert second.as_of == NOW + timedelta(seconds=30)
    assert second.cases is first.cases


def test_a_change_of_this_very_millisecond_is_counted_at_once() -> None:
    tally = empty_tally(NOW)
    tally.apply(change_to(make_facts(reported_at=NOW)))
    assert tally.board(NOW).counts(Period.TODAY).reported == 1


def test_a_stamp_from_a_clock_far_ahead_is_counted_when_its_time_comes() -> None:
    tally = empty_tally(NOW)
    tally.apply(change_to(make_facts(reported_at=NOW + timedelta(hours=1))))
    assert tally.board(NOW).counts(Period.TODAY).reported == 0
    assert tally.board(NOW + timedelta(hours=2)).counts(Period.TODAY).reported == 1


def test_a_change_that_follows_a_lost_one_is_refused() -> None:
    first = make_facts()
    second, third = make_facts(version=2), make_facts(version=3)
    tally = told([change_to(first)])
    with pytest.raises(TallyGap, match="version 3 arrived, version 1 is held"):
        tally.apply(change_to(third, before=second, entry_id=3))


def test_entries_of_the_seed_are_not_counted_again_and_later_ones_are() -> None:
    early, late = make_facts("early"), make_facts("late")
    tally = Tally(ZONE, seed_of([early], NOW, entries_to=10), first_version=1)
    assert not tally.apply(change_to(early, entry_id=10))
    assert tally.apply(change_to(late, entry_id=11))
    assert tally.board(NOW).counts(Period.TODAY).reported == 2


def test_outdated_ripening_moments_are_swept_out() -> None:
    tally, before = empty_tally(NOW), None
    for version in range(1, 3000):
        after = working(version=version)
        tally.apply(change_to(after, before, entry_id=version))
        before = after
    assert len(tally._ripening) < 1100


def test_the_attention_list_is_ordered_by_reason_then_severity_then_deadline() -> None:
    cases = [
        working(case_no="bounced", send_back_count=2, deadline=NOW + timedelta(days=9)),
        working(case_no="soon"),
        working(case_no="late", deadline=NOW - timedelta(hours=1)),
        working(case_no="very-late", deadline=NOW - timedelta(hours=8)),
        working(case_no="later-L2", deadline=NOW - timedelta(minutes=1), severity=Severity.L2),
        working(case_no="leader", supervised=True),
        working(case_no="manhole", severity=Severity.L1),
        working(case_no="calm", deadline=NOW + timedelta(days=9)),
        working(case_no="suspended", state=CaseState.SUSPENDED, severity=Severity.L1),
    ]
    board = told([change_to(case, entry_id=number) for number, case in enumerate(cases, start=1)]).board(NOW)
    shown = [line.row.case_no for line in board.attention]
    assert shown == ["manhole", "leader", "very-late", "later-L2", "late", "soon", "bounced"]
    assert board.attention_total == 7


def test_the_last_step_shows_what_was_closed_today() -> None:
    closed = make_facts(state=CaseState.CLOSED, disposed_at=NOW, closed_at=NOW)
    last = told([change_to(closed)]).board(NOW + timedelta(minutes=1)).stages[-1]
    assert (last.stage, last.count, last.oldest_at) == (Stage.EVALUATION, 1, None)


def test_days_are_those_of_the_city() -> None:
    before_midnight = day_start(NOW, ZONE) - timedelta(milliseconds=1)
    assert day_number(before_midnight, ZONE) == day_number(NOW, ZONE) - 1
