"""The cases that wait for a collector's look, read from the case rows."""

from __future__ import annotations

from sqlalchemy import Engine, select

from data_access.case_rows import case_of
from data_access.engine import reading
from data_access.schema import cases
from domain.case import Case
from domain.case_rights import TASK_STATES

MOST = 2_000
"""So many are read at most, the longest waiting first: more than a city's collectors can walk in a day."""


def cases_to_look_at(engine: Engine, district: str | None) -> list[Case]:
    """Cases out for verify or check, the longest waiting first; of one district and of none where one is given."""
    waiting = select(cases).where(cases.c.state.in_([state.value for state in TASK_STATES]))
    if district is not None:
        waiting = waiting.where((cases.c.district == district) | cases.c.district.is_(None))
    with reading(engine) as connection:
        return [case_of(row) for row in connection.execute(waiting.order_by(cases.c.state_since).limit(MOST))]
