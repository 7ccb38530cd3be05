"""A scheme (评价方案): what an object is graded by, with weights, steps, bonus and penalty rows (domain sheet 6.4-6.8).

Schemes are data with versions and dates of validity; a locked result keeps the scheme it was made by. All numbers are
exact fractions, so that a score never depends on the order of a sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction


class Target(StrEnum):
    """What is evaluated: areas, departments, posts. Areas and departments are named like the field of a case."""

    DISTRICT = "district"
    DEPARTMENT = "department"
    GRID = "grid"
    COLLECTOR = "collector"
    ACCEPTOR = "acceptor"
    SHIFT_LEADER = "shift_leader"
    DISPATCHER = "dispatcher"

    @property
    def is_unit(self) -> bool:
        """An area or a department, not a post."""
        return self in (Target.DISTRICT, Target.DEPARTMENT, Target.GRID)


class Rule(StrEnum):
    """How an item's value becomes a score of 0 to 100."""

    RATE = "rate"
    """The rate itself."""
    INVERSE = "inverse"
    """100 less the rate."""
    STEPS = "steps"
    """By steps of a count."""
    THRESHOLD = "threshold"
    """Full score from `reach` on, `loss` points less for each percentage point below it."""


class Per(StrEnum):
    """By what a count is divided before it meets its steps."""

    PERIOD = "period"
    MONTH = "month"
    GRID_MONTH = "grid_month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One indicator. `figure` is a rate or count of `measures`; `weight` is in percent.

    `steps` are (up to and with, score), rising; above the last one the score is `above`. `reach` is in percent.
    """

    figure: str
    weight: Fraction
    rule: Rule
    steps: tuple[tuple[Fraction, Fraction], ...] = ()
    above: Fraction = Fraction(0)
    per: Per = Per.MONTH
    reach: Fraction = Fraction(0)
    loss: Fraction = Fraction(1)

    @property
    def key(self) -> str:
        return self.figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """A bonus or penalty row (6.8): `points` for each one of a count, or, with `reach`, for reaching a rate in percent.

    `double`: cases of leaders and media, and those under a leader's order, count twice.
    Below `reach` the points shrink by `loss` for each percentage point, down to none.
    """

    figure: str
    points: Fraction
    double: bool = False
    reach: Fraction | None = None
    loss: Fraction = Fraction(0)

    @property
    def key(self) -> str:
        return self.figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """One version of a scheme, valid on local days from `valid_from` until before `valid_to` (None: until further).

    `standard`: taken where nobody names a scheme. Fewer than `min_sample` cases are shown but not ranked. `most` is the
    highest composite (some cities give 105 points).
    """

    scheme_id: str
    version: int
    name: str
    target: Target
    standard: bool
    valid_from: date
    valid_to: date | None
    min_sample: int
    most: Fraction
    items: tuple[Item, ...]
    extras: tuple[Extra, ...] = ()

    def valid_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class SchemeError(ValueError):
    """A scheme that cannot be: the message names scheme, field and fix."""


class NoScheme(LookupError):
    """No scheme is valid for what was asked; the message says which there are."""


def with_city_schemes(packaged: Iterable[Scheme], own: Sequence[Scheme]) -> tuple[Scheme, ...]:
    """All schemes of a hall: a city's scheme takes the place of the packaged one of its name, and a city's standard for
    an object that of the packaged standard, which stays to be asked for by name.

    Raises:
        SchemeError: two versions, or two standards of one object, are valid on one day.
    """
    names = {scheme.scheme_id for scheme in own}
    led = {scheme.target for scheme in own if scheme.standard}
    kept = [
        replace(scheme, standard=scheme.standard and scheme.target not in led)
        for scheme in packaged
        if scheme.scheme_id not in names
    ]
    together = (*kept, *own)
    check_validity(together)
    return together


def check_validity(schemes: Sequence[Scheme]) -> None:
    """Refuse overlapping validity.

    Raises:
        SchemeError: as above.
    """
    for index, one in enumerate(schemes):
        for other in schemes[index + 1 :]:
            if not _overlap(one, other):
                continue
            if one.scheme_id == other.scheme_id:
                raise SchemeError(
                    f"{one.scheme_id} version {other.version}: valid_from: is valid together with version "
                    f"{one.version}; end the older one with valid_to = {max(one.valid_from, other.valid_from)}"
                )
            if one.standard and other.standard and one.target is other.target:
                raise SchemeError(
                    f"{other.scheme_id}: standard: {one.scheme_id} is the standard of {one.target} on the same days; "
                    "leave one of them without it, or let their validity follow each other"
                )


def _overlap(one: Scheme, other: Scheme) -> bool:
    return (one.valid_to is None or other.valid_from < one.valid_to) and (
        other.valid_to is None or one.valid_from < other.valid_to
    )


def scheme_for(schemes: Iterable[Scheme], target: Target, day: date, scheme_id: str = "") -> Scheme:
    """The scheme that grades an object from that day on: the named one, else the standard.

    Raises:
        NoScheme: there is none; the message names those there are.
    """
    of_target = [scheme for scheme in schemes if scheme.target is target]
    for scheme in of_target:
        if scheme.valid_on(day) and (scheme.scheme_id == scheme_id if scheme_id else scheme.standard):
            return scheme
    known = ", ".join(sorted({scheme.scheme_id for scheme in of_target if scheme.valid_on(day)})) or "none"
    wanted = f"{scheme_id!r} is no scheme" if scheme_id else "there is no standard scheme"
    raise NoScheme(f"{wanted} of {target} valid on {day}; valid are {known}")
