from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alarm import AlarmKind
from domain.alarm_log import AlarmEntry, AlarmEvent, of_alarm
from domain.alarm_rates import alarm_rates, peak
from domain.case import Severity
from tests.domain.alarms_made import make_alarm, raised
from tests.domain.facts_made import NOW

MINUTE = timedelta(minutes=1)
END = NOW + timedelta(hours=1)


def seen(alarm, after: timedelta, who: str = "wang.lei"):
    return of_alarm(alarm, AlarmEvent.ACKED, alarm.raised_at + after, who=who, who_name=who.title())


def test_alarms_are_counted_per_officer_and_ten_minutes() -> None:
    alarms = [make_alarm(at=NOW + n * MINUTE) for n in range(12)]
    two = [seen(alarms[0], MINUTE), seen(alarms[1], MINUTE, "zhang.min")]
    rates = alarm_rates([*map(raised, alarms), *two], [], NOW, END)
    assert (rates.officers, rates.raised, rates.per_ten_minutes) == (2, 12, 1.0)


def test_nobody_on_duty_counts_as_one() -> None:
    assert alarm_rates([raised(make_alarm())], [], NOW, END).officers == 1


def test_a_calm_shift_has_no_shares_and_no_times() -> None:
    rates = alarm_rates([], [], NOW, END)
    assert set(rates.shares.values()) == {None}
    assert rates.acks[Severity.L1].median_seconds is None
    assert (rates.flood_share, rates.per_ten_minutes, rates.peak_ten_minutes) == (0.0, 0.0, 0)


def test_times_to_acknowledge_are_held_against_their_aims() -> None:
    alarms = [make_alarm(AlarmKind.SEVERE, NOW + n * MINUTE) for n in range(3)]
    seconds = [timedelta(seconds=n) for n in (10, 50, 90)]
    lines = [*map(raised, alarms), *(seen(a, s) for a, s in zip(alarms, seconds, strict=True))]
    times = alarm_rates(lines, [], NOW, END).acks[Severity.L1]
    assert (times.raised, times.acked, times.median_seconds, times.in_time) == (3, 3, 50.0, 2)
    assert times.p90_seconds == pytest.approx(82.0)


def test_what_ended_before_it_had_to_be_seen_is_held_against_nobody() -> None:
    brief, late = make_alarm(AlarmKind.SEVERE), make_alarm(AlarmKind.SEVERE)
    ends = [
        of_alarm(brief, AlarmEvent.CLEARED, NOW + timedelta(seconds=20)),
        of_alarm(late, AlarmEvent.CLEARED, NOW + timedelta(seconds=90)),
    ]
    rates = alarm_rates([raised(brief), raised(late), *ends], [], NOW, END)
    assert (rates.raised, rates.acks[Severity.L1].raised, rates.acks[Severity.L1].in_time) == (2, 1, 0)


def test_only_the_first_acknowledgement_counts() -> None:
    alarm = make_alarm(AlarmKind.SEVERE)
    lines = [raised(alarm), seen(alarm, MINUTE), seen(alarm, 5 * MINUTE, "late")]
    rates = alarm_rates(lines, [], NOW, END)
    assert [(load.who, load.acked) for load in rates.by_officer] == [("wang.lei", 1)]


def test_the_time_in_flood_is_a_share_of_the_span() -> None:
    def turn(event: AlarmEvent, at: datetime) -> AlarmEntry:
        return AlarmEntry(at=at, event=event)

    within = [turn(AlarmEvent.FLOOD_BEGAN, NOW + 6 * MINUTE), turn(AlarmEvent.FLOOD_ENDED, NOW + 18 * MINUTE)]
    before = [turn(AlarmEvent.FLOOD_ENDED, NOW + 15 * MINUTE)]
    going_on = [turn(AlarmEvent.FLOOD_BEGAN, NOW + 30 * MINUTE)]
    shares = [alarm_rates(lines, [], NOW, END).flood_share for lines in (within, before, going_on)]
    assert shares == [0.2, 0.25, 0.5]


def test_what_has_stood_for_over_a_day_is_counted() -> None:
    old, new = make_alarm(at=END - timedelta(hours=25)), make_alarm(at=END - timedelta(hours=23))
    assert alarm_rates([], [old, new], NOW, END).standing_long == 1


def test_a_source_that_chatters_is_counted_once() -> None:
    same = [make_alarm(at=NOW + timedelta(seconds=s), subject="QD1") for s in (0, 20, 40, 50)]
    calm = [make_alarm(at=NOW + n * 5 * MINUTE, subject="QD2") for n in range(4)]
    lines = sorted(map(raised, [*same, *calm]), key=lambda line: line.at)
    assert alarm_rates(lines, [], NOW, END).chattering == 1


@given(st.lists(st.integers(0, 5000), max_size=60))
def test_the_peak_is_the_most_in_any_ten_minutes(seconds: list[int]) -> None:
    times = sorted(NOW + timedelta(seconds=one) for one in seconds)
    counts = [sum(at <= other < at + 10 * MINUTE for other in times) for at in times]
    assert peak(times) == max(counts, default=0)
