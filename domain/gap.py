"""The gap to the target of a closing rate (the "90 %" of good cities), taken apart by unit so that the parts add up.

With c of d cases closed, a city lacks 0.9·d − c cases. Each unit lacks 0.9·d_u − c_u; units share the cases among them,
so their gaps sum to the city's without remainder. Everything is whole tenths of a case: no rounding hides a part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

TARGET = Fraction(9, 10)
"""Share of cases that good cities close (domain sheet 6.1, design): the mark of every closing rate."""

SHOWN = 8
"""Units with a bar of their own; a reader takes in no more at a glance."""


@dataclass(frozen=True, slots=True)
class Closed:
    """`numerator` of `denominator` cases: of a unit or of the city."""

    numerator: int
    denominator: int

    @property
    def gap_tenths(self) -> int:
        """Tenths of a case that are missing to the target; below 0 beyond it."""
        return TARGET.numerator * self.denominator - TARGET.denominator * self.numerator

    @property
    def value(self) -> Fraction | None:
        """The rate; None where nothing was due."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None

    def __add__(self, other: Closed) -> Closed:
        return Closed(self.numerator + other.numerator, self.denominator + other.denominator)


NOTHING = Closed(0, 0)


class BarKind(StrEnum):
    """What a bar of the waterfall stands for."""

    UNIT = "unit"
    OTHERS = "others"
    """All further units below the target."""
    BEYOND = "beyond"
    """All units at the target or beyond it: they make up for others."""
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, from `start` to `end` in tenths of a case; `units` is how many units it stands for, `key` its one."""

    kind: BarKind
    key: str
    units: int
    closed: Closed
    start: int

    @property
    def end(self) -> int:
        return self.start + self.closed.gap_tenths


def waterfall(units: Mapping[str, Closed], shown: int = SHOWN) -> tuple[Bar, ...]:
    """The city's gap as bars that each begin where the one before ends: the widest gaps, the rest, the total."""
    lacking = sorted((key for key, one in units.items() if one.gap_tenths > 0), key=lambda key: _widest(key, units))
    beyond = [key for key, one in units.items() if one.denominator and one.gap_tenths <= 0]
    alone = [(BarKind.UNIT, [key]) for key in lacking[:shown]]
    bars: list[Bar] = []
    for kind, keys in (*alone, (BarKind.OTHERS, lacking[shown:]), (BarKind.BEYOND, beyond)):
        if keys:
            key = keys[0] if kind is BarKind.UNIT else ""
            bars.append(Bar(kind, key, len(keys), together(units[one] for one in keys), bars[-1].end if bars else 0))
    return (*bars, Bar(BarKind.TOTAL, "", len(units), together(units.values()), 0))


def _widest(key: str, units: Mapping[str, Closed]) -> tuple[int, str]:
    return (-units[key].gap_tenths, key)


def together(parts: Iterable[Closed]) -> Closed:
    """All parts in one: no case is in two of them."""
    return sum(parts, NOTHING)


def explains_most(bars: tuple[Bar, ...]) -> Bar | None:
    """The unit with the widest gap, if the city is below the target at all."""
    first, total = bars[0], bars[-1]
    return first if first.kind is BarKind.UNIT and total.closed.gap_tenths > 0 else None


def if_reached(city: Closed, unit: Closed) -> Fraction | None:
    """The city's rate if the unit came to the target and all others stayed; None for units that are there already."""
    if unit.gap_tenths <= 0 or not city.denominator:
        return None
    return (city.numerator + Fraction(unit.gap_tenths, TARGET.denominator)) / city.denominator


def percent_text(share: Fraction) -> str:
    """A share with one decimal, cut off: what is below the target is never shown as the target."""
    tenths = share * 1000 // 1
    return f"{tenths // 10}.{tenths % 10}"
