"""The base counts of a period as of a moment, from the copy: the same as `domain.indicators.counts`, at any size.

Most rows need no look at their stamps. A case that is over and whose stamps all lie inside the window counts in just
those flows that hold of it, and these are kept as bits: such cases are grouped by unit and bits, and a few thousand
groups are counted instead of millions of cases. The others, at the window's edges and those still moving at the
moment asked for, are counted by the conditions that the databases use.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement

from data_access.case_where import belongs_condition, counted_condition
from data_access.figure_question import UNIT_FIELDS, FigureQuestion
from data_access.history.reader import View
from data_access.history.relations import BIT_OF, COLUMNS, FOREVER, Copy
from data_access.history.sql import in_duckdb
from domain.case_query import Count
from domain.indicators import COUNT_FIELDS, FLOWS, Convention, Counts, Dimension
from domain.journal import milliseconds

_FLOW_FIELDS = tuple(name for name in COUNT_FIELDS if Count(name) in FLOWS)


def counted_by_unit(view: View, wanted: FigureQuestion) -> Iterator[tuple[str, Counts]]:
    """The counts of each unit, in parts: a unit may come more than once."""
    for question, names in (_whole(view.copy, wanted), _looked_at(view.copy, wanted)):
        if question:
            for unit, *found in view.rows(question):
                yield unit, Counts(**{name: int(number or 0) for name, number in zip(names, found, strict=True)})


def _whole(copy: Copy, wanted: FigureQuestion) -> tuple[str, tuple[str, ...]]:
    """Cases that are over and lie inside the window with all their stamps."""
    where = f"since < {_until(wanted)} AND {_belongs(wanted)} AND {_inside(wanted)}"
    parts = " UNION ALL ".join(copy.final(f"{_unit(wanted.by)} AS unit, holding", where))
    if not parts:
        return "", ()
    grouped = f"SELECT unit, holding, count(*) AS number FROM ({parts}) GROUP BY unit, holding"
    sums = ", ".join(f"sum(number) FILTER (holding & {BIT_OF[Count(name)]} <> 0)" for name in _FLOW_FIELDS)
    return f"SELECT unit, {sums} FROM ({grouped}) GROUP BY unit", _FLOW_FIELDS


def _looked_at(copy: Copy, wanted: FigureQuestion) -> tuple[str, tuple[str, ...]]:
    """All others that may count: each by its own stamps and state."""
    at = _until(wanted)
    where = f"since < {at} AND {_belongs(wanted)} AND {_touching(wanted)} AND NOT {_inside(wanted)}"
    parts = [*copy.final(COLUMNS, where), *copy.standing(COLUMNS, at)]
    if not parts:
        return "", ()
    judged = wanted.judged
    sums = ", ".join(f"count_if({in_duckdb(counted_condition(Count(name), judged))})" for name in COUNT_FIELDS)
    cases = " UNION ALL ".join(parts)
    question = f"SELECT {_unit(wanted.by)}, {sums} FROM ({cases}) AS cases WHERE {_belongs(wanted)} GROUP BY 1"
    return question, COUNT_FIELDS


def _until(wanted: FigureQuestion) -> int:
    """Which entries count: those before the moment asked for, and if that is now, all there are."""
    return milliseconds(wanted.at) if wanted.past else FOREVER


def _inside(wanted: FigureQuestion) -> str:
    start, end = milliseconds(wanted.judged.start), milliseconds(wanted.judged.end)
    return f"(first_stamp >= {start} AND last_stamp < {end})"


def _touching(wanted: FigureQuestion) -> str:
    start, end = milliseconds(wanted.judged.start), milliseconds(wanted.judged.end)
    return f"last_stamp >= {start} AND first_stamp < {end}"


def _belongs(wanted: FigureQuestion) -> str:
    if wanted.convention is Convention.FLOW:
        return "TRUE"
    condition: ColumnElement[bool] = belongs_condition(wanted.period, wanted.convention)
    return in_duckdb(condition)


def _unit(by: Dimension) -> str:
    field = UNIT_FIELDS[by]
    return "''" if field is None else f"coalesce(cases.{field}, '')"
