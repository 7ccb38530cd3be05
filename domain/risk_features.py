"""The numbers a risk is computed from, and which reason each of them stands for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from math import log, log1p
from zoneinfo import ZoneInfo

from domain.case import Severity, Source
from domain.risk_record import Rates, TrackRecords
from domain.risk_view import RiskView
from domain.transition import Request


class Cause(StrEnum):
    """What a number speaks of; a reason is the sum of its numbers' parts in the result."""

    DEPARTMENT = "department"
    KIND = "class"
    DISTRICT = "district"
    TIME = "time"
    LOAD = "load"
    UNRECEIVED = "unreceived"
    SENT_BACK = "sent_back"
    REWORKED = "reworked"
    EXTENDED = "extended"
    URGED = "urged"
    REQUEST = "request"
    ORDER = "order"
    HOURS = "hours"
    SEVERITY = "severity"
    SOURCE = "source"


_FROM_CITIZENS = frozenset({Source.HOTLINE, Source.PUBLIC, Source.MEDIA})
_MORE_TIME = frozenset({Request.EXTENSION.value, Request.SUSPENSION.value})
_MORNING, _EVENING, _SATURDAY = 8, 18, 5
_MOST_TIMES = 3

Number = Callable[[RiskView, Rates, datetime], float]
"""Of a case, the records that speak about it, and its deadline in the city's time."""


def _logit(rate: float) -> float:
    return log(rate / (1 - rate))


def _hinge(at: float) -> Number:
    return lambda view, rates, due: max(view.share - at, 0.0)


FEATURES: dict[str, tuple[Cause, Number]] = {
    "department_rate": (Cause.DEPARTMENT, lambda view, rates, due: _logit(rates.department)),
    "pair_rate": (Cause.DEPARTMENT, lambda view, rates, due: _logit(rates.pair)),
    "class_rate": (Cause.KIND, lambda view, rates, due: _logit(rates.kind)),
    "class_rate_overall": (Cause.KIND, lambda view, rates, due: _logit(rates.kind_overall)),
    "district_rate": (Cause.DISTRICT, lambda view, rates, due: _logit(rates.district)),
    "share": (Cause.TIME, lambda view, rates, due: view.share),
    "share_beyond_50": (Cause.TIME, _hinge(0.5)),
    "share_beyond_80": (Cause.TIME, _hinge(0.8)),
    "left": (Cause.TIME, lambda view, rates, due: log1p(view.left_hours)),
    "limit": (Cause.TIME, lambda view, rates, due: log1p(view.limit_hours)),
    "load": (Cause.LOAD, lambda view, rates, due: log1p(view.load / max(view.daily, 0.5))),
    "unreceived": (Cause.UNRECEIVED, lambda view, rates, due: float(not view.received)),
    "unreceived_share": (Cause.UNRECEIVED, lambda view, rates, due: 0.0 if view.received else view.share),
    "send_backs": (Cause.SENT_BACK, lambda view, rates, due: min(view.send_backs, _MOST_TIMES)),
    "reworks": (Cause.REWORKED, lambda view, rates, due: min(view.reworks, _MOST_TIMES)),
    "extensions": (Cause.EXTENDED, lambda view, rates, due: min(view.extensions, _MOST_TIMES)),
    "urges": (Cause.URGED, lambda view, rates, due: min(view.urges, _MOST_TIMES)),
    "wants_send_back": (Cause.REQUEST, lambda view, rates, due: float(view.request == Request.SEND_BACK)),
    "wants_time": (Cause.REQUEST, lambda view, rates, due: float(view.request in _MORE_TIME)),
    "supervised": (Cause.ORDER, lambda view, rates, due: float(view.supervised)),
    "due_outside_hours": (Cause.HOURS, lambda view, rates, due: float(not _MORNING <= due.hour < _EVENING)),
    "due_weekend": (Cause.HOURS, lambda view, rates, due: float(due.weekday() >= _SATURDAY)),
    "grave": (Cause.SEVERITY, lambda view, rates, due: float(view.severity in (Severity.L1, Severity.L2))),
    "from_citizens": (Cause.SOURCE, lambda view, rates, due: float(view.source in _FROM_CITIZENS)),
}
"""Name → what it speaks of, and how it is computed. A trained model names the ones it uses."""


def numbers(view: RiskView, records: TrackRecords, zone: ZoneInfo) -> dict[str, float]:
    """Every number of a case, by name."""
    rates = records.rates(view.department, view.class_code, view.district, view.share)
    due = view.deadline.astimezone(zone)
    return {name: compute(view, rates, due) for name, (_, compute) in FEATURES.items()}
