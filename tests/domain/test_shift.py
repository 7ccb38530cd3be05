from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.shift import longest_shelf, shift_at

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("clock", "name"), [(0, "夜班"), (7, "夜班"), (8, "早班"), (15, "早班"), (16, "中班"), (23, "中班")]
)
def test_the_day_has_three_shifts(clock: int, name: str) -> None:
    now = datetime(2026, 8, 6, clock, 59, tzinfo=SHANGHAI).astimezone(UTC)
    shift = shift_at(now, SHANGHAI)
    assert shift.name == name
    assert shift.begins_at <= now < shift.ends_at
    assert shift.ends_at - shift.begins_at == timedelta(hours=8)
    assert longest_shelf(now, SHANGHAI) == shift.ends_at


def test_a_shift_ends_by_the_citys_clock_when_summer_time_moves_it() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    shift = shift_at(datetime(2026, 3, 29, 0, 30, tzinfo=berlin).astimezone(UTC), berlin)
    assert shift.ends_at.astimezone(berlin).hour == 8
    assert shift.ends_at - shift.begins_at == timedelta(hours=7)
