"""The figures of any period, split by unit, as of any moment: the same for the command line, the API and the reports.

`domain.indicators.counts` over the cases as they stood is the definition; what can be counted by the database is.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, islice

from sqlalchemy import ColumnElement, Connection, func, literal, select

from data_access.case_past import facts_changed_since
from data_access.case_where import belongs_condition, counted_condition, untouched_since
from data_access.cases import CaseStore
from data_access.engine import reading
from data_access.figure_question import UNIT_FIELDS, FigureQuestion, settled
from data_access.history.counting import counted_by_unit
from data_access.history.reader import History, HistoryBehind
from data_access.schema import cases
from domain.case_query import Count
from domain.facts import CaseFacts
from domain.indicators import COUNT_FIELDS, Convention, Counts, Dimension, counts
from domain.journal import milliseconds
from domain.period import Window

log = logging.getLogger(__name__)

_COUNTED_AT_ONCE = 20_000
_INDEXED = timedelta(days=62)
"""Flow figures of longer periods read the whole table once: quicker than going to most of it through each index."""

_FEW_ROWS = timedelta(hours=36)

Parts = list[tuple[str, Counts]]
"""Counts of units, in any order; one unit's may come in several parts."""


@dataclass(frozen=True, slots=True)
class KpiRow:
    """The counts of one unit; ``""`` is the city, or the cases that have no such unit."""

    key: str
    counts: Counts


class FigureService:
    """Figures from the case store, and at any size from the columnar copy beside it. Blocking: off the event loop.

    Without a copy, or while it is too far behind, the database answers: the figures are the same.
    """

    def __init__(self, store: CaseStore, history: History | None = None) -> None:
        self._engine = store.engine
        self._history = history

    def kpi(
        self,
        *,
        start: datetime,
        end: datetime,
        by: Dimension,
        convention: Convention,
        as_of: datetime | None,
        now: datetime,
    ) -> list[KpiRow]:
        """The counts of [start, end) by unit, ordered by key; units that count nothing are left out.

        Without `as_of` the figures hold as of the period's end, or of `now` if that is earlier. Flow figures always do.
        """
        (rows,) = self.kpis([Window(start, end)], by=by, convention=convention, as_of=as_of, now=now)
        return rows

    def kpis(
        self,
        periods: Sequence[Window],
        *,
        by: Dimension,
        convention: Convention,
        as_of: datetime | None = None,
        now: datetime,
    ) -> list[list[KpiRow]]:
        """The same of several periods, all from one state of the hall: a trend of months, a period and the one before.

        Each period's figures hold as `kpi` says; a period's flow figures are those of its own end.
        """
        questions = [settled(period, by, convention, as_of, now) for period in periods]
        return [_rows(by, parts) for parts in self._parts(questions)]

    def _parts(self, questions: Sequence[FigureQuestion]) -> list[Parts]:
        if self._history is not None and not all(_quick_in_database(wanted) for wanted in questions):
            try:
                return self._history.ask(lambda view: [list(counted_by_unit(view, wanted)) for wanted in questions])
            except HistoryBehind as why:
                log.info("figures without the copy", extra={"facts": {"why": str(why)}})
        with reading(self._engine) as connection:
            return [list(_all_parts(connection, wanted)) for wanted in questions]


def _quick_in_database(wanted: FigureQuestion) -> bool:
    """Today's figures as of now: few rows, each found by the index of its own time stamp."""
    return wanted.convention is Convention.FLOW and not wanted.past and wanted.at - wanted.period.start <= _FEW_ROWS


def _rows(by: Dimension, parts: Parts) -> list[KpiRow]:
    found: dict[str, Counts] = {"": Counts()} if by is Dimension.CITY else {}
    for key, some in parts:
        found[key] = found.get(key, Counts()) + some
    return [KpiRow(key, found[key]) for key in sorted(found) if by is Dimension.CITY or found[key] != Counts()]


def _all_parts(connection: Connection, wanted: FigureQuestion) -> Iterator[tuple[str, Counts]]:
    if wanted.convention is Convention.FLOW and wanted.at - wanted.period.start <= _INDEXED:
        yield from _by_count(connection, wanted)
    else:
        yield from _in_one_pass(connection, wanted)
    if wanted.past:
        yield from _changed_since(connection, wanted)


def _by_count(connection: Connection, wanted: FigureQuestion) -> Iterator[tuple[str, Counts]]:
    """One question a count: each goes by the index of its own time stamp."""
    key = _key(wanted.by)
    for name in COUNT_FIELDS:
        condition = counted_condition(Count(name), wanted.judged)
        question = select(key, func.count()).select_from(cases).where(condition, *_still(wanted)).group_by(key)
        for unit, number in connection.execute(question):
            yield unit, Counts(**{name: number})


def _in_one_pass(connection: Connection, wanted: FigureQuestion) -> Iterator[tuple[str, Counts]]:
    """One question for all counts: it goes by what makes a case belong to the period, if anything."""
    key = _key(wanted.by)
    numbers = [func.count().filter(counted_condition(Count(name), wanted.judged)) for name in COUNT_FIELDS]
    belongs = belongs_condition(wanted.period, wanted.convention)
    question = select(key, *numbers).select_from(cases).where(belongs, *_still(wanted)).group_by(key)
    for unit, *found in connection.execute(question):
        yield unit, Counts(**dict(zip(COUNT_FIELDS, found, strict=True)))


def _still(wanted: FigureQuestion) -> list[ColumnElement[bool]]:
    return [untouched_since(milliseconds(wanted.at))] if wanted.past else []


def _key(by: Dimension) -> ColumnElement[str]:
    field = UNIT_FIELDS[by]
    return literal("") if field is None else func.coalesce(cases.c[field], "")


def _changed_since(connection: Connection, wanted: FigureQuestion) -> Iterator[tuple[str, Counts]]:
    """The cases that something happened to since, as they stood; some thousands in memory at a time."""
    facts = facts_changed_since(connection, wanted.at)
    while some := sorted(islice(facts, _COUNTED_AT_ONCE), key=lambda case: _unit(case, wanted.by)):
        for unit, of_unit in groupby(some, key=lambda case: _unit(case, wanted.by)):
            as_of = None if wanted.convention is Convention.FLOW else wanted.at
            yield unit, counts(of_unit, wanted.period, wanted.convention, as_of=as_of)


def _unit(facts: CaseFacts, by: Dimension) -> str:
    field = UNIT_FIELDS[by]
    return "" if field is None else getattr(facts, field) or ""
