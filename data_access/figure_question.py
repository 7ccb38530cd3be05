"""Which figures somebody asks for, with its moments settled: the same for every way of counting them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data_access.case_where import cut
from domain.indicators import BEGINNING, Convention, Dimension
from domain.period import Window

UNIT_FIELDS: dict[Dimension, str | None] = {
    Dimension.CITY: None,
    Dimension.DISTRICT: "district",
    Dimension.DEPARTMENT: "department",
    Dimension.CLASS: "class_code",
    Dimension.GRID: "grid",
}
"""The field of a case that names its unit; None: all cases are one."""


@dataclass(frozen=True, slots=True)
class FigureQuestion:
    """`at` is the moment whose state of affairs counts; `past` says that it is over: later entries must not show."""

    period: Window
    by: Dimension
    convention: Convention
    at: datetime
    past: bool

    @property
    def judged(self) -> Window:
        """The window a count's own time must lie in; it ends at `at`."""
        return Window(self.period.start if self.convention is Convention.FLOW else BEGINNING, self.at)


def settled(
    period: Window, by: Dimension, convention: Convention, as_of: datetime | None, now: datetime
) -> FigureQuestion:
    """The question as of `as_of`, of the period's end, or of `now` if that is earlier. Flow figures take no `as_of`."""
    period, now = Window(cut(period.start), cut(period.end)), cut(now)
    moment = as_of if as_of is not None and convention is not Convention.FLOW else period.end
    at = min(cut(moment), now)
    if convention is Convention.FLOW:
        period = Window(period.start, at)
    return FigureQuestion(period, by, convention, at, at < now)
