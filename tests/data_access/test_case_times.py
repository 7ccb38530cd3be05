from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from data_access.case_times import Reading, TimeReader, TimeWrong
from domain.journal import milliseconds

BOSTON = ZoneInfo("America/New_York")


def reader(*formats: str) -> TimeReader:
    return TimeReader(formats or ("iso",), BOSTON)


def utc(*parts: int) -> int:
    return milliseconds(datetime(*parts, tzinfo=UTC))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("2008-10-06T11:25:57-04:00", utc(2008, 10, 6, 15, 25, 57)),
        ("2008-10-06T15:25:57Z", utc(2008, 10, 6, 15, 25, 57)),
        ("2015-01-05 15:22:38", utc(2015, 1, 5, 20, 22, 38)),
        ("2015-07-05 15:22:38", utc(2015, 7, 5, 19, 22, 38)),
        (" 2015-01-05 ", utc(2015, 1, 5, 5)),
        (datetime(2015, 1, 5, 15, tzinfo=UTC), utc(2015, 1, 5, 15)),
        (datetime(2015, 1, 5, 15), utc(2015, 1, 5, 20)),  # noqa: DTZ001 (Parquet gives naive ones)
        (date(2015, 1, 5), utc(2015, 1, 5, 5)),
    ],
)
def test_a_time_with_offset_speaks_for_itself_and_one_without_is_local(value: Any, at: int) -> None:
    assert reader().read(value).ms == at


@pytest.mark.parametrize(
    ("written", "value", "at"),
    [
        ("epoch_s", 1_420_488_000.5, 1_420_488_000_500),
        ("epoch_ms", "1420488000500", 1_420_488_000_500),
        ("%m/%d/%Y %I:%M:%S %p", "01/05/2015 03:22:38 PM", utc(2015, 1, 5, 20, 22, 38)),
        ("%d.%m.%Y %H:%M %z", "05.01.2015 15:22 +0100", utc(2015, 1, 5, 14, 22)),
    ],
)
def test_other_formats_can_be_named(written: str, value: Any, at: int) -> None:
    assert reader(written).read(value).ms == at


def test_the_first_format_that_fits_counts() -> None:
    both = reader("iso", "%m/%d/%Y")
    assert both.read("01/05/2015") == both.read("2015-01-05")


@pytest.mark.parametrize("value", ["05/01/2015", "yesterday", "2015-13-01", 20150105.5, "", True])
def test_a_value_that_is_no_time_names_the_formats(value: Any) -> None:
    with pytest.raises(TimeWrong, match="is no time in the format iso; see time_formats in the mapping"):
        reader().read(value)


def test_a_time_beyond_what_can_be_kept_is_refused() -> None:
    with pytest.raises(TimeWrong):
        reader("epoch_s").read("1e30")


def test_in_a_repeated_hour_the_first_reading_is_taken_and_counted() -> None:
    """On 1 November 2015 the clocks went back at 02:00."""
    times = reader()
    read = times.read("2015-11-01 01:30:00")
    assert read == Reading(utc(2015, 11, 1, 5, 30), utc(2015, 11, 1, 6, 30))
    assert (times.repeated, times.skipped) == (1, 0)


def test_the_second_reading_is_taken_where_only_it_does_not_lie_before_the_step_it_follows() -> None:
    read = reader().read("2015-11-01 01:10:00")
    assert read.not_before(utc(2015, 11, 1, 5, 0)) == utc(2015, 11, 1, 5, 10)
    assert read.not_before(utc(2015, 11, 1, 5, 30)) == utc(2015, 11, 1, 6, 10)
    assert read.not_before(utc(2015, 11, 1, 9, 0)) == utc(2015, 11, 1, 5, 10), "neither fits: the first stands"


def test_in_a_skipped_hour_a_time_lands_behind_it_and_is_counted() -> None:
    """On 8 March 2015 the clocks went forward at 02:00, so 02:30 never was."""
    times = reader()
    assert times.read("2015-03-08 02:30:00") == Reading(utc(2015, 3, 8, 7, 30)), "03:30 on the wall"
    assert (times.repeated, times.skipped) == (0, 1)
