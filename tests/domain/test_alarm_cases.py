from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.alarm import LEVELS, AlarmKind
from domain.alarm_cases import CaseWatch, conditions_of, next_change
from domain.board import OpenRow, row_of
from domain.case import CaseState, Severity
from domain.snapshots import Snapshot
from tests.domain.facts_made import NOW, make_facts

HOUR = timedelta(hours=1)
TICK = timedelta(milliseconds=1)


def row(case_no: str = "QD1", **given: object) -> OpenRow:
    return row_of(make_facts(case_no, **given), NOW)


def kinds(one: OpenRow, at: datetime = NOW) -> set[AlarmKind]:
    return {condition.key.kind for condition in conditions_of(one, at)}


def tasked(**given: object) -> OpenRow:
    """With a department for the last hour, ten in all."""
    state = given.pop("state", CaseState.DISPOSING)
    return row(state=state, tasked_at=NOW - HOUR, deadline=NOW + 9 * HOUR, **given)


def test_a_severe_case_alarms_until_a_department_has_received_it() -> None:
    for state in (CaseState.PENDING_ACCEPTANCE, CaseState.PENDING_DISPATCH, CaseState.PENDING_DISPOSAL):
        assert kinds(row(state=state, severity=Severity.L1)) == {AlarmKind.SEVERE}
    assert kinds(row(state=CaseState.DISPOSING, severity=Severity.L1)) == set()
    assert kinds(row(state=CaseState.PENDING_DISPATCH, severity=Severity.L2)) == set()


def test_an_order_is_overdue_the_moment_after_its_date() -> None:
    one = row(order_due=NOW)
    assert kinds(one) == set()
    assert kinds(one, NOW + TICK) == {AlarmKind.ORDER_OVERDUE}


def test_a_department_has_a_fifth_of_its_time_to_receive_a_case() -> None:
    one = tasked(state=CaseState.PENDING_DISPOSAL)
    assert kinds(one, NOW + HOUR) == set()
    assert kinds(one, NOW + HOUR + TICK) == {AlarmKind.UNANSWERED}


def test_it_has_ten_minutes_at_least_and_eight_hours_at_most() -> None:
    short = row(state=CaseState.PENDING_DISPOSAL, tasked_at=NOW, deadline=NOW + timedelta(minutes=20))
    long = row(state=CaseState.PENDING_DISPOSAL, tasked_at=NOW, deadline=NOW + timedelta(days=30))
    assert kinds(short, NOW + timedelta(minutes=10)) == set()
    assert AlarmKind.UNANSWERED in kinds(short, NOW + timedelta(minutes=10) + TICK)
    assert kinds(long, NOW + 8 * HOUR) == set()
    assert kinds(long, NOW + 8 * HOUR + TICK) == {AlarmKind.UNANSWERED}


def test_a_silent_department_with_a_severe_case_is_an_alarm_of_the_first_level() -> None:
    one = tasked(state=CaseState.PENDING_DISPOSAL, severity=Severity.L1)
    levels = {condition.key.kind: condition.level for condition in conditions_of(one, NOW + 2 * HOUR)}
    assert levels == {AlarmKind.SEVERE: Severity.L1, AlarmKind.UNANSWERED: Severity.L1}


def test_four_fifths_of_the_time_then_too_late_and_never_both() -> None:
    one = tasked()
    assert kinds(one, NOW + 7 * HOUR) == set()
    assert kinds(one, NOW + 7 * HOUR + TICK) == {AlarmKind.DUE_SOON}
    assert kinds(one, NOW + 9 * HOUR + TICK) == {AlarmKind.OVERDUE}


def test_what_was_fed_back_in_time_is_no_alarm_while_it_waits_for_its_check() -> None:
    assert kinds(tasked(state=CaseState.PENDING_CHECK), NOW + 20 * HOUR) == set()


def test_a_case_sent_back_twice_waits_for_an_ownership_decision() -> None:
    assert kinds(row(state=CaseState.PENDING_DISPATCH, send_back_count=2)) == {AlarmKind.BOUNCED}
    assert kinds(row(state=CaseState.PENDING_DISPATCH, send_back_count=1)) == set()
    assert kinds(row(state=CaseState.DISPOSING, send_back_count=2)) == set()


def test_a_suspended_case_alarms_only_before_its_suspension_ends() -> None:
    one = tasked(state=CaseState.SUSPENDED, suspended_until=NOW + 20 * HOUR)
    assert kinds(one, NOW + 18 * HOUR) == set()
    assert kinds(one, NOW + 18 * HOUR + TICK) == {AlarmKind.SUSPENSION_ENDING}


def test_a_request_waits_for_its_decision() -> None:
    assert kinds(row(current_request="extension")) == {AlarmKind.REQUEST_WAITING}


def test_no_person_is_named_in_an_alarm() -> None:
    (condition,) = conditions_of(row(state=CaseState.PENDING_DISPATCH, severity=Severity.L1, claimant="王磊"), NOW)
    assert "王磊" not in str(condition.about)


def _rows() -> st.SearchStrategy[OpenRow]:
    spans = st.integers(-600, 600).map(lambda minutes: NOW + timedelta(minutes=minutes))
    return st.builds(
        row,
        case_no=st.sampled_from(["QD1", "QD2", "QD3"]),
        state=st.sampled_from(sorted(CaseState)),
        severity=st.sampled_from(Severity),
        tasked_at=st.none() | spans,
        deadline=st.none() | spans,
        order_due=st.none() | spans,
        suspended_until=st.none() | spans,
        current_request=st.sampled_from([None, "extension"]),
        send_back_count=st.integers(0, 3),
    )


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 200), st.dictionaries(st.sampled_from("ABC"), _rows(), max_size=3)), max_size=8)
)
def test_the_watch_holds_what_asking_about_every_case_would_give(steps: list[tuple[int, dict[str, OpenRow]]]) -> None:
    watch, now = CaseWatch(), NOW - timedelta(minutes=700)
    for minutes, rows in steps:
        now += timedelta(minutes=minutes)
        asked = {c.key: c for key, one in rows.items() for c in conditions_of(_named(one, key), now)}
        snapshot = Snapshot.of({key: _named(one, key) for key, one in rows.items()})
        assert dict(watch.look(snapshot, now)) == asked


def _named(one: OpenRow, case_no: str) -> OpenRow:
    return OpenRow(**{name: getattr(one, name) for name in OpenRow.__slots__} | {"case_no": case_no})  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(_rows(), st.integers(-700, 700), st.integers(0, 1400))
def test_between_two_changes_nothing_changes(one: OpenRow, minutes: int, later: int) -> None:
    now = NOW + timedelta(minutes=minutes)
    then = now + timedelta(minutes=later)
    change = next_change(one, now)
    if change is None or then < change:
        assert kinds(one, then) == kinds(one, now)


@pytest.mark.parametrize("kind", list(AlarmKind))
def test_every_kind_has_a_level(kind: AlarmKind) -> None:
    assert LEVELS[kind] in Severity
