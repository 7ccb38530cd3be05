"""Limits of two departments for the risk tests: one answers in time, the other mostly does not."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.case import Case, CaseState
from domain.risk_runs import Run
from tests.domain.loop import START

LIMIT = timedelta(hours=10)
DILIGENT, TARDY = "D-good", "D-late"
UNTIL = START + timedelta(days=120)


def running(number: int, start: datetime, department: str, **more: object) -> Case:
    """A case that its department has received, ten continuous hours to go."""
    values = {
        "case_no": f"QD{number:05}",
        "version": 3,
        "state": CaseState.DISPOSING,
        "state_since": start,
        "reported_at": start,
        "dispatched_at": start,
        "tasked_at": start,
        "deadline": start + LIMIT,
        "limit_unit": "urgent_hour",
        "limit_value": 10.0,
        "class_code": "E0101" if number % 2 else "E0202",
        "district": "370202",
        "department": department,
    }
    return Case(**(values | more))  # type: ignore[arg-type]


def runs(number: int = 420, *, tardy: float = 0.7, diligent: float = 0.08) -> Iterator[Run]:
    """So many limits over 120 days; the departments miss the given shares of theirs. Always the same."""
    rng = random.Random(7)
    for index in range(number):
        start = START + timedelta(hours=index * 110 * 24 / number)
        department = TARDY if index % 2 else DILIGENT
        late = rng.random() < (tardy if department is TARDY else diligent)
        end = start + LIMIT * (rng.uniform(1.1, 2) if late else rng.uniform(0.3, 0.98))
        case = running(index, start, department)
        yield Run(start, [(start, case)], end=end, missed_at=start + LIMIT if late else None)
