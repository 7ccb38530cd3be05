"""The lists of those who supervise: orders, cases nobody wants, emergencies; each by an index of its own. Blocking."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Select, and_, or_, select

from data_access.case_rows import case_of, entry_of
from data_access.engine import reading
from data_access.schema import HAS_EMERGENCY, cases, journal
from domain.action import Action
from domain.case import Case, CaseState
from domain.journal import Entry, milliseconds

MOST = 200
"""Lines of one list; more at once is nobody's to read, and is told as a total."""

ANSWERED_WITHIN = timedelta(days=30)
SETTLED_WITHIN = timedelta(days=365)
"""How long what is done stays on its list: a month's answers, a year of the fund."""

c = cases.c


class SupervisionLists:
    """Asks for each list."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open_orders(self) -> list[Case]:
        """Orders without an answer, due first; also of cases that have ended meanwhile."""
        return self._some(
            select(cases).where(c.order_at.is_not(None), c.order_answered_at.is_(None)).order_by(c.order_due)
        )

    def answered_orders(self, now: datetime) -> list[Case]:
        """Orders answered lately, newest first."""
        lately = c.order_answered_at >= milliseconds(now - ANSWERED_WITHIN)
        return self._some(select(cases).where(c.order_at.is_not(None), lately).order_by(c.order_answered_at.desc()))

    def unwanted(self, send_backs: int) -> list[Case]:
        """Cases frozen until somebody says whose they are, longest without an owner first."""
        frozen = and_(
            c.state == CaseState.PENDING_DISPATCH.value,
            c.send_back_count >= send_backs,
            c.owner_department.is_(None),
        )
        return self._some(select(cases).where(frozen).order_by(c.ownerless_since))

    def emergencies(self, now: datetime) -> list[Case]:
        """Emergency disposals that are not settled, and those that something happened to within the year."""
        lately = c.updated_at >= milliseconds(now - SETTLED_WITHIN)
        running = c.emergency.not_like('%"cost_actual"%')
        return self._some(select(cases).where(HAS_EMERGENCY, or_(running, lately)).order_by(c.state_since.desc()))

    def entries(self, case_nos: Iterable[str], actions: Iterable[Action]) -> dict[str, list[Entry]]:
        """Those entries of these cases, in order."""
        asked = (
            select(journal)
            .where(journal.c.case_no.in_(sorted(case_nos)), journal.c.action.in_([one.value for one in actions]))
            .order_by(journal.c.case_no, journal.c.version)
        )
        found: dict[str, list[Entry]] = {}
        with reading(self._engine) as connection:
            for row in connection.execute(asked):
                found.setdefault(row.case_no, []).append(entry_of(row))
        return found

    def _some(self, wanted: Select[*tuple[Any, ...]]) -> list[Case]:
        with reading(self._engine) as connection:
            return [case_of(row) for row in connection.execute(wanted.limit(MOST))]
