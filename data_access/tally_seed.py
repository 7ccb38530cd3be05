"""What the live worker's tally begins from: the flow counts of the last thirty local days, grouped by unit, in SQL.

One question for each day and time stamp, each answered from that stamp's index: the cost follows the cases of thirty
days, not all cases. Days are asked for by their own bounds, so 23- and 25-hour days need no special care.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, or_, select

from data_access.case_where import flow_holds, within
from data_access.schema import cases
from domain.case_query import Count
from domain.facts import CaseFacts
from domain.figure_book import DAYS
from domain.indicators import FLOWS
from domain.period import Window, day_start
from domain.tally import FlowBucket, TallySeed

_UNITS = (cases.c.district, cases.c.department, cases.c.class_code)


def read_seed(
    connection: Connection, as_of: datetime, zone: ZoneInfo, open_facts: Sequence[CaseFacts], entries_to: int
) -> TallySeed:
    """The seed as of `as_of`; the connection must see one snapshot throughout."""
    buckets = [
        bucket
        for day in local_days(as_of, zone, DAYS)
        for stamp, counts in _by_stamp().items()
        for bucket in _buckets(connection, stamp, counts, day, zone)
    ]
    return TallySeed(as_of=as_of, entries_to=entries_to, buckets=buckets, open_facts=open_facts)


def local_days(as_of: datetime, zone: ZoneInfo, days: int) -> list[Window]:
    """The last local days, oldest first; the running one ends at `as_of`."""
    starts = [day_start(as_of, zone, days_back=back) for back in range(days - 1, -1, -1)]
    return [Window(start, end) for start, end in zip(starts, [*starts[1:], as_of], strict=True)]


def _by_stamp() -> dict[str, list[Count]]:
    grouped: dict[str, list[Count]] = {}
    for count, flow in FLOWS.items():
        grouped.setdefault(flow.stamp, []).append(count)
    return grouped


def _buckets(
    connection: Connection, stamp: str, counts: Sequence[Count], day: Window, zone: ZoneInfo
) -> Iterator[FlowBucket]:
    holds = [flow_holds(count) for count in counts]
    numbers = [func.count().filter(held) for held in holds]
    asked = select(*_UNITS, *numbers).where(within(cases.c[stamp], day), or_(*holds)).group_by(*_UNITS)
    local = day.start.astimezone(zone).date()
    for district, department, class_code, *found in connection.execute(asked):
        for count, number in zip(counts, found, strict=True):
            if number:
                yield FlowBucket(count, local, district, department, class_code, number)
