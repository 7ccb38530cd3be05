"""What evaluation counts once a case, as one number: a bit for each count that holds of the case as a row tells it.

The same conditions serve the rows that are asked, by the window that is asked for, and the files of cases that are
over, for a window that holds everything: of a case whose times all lie inside a window nothing else need be looked at.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, column

from data_access.case_where import counted_condition, flow_holds, within
from data_access.history.sql import in_duckdb
from data_access.schema import cases
from domain.case import CaseState
from domain.case_query import Count
from domain.evaluation.histories import MARKED_SOURCES, PUBLIC_SOURCES
from domain.indicators import BEGINNING
from domain.period import Window

c = cases.c

CASE_COUNTS = (
    "reports",
    "valid_reports",
    "filed_public",
    "filed_kept",
    "extended",
    "suspended_in_period",
    "on_time_closed_unsuspended",
    "due_closing_unsuspended",
)
"""Counts that a case adds one to (`domain.evaluation.histories`)."""

EVALUATED, MARKED, SELF_DISPOSED, VOIDED = "evaluated", "marked", "self_disposed", "voided"
BITS = {name: 1 << number for number, name in enumerate((*CASE_COUNTS, EVALUATED, MARKED, SELF_DISPOSED, VOIDED))}

EVERYTHING = Window(BEGINNING, datetime(9999, 1, 1, tzinfo=UTC))


def case_marks(window: Window) -> str:
    """The number, in SQL over a relation called `cases`; `window` ends at the moment the rows stand for."""
    parts = (f"CASE WHEN {in_duckdb(holds)} THEN {BITS[name]} ELSE 0 END" for name, holds in _holding(window).items())
    return f"({' + '.join(parts)})::INTEGER"


def _holding(window: Window) -> dict[str, ColumnElement[bool]]:
    reported = and_(within(c.reported_at, window), c.self_disposed.is_(False))
    filed = counted_condition(Count.FILED, window)
    evaluated = flow_holds(Count.DISPOSED)
    stood = within(column("stood_at"), window)
    calm = column("stood_at").is_(None) | ~stood
    return {
        "reports": reported,
        "valid_reports": and_(reported, c.filed_at.is_not(None)),
        "filed_public": and_(filed, c.source.in_([source.value for source in PUBLIC_SOURCES])),
        "filed_kept": and_(filed, c.state != CaseState.VOIDED.value),
        "extended": and_(evaluated, within(column("extended_at"), window)),
        "suspended_in_period": stood,
        "on_time_closed_unsuspended": and_(counted_condition(Count.ON_TIME_CLOSED, window), calm),
        "due_closing_unsuspended": and_(counted_condition(Count.DUE_CLOSING, window), calm),
        EVALUATED: evaluated,
        MARKED: c.supervised.is_(True) | c.source.in_([source.value for source in MARKED_SOURCES]),
        SELF_DISPOSED: c.self_disposed.is_(True),
        VOIDED: c.state == CaseState.VOIDED.value,
    }
