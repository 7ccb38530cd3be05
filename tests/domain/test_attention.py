from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings

from domain.attention import TICK, AttentionReason, due_soon_from, reason_for, ripens_at
from domain.case import CaseState, Severity
from domain.case_query import Count
from domain.indicators import COUNT_FIELDS, counted
from domain.period import Window
from tests.domain.facts_made import NOW, Life, lives, make_facts
from tests.domain.tallies import working


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, None),
        ({"severity": Severity.L1}, AttentionReason.L1_OPEN),
        ({"supervised": True}, AttentionReason.SUPERVISED),
        ({"supervised": True, "severity": Severity.L1}, AttentionReason.L1_OPEN),
        ({"send_back_count": 1}, None),
        ({"send_back_count": 2}, AttentionReason.SENT_BACK),
        ({"severity": Severity.L1, "state": CaseState.SUSPENDED}, None),
        ({"supervised": True, "order_due": NOW, "state": CaseState.SUSPENDED}, AttentionReason.SUPERVISED),
        ({"supervised": True, "order_due": NOW, "order_answered_at": NOW, "state": CaseState.SUSPENDED}, None),
        ({"severity": Severity.L1, "state": CaseState.CLOSED}, None),
        ({"severity": Severity.L1, "state": CaseState.VOIDED}, None),
    ],
)
def test_why_a_case_needs_attention(given: dict[str, object], reason: AttentionReason | None) -> None:
    assert reason_for(make_facts(**given), NOW) is reason


@pytest.mark.parametrize(
    ("hours", "reason"),
    [
        (8, None),
        (8.001, AttentionReason.DUE_SOON),
        (10, AttentionReason.DUE_SOON),
        (10.001, AttentionReason.OVERDUE),
        (30, AttentionReason.OVERDUE),
        (30.001, AttentionReason.OVERDUE_3X),
    ],
)
def test_a_case_of_ten_hours_climbs_the_list_as_time_passes(hours: float, reason: AttentionReason | None) -> None:
    facts = working()
    assert facts.dispatched_at is not None
    assert reason_for(facts, facts.dispatched_at + timedelta(hours=hours)) is reason


def test_a_case_that_was_fed_back_is_not_due_any_more() -> None:
    facts = working(disposed_at=NOW)
    assert reason_for(facts, NOW + timedelta(days=9)) is None
    assert ripens_at(facts, NOW + TICK) is None


def test_a_limit_of_odd_milliseconds_is_cut_to_whole_ones() -> None:
    facts = working(dispatched_at=NOW, deadline=NOW + timedelta(milliseconds=7))
    assert due_soon_from(facts) == NOW + timedelta(milliseconds=5)
    assert due_soon_from(make_facts()) is None


@given(lives())
@settings(deadline=None)
def test_nothing_changes_by_time_alone_before_the_moment_foretold(some: list[Life]) -> None:
    for at, facts in (step for life in some for step in life):
        after = at + TICK
        ripe = ripens_at(facts, after) or after + timedelta(days=90)
        assert _stands(facts, ripe - TICK) == _stands(facts, after)


def _stands(facts, at: datetime) -> tuple[object, ...]:  # type: ignore[no-untyped-def]
    """Everything about a case that depends on the hour, the local day apart."""
    span = Window(NOW - timedelta(days=400), at)
    return reason_for(facts, at), [name for name in COUNT_FIELDS if counted(facts, Count(name), span)]
