"""Grades units and posts: counts in, one plain result out, which is also what a lock keeps.

The result speaks no language: `api.evaluation_words` adds the words when it is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from api.kpi import Figures
from api.shared_answers import SharedAnswers
from data_access.evaluation.results import EvaluationResults
from data_access.evaluation.units import Unit
from domain.case_query import CaseQuery, Count
from domain.evaluation.histories import Judged
from domain.evaluation.measures import RATES, UNMEASURED, all_counts, measure
from domain.evaluation.scheme import NoScheme, Scheme, Target, scheme_for
from domain.evaluation.scheme_rows import as_row, plain
from domain.evaluation.score import Evaluated, ExtraScore, ItemScore, Scale, evaluate, ranks
from domain.evaluation.span import Span, before, months
from domain.indicators import Convention, Counts, Dimension
from domain.journal import milliseconds
from domain.period import Window

KEPT_SECONDS = 600.0
"""How long counts as of a moment that is over are taken from memory: histories imported meanwhile show after that."""
SHARED_SECONDS = 30.0
"""How long a whole answer is: locks, names and rules that changed meanwhile show after that."""

Found = TypeVar("Found")
Measured = Mapping[str, Mapping[str, int]]
"""Counts of each unit or person, by key and name."""


class Beside(Protocol):
    """What answers: `data_access.evaluation.counted.CountedHistories`. Blocking."""

    def counts(self, target: Target, judged: Judged) -> Mapping[str, Mapping[str, int]]: ...


class Units(Protocol):
    """What answers: `data_access.evaluation.units.EvaluatedUnits`. Blocking."""

    def of(self, target: Target) -> Mapping[str, Unit]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be graded: the object, the period, the convention and the scheme; T1 is `judged.at`."""

    target: Target
    span: Span
    judged: Judged
    scheme: Scheme


@dataclass(slots=True, kw_only=True)
class EvaluationDesk:
    """What the routes work with. All of it blocks; `figures` gives the counts of 6.1, `beside` all others."""

    figures: Figures
    beside: Beside
    units: Units
    results: EvaluationResults
    schemes: Sequence[Scheme]
    person: Callable[[str], str]
    zone: ZoneInfo
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    shared: SharedAnswers = field(init=False)

    def __post_init__(self) -> None:
        self.shared = SharedAnswers(self.monotonic)

    def result(self, question: Question, now: datetime) -> Mapping[str, Any]:
        """The whole evaluation as plain values; one for all who ask the same, so nobody may change it."""
        scheme = (question.scheme.scheme_id, question.scheme.version)
        key = ("result", question.target, question.span, question.judged, scheme)
        return self.shared.get(key, SHARED_SECONDS, lambda: self._result(question, now))

    def _result(self, question: Question, now: datetime) -> dict[str, Any]:
        units = self.units.of(question.target)
        measured = self.measured(question.target, question.judged, now)
        rows = self._rows(question, units, measured)
        earlier, problems = self._earlier(question, units, now)
        groups = {row.key: _group(question.target, units, row.key) for row in rows}
        ranked = ranks(rows, groups)
        told = _Teller(question, measured)
        shown = [
            told.row(row)
            | {
                "name": self._name(units, row.key, question.target),
                "group": groups[row.key],
                "rank": ranked.get(row.key),
            }
            | _change(row, earlier.get(row.key, {}))
            for row in sorted(rows, key=lambda row: _order(row, groups, ranked))
        ]
        return {
            "object": question.target.value,
            "period": self._period(question.span, now),
            "convention": question.judged.convention.value,
            "as_of": milliseconds(question.judged.at),
            "scheme": as_row(question.scheme),
            "groups": list(dict.fromkeys(row["group"] for row in shown if row["group"])),
            "rows": shown,
            "whole": self._whole(question, units, measured),
            "problems": problems,
        }

    def measured(self, target: Target, judged: Judged, now: datetime) -> Measured:
        """All counts by key."""
        return self._kept(("all", target, judged), judged, now, lambda: self._measure(target, judged, now))

    def closed_base(self, by: Dimension, judged: Judged) -> Mapping[str, Counts]:
        """The counts of 6.1 by key."""
        now = self.now()
        return self._kept(("base", by, judged), judged, now, lambda: self._base(by, judged, now))

    def _kept(self, key: tuple[object, ...], judged: Judged, now: datetime, work: Callable[[], Found]) -> Found:
        """What was worked out as of a moment that is over, from memory for some minutes; as of now it is not kept."""
        return self.shared.get(key, KEPT_SECONDS, work) if judged.at < now else work()

    def _measure(self, target: Target, judged: Judged, now: datetime) -> Measured:
        beside = self.beside.counts(target, judged)
        if not target.is_unit:
            return {key: all_counts(None, counts) for key, counts in beside.items()}
        by = Dimension(target.value)
        base = self._kept(("base", by, judged), judged, now, lambda: self._base(by, judged, now))
        nothing: Counter[str] = Counter()
        return {
            key: all_counts(base.get(key, Counts()), beside.get(key, nothing)) for key in base.keys() | beside.keys()
        }

    def _base(self, by: Dimension, judged: Judged, now: datetime) -> Mapping[str, Counts]:
        """The counts of 6.1 by key."""
        flow = judged.convention is Convention.FLOW
        rows = self.figures.kpi(
            start=judged.period.start,
            end=judged.at if flow else judged.period.end,
            by=by,
            convention=judged.convention,
            as_of=None if flow else judged.at,
            now=now,
        )
        return {row.key: row.counts for row in rows}

    def _rows(self, question: Question, units: Mapping[str, Unit], measured: Measured) -> list[Evaluated]:
        """A row for each area or department of the city, for each grid or person with something to count."""
        known = set() if question.target is Target.GRID else set(units)
        keys = sorted(known | measured.keys())
        return [
            evaluate(question.scheme, key, measured.get(key, {}), self._scale(question, _grids(units, key)))
            for key in keys
        ]

    def _scale(self, question: Question, grids: int) -> Scale:
        period = question.judged.period
        return Scale(months(Window(period.start, min(period.end, question.judged.at)), self.zone), grids)

    def _whole(self, question: Question, units: Mapping[str, Unit], measured: Measured) -> dict[str, Any]:
        """The city's own row: all parts together, graded by the same scheme, ranked nowhere.

        Counts meet their steps as the mean of those that have any.
        """
        counts = summed(measured.values())
        grids = sum(unit.grids for unit in units.values())
        scale = self._scale(question, grids)
        if not grids:
            scale = Scale(scale.months * max(1, sum(any(part.values()) for part in measured.values())))
        row = evaluate(question.scheme, "", counts, scale)
        return _Teller(question, {"": counts}, whole=True).row(row) | {
            "name": "",
            "group": "",
            "rank": None,
            **_change(row, {}),
        }

    def _earlier(
        self, question: Question, units: Mapping[str, Unit], now: datetime
    ) -> tuple[Mapping[str, Mapping[str, Any]], list[str]]:
        """Rank, grade and composite of each row in the like period before: locked, or graded by its own version."""
        judged = judged_in(before(question.span, self.zone), question.judged.convention, now)
        kept = self.results.locked(question.target, judged, question.scheme.scheme_id)
        if kept is not None:
            return {row["key"]: row for row in kept.result["rows"]}, []
        day = judged.period.start.astimezone(self.zone).date()
        try:
            scheme = scheme_for(self.schemes, question.target, day, question.scheme.scheme_id)
        except NoScheme as error:
            return {}, [str(error)]
        asked = Question(target=question.target, span=before(question.span, self.zone), judged=judged, scheme=scheme)
        rows = self._rows(asked, units, self.measured(question.target, judged, now))
        ranked = ranks(rows, {row.key: _group(question.target, units, row.key) for row in rows})
        return {
            row.key: {"rank": ranked.get(row.key), "grade": row.grade, "composite": _number(row.composite)}
            for row in rows
        }, []

    def _period(self, span: Span, now: datetime) -> dict[str, Any]:
        earlier = before(span, self.zone)
        return _span_row(span) | {"running": span.window.end > now, "previous": _span_row(earlier)}

    def _name(self, units: Mapping[str, Unit], key: str, target: Target) -> str:
        if not key:
            return ""
        if target.is_unit:
            return units[key].name if key in units else key
        return self.person(key)


def judged_in(span: Span, convention: Convention, at: datetime) -> Judged:
    """A period judged at its end, or at `at` where that is earlier."""
    return Judged(span.window, convention, min(span.window.end, at))


def summed(parts: Iterable[Mapping[str, int]]) -> Counter[str]:
    """All parts together: no case and no act is in two of them."""
    whole: Counter[str] = Counter()
    for part in parts:
        whole.update(part)
    return whole


def _group(target: Target, units: Mapping[str, Unit], key: str) -> str:
    if not key:
        return ""
    return (units[key].group if key in units else "") if target.is_unit else target.value


def _grids(units: Mapping[str, Unit], key: str) -> int:
    return units[key].grids if key in units else 0


def _order(row: Evaluated, groups: Mapping[str, str], ranked: Mapping[str, int]) -> tuple[object, ...]:
    """Groups together, ranked rows first and by rank, then by sample."""
    return (not row.key, groups[row.key], row.key not in ranked, ranked.get(row.key, 0), -row.n, row.key)


def _span_row(span: Span) -> dict[str, Any]:
    return {
        "kind": span.kind.value,
        "from": milliseconds(span.window.start),
        "to": milliseconds(span.window.end),
    }


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _change(row: Evaluated, earlier: Mapping[str, Any]) -> dict[str, Any]:
    """What the like period before gave, and by how much the composite moved."""
    was = earlier.get("composite")
    moved = None if was is None or row.composite is None else round(float(row.composite) - was, 2)
    return {
        "rank_before": earlier.get("rank"),
        "grade_before": earlier.get("grade"),
        "composite_before": was,
        "change": moved,
    }


@dataclass(frozen=True, slots=True)
class _Teller:
    """Rows as plain values."""

    question: Question
    measured: Measured
    whole: bool = False

    def row(self, row: Evaluated) -> dict[str, Any]:
        counts = self.measured.get(row.key, {})
        return {
            "key": row.key,
            "n": row.n,
            "ranked": row.ranked,
            "grade": row.grade,
            "composite": _number(row.composite),
            "items": [self._item(one, row.key) for one in row.items],
            "extras": [_extra(one) for one in row.extras],
            "rates": {name: _rate(name, counts) for name in self._rates()},
            "counts": {name: number for name, number in sorted(counts.items()) if not name.endswith("_marked")},
        }

    def _rates(self) -> Iterable[str]:
        """Districts and departments have every rate of 6.3; posts and grids, which are many, those of their scheme."""
        if self.question.target in (Target.DISTRICT, Target.DEPARTMENT):
            return [name for name in (*RATES, *_RATES_UNMEASURED) if name != "leader_filing_accuracy"]
        return [item.figure for item in self.question.scheme.items if item.figure in (*RATES, *UNMEASURED)]

    def _item(self, one: ItemScore, key: str) -> dict[str, Any]:
        measured, figure = one.measured, one.item.figure
        ratio = RATES.get(figure)
        names = (ratio.numerator, ratio.denominator) if ratio is not None else (figure, "")
        return {
            "key": figure,
            "value": _number(measured.value if one.scaled is None else one.scaled),
            "numerator": measured.numerator,
            "denominator": measured.denominator,
            "score": None if one.score is None else float(round(one.score, 4)),
            "weight": plain(one.item.weight),
            "used_weight": float(round(one.used_weight, 4)),
            "cases": {
                part: self._list(name, key) for part, name in zip(("numerator", "denominator"), names, strict=True)
            },
        }

    def _list(self, count: str, key: str) -> dict[str, str] | None:
        """The address of the list behind a count, where `/cases` knows that list."""
        judged, target = self.question.judged, self.question.target
        flow = judged.convention is Convention.FLOW
        if not flow or not target.is_unit or count not in set(Count) or not (key or self.whole):
            return None
        unit = {} if self.whole else {target.value: key}
        return CaseQuery(count=Count(count), start=judged.period.start, end=judged.at, **unit).to_params()  # type: ignore[arg-type]


_RATES_UNMEASURED = ("missed_report", "satisfaction")


def _extra(one: ExtraScore) -> dict[str, Any]:
    return {"key": one.extra.figure, "count": one.count, "points": _number(one.points)}


def _rate(name: str, counts: Mapping[str, int]) -> dict[str, Any]:
    found = measure(name, counts)
    return {"numerator": found.numerator, "denominator": found.denominator, "value": _number(found.value)}
