from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.period import Period, Window, day_start, window

SHANGHAI = ZoneInfo("Asia/Shanghai")
BOSTON = ZoneInfo("America/New_York")
NOON = datetime(2026, 6, 10, 4, 0, tzinfo=UTC)
"""12:00 in Shanghai."""


def test_a_window_holds_its_start_but_not_its_end() -> None:
    one = Window(NOON, NOON + timedelta(hours=1))
    assert one.holds(NOON)
    assert not one.holds(NOON + timedelta(hours=1))
    assert not one.holds(None)


@pytest.mark.parametrize(
    ("period", "start"),
    [
        (Period.TODAY, datetime(2026, 6, 10, tzinfo=SHANGHAI)),
        (Period.DAYS_7, datetime(2026, 6, 4, tzinfo=SHANGHAI)),
        (Period.DAYS_30, datetime(2026, 5, 12, tzinfo=SHANGHAI)),
    ],
)
def test_a_period_is_whole_local_days_with_the_running_one(period: Period, start: datetime) -> None:
    assert window(period, NOON, SHANGHAI) == Window(start.astimezone(UTC), NOON)


def test_the_day_is_the_citys_not_londons() -> None:
    late = datetime(2026, 6, 10, 17, 0, tzinfo=UTC)
    assert day_start(late, SHANGHAI) == datetime(2026, 6, 10, 16, 0, tzinfo=UTC), "01:00 on the 11th there"


def test_a_day_that_begins_before_the_clocks_change_still_starts_at_midnight() -> None:
    afternoon = datetime(2026, 3, 8, 18, 0, tzinfo=UTC)
    assert day_start(afternoon, BOSTON) == datetime(2026, 3, 8, 5, 0, tzinfo=UTC)
    assert day_start(afternoon, BOSTON, days_back=-1) == datetime(2026, 3, 9, 4, 0, tzinfo=UTC), "a day of 23 hours"
