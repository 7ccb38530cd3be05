from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from domain.evaluation.span import Span, SpanKind, before, months, span_named
from domain.period import Window

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 28, 17, tzinfo=UTC)
"""Sunday, the 29th, at one in the morning in the city."""


def _local(span: Span) -> tuple[str, str]:
    ends = (span.window.start, span.window.end)
    first, last = (f"{at.astimezone(ZONE):%Y-%m-%d}" for at in ends)
    return first, last


@pytest.mark.parametrize(
    ("name", "first", "end"),
    [
        ("today", "2026-11-29", "2026-11-30"),
        ("week", "2026-11-23", "2026-11-30"),
        ("month", "2026-11-01", "2026-12-01"),
        ("quarter", "2026-10-01", "2027-01-01"),
        ("year", "2026-01-01", "2027-01-01"),
        ("2026-02", "2026-02-01", "2026-03-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("2026-W53", "2026-12-28", "2027-01-04"),
        ("2026-Q4", "2026-10-01", "2027-01-01"),
        ("2024", "2024-01-01", "2025-01-01"),
        ("2024-02-29", "2024-02-29", "2024-03-01"),
    ],
)
def test_a_name_means_days_of_the_citys_calendar(name: str, first: str, end: str) -> None:
    assert _local(span_named(name, NOW, ZONE)) == (first, end)


@pytest.mark.parametrize("name", ["2026-13", "2026-W54", "2026-02-30", "2026-Q5", "november", "", "２０２６"])
def test_no_period_is_told(name: str) -> None:
    with pytest.raises(ValueError):
        span_named(name, NOW, ZONE)


@pytest.mark.parametrize(
    ("name", "earlier"),
    [("2026-03", "2026-02-01"), ("2026-01", "2025-12-01"), ("2026-W01", "2025-12-22"), ("2026-Q1", "2025-10-01")],
)
def test_only_like_periods_follow_each_other(name: str, earlier: str) -> None:
    assert _local(before(span_named(name, NOW, ZONE), ZONE))[0] == earlier


def test_a_range_is_compared_with_the_same_length_of_time() -> None:
    window = Window(datetime(2026, 6, 4, tzinfo=UTC), datetime(2026, 6, 8, tzinfo=UTC))
    assert before(Span(SpanKind.RANGE, window), ZONE).window == Window(datetime(2026, 5, 31, tzinfo=UTC), window.start)


@pytest.mark.parametrize(
    ("name", "length"),
    [
        ("2026-02", Fraction(1)),
        ("2026", Fraction(12)),
        ("2026-02-01", Fraction(1, 28)),
        ("2026-W05", Fraction(6, 31) + Fraction(1, 28)),
    ],
)
def test_a_month_is_one_whatever_its_days(name: str, length: Fraction) -> None:
    assert months(span_named(name, NOW, ZONE).window, ZONE) == length
