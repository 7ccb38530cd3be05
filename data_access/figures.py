"""The figures of any period, split by unit, as of any moment: the same for the command line, the API and the reports.

`domain.indicators.counts` over the cases as they stood is the definition; what can be counted by the database is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, islice

from sqlalchemy import ColumnElement, Connection, func, literal, select

from data_access.case_past import facts_changed_since
from data_access.case_where import belongs_condition, counted_condition, cut, untouched_since
from data_access.cases import CaseStore
from data_access.engine import reading
from data_access.schema import cases
from domain.case_query import Count
from domain.facts import CaseFacts
from domain.indicators import BEGINNING, COUNT_FIELDS, Convention, Counts, Dimension, counts
from domain.journal import milliseconds
from domain.period import Window

_COUNTED_AT_ONCE = 20_000
_INDEXED = timedelta(days=62)
"""Flow figures of longer periods read the whole table once: quicker than going to most of it through each index."""

_FIELD_OF: dict[Dimension, str | None] = {
    Dimension.CITY: None,
    Dimension.DISTRICT: "district",
    Dimension.DEPARTMENT: "department",
    Dimension.CLASS: "class_code",
    Dimension.GRID: "grid",
}


@dataclass(frozen=True, slots=True)
class KpiRow:
    """The counts of one unit; ``""`` is the city, or the cases that have no such unit."""

    key: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with its moments settled: `judged` ends at `at`, the moment whose state of affairs counts."""

    period: Window
    by: Dimension
    convention: Convention
    at: datetime
    past: bool

    @property
    def judged(self) -> Window:
        return Window(self.period.start if self.convention is Convention.FLOW else BEGINNING, self.at)


class FigureService:
    """Figures from the case store. Blocking; call it off the event loop."""

    def __init__(self, store: CaseStore) -> None:
        self._engine = store.engine

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
        wanted = _asked(Window(cut(start), cut(end)), by, convention, as_of, cut(now))
        found: dict[str, Counts] = {"": Counts()} if by is Dimension.CITY else {}
        with reading(self._engine) as connection:
            for key, some in _all_parts(connection, wanted):
                found[key] = found.get(key, Counts()) + some
        return [KpiRow(key, found[key]) for key in sorted(found) if by is Dimension.CITY or found[key] != Counts()]


def _asked(period: Window, by: Dimension, convention: Convention, as_of: datetime | None, now: datetime) -> _Asked:
    moment = as_of if as_of is not None and convention is not Convention.FLOW else period.end
    at = min(cut(moment), now)
    if convention is Convention.FLOW:
        period = Window(period.start, at)
    return _Asked(period, by, convention, at, at < now)


def _all_parts(connection: Connection, wanted: _Asked) -> Iterator[tuple[str, Counts]]:
    if wanted.convention is Convention.FLOW and wanted.at - wanted.period.start <= _INDEXED:
        yield from _by_count(connection, wanted)
    else:
        yield from _in_one_pass(connection, wanted)
    if wanted.past:
        yield from _changed_since(connection, wanted)


def _by_count(connection: Connection, wanted: _Asked) -> Iterator[tuple[str, Counts]]:
    """One question a count: each goes by the index of its own time stamp."""
    key = _key(wanted.by)
    for name in COUNT_FIELDS:
        condition = counted_condition(Count(name), wanted.judged)
        question = select(key, func.count()).select_from(cases).where(condition, *_still(wanted)).group_by(key)
        for unit, number in connection.execute(question):
            yield unit, Counts(**{name: number})


def _in_one_pass(connection: Connection, wanted: _Asked) -> Iterator[tuple[str, Counts]]:
    """One question for all counts: it goes by what makes a case belong to the period, if anything."""
    key = _key(wanted.by)
    numbers = [func.count().filter(counted_condition(Count(name), wanted.judged)) for name in COUNT_FIELDS]
    belongs = belongs_condition(wanted.period, wanted.convention)
    question = select(key, *numbers).select_from(cases).where(belongs, *_still(wanted)).group_by(key)
    for unit, *found in connection.execute(question):
        yield unit, Counts(**dict(zip(COUNT_FIELDS, found, strict=True)))


def _still(wanted: _Asked) -> list[ColumnElement[bool]]:
    return [untouched_since(milliseconds(wanted.at))] if wanted.past else []


def _key(by: Dimension) -> ColumnElement[str]:
    field = _FIELD_OF[by]
    return literal("") if field is None else func.coalesce(cases.c[field], "")


def _changed_since(connection: Connection, wanted: _Asked) -> Iterator[tuple[str, Counts]]:
    """The cases that something happened to since, as they stood; some thousands in memory at a time."""
    facts = facts_changed_since(connection, wanted.at)
    while some := sorted(islice(facts, _COUNTED_AT_ONCE), key=lambda case: _unit(case, wanted.by)):
        for unit, of_unit in groupby(some, key=lambda case: _unit(case, wanted.by)):
            as_of = None if wanted.convention is Convention.FLOW else wanted.at
            yield unit, counts(of_unit, wanted.period, wanted.convention, as_of=as_of)


def _unit(facts: CaseFacts, by: Dimension) -> str:
    field = _FIELD_OF[by]
    return "" if field is None else getattr(facts, field) or ""
