"""Shifts (班次) of a hall that never closes: three a day, by the city's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from domain.words import text
from domain.worktime import utc

LENGTH = timedelta(hours=8)
NAMES = (text("夜班"), text("早班"), text("中班"))
"""From 0, 8 and 16 o'clock."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift, half open."""

    name: str
    begins_at: datetime
    ends_at: datetime


def shift_at(now: datetime, zone: tzinfo) -> Shift:
    """The shift that runs at `now`."""
    local = now.astimezone(zone)
    turn = local.hour // 8
    begins = local.replace(hour=turn * 8, minute=0, second=0, microsecond=0)
    ends = (begins.replace(tzinfo=None) + LENGTH).replace(tzinfo=zone)
    return Shift(NAMES[turn], utc(begins), utc(ends))


def longest_shelf(now: datetime, zone: tzinfo) -> datetime:
    """Until when an alarm may be shelved at most: the shift's end."""
    return shift_at(now, zone).ends_at
