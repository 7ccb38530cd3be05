from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendars import USUAL_HOURS, calendar_from, default_calendar, missing_year
from domain.journal import moment
from domain.worktime import (
    CalendarError,
    Hours,
    Lamp,
    LimitUnit,
    WorkCalendar,
    added,
    deadline,
    lamp,
    limit_ms,
    used,
    utc,
)

ZONE = ZoneInfo("Asia/Shanghai")
PLAIN = WorkCalendar(version="plain", zone=ZONE, hours=(USUAL_HOURS,))
"""08-12 and 14-18, Monday to Friday, no holiday: the calendar of the sheet's worked examples."""

DAYS = {"Mon": 1, "Tue": 2, "Wed": 3, "Thu": 4, "Fri": 5, "Sat": 6, "Sun": 7}


def local(text: str, *, week: int = 23, zone: ZoneInfo = ZONE) -> datetime:
    """A moment such as ``Fri 16:00`` in a week of 2026 without a holiday nearby."""
    day, _, clock = text.partition(" ")
    return datetime.combine(date.fromisocalendar(2026, week, DAYS[day]), time.fromisoformat(clock), zone)


def hours(number: float) -> int:
    return round(number * 3_600_000)


@pytest.mark.parametrize(
    ("start", "value", "unit", "end", "weeks_later"),
    [
        pytest.param("Fri 16:00", 4, LimitUnit.WORK_HOUR, "Mon 10:00", 1, id="1"),
        pytest.param("Fri 16:00", 1, LimitUnit.WORK_DAY, "Mon 16:00", 1, id="2"),
        pytest.param("Sat 23:30", 2, LimitUnit.URGENT_HOUR, "Sun 01:30", 0, id="3"),
        pytest.param("Mon 12:30", 2, LimitUnit.WORK_HOUR, "Mon 16:00", 0, id="4 in the lunch break"),
        pytest.param("Fri 18:00", 2, LimitUnit.WORK_HOUR, "Mon 10:00", 1, id="5 at the end of the day"),
        pytest.param("Mon 15:00", 1, LimitUnit.WORK_DAY, "Tue 15:00", 0, id="9 full new limit for another unit"),
        pytest.param("Fri 16:00", 2, LimitUnit.URGENT_DAY, "Sun 16:00", 0, id="urgent days are continuous"),
        pytest.param("Fri 16:00", 3, LimitUnit.CALENDAR_DAY, "Mon 16:00", 1, id="calendar days are continuous"),
        pytest.param("Mon 08:00", 1, LimitUnit.WORK_DAY, "Mon 18:00", 0, id="a whole day ends with the day"),
        pytest.param("Sun 10:00", 0.5, LimitUnit.WORK_HOUR, "Mon 08:30", 1, id="starts on a day off"),
    ],
)
def test_limits_end_as_the_sheet_works_out(
    start: str, value: float, unit: LimitUnit, end: str, weeks_later: int
) -> None:
    assert deadline(local(start), value, unit, PLAIN) == local(end, week=23 + weeks_later)


def test_an_extension_adds_one_more_limit_to_the_deadline() -> None:
    """Worked example 6."""
    first = deadline(local("Fri 16:00"), 1, LimitUnit.WORK_DAY, PLAIN)
    assert deadline(first, 1, LimitUnit.WORK_DAY, PLAIN) == local("Tue 16:00", week=24)


def test_suspended_time_is_not_counted() -> None:
    """Worked example 7: 3 hours used before, 5 left after."""
    due = deadline(local("Fri 16:00"), 1, LimitUnit.WORK_DAY, PLAIN)
    paused, resumed = local("Mon 09:00", week=24), local("Wed 09:00", week=24)
    left = used(paused, due, LimitUnit.WORK_DAY, PLAIN)
    assert left == hours(5)
    assert added(resumed, left, LimitUnit.WORK_DAY, PLAIN) == local("Wed 16:00", week=24)


def test_the_same_unit_goes_on_with_what_was_left() -> None:
    """Worked example 8: sent back with 4 hours used, 4 left."""
    due = deadline(local("Fri 16:00"), 1, LimitUnit.WORK_DAY, PLAIN)
    left = used(local("Mon 10:00", week=24), due, LimitUnit.WORK_DAY, PLAIN)
    assert left == hours(4)
    assert added(local("Mon 15:00", week=24), left, LimitUnit.WORK_DAY, PLAIN) == local("Tue 09:00", week=24)


def test_a_limit_in_deficit_ends_in_the_past() -> None:
    assert added(local("Mon 09:00"), -hours(2), LimitUnit.WORK_HOUR, PLAIN) == local("Fri 17:00", week=22)


def test_holidays_are_off_and_made_up_weekend_days_worked() -> None:
    calendar = default_calendar(ZONE)
    eve = datetime(2026, 9, 30, 16, 0, tzinfo=ZONE)
    assert deadline(eve, 1, LimitUnit.WORK_DAY, calendar) == datetime(2026, 10, 8, 16, 0, tzinfo=ZONE)
    friday = datetime(2026, 10, 9, 16, 0, tzinfo=ZONE)
    assert deadline(friday, 1, LimitUnit.WORK_DAY, calendar) == datetime(2026, 10, 10, 16, 0, tzinfo=ZONE)


def test_a_limit_runs_over_new_year() -> None:
    calendar = default_calendar(ZONE)
    start = datetime(2025, 12, 31, 16, 0, tzinfo=ZONE)
    due = deadline(start, 1, LimitUnit.WORK_DAY, calendar)
    assert due == datetime(2026, 1, 4, 16, 0, tzinfo=ZONE), "1 to 3 January off, Sunday the 4th worked"
    assert used(start, due, LimitUnit.WORK_DAY, calendar) == hours(8)
    assert used(due, start, LimitUnit.WORK_DAY, calendar) == -hours(8)


def test_summer_hours_apply_inside_their_dates_only() -> None:
    summer = Hours(((time(8, 30), time(12)), (time(15), time(18, 30))), date(2026, 6, 1), date(2026, 9, 30))
    calendar = WorkCalendar(version="s", zone=ZONE, hours=(USUAL_HOURS, summer))
    assert deadline(datetime(2026, 6, 2, 13, 0, tzinfo=ZONE), 1, LimitUnit.WORK_HOUR, calendar) == datetime(
        2026, 6, 2, 16, 0, tzinfo=ZONE
    )
    assert deadline(datetime(2026, 10, 8, 13, 0, tzinfo=ZONE), 1, LimitUnit.WORK_HOUR, calendar) == datetime(
        2026, 10, 8, 15, 0, tzinfo=ZONE
    )


def test_working_hours_follow_the_clocks_on_the_wall_through_daylight_saving() -> None:
    boston = ZoneInfo("America/New_York")
    calendar = WorkCalendar(version="b", zone=boston, hours=(USUAL_HOURS,))
    friday = datetime(2026, 3, 6, 17, 0, tzinfo=boston)
    due = deadline(friday, 2, LimitUnit.WORK_HOUR, calendar)
    assert due == datetime(2026, 3, 9, 9, 0, tzinfo=boston)
    assert due - friday.astimezone(UTC) == timedelta(hours=63), "the clocks went forward in between"


def test_urgent_hours_are_real_hours_through_daylight_saving() -> None:
    boston = ZoneInfo("America/New_York")
    calendar = WorkCalendar(version="b", zone=boston, hours=(USUAL_HOURS,))
    before = datetime(2026, 3, 8, 1, 30, tzinfo=boston)
    assert deadline(before, 1, LimitUnit.URGENT_HOUR, calendar) == datetime(2026, 3, 8, 3, 30, tzinfo=boston)


MOMENTS = st.integers(1_704_067_200_000, 1_861_833_600_000).map(moment)
"""2024 to 2028, in whole milliseconds."""
CALENDARS = st.sampled_from([PLAIN, default_calendar(ZONE), default_calendar(ZoneInfo("America/New_York"))])
UNITS = st.sampled_from(LimitUnit)


@given(MOMENTS, st.integers(1, 3_000 * 3_600_000), UNITS, CALENDARS)
def test_exactly_the_limit_is_used_until_the_deadline(
    start: datetime, length: int, unit: LimitUnit, calendar: WorkCalendar
) -> None:
    due = added(start, length, unit, calendar)
    assert used(start, due, unit, calendar) == length
    assert used(start, due - timedelta(milliseconds=1), unit, calendar) < length


@given(MOMENTS, MOMENTS, MOMENTS, UNITS, CALENDARS)
def test_used_time_adds_up(
    one: datetime, two: datetime, three: datetime, unit: LimitUnit, calendar: WorkCalendar
) -> None:
    parts = used(one, two, unit, calendar) + used(two, three, unit, calendar)
    assert parts == used(one, three, unit, calendar)


@given(MOMENTS, st.integers(1, 10**9), st.integers(1, 10**9), CALENDARS)
def test_adding_twice_is_adding_the_sum(start: datetime, one: int, two: int, calendar: WorkCalendar) -> None:
    assert calendar.add(calendar.add(start, one), two) == calendar.add(start, one + two)


@pytest.mark.parametrize(
    ("share", "paused", "colour"),
    [
        (0.0, False, Lamp.GREEN),
        (0.8, False, Lamp.GREEN),
        (0.8001, False, Lamp.YELLOW),
        (1.0, False, Lamp.YELLOW),
        (1.0001, False, Lamp.RED),
        (3.0, True, Lamp.GREY),
    ],
)
def test_the_lamp_shows_the_share_of_the_limit(share: float, paused: bool, colour: Lamp) -> None:
    assert lamp(share, paused=paused) is colour


def test_times_are_cut_to_whole_milliseconds_in_utc() -> None:
    assert utc(datetime(2026, 6, 1, 8, 0, 0, 123_999, tzinfo=ZONE)) == datetime(
        2026, 6, 1, 0, 0, 0, 123_000, tzinfo=UTC
    )


def test_a_working_day_is_eight_working_hours() -> None:
    assert limit_ms(1, LimitUnit.WORK_DAY) == limit_ms(8, LimitUnit.WORK_HOUR) == hours(8)
    assert limit_ms(1, LimitUnit.URGENT_DAY) == limit_ms(24, LimitUnit.URGENT_HOUR) == hours(24)


BACKWARDS = Hours(((time(9), time(8)),))


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"hours": ()}, "no working slot"),
        ({"hours": (USUAL_HOURS,), "weekdays": frozenset()}, "at least one day"),
        ({"hours": (BACKWARDS,)}, "must follow each other"),
    ],
)
def test_an_impossible_calendar_is_refused_with_the_reason(parts: dict[str, Any], words: str) -> None:
    with pytest.raises(CalendarError, match=words):
        WorkCalendar(version="x", zone=ZONE, **parts)


def test_a_calendar_that_ended_long_ago_cannot_hold_a_limit() -> None:
    ended = WorkCalendar(version="old", zone=ZONE, hours=(Hours(((time(8), time(12)),), last=date(2020, 1, 31)),))
    with pytest.raises(CalendarError, match="calendar old: a limit does not end"):
        deadline(local("Mon 09:00"), 1, LimitUnit.WORK_HOUR, ended)


@pytest.mark.parametrize(
    ("at", "missing"),
    [("2026-11-30", None), ("2026-12-01", 2027), ("2027-03-01", 2027), ("2026-03-01", None)],
)
def test_a_year_without_its_holidays_is_missed_from_december_on(at: str, missing: int | None) -> None:
    known = calendar_from({"version": "t", "holidays": ["2026-01-01"]}, ZONE)
    until_2026 = replace(known, holidays=frozenset(day for day in known.holidays if day.year <= 2026))
    assert missing_year(until_2026, datetime.fromisoformat(f"{at}T12:00").replace(tzinfo=ZONE)) == missing


def test_a_citys_own_table_replaces_its_year_and_no_other() -> None:
    calendar = calendar_from({"version": "qd-2026.1", "holidays": ["2026-05-08"], "workdays": ["2026-05-02"]}, ZONE)
    assert calendar.slots_of(date(2026, 5, 8)) == ()
    assert len(calendar.slots_of(date(2026, 5, 2))) == 2
    assert len(calendar.slots_of(date(2026, 10, 1))) == 2, "a working Thursday to this city"
    assert calendar.slots_of(date(2025, 10, 1)) == (), "last year as published"


def test_a_city_writes_only_what_differs_from_the_default_calendar() -> None:
    calendar = calendar_from(
        {
            "version": "qd-2027",
            "hours": [{"slots": ["08:30-12:00", "13:30-17:30"]}, {"slots": ["09:00-15:00"], "first": "2027-07-01"}],
            "holidays": ["2027-01-01/2027-01-03", date(2027, 5, 1)],
            "workdays": ["2027-01-09"],
        },
        ZONE,
    )
    assert calendar.version == "qd-2027"
    assert calendar.slots_of(date(2027, 1, 2)) == ()
    assert len(calendar.slots_of(date(2027, 1, 9))) == 2
    assert len(calendar.slots_of(date(2027, 7, 5))) == 1
    assert calendar_from({}, ZONE) == default_calendar(ZONE)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"hour": []}, "calendar.hour: unknown; possible are holidays, hours"),
        ({"holidays": ["2027-01-01"]}, "calendar.version: name the table of your own"),
        ({"hours": [{"slots": ["8 to 12"]}]}, '"8 to 12" is not a slot'),
        ({"holidays": ["1 May"]}, '"1 May" is not a date'),
        ({"hours": 8}, "wrong form"),
    ],
)
def test_a_calendar_written_wrongly_names_the_key(written: dict[str, object], words: str) -> None:
    with pytest.raises(CalendarError, match=words):
        calendar_from(written, ZONE)
