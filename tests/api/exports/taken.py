"""An evaluation to export: the sheet's worked example, and what a laden hall's panels answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from api.evaluation_desk import summed
from api.evaluation_words import worded
from api.exports.subject import Subject, divisors_of
from data_access.evaluation.scheme_files import packaged_schemes
from domain.evaluation.measures import RATES, measure
from domain.evaluation.scheme import Scheme
from domain.evaluation.scheme_rows import as_row, scheme_from
from domain.evaluation.score import Evaluated, Scale, evaluate, ranks
from domain.journal import milliseconds
from tests.data_access.histories import CITY_ZONE

SHEET = {
    "reported": 7,
    "accepted": 7,
    "filed": 7,
    "dispatched": 7,
    "disposed": 4,
    "on_time_disposed": 3,
    "late_disposed": 1,
    "overdue_undisposed": 1,
    "due_disposal": 5,
    "closed": 3,
    "awaiting_closing": 1,
    "due_closing": 5,
    "on_time_closed": 2,
    "rework": 1,
    "open": 4,
}
"""Department D of domain sheet 6.10."""
NOTHING_DUE = SHEET | {"disposed": 0, "on_time_disposed": 0, "late_disposed": 0, "overdue_undisposed": 0}
NOTHING_DUE |= {"due_disposal": 0, "due_closing": 4}
"""The same without anything due for disposal: that item's weight goes to the others."""

BEGINS, ENDS = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
DEPARTMENT = next(scheme for scheme in packaged_schemes() if scheme.scheme_id == "department")


def scheme_of(**given: Any) -> Scheme:
    """The department's scheme with something else in it."""
    return scheme_from(as_row(DEPARTMENT) | given)


def subject(
    counts: Mapping[str, Mapping[str, int]], scheme: Scheme = DEPARTMENT, *, group: str = "city", **given: Any
) -> Subject:
    """An exported evaluation of these units; `=` names are there to be taken for formulas."""
    told = worded(_result(counts, scheme, group), CITY_ZONE)
    told["period"] |= {"locked": None, "corrections": []} | given.pop("period", {})
    known = {"city": "青岛市", "demo": True, "made": ENDS, "made_by": "领导", "zone": CITY_ZONE}
    return Subject(told=told, divisors=divisors_of(told, Fraction(1), {}), **(known | given))


def _result(counts: Mapping[str, Mapping[str, int]], scheme: Scheme, group: str) -> dict[str, Any]:
    rows = [evaluate(scheme, key, some, Scale()) for key, some in counts.items()]
    ranked = ranks(rows, dict.fromkeys(counts, group))
    whole = summed(counts.values())
    span = {"kind": "month", "from": milliseconds(BEGINS), "to": milliseconds(ENDS)}
    return {
        "object": "department",
        "period": span | {"running": False, "previous": span},
        "convention": "flow",
        "as_of": milliseconds(ENDS),
        "scheme": as_row(scheme),
        "groups": [group],
        "rows": [_row(row, counts[row.key], group) | {"rank": ranked.get(row.key)} for row in rows],
        "whole": _row(evaluate(scheme, "", whole, Scale(Fraction(max(1, len(counts))))), whole, "") | {"rank": None},
        "problems": [],
    }


def _row(row: Evaluated, counts: Mapping[str, int], group: str) -> dict[str, Any]:
    before = {"rank_before": None, "grade_before": None, "composite_before": 65.0}
    composite = None if row.composite is None else float(row.composite)
    return before | {
        "key": row.key,
        "name": row.key,
        "group": group,
        "n": row.n,
        "ranked": row.ranked,
        "grade": row.grade,
        "composite": composite,
        "change": None if composite is None else round(composite - 65, 2),
        "items": [
            {
                "key": one.item.figure,
                "value": _number(one.measured.value if one.scaled is None else one.scaled),
                "numerator": one.measured.numerator,
                "denominator": one.measured.denominator,
                "score": _number(one.score),
                "used_weight": float(one.used_weight),
            }
            for one in row.items
        ],
        "extras": [{"key": one.extra.figure, "count": one.count, "points": _number(one.points)} for one in row.extras],
        "rates": {name: _rate(name, counts) for name in RATES},
        "counts": dict(counts),
    }


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _rate(name: str, counts: Mapping[str, int]) -> dict[str, Any]:
    found = measure(name, counts)
    return {"numerator": found.numerator, "denominator": found.denominator, "value": _number(found.value)}
