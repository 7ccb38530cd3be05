"""What a panel beside the grades is asked for, and how its rows begin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from api.evaluation_words import NOBODY, WHOLE
from domain.evaluation.span import Span
from domain.indicators import Dimension
from domain.period import Window
from domain.wall_view import CityNames
from runtime.i18n import t


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelQuestion:
    """A period as of a moment, split by a dimension. `earlier` is as much of the like period before."""

    by: Dimension
    target: str
    span: Span
    period: Window
    earlier: Window
    at: datetime
    now: datetime
    names: CityNames

    def name(self, key: str, *, by: Dimension | None = None) -> str:
        """How a unit is called; a case without one belongs to nobody."""
        called = {
            Dimension.DISTRICT: self.names.districts,
            Dimension.DEPARTMENT: self.names.departments,
            Dimension.CLASS: self.names.classes,
        }.get(by or self.by, {})
        return called.get(key, key) if key else t(NOBODY)

    def row(self, key: str, *, whole: bool = False, by: Dimension | None = None) -> dict[str, Any]:
        """The beginning of a unit's row."""
        return {"key": key, "name": t(WHOLE) if whole else self.name(key, by=by), "whole": whole}

    def asking(self, key: str, *, whole: bool = False) -> dict[str, str]:
        """The part of a `CaseQuery` that names the unit."""
        return {} if whole or self.by is Dimension.CITY else {self.by.value: key}


def milliseconds_of(span: timedelta) -> int:
    """A length of time as panels carry it."""
    return round(span / timedelta(milliseconds=1))


def in_order(units: Iterable[str], weight: Mapping[str, float]) -> list[str]:
    """Units by weight, most first; whoever belongs to nobody last."""
    return sorted(units, key=lambda key: (not key, -weight.get(key, 0), key))
