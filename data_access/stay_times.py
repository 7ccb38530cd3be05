"""How long cases stayed in each state, by unit: count, median and ninth decile of the stays that ended in a period.

A stay is that of `domain.step_clock.stays`; it belongs to the unit that had the case when it ended, so a department
answers for the time it held the case itself. Stays that last are not in it: their time is not known yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from data_access.case_where import cut
from data_access.figure_question import UNIT_FIELDS
from data_access.history.reader import History, View
from domain.case import CaseState
from domain.indicators import Dimension
from domain.journal import milliseconds


@dataclass(frozen=True, slots=True)
class StayTimes:
    """The stays of one unit's cases in one state. `total` is the sum of them all."""

    unit: str
    state: CaseState
    number: int
    median: timedelta
    p90: timedelta
    total: timedelta


class StayTimeService:
    """Asks the columnar copy. Blocking; call it off the event loop."""

    def __init__(self, history: History) -> None:
        self._history = history

    def times(self, *, start: datetime, end: datetime, by: Dimension) -> list[StayTimes]:
        """By unit and state, of the stays that ended in [start, end); quantiles are interpolated between neighbours.

        Raises:
            HistoryBehind: no copy near enough. StoreError: the database does not answer.
        """
        return self._history.ask(lambda view: _times(view, milliseconds(cut(start)), milliseconds(cut(end)), by))


def _times(view: View, start: int, end: int, by: Dimension) -> list[StayTimes]:
    field = UNIT_FIELDS[by]
    unit = "''" if field is None else f"coalesce({field}, '')"
    found = view.rows(
        f"SELECT {unit} AS unit, state, count(*), quantile_cont(spent_ms, 0.5), quantile_cont(spent_ms, 0.9), "  # noqa: S608 (names and numbers of ours)
        f"sum(spent_ms) FROM ({view.copy.stays(start, end)}) AS stays GROUP BY unit, state ORDER BY unit, state"
    )
    return [
        StayTimes(unit, CaseState(state), number, *(timedelta(milliseconds=float(ms)) for ms in spent))
        for unit, state, number, *spent in found
    ]
