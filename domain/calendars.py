"""The working calendar a city starts with: usual hours, and the published holidays as a small table (domain sheet 5.1).

The 2026 table is the sheet's example; check it against the State Council's notice before relying on it. A year that is
not in the table has plain weeks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.worktime import CalendarError, Hours, WorkCalendar

USUAL_HOURS = Hours(((time(8), time(12)), (time(14), time(18))))

HOLIDAYS_2026 = (
    ("2026-01-01", "2026-01-03"),  # 元旦
    ("2026-02-15", "2026-02-23"),  # 春节
    ("2026-04-04", "2026-04-06"),  # 清明
    ("2026-05-01", "2026-05-05"),  # 劳动节
    ("2026-06-19", "2026-06-21"),  # 端午
    ("2026-09-25", "2026-09-27"),  # 中秋
    ("2026-10-01", "2026-10-07"),  # 国庆
)
MADE_UP_2026 = ("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10")
"""Weekend days that are worked."""

DEFAULT_VERSION = "cn-2026.1"


def days_between(first: date, last: date) -> Iterator[date]:
    """Every date from `first` to `last`, both included."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def default_calendar(zone: ZoneInfo) -> WorkCalendar:
    """08:00-12:00 and 14:00-18:00, Monday to Friday, with the holidays of 2026."""
    return WorkCalendar(
        version=DEFAULT_VERSION,
        zone=zone,
        hours=(USUAL_HOURS,),
        holidays=frozenset(_dates(HOLIDAYS_2026)),
        workdays=frozenset(map(date.fromisoformat, MADE_UP_2026)),
    )


def calendar_from(written: Mapping[str, Any], zone: ZoneInfo) -> WorkCalendar:
    """The calendar as a city writes it in `city.toml`; what it leaves out is as in the default one.

    Keys: `version`; `weekdays` ([0, …] from Monday); `hours` (list of {`slots` = ["08:00-12:00", …], `first`, `last`});
    `holidays` (dates, or "first/last" ranges); `workdays` (dates). Nothing written at all means the default calendar.

    Raises:
        CalendarError: an unknown key, or a value of the wrong form; names the key and the form wanted.
    """
    if not written:
        return default_calendar(zone)
    known = {"version", "weekdays", "hours", "holidays", "workdays"}
    if unknown := sorted(set(written) - known):
        raise CalendarError(f"calendar.{unknown[0]}: unknown; possible are {', '.join(sorted(known))}")
    try:
        return WorkCalendar(
            version=str(written.get("version", DEFAULT_VERSION)),
            zone=zone,
            hours=tuple(map(_hours, written["hours"])) if "hours" in written else (USUAL_HOURS,),
            weekdays=frozenset(written.get("weekdays", range(5))),
            holidays=frozenset(_dates(_range(text) for text in written.get("holidays", ()))),
            workdays=frozenset(_date(text) for text in written.get("workdays", ())),
        )
    except (TypeError, KeyError, AttributeError) as error:
        raise CalendarError(f"calendar: wrong form ({error}); see the comments of the example city.toml") from error


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
