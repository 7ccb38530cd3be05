"""The periods that are graded: days, ISO weeks, months, quarters and years of the city's own calendar, or any range."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from zoneinfo import ZoneInfo

from domain.period import Window


class SpanKind(StrEnum):
    """What kind of period it is; only like periods are compared."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    RANGE = "range"


@dataclass(frozen=True, slots=True)
class Span:
    """One period. `window` is whole even while the period still runs."""

    kind: SpanKind
    window: Window


RUNNING = {
    "today": SpanKind.DAY,
    "week": SpanKind.WEEK,
    "month": SpanKind.MONTH,
    "quarter": SpanKind.QUARTER,
    "year": SpanKind.YEAR,
}
"""Names of the periods that the present moment lies in."""

_MONTHS = {SpanKind.MONTH: 1, SpanKind.QUARTER: 3, SpanKind.YEAR: 12}


def span_at(kind: SpanKind, day: date, zone: ZoneInfo) -> Span:
    """The calendar period of that kind which a local day lies in.

    Raises:
        ValueError: a range has no calendar.
    """
    if kind is SpanKind.RANGE:
        raise ValueError("a range is given by its two ends")
    first = _first_day(kind, day)
    return Span(kind, Window(_midnight(first, zone), _midnight(_next_first(kind, first), zone)))


def span_named(text: str, now: datetime, zone: ZoneInfo) -> Span:
    """The period a name stands for: ``month``, ``2026-11``, ``2026-W48``, ``2026-Q4``, ``2026``, ``2026-11-28``.

    Raises:
        ValueError: it is no such name, or no such day.
    """
    if text in RUNNING:
        return span_at(RUNNING[text], now.astimezone(zone).date(), zone)
    for kind, pattern, first in _NAMED:
        if found := re.fullmatch(pattern, text, re.ASCII):
            return span_at(kind, first(*map(int, found.groups())), zone)
    raise ValueError(f"{text!r} names no period; such as month, 2026-11, 2026-W48, 2026-Q4, 2026 or 2026-11-28")


_NAMED: tuple[tuple[SpanKind, str, Callable[..., date]], ...] = (
    (SpanKind.DAY, r"(\d{4})-(\d\d)-(\d\d)", date),
    (SpanKind.WEEK, r"(\d{4})-W(\d\d)", lambda year, week: date.fromisocalendar(year, week, 1)),
    (SpanKind.MONTH, r"(\d{4})-(\d\d)", lambda year, month: date(year, month, 1)),
    (SpanKind.QUARTER, r"(\d{4})-Q([1-4])", lambda year, quarter: date(year, 3 * quarter - 2, 1)),
    (SpanKind.YEAR, r"(\d{4})", lambda year: date(year, 1, 1)),
)


def before(span: Span, zone: ZoneInfo) -> Span:
    """The like period just before: the calendar's, or the same length of time."""
    start = span.window.start
    if span.kind is SpanKind.RANGE:
        return Span(span.kind, Window(start - (span.window.end - start), start))
    return span_at(span.kind, (start - timedelta(seconds=1)).astimezone(zone).date(), zone)


def months(window: Window, zone: ZoneInfo) -> Fraction:
    """How many calendar months a window is, each part counted by its own month's length: November is exactly 1.

    The count steps of 6.4-6.6 assume one month; a count of another period is divided by this before it meets them.
    """
    total = Fraction(0)
    first = _first_day(SpanKind.MONTH, window.start.astimezone(zone).date())
    while (begins := _midnight(first, zone)) < window.end:
        first = _next_first(SpanKind.MONTH, first)
        ends = _midnight(first, zone)
        inside = min(ends, window.end) - max(begins, window.start)
        total += Fraction(inside // _MS, (ends - begins) // _MS)
    return total


_MS = timedelta(milliseconds=1)


def _first_day(kind: SpanKind, day: date) -> date:
    if kind is SpanKind.DAY:
        return day
    if kind is SpanKind.WEEK:
        return day - timedelta(days=day.weekday())
    length = _MONTHS[kind]
    return date(day.year, (day.month - 1) // length * length + 1, 1)


def _next_first(kind: SpanKind, first: date) -> date:
    if kind in (SpanKind.DAY, SpanKind.WEEK):
        return first + timedelta(days=1 if kind is SpanKind.DAY else 7)
    month = first.year * 12 + first.month - 1 + _MONTHS[kind]
    return date(month // 12, month % 12 + 1, 1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)
