"""Learning what makes deadlines missed, from the journal; the candidates are compared and the best one is kept.

Reads and computes for some seconds: it runs in a process of its own (`roles.risk`), never in one that serves.
Nothing here knows the future: slices are cut by time, a case's looks never stand on both sides of a cut, and each look
knows only what had been decided before it (`domain.risk_runs`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score
from sqlalchemy import Engine, select

from data_access.case_rows import entry_of
from data_access.engine import reading
from data_access.schema import cases, journal
from domain.journal import milliseconds
from domain.risk import Measures, ModelKind, RiskModel, Weight, prior_model
from domain.risk_features import FEATURES
from domain.risk_runs import Example, Lesson, Run, lesson, runs_of
from domain.worktime import WorkCalendar

PERIOD = timedelta(days=180)
MOST_CASES = 40_000
"""How much of the newest journal is gone through: bounds a training's time and memory."""
LEAST_RUNS, LEAST_MISSED = 200, 40
"""With fewer decided limits, or fewer missed ones, nothing is learnt."""

_FIT, _CALIBRATE = 0.6, 0.8
_BATCH = 5_000
_STRENGTH = 0.3
"""Inverse strength of the pull of all weights to nothing."""
_FULL = tuple(name for name in FEATURES if name != "class_rate_overall")
CANDIDATES: Mapping[ModelKind, tuple[str, ...]] = {
    ModelKind.FULL: _FULL,
    ModelKind.CLASS_RATE: ("class_rate_overall",),
    ModelKind.SHARE: ("share", "share_beyond_50", "share_beyond_80"),
}
"""Which numbers each candidate may look at."""

Numbers = NDArray[np.float64]


def read_runs(engine: Engine, until: datetime, *, period: timedelta = PERIOD, most: int = MOST_CASES) -> Iterator[Run]:
    """The running limits of the newest cases, from the journal up to `until`.

    Raises:
        StoreError: the database does not answer.
    """
    end = milliseconds(until)
    newest = (
        select(cases.c.case_no)
        .where(cases.c.reported_at >= milliseconds(until - period), cases.c.reported_at < end)
        .order_by(cases.c.reported_at.desc())
        .limit(most)
    )
    entries = (
        select(journal)
        .where(journal.c.case_no.in_(newest), journal.c.at < end)
        .order_by(journal.c.case_no, journal.c.version)
    )
    with reading(engine) as connection:
        rows = connection.execute(entries, execution_options={"yield_per": _BATCH})
        for _, of_one in groupby(rows, key=attrgetter("case_no")):
            yield from runs_of((entry_of(row) for row in of_one), until)


def train(runs: Sequence[Run], calendar: WorkCalendar, *, until: datetime, capacity: int) -> RiskModel:
    """The best model these limits give. Too few of them: the fixed curve, which says so by its kind."""
    learnt = lesson(runs, calendar, until)
    decided = sum(run.over() is not None for run in runs)
    if decided < LEAST_RUNS or learnt.missed < LEAST_MISSED:
        return prior_model(until, decided, capacity)
    slices = cut_by_time(learnt)
    if not all(slice_.both_kinds for slice_ in slices):
        return prior_model(until, decided, capacity)
    tried = {kind: _fitted(names, slices[0], slices[1]) for kind, names in CANDIDATES.items()}
    rivals = {kind: measured(fit, slices[2], capacity) for kind, fit in tried.items()}
    best = min(rivals, key=lambda kind: (rivals[kind].brier or 1.0, kind is not ModelKind.FULL))
    final = _fitted(CANDIDATES[best], slices[0] + slices[1], slices[2])
    return RiskModel(
        kind=best,
        version=f"{until:%Y%m%d-%H%M}",
        trained_at=until,
        start=learnt.start,
        end=learnt.end,
        examples=len(learnt.examples),
        tested=len(slices[2].late),
        missed_share=float(slices[2].late.mean()),
        capacity=capacity,
        intercept=final.intercept,
        weights=final.weights,
        slope=final.slope,
        offset=final.offset,
        rivals={kind.value: measures for kind, measures in rivals.items()},
        calibration=tuple(calibration(tried[best].probabilities(slices[2]), slices[2].late)),
        records=learnt.records,
    )


@dataclass(frozen=True, slots=True)
class Slice:
    """Looks of one stretch of time. `roll_calls` are those of its mornings, which only recall is measured on."""

    examples: tuple[Example, ...]
    roll_calls: tuple[Example, ...]

    def __add__(self, other: Slice) -> Slice:
        return Slice(self.examples + other.examples, self.roll_calls + other.roll_calls)

    @property
    def late(self) -> NDArray[np.bool_]:
        return np.array([one.late for one in self.examples], dtype=bool)

    @property
    def both_kinds(self) -> bool:
        return len({one.late for one in self.examples}) == 2


@dataclass(frozen=True, slots=True)
class Fit:
    """A weighted sum, and its calibration."""

    weights: Mapping[str, Weight]
    intercept: float
    slope: float = 1.0
    offset: float = 0.0

    def sums(self, examples: Sequence[Example]) -> Numbers:
        found = table(examples, tuple(self.weights))
        means, scales, weights = np.array([[w.mean, w.scale, w.weight] for w in self.weights.values()]).T
        sums: Numbers = self.intercept + ((found - means) / scales) @ weights
        return sums

    def of(self, examples: Sequence[Example]) -> Numbers:
        """The probabilities, calibrated."""
        found: Numbers = 1 / (1 + np.exp(-np.clip(self.slope * self.sums(examples) + self.offset, -35, 35)))
        return found

    def probabilities(self, some: Slice) -> Numbers:
        return self.of(some.examples)


def cut_by_time(learnt: Lesson) -> tuple[Slice, Slice, Slice]:
    """To learn from, to calibrate on, to measure on: by when runs began. What was not decided by the end of a slice is
    left out of it whichever way it went, so that no slice prefers what ends quickly.
    """
    began = sorted(one.began for one in learnt.examples)
    first, second = began[int(_FIT * len(began))], began[int(_CALIBRATE * len(began))]
    return (
        _between(learnt.examples, learnt.start, first),
        _between(learnt.examples, first, second),
        _between(learnt.examples, second, learnt.end),
    )


def _between(examples: Sequence[Example], start: datetime, end: datetime) -> Slice:
    within = [one for one in examples if start <= one.began and one.due <= end]
    return Slice(tuple(one for one in within if not one.roll_call), tuple(one for one in within if one.roll_call))


def table(examples: Sequence[Example], names: Sequence[str]) -> Numbers:
    return np.array([[one.numbers[name] for name in names] for one in examples], dtype=np.float64).reshape(
        len(examples), len(names)
    )


def _fitted(names: Sequence[str], learn: Slice, calibrate: Slice) -> Fit:
    found = table(learn.examples, names)
    means, scales = found.mean(axis=0), found.std(axis=0)
    scales[scales == 0] = 1.0
    regression = LogisticRegression(C=_STRENGTH, max_iter=400).fit((found - means) / scales, learn.late)
    weights = {
        name: Weight(float(mean), float(scale), float(weight))
        for name, mean, scale, weight in zip(names, means, scales, regression.coef_[0], strict=True)
    }
    fit = Fit(weights, float(regression.intercept_[0]))
    sums = fit.sums(calibrate.examples).reshape(-1, 1)
    line = LogisticRegression(C=1e6).fit(sums, calibrate.late)  # Platt's straight line
    return replace(fit, slope=float(line.coef_[0][0]), offset=float(line.intercept_[0]))


def measured(fit: Fit, test: Slice, capacity: int) -> Measures:
    said, was = fit.probabilities(test), test.late
    return Measures(
        brier=float(brier_score_loss(was, said)),
        auc=float(roc_auc_score(was, said)),
        recall=recall_at(test.roll_calls, fit.of(test.roll_calls), capacity),
    )


def recall_at(examples: Sequence[Example], said: Numbers, capacity: int) -> float | None:
    """Of the cases running at each morning's look whose deadline falls within a day and was missed, the share among
    the first `capacity` by probability; None where none was missed.
    """
    mornings: dict[datetime, list[tuple[float, bool]]] = defaultdict(list)
    for one, probability in zip(examples, said, strict=True):
        if one.due - one.at <= timedelta(days=1):
            mornings[one.at].append((-float(probability), one.late))
    missed = sum(late for day in mornings.values() for _, late in day)
    named = sum(late for day in mornings.values() for _, late in sorted(day)[:capacity])
    return named / missed if missed else None


def calibration(said: Numbers, was: NDArray[np.bool_], bins: int = 10) -> Iterator[tuple[float, float, int]]:
    """By tenths of the probability: what was said on average, what share was late, of how many."""
    places = np.minimum((said * bins).astype(int), bins - 1)
    for place in range(bins):
        chosen = places == place
        if chosen.any():
            yield float(said[chosen].mean()), float(was[chosen].mean()), int(chosen.sum())
