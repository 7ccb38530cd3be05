"""The working calendar a city starts with: usual hours, statutory holidays and make-up days (domain sheet 5.1).

Holidays and make-up days (调休上班) are those of the package `chinesecalendar`, which follows the yearly notice of
the State Council; a city's own table overrides them. A year that no table knows has plain weeks: see `missing_year`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar
from chinese_calendar.constants import holidays as published_holidays
from chinese_calendar.constants import workdays as published_workdays

from domain.worktime import CalendarError, Hours, WorkCalendar

USUAL_HOURS = Hours(((time(8), time(12)), (time(14), time(18))))

DEFAULT_VERSION = f"cn-{chinese_calendar.__version__}"
"""Names the published table in every deadline computed with it; a newer package is a newer version."""

MISSING_YEAR_SHOWS_FROM = (12, 1)
"""Month and day from which the next year's table is missed: the notice comes in November (product sheet 3.3)."""


def days_between(first: date, last: date) -> Iterator[date]:
    """Every date from `first` to `last`, both included."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def default_calendar(zone: ZoneInfo) -> WorkCalendar:
    """08:00-12:00 and 14:00-18:00, Monday to Friday, with the published holidays and make-up days."""
    return WorkCalendar(
        version=DEFAULT_VERSION,
        zone=zone,
        hours=(USUAL_HOURS,),
        holidays=frozenset(published_holidays),
        workdays=frozenset(published_workdays),
    )


def missing_year(calendar: WorkCalendar, now: datetime) -> int | None:
    """The year whose holidays no table says although it begins within a month (or has begun); None: all is known."""
    today = now.astimezone(calendar.zone).date()
    soon = (today.month, today.day) >= MISSING_YEAR_SHOWS_FROM
    known = {day.year for day in calendar.holidays}
    return next((year for year in range(today.year, today.year + soon + 1) if year not in known), None)


def calendar_from(written: Mapping[str, Any], zone: ZoneInfo) -> WorkCalendar:
    """The calendar as a city writes it in `city.toml`; what it leaves out is as in the default one.

    Keys: `version`; `weekdays` ([0, …] from Monday); `hours` (list of {`slots` = ["08:00-12:00", …], `first`, `last`});
    `holidays` (dates, or "first/last" ranges); `workdays` (dates). A year that `holidays` or `workdays` names is told
    by them alone, other years by the published table; whoever writes either gives the calendar a `version` of its own.

    Raises:
        CalendarError: an unknown key, or a value of the wrong form; names the key and the form wanted.
    """
    known = {"version", "weekdays", "hours", "holidays", "workdays"}
    if unknown := sorted(set(written) - known):
        raise CalendarError(f"calendar.{unknown[0]}: unknown; possible are {', '.join(sorted(known))}")
    try:
        holidays = set(_dates(_range(text) for text in written.get("holidays", ())))
        workdays = {_date(text) for text in written.get("workdays", ())}
        own = {day.year for day in holidays | workdays}
        if own and "version" not in written:
            raise CalendarError('calendar.version: name the table of your own, such as "qingdao-2027.1"')
        return WorkCalendar(
            version=str(written.get("version", DEFAULT_VERSION)),
            zone=zone,
            hours=tuple(map(_hours, written["hours"])) if "hours" in written else (USUAL_HOURS,),
            weekdays=frozenset(written.get("weekdays", range(5))),
            holidays=frozenset({*holidays, *_other_years(published_holidays, own)}),
            workdays=frozenset({*workdays, *_other_years(published_workdays, own)}),
        )
    except (TypeError, KeyError, AttributeError) as error:
        raise CalendarError(f"calendar: wrong form ({error}); see the comments of the example city.toml") from error


def _other_years(published: Iterable[date], own: set[int]) -> Iterator[date]:
    return (day for day in published if day.year not in own)


def _hours(written: Mapping[str, Any]) -> Hours:
    first, last = written.get("first"), written.get("last")
    return Hours(
        tuple(_slot(text) for text in written["slots"]),
        None if first is None else _date(first),
        None if last is None else _date(last),
    )


def _slot(text: str) -> tuple[time, time]:
    start, _, end = text.partition("-")
    try:
        return time.fromisoformat(start.strip()), time.fromisoformat(end.strip())
    except ValueError:
        raise CalendarError(f'calendar.hours: "{text}" is not a slot such as "08:00-12:00"') from None


def _date(written: str | date) -> date:
    try:
        return written if isinstance(written, date) else date.fromisoformat(written)
    except ValueError:
        raise CalendarError(f'calendar: "{written}" is not a date such as "2026-10-01"') from None


def _range(written: str | date) -> tuple[str, str]:
    first, _, last = str(written).partition("/")
    return first, last or first


def _dates(ranges: Iterator[tuple[str, str]] | tuple[tuple[str, str], ...]) -> Iterator[date]:
    return (day for first, last in ranges for day in days_between(_date(first), _date(last)))
