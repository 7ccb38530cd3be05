"""What makes figures less than credible: doubtful photos, checks that did not hold, and people who check unlike others.

Nothing here accuses anybody: each figure says how it was found, and a person looks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from statistics import median

from domain.photo_flags import FAR_METRES, PhotoFlag
from domain.words import text


class DoubtKind(StrEnum):
    """The groups that flags on photos are counted in."""

    REUSED = "reused"
    PLACE = "place"
    TIME = "time"
    APART = "apart"
    EDITED = "edited"


DOUBT_WORDS: dict[DoubtKind, str] = {
    DoubtKind.REUSED: text("重复或翻用"),
    DoubtKind.PLACE: text("离现场超过 50 米"),
    DoubtKind.TIME: text("时间异常"),
    DoubtKind.APART: text("前后异地"),
    DoubtKind.EDITED: text("经过编辑"),
}

DOUBT_FLAGS: dict[DoubtKind, frozenset[PhotoFlag]] = {
    DoubtKind.REUSED: frozenset({PhotoFlag.REUSED, PhotoFlag.ALIKE}),
    DoubtKind.PLACE: frozenset({PhotoFlag.TOO_FAR}),
    DoubtKind.TIME: frozenset({PhotoFlag.TOO_OLD, PhotoFlag.BEFORE_TASK, PhotoFlag.AHEAD}),
    DoubtKind.APART: frozenset({PhotoFlag.NOT_SAME_PLACE}),
    DoubtKind.EDITED: frozenset({PhotoFlag.EDITED}),
}
"""A photo without time or position is poor evidence, not a false one: those flags count nowhere here."""

CAME_BACK = timedelta(days=7)
"""A problem reported again this soon after closing was hardly solved (our choice; long enough for a patrol's round)."""

SAME_PLACE_METRES = FAR_METRES
"""The same class this near is the same problem: the reach of a duplicate (domain sheet 4.5)."""


def doubt_kinds(flags: Iterable[PhotoFlag]) -> set[DoubtKind]:
    """The groups a photo's flags fall in."""
    found = set(flags)
    return {kind for kind, its in DOUBT_FLAGS.items() if its & found}


@dataclass(frozen=True, slots=True)
class Checker:
    """One person's checks in a period: how many, how many passed, and how long half of them took at most."""

    who: str
    checks: int
    passed: int
    median: timedelta


LEAST_CHECKS = 30
"""With fewer, chance makes anybody strange (the sample size of domain sheet 6.7)."""

STRANGE_Z = -3.5
"""Robust z below which a speed is called strange: the usual limit for the z of median and MAD (Iglewicz, Hoaglin)."""

BY_CHANCE = 0.01
"""All checks passed counts as strange where the city's pass rate makes that rarer than this."""

_MAD_TO_SIGMA = 0.6745


class Strange(StrEnum):
    """How somebody checks unlike others."""

    FAST = "fast"
    ALL_PASSED = "all_passed"


@dataclass(frozen=True, slots=True)
class Outlier:
    """Somebody to look at. `z` is of the logarithm of the median time; None where all are alike."""

    checker: Checker
    z: float | None
    strange: tuple[Strange, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Of the `judged` people with enough checks: their median time, pass rate, and whoever stands out."""

    judged: int
    median: timedelta | None
    pass_rate: float | None
    outliers: tuple[Outlier, ...]


def judge(checkers: Sequence[Checker]) -> Judgement:
    """Who checks far faster than the others, or never fails anything where others do. Strangest first."""
    enough = [one for one in checkers if one.checks >= LEAST_CHECKS]
    if not enough:
        return Judgement(0, None, None, ())
    middle = median(_log(one) for one in enough)
    spread = median(abs(_log(one) - middle) for one in enough)
    pass_rate = sum(one.passed for one in enough) / sum(one.checks for one in enough)
    found = [_outlier(one, middle, spread, pass_rate) for one in enough]
    strange = sorted((one for one in found if one.strange), key=lambda one: (one.z or 0.0, one.checker.who))
    return Judgement(len(enough), timedelta(milliseconds=math.exp(middle)), pass_rate, tuple(strange))


def _outlier(one: Checker, middle: float, spread: float, pass_rate: float) -> Outlier:
    z = _MAD_TO_SIGMA * (_log(one) - middle) / spread if spread else None
    strange = [Strange.FAST] if z is not None and z <= STRANGE_Z else []
    if one.passed == one.checks and pass_rate**one.checks < BY_CHANCE:
        strange.append(Strange.ALL_PASSED)
    return Outlier(one, z, tuple(strange))


def _log(one: Checker) -> float:
    """Times of work are skewed: their logarithm is not."""
    return math.log(max(one.median / timedelta(milliseconds=1), 1.0))
