"""Cases at risk (将超期预警): the probability that a running deadline is missed, why, and what would change it.

The model is a weighted sum of numbers (`domain.risk_features`) brought to a probability, so a reason's part in the
result is exactly the sum of its numbers' parts, measured from the city's average case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice
from math import exp
from typing import Any
from zoneinfo import ZoneInfo

from domain.case import CaseState
from domain.journal import milliseconds
from domain.risk_features import FEATURES, Cause, numbers
from domain.risk_record import CITY, Record, TrackRecords
from domain.risk_view import RiskView
from domain.transition import Request

LIKELY, POSSIBLE = 0.5, 0.25
"""From which probability a case counts as "will be late" (将超期), and from which it is worth a look."""
REASONS = 3
LEAST_CASES = 8
"""Least number of cases a narrow record must have to be quoted as a reason."""
_LEAST_PART = 0.1
_ALMOST_OVER = 0.8
_BUSY_DAYS = 3.0


class ModelKind(StrEnum):
    """Which of the candidates a model is: the best of them at training is the one that is used."""

    FULL = "full"
    """Everything known of the case."""
    CLASS_RATE = "class_rate"
    """Baseline: how often limits of the class were missed."""
    SHARE = "share"
    """Baseline: how much of the limit is used."""
    PRIOR = "prior"
    """Too little history for any of them: the share used, by a fixed curve."""


class Band(StrEnum):
    """How a probability is called."""

    LIKELY = "likely"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"


class Advice(StrEnum):
    """What would change the outcome; the first that fits is told."""

    DECIDE_SEND_BACK = "decide_send_back"
    DECIDE_TIME = "decide_time"
    RECEIVE = "receive"
    REDISPATCH = "redispatch"
    SUPERVISE = "supervise"
    URGE = "urge"
    EXTEND = "extend"


@dataclass(frozen=True, slots=True)
class Weight:
    """One number's part: weight × (number − mean) / scale."""

    mean: float
    scale: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """How a model did on the newest part of the journal, which it had not seen.

    `brier` is the mean squared error of the probability, `recall` the share of a morning's coming misses among the
    `capacity` cases it would have named first; None where nothing could be measured.
    """

    brier: float | None
    auc: float | None
    recall: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskModel:
    """A trained model. `slope` and `offset` calibrate the sum to a probability; `rivals` are the candidates' measures.

    `examples` and `tested` are how many looks it learnt from and was measured on, `missed_share` the share of late
    ones among the latter; `start` and `end` bound the journal's part.
    """

    kind: ModelKind
    version: str
    trained_at: datetime
    start: datetime
    end: datetime
    examples: int
    tested: int
    missed_share: float
    capacity: int
    intercept: float
    weights: Mapping[str, Weight]
    slope: float
    offset: float
    rivals: Mapping[str, Measures]
    calibration: Sequence[tuple[float, float, int]]
    records: TrackRecords

    @property
    def measures(self) -> Measures | None:
        return self.rivals.get(self.kind.value)

    def probability(self, found: Mapping[str, float]) -> float:
        """The probability for a case's numbers."""
        return sigmoid(self.slope * (self.intercept + sum(self.parts(found).values())) + self.offset)

    def parts(self, found: Mapping[str, float]) -> dict[str, float]:
        """Each number's part of the sum, in log-odds before calibration."""
        return {name: one.weight * (found[name] - one.mean) / one.scale for name, one in self.weights.items()}


@dataclass(frozen=True, slots=True)
class Reason:
    """One of a risk's main reasons: what it speaks of, its part (log-odds; above 0 it raises the risk), its numbers."""

    cause: Cause
    part: float
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The risk of one case as of `at`. `similar` cases, `similar_late` of them late, are the record nearest to it.

    `if_done` is what the model says of the same case once the advice is followed; None where it cannot say.
    """

    case_no: str
    version: int
    at: datetime
    deadline: datetime
    department: str
    district: str
    probability: float
    similar: int
    similar_late: int
    reasons: tuple[Reason, ...]
    advice: Advice
    if_done: float | None

    @property
    def band(self) -> Band:
        if self.probability >= LIKELY:
            return Band.LIKELY
        return Band.POSSIBLE if self.probability >= POSSIBLE else Band.UNLIKELY


def sigmoid(value: float) -> float:
    return 1 / (1 + exp(-max(min(value, 35.0), -35.0)))


def prior_model(at: datetime, examples: int, capacity: int) -> RiskModel:
    """What is used while there is too little history: the share of the limit used, nothing else, by a fixed curve."""
    return RiskModel(
        kind=ModelKind.PRIOR,
        version="prior",
        trained_at=at,
        start=at,
        end=at,
        examples=examples,
        tested=0,
        missed_share=0.0,
        capacity=capacity,
        intercept=-1.4,
        weights={"share": Weight(0.5, 1.0, 2.2)},
        slope=1.0,
        offset=0.0,
        rivals={},
        calibration=(),
        records=TrackRecords(),
    )


def assess(view: RiskView, model: RiskModel, zone: ZoneInfo) -> Assessment:
    """A running case's risk, its main reasons, and what would change it."""
    found = numbers(view, model.records, zone)
    probability = model.probability(found)
    advice = advised(view, probability)
    record = _nearest(view, model.records)
    return Assessment(
        case_no=view.case_no,
        version=view.version,
        at=view.at,
        deadline=view.deadline,
        department=view.department,
        district=view.district,
        probability=probability,
        similar=record.open_at(view.share),
        similar_late=record.late,
        reasons=reasons(view, model, found),
        advice=advice,
        if_done=_if_done(view, advice, model, zone),
    )


def reasons(view: RiskView, model: RiskModel, found: Mapping[str, float]) -> tuple[Reason, ...]:
    """The causes with the largest parts, those that raise the risk first."""
    by_cause: dict[Cause, float] = defaultdict(float)
    for name, part in model.parts(found).items():
        by_cause[FEATURES[name][0]] += part * model.slope
    order = sorted(by_cause.items(), key=lambda one: (one[1] <= 0, -abs(one[1])))
    told = (Reason(cause, part, _facts(cause, view, model)) for cause, part in order if abs(part) >= _LEAST_PART)
    return tuple(islice((one for one in told if one.facts), REASONS))


def _facts(cause: Cause, view: RiskView, model: RiskModel) -> Mapping[str, Any]:
    """The numbers a reason is told with; empty where there is nothing to tell."""
    if cause in _TOLD:
        return _TOLD[cause](view)
    record, pair = _record(cause, view, model.records)
    n = record.open_at(view.share)
    return {"n": n, "late": record.late, "share": _percent(view), "pair": pair} if n else {}


def _percent(view: RiskView) -> int:
    return int(100 * view.share)


def _times(number: int) -> dict[str, int]:
    return {"times": number} if number else {}


_TOLD: dict[Cause, Callable[[RiskView], dict[str, Any]]] = {
    Cause.TIME: lambda view: {"share": _percent(view), "left_ms": round(view.left_hours * 3_600_000)},
    Cause.LOAD: lambda view: {"load": view.load, "daily": round(view.daily, 1)},
    Cause.UNRECEIVED: lambda view: {} if view.received else {"share": _percent(view)},
    Cause.SENT_BACK: lambda view: _times(view.send_backs),
    Cause.REWORKED: lambda view: _times(view.reworks),
    Cause.EXTENDED: lambda view: _times(view.extensions),
    Cause.URGED: lambda view: _times(view.urges),
    Cause.REQUEST: lambda view: {"request": view.request} if view.request else {},
    Cause.ORDER: lambda view: _times(int(view.supervised)),
    Cause.HOURS: lambda view: {"due": milliseconds(view.deadline)},
    Cause.SEVERITY: lambda view: {"severity": view.severity.value},
    Cause.SOURCE: lambda view: {"source": view.source.value},
}
"""What each reason that is no record tells of the case itself."""


def _record(cause: Cause, view: RiskView, records: TrackRecords) -> tuple[Record, bool]:
    if cause is Cause.KIND:
        return records.of("class", view.class_code), False
    if cause is Cause.DISTRICT:
        return records.of("district", view.district), False
    pair = records.pair(view.department, view.class_code)
    if pair.open_at(view.share) >= LEAST_CASES:
        return pair, True
    return records.of("department", view.department), False


def _nearest(view: RiskView, records: TrackRecords) -> Record:
    """The narrowest record with enough cases to be quoted."""
    narrow = [_record(Cause.DEPARTMENT, view, records)[0], records.of("class", view.class_code)]
    return next((one for one in narrow if one.open_at(view.share) >= LEAST_CASES), records.of(*CITY))


def advised(view: RiskView, probability: float) -> Advice:
    """What to do first."""
    if view.request == Request.SEND_BACK:
        return Advice.DECIDE_SEND_BACK
    if view.request in (Request.EXTENSION, Request.SUSPENSION):
        return Advice.DECIDE_TIME
    if not view.received:
        return Advice.RECEIVE
    if view.urges:
        return Advice.EXTEND if view.supervised else Advice.SUPERVISE
    busy = view.load > _BUSY_DAYS * max(view.daily, 1.0)
    return Advice.REDISPATCH if busy and probability >= LIKELY and view.share < _ALMOST_OVER else Advice.URGE


def _if_done(view: RiskView, advice: Advice, model: RiskModel, zone: ZoneInfo) -> float | None:
    """The model's word on the same case after the act, where the act changes what the model looks at."""
    if advice is Advice.RECEIVE:
        after = replace(view, received=True, state=CaseState.DISPOSING)
    elif advice in (Advice.EXTEND, Advice.DECIDE_TIME):
        more = view.limit_hours
        after = replace(
            view,
            share=view.share * view.limit_hours / (view.limit_hours + more),
            left_hours=view.left_hours + more,
            limit_hours=view.limit_hours + more,
            extensions=view.extensions + 1,
            request=None,
        )
    else:
        return None
    return model.probability(numbers(after, model.records, zone))


def by_department(found: Iterable[Assessment]) -> dict[str, tuple[int, float]]:
    """Department → how many of its cases will be late (probability of `LIKELY` or more), and how many are expected to
    be (the sum of all their probabilities).
    """
    sums: dict[str, tuple[int, float]] = {}
    for one in found:
        count, expected = sums.get(one.department, (0, 0.0))
        sums[one.department] = count + (one.probability >= LIKELY), expected + one.probability
    return sums
