"""What moment a replay shows, and the days its curve is cut into."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.playback import SPEEDS, Playback, curve_points
from tests.domain.facts_made import NOW

FIRST = NOW - timedelta(days=35)
THERE = NOW - timedelta(days=9)


@pytest.mark.parametrize("speed", SPEEDS)
def test_a_second_shows_as_many_seconds_of_the_past_as_the_speed_says(speed: int) -> None:
    playing = Playback(at=THERE, since=100.0, speed=speed, playing=True)
    assert playing.shown(100.5) == THERE + timedelta(seconds=speed / 2)


def test_a_pause_stands_still() -> None:
    assert Playback(at=THERE, since=100.0, speed=3600).shown(999.0) == THERE


def test_it_stops_where_it_meets_now() -> None:
    playing = Playback(at=NOW - timedelta(minutes=1), since=0.0, speed=60, playing=True)
    held = playing.within(FIRST, NOW, 2.0)
    assert (held.at, held.playing) == (NOW, False)
    assert held.shown(50.0) == NOW


def test_nothing_is_shown_from_before_the_first_entry() -> None:
    held = Playback(at=FIRST - timedelta(days=1), since=0.0, playing=True).within(FIRST, NOW, 0.0)
    assert (held.at, held.playing) == (FIRST, True)


@pytest.mark.parametrize(
    ("day", "points"), [(date(2026, 3, 29), 93), (date(2026, 10, 25), 101), (date(2026, 5, 1), 97)]
)
def test_the_curve_covers_the_whole_local_day_however_long_it_is(day: date, points: int) -> None:
    assert len(curve_points(day, ZoneInfo("Europe/Berlin"))) == points
