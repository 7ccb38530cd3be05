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

from data_access.case_past import open_untouched_since
from data_access.case_where import flow_holds, untouched_since, within
from data_access.schema import cases
from domain.case_query import Count
from domain.facts import CaseFacts
from domain.figure_book import DAYS
from domain.indicators import FLOWS, Dimension, is_open
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
    buckets = _buckets_at(connection, as_of, zone, changed=None)
    return TallySeed(as_of=as_of, entries_to=entries_to, buckets=buckets, open_facts=open_facts)


def read_past_seed(connection: Connection, as_of: datetime, zone: ZoneInfo, changed: Sequence[CaseFacts]) -> TallySeed:
    """The seed as of a past moment. `changed`: the cases that something happened to since, as they stood just before.

    No entry counts as delivered: what came after is numbered by whoever reads it in order of time.
    """
    buckets = _buckets_at(connection, as_of, zone, changed)
    open_facts = [*open_untouched_since(connection, as_of), *(facts for facts in changed if is_open(facts))]
    return TallySeed(as_of=as_of, entries_to=0, buckets=buckets, open_facts=open_facts)


def _buckets_at(
    connection: Connection, as_of: datetime, zone: ZoneInfo, changed: Sequence[CaseFacts] | None
) -> list[FlowBucket]:
    """The buckets of all rows, or of the rows that nothing happened to since and the `changed` cases."""
    starts = [day_start(as_of, zone, days_back=back) for back in range(DAYS - 1, -1, -1)]
    bounds = np.array([milliseconds(at) for at in (*starts, as_of)], dtype=np.float64)
    found: Found = Counter()
    for columns in _happened(connection, Window(starts[0], as_of), past=changed is not None):
        _group(columns, bounds, found)
    if changed:
        _group(_columns_of(changed), bounds, found)
    days = [start.astimezone(zone).date() for start in starts]
    return list(_buckets(found, days))


def _columns_of(facts: Sequence[CaseFacts]) -> dict[str, Sequence[Any]]:
    """What `_happened` reads from rows, of cases in hand."""
    stamps = {name: [getattr(case, name) for case in facts] for name in _STAMPS}
    return {
        Dimension.DISTRICT.value: [case.district or "" for case in facts],
        Dimension.DEPARTMENT.value: [case.department or "" for case in facts],
        Dimension.CLASS.value: [case.class_code for case in facts],
        **{name: [None if at is None else milliseconds(at) for at in times] for name, times in stamps.items()},
        _HOLDING: [sum(bit for count, bit in _BITS.items() if FLOWS[count].holds(case)) for case in facts],
    }


def _happened(connection: Connection, period: Window, *, past: bool) -> Iterator[dict[str, Sequence[Any]]]:
    """Units, time stamps and holding flow counts of the cases with any stamp in the period, in batches.

    `past`: only of those that nothing happened to since the period's end.
    """
    columns: dict[str, ColumnElement[Any]] = {
        **{dimension.value: func.coalesce(unit, "") for dimension, unit in _UNITS.items()},
        **{stamp: cases.c[stamp] for stamp in _STAMPS},
        _HOLDING: sum((cast(flow_holds(count), Integer) * bit for count, bit in _BITS.items()), literal(0)),
    }
    asked = select(*columns.values()).where(or_(*(within(cases.c[stamp], period) for stamp in _STAMPS)))
    if past:
        asked = asked.where(untouched_since(milliseconds(period.end)))
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
