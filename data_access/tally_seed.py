"""What the live worker's tally begins from: the flow counts of the last thirty local days, grouped by unit.

One question brings every case that anything happened to in those days; the grouping is done here, by columns, since a
database would sort the same rows once for each time stamp and unit. Days are told by their own bounds, so 23- and
25-hour days need no special care. The cost follows the cases of thirty days, not all cases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Integer, cast, func, literal, or_, select

from data_access.case_where import flow_holds, within
from data_access.schema import cases
from domain.case_query import Count
from domain.facts import CaseFacts
from domain.figure_book import DAYS
from domain.indicators import FLOWS, Dimension
from domain.journal import milliseconds
from domain.period import Window, day_start
from domain.tally import FlowBucket, TallySeed

BATCH = 20_000
"""Rows grouped at a time: bounds the memory of a start."""

_UNITS = {
    Dimension.DISTRICT: cases.c.district,
    Dimension.DEPARTMENT: cases.c.department,
    Dimension.CLASS: cases.c.class_code,
}
_STAMPS = tuple(dict.fromkeys(flow.stamp for flow in FLOWS.values()))

_BITS = {count: 1 << number for number, count in enumerate(FLOWS)}
_HOLDING = "holding"
"""Column of the flow counts that hold of a case (`Flow.holds`), one bit for each."""

Found = Counter[tuple[Count, int, Dimension, str]]
"""Count, number of the day (0: the oldest), dimension, key → how many cases."""


def read_seed(
    connection: Connection, as_of: datetime, zone: ZoneInfo, open_facts: Sequence[CaseFacts], entries_to: int
) -> TallySeed:
    """The seed as of `as_of`; the connection must see one snapshot throughout."""
    starts = [day_start(as_of, zone, days_back=back) for back in range(DAYS - 1, -1, -1)]
    bounds = np.array([milliseconds(at) for at in (*starts, as_of)], dtype=np.float64)
    found: Found = Counter()
    for columns in _happened(connection, Window(starts[0], as_of)):
        _group(columns, bounds, found)
    days = [start.astimezone(zone).date() for start in starts]
    return TallySeed(as_of=as_of, entries_to=entries_to, buckets=list(_buckets(found, days)), open_facts=open_facts)


def _happened(connection: Connection, period: Window) -> Iterator[dict[str, Sequence[Any]]]:
    """Units, time stamps and holding flow counts of the cases with any stamp in the period, in batches."""
    columns: dict[str, ColumnElement[Any]] = {
        **{dimension.value: func.coalesce(unit, "") for dimension, unit in _UNITS.items()},
        **{stamp: cases.c[stamp] for stamp in _STAMPS},
        _HOLDING: sum((cast(flow_holds(count), Integer) * bit for count, bit in _BITS.items()), literal(0)),
    }
    asked = select(*columns.values()).where(or_(*(within(cases.c[stamp], period) for stamp in _STAMPS)))
    for rows in connection.execute(asked, execution_options={"yield_per": BATCH}).partitions():
        yield dict(zip(columns, zip(*rows, strict=True), strict=True))


def _group(columns: dict[str, Sequence[Any]], bounds: NDArray[np.float64], found: Found) -> None:
    """Add one batch of cases to what was found."""
    days = {stamp: _day_numbers(columns[stamp], bounds) for stamp in _STAMPS}
    coded = {dimension: _coded(columns[dimension.value]) for dimension in _UNITS}
    holding = np.array(columns[_HOLDING], dtype=np.int64)
    for count, flow in FLOWS.items():
        day = days[flow.stamp]
        taken = (day >= 0) & (holding & _BITS[count] != 0)
        for dimension, (keys, codes) in coded.items():
            numbers = np.bincount(codes[taken] * DAYS + day[taken])
            for place in np.flatnonzero(numbers):
                found[count, int(place) % DAYS, dimension, keys[place // DAYS]] += int(numbers[place])


def _day_numbers(stamps: Sequence[int | None], bounds: NDArray[np.float64]) -> NDArray[np.int64]:
    """The number of the local day each stamp lies in; -1 outside of all."""
    number = np.searchsorted(bounds, np.array(stamps, dtype=np.float64), side="right") - 1
    number[number >= DAYS] = -1  # at or after `as_of`, or no stamp at all: not-a-number sorts last
    return number.astype(np.int64)


def _coded(units: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """The distinct units, and each case's place among them."""
    places: dict[str, int] = {}
    codes = [places.setdefault(unit, len(places)) for unit in units]
    return list(places), np.array(codes, dtype=np.int64)


def _buckets(found: Found, days: Sequence[date]) -> Iterator[FlowBucket]:
    """What was found as buckets; the city's are the sums over its districts."""
    city: Counter[tuple[Count, int]] = Counter()
    for (count, day, dimension, key), number in found.items():
        yield FlowBucket(count, days[day], dimension, key, number)
        if dimension is Dimension.DISTRICT:
            city[count, day] += number
    for (count, day), number in city.items():
        yield FlowBucket(count, days[day], Dimension.CITY, "", number)
