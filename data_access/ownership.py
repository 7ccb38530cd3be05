"""Ownership decisions (确权) that hold beyond their case: noted with their journal entry, asked at dispatch.

The journal is the truth; this table is its projection, written in the same transaction.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, insert, or_, select

from data_access.engine import reading
from data_access.ownership_schema import ownership
from domain.action import Action
from domain.case import Case
from domain.duty import OwnershipDecision
from domain.journal import Entry, milliseconds, moment

_SCOPE_OF_CASE = "case"


def note_decision(connection: Connection, entry: Entry, case: Case) -> None:
    """Keep what an entry decided about a component, or about a class in a grid; others decide nothing of that kind."""
    if entry.action is not Action.DECIDE_OWNERSHIP or case.owner_scope in (None, _SCOPE_OF_CASE):
        return
    of_component = case.owner_scope == "component"
    decision = {
        "case_no": case.case_no,
        "component_code": (case.component_code or "") if of_component else "",
        "class_code": case.class_code,
        "grid": case.grid or "",
        "department": case.owner_department,
        "decided_at": milliseconds(entry.at),
        "until": None if case.owner_until is None else milliseconds(case.owner_until),
    }
    connection.execute(insert(ownership), decision)


class OwnershipDecisions:
    """Asks the decisions about one case. Blocking."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def about(self, case: Case) -> list[OwnershipDecision]:
        """Those about its component, and about its class in its grid, newest first."""
        c = ownership.c
        same_place = and_(c.component_code == "", c.class_code == case.class_code, c.grid == (case.grid or ""))
        same_thing = and_(c.component_code != "", c.component_code == (case.component_code or ""))
        found = select(ownership).where(or_(same_place, same_thing)).order_by(c.id.desc())
        with reading(self._engine) as connection:
            return [_decision(row) for row in connection.execute(found)]


def _decision(row: Row[*tuple[Any, ...]]) -> OwnershipDecision:
    return OwnershipDecision(
        case_no=row.case_no,
        component_code=row.component_code,
        class_code=row.class_code,
        grid=row.grid,
        department=row.department,
        decided_at=moment(row.decided_at),
        until=None if row.until is None else moment(row.until),
    )
