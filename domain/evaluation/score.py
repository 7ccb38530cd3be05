"""Item scores, composite, grade and rank (domain sheet 6.7): exact fractions until the last rounding, half up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import floor

from domain.evaluation.measures import RATES, Measured, measure
from domain.evaluation.scheme import Extra, Item, Per, Rule, Scheme, Target

HUNDRED = Fraction(100)
ZERO = Fraction(0)


class Grade(StrEnum):
    """Grades of 6.7; each begins at its lower bound and ends below the next one's."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


GRADES: tuple[tuple[Grade, int], ...] = ((Grade.A, 90), (Grade.B, 75), (Grade.C, 60), (Grade.D, 40), (Grade.E, 0))
"""From which composite on each grade is given, best first."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What counts are divided by: calendar months of the period, and unit grids of the area."""

    months: Fraction = Fraction(1)
    grids: int = 0

    def divisor(self, per: Per) -> Fraction:
        if per is Per.PERIOD:
            return Fraction(1)
        return self.months * self.grids if per is Per.GRID_MONTH else self.months


@dataclass(frozen=True, slots=True)
class ItemScore:
    """An item of one unit. `score` is None where its figure has no value; `used_weight` is then 0, in percent."""

    item: Item
    measured: Measured
    scaled: Fraction | None
    score: Fraction | None
    used_weight: Fraction = ZERO


@dataclass(frozen=True, slots=True)
class ExtraScore:
    """A bonus or penalty row of one unit; None where the journal does not answer it."""

    extra: Extra
    count: int | None
    points: Fraction | None


@dataclass(frozen=True, slots=True)
class Evaluated:
    """One unit or person, graded. `composite` is rounded to two decimals, None where nothing could be judged."""

    key: str
    n: int
    ranked: bool
    composite: Fraction | None
    grade: Grade | None
    items: tuple[ItemScore, ...]
    extras: tuple[ExtraScore, ...]


def rounded(value: Fraction, digits: int = 2) -> Fraction:
    """Half up, away from the binary surprises of floats."""
    unit = 10**digits
    return Fraction(floor(value * unit + Fraction(1, 2)), unit)


def grade_of(composite: Fraction) -> Grade:
    """The grade of a composite; what is above 100 by bonus is an A."""
    return next(grade for grade, least in GRADES if composite >= least)


def item_score(item: Item, counts: Mapping[str, int], scale: Scale) -> ItemScore:
    """An item's score from 0 to 100, before weights."""
    measured = measure(item.figure, counts)
    if measured.value is None:
        return ItemScore(item, measured, None, None)
    if item.rule is not Rule.STEPS:
        return ItemScore(item, measured, None, _bounded(_rate_score(item, measured.value * 100)))
    divisor = scale.divisor(item.per)
    if not divisor:
        return ItemScore(item, measured, None, None)
    scaled = measured.value / divisor
    return ItemScore(item, measured, scaled, _step_score(item, scaled))


def _rate_score(item: Item, percent: Fraction) -> Fraction:
    if item.rule is Rule.INVERSE:
        return HUNDRED - percent
    if item.rule is Rule.THRESHOLD:
        return HUNDRED - item.loss * max(ZERO, item.reach - percent)
    return percent


def _step_score(item: Item, value: Fraction) -> Fraction:
    return next((score for bound, score in item.steps if value <= bound), item.above)


def _bounded(score: Fraction) -> Fraction:
    return min(HUNDRED, max(ZERO, score))


def extra_score(extra: Extra, counts: Mapping[str, int]) -> ExtraScore:
    """What a bonus or penalty row gives or takes."""
    measured = measure(extra.figure, counts)
    if measured.value is None:
        return ExtraScore(extra, None, None)
    if extra.reach is not None:
        left = extra.points - extra.loss * max(ZERO, extra.reach - measured.value * 100)
        return ExtraScore(extra, measured.numerator, max(ZERO, left))
    count = int(measured.value) + (counts.get(f"{extra.figure}_marked", 0) if extra.double else 0)
    return ExtraScore(extra, count, extra.points * count)


def sample(target: Target, counts: Mapping[str, int]) -> int:
    """How many cases or steps a grade stands on: 应结案数 of a unit, all that a person of a post did."""
    return sum(counts.get(name, 0) for name in sample_counts(target))


def sample_counts(target: Target) -> tuple[str, ...]:
    """The counts that make the sample."""
    return ("due_closing",) if target.is_unit else _POST_SAMPLE[target]


_POST_SAMPLE: dict[Target, tuple[str, ...]] = {
    Target.COLLECTOR: ("reports", "verify_done", "check_done"),
    Target.ACCEPTOR: ("send_verify_done", "send_check_done"),
    Target.SHIFT_LEADER: ("filing_done", "closing_done"),
    Target.DISPATCHER: ("dispatch_done",),
}


def evaluate(scheme: Scheme, key: str, counts: Mapping[str, int], scale: Scale) -> Evaluated:
    """One unit or person under a scheme, not yet ranked.

    Items without a value give their weight to the others in proportion. Where no rate has a denominator there is no
    composite: an idle department is neither good nor bad.
    """
    items = _with_weights([item_score(item, counts, scale) for item in scheme.items])
    extras = tuple(extra_score(extra, counts) for extra in scheme.extras)
    n = sample(scheme.target, counts)
    judged = any(one.score is not None and one.item.figure in RATES for one in items)
    composite = _composite(scheme, items, extras) if judged else None
    return Evaluated(
        key=key,
        n=n,
        ranked=bool(key) and composite is not None and n >= scheme.min_sample,
        composite=composite,
        grade=None if composite is None else grade_of(composite),
        items=items,
        extras=extras,
    )


def _with_weights(items: Sequence[ItemScore]) -> tuple[ItemScore, ...]:
    whole = sum((one.item.weight for one in items if one.score is not None), ZERO)
    return tuple(
        ItemScore(one.item, one.measured, one.scaled, one.score, HUNDRED * one.item.weight / whole)
        if one.score is not None
        else one
        for one in items
    )


def _composite(scheme: Scheme, items: Iterable[ItemScore], extras: Iterable[ExtraScore]) -> Fraction:
    weighted = sum((one.used_weight * one.score / 100 for one in items if one.score is not None), ZERO)
    points = sum((one.points for one in extras if one.points is not None), ZERO)
    return rounded(min(scheme.most, max(ZERO, weighted + points)))


def ranks(rows: Iterable[Evaluated], groups: Mapping[str, str]) -> dict[str, int]:
    """The rank of each ranked row inside its group; equals share a rank, and the next one is as far behind."""
    by_group: dict[str, list[Evaluated]] = {}
    for row in rows:
        if row.ranked:
            by_group.setdefault(groups.get(row.key, ""), []).append(row)
    return {row.key: _rank(row, group) for group in by_group.values() for row in group}


def _rank(row: Evaluated, group: Iterable[Evaluated]) -> int:
    own = row.composite or ZERO
    return 1 + sum(other.composite is not None and other.composite > own for other in group)
