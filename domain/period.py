"""The periods figures are asked for, as windows of time in the city's own zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Period(StrEnum):
    """What the wall offers: whole local days, the running one included."""

    TODAY = "today"
    DAYS_7 = "d7"
    DAYS_30 = "d30"

    @property
    def days(self) -> int:
        return {Period.TODAY: 1, Period.DAYS_7: 7, Period.DAYS_30: 30}[self]


@dataclass(frozen=True, slots=True)
class Window:
    """P = [start, end): aware UTC; `end` is also T1, the moment as of which the figures hold (domain sheet 6.1)."""

    start: datetime
    end: datetime

    def holds(self, at: datetime | None) -> bool:
        return at is not None and self.start <= at < self.end


def day_start(at: datetime, zone: ZoneInfo, *, days_back: int = 0) -> datetime:
    """Local midnight of the day `at` lies in, or of an earlier day, as UTC."""
    day = at.astimezone(zone).date() - timedelta(days=days_back)
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def window(period: Period, now: datetime, zone: ZoneInfo) -> Window:
    """The period that ends now."""
    return Window(day_start(now, zone, days_back=period.days - 1), now)
