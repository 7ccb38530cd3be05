"""Which cases somebody asks for: the filter that stands in the address of `/cases`, and behind every figure.

One value for the figure and for its list, so that the list is exactly as long as the figure (domain sheet 7.1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

from domain.case import CaseState, Severity, Source, Stage
from domain.journal import milliseconds, moment
from domain.period import Period


class Count(StrEnum):
    """The base counts of domain sheet 6.1 (flow convention), and the standing counts of the wall."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    FILED = "filed"
    DISPATCHED = "dispatched"
    DISPOSED = "disposed"
    ON_TIME_DISPOSED = "on_time_disposed"
    LATE_DISPOSED = "late_disposed"
    CLOSED = "closed"
    ON_TIME_CLOSED = "on_time_closed"
    REWORK = "rework"
    AWAITING_CLOSING = "awaiting_closing"
    OVERDUE_UNDISPOSED = "overdue_undisposed"
    DUE_DISPOSAL = "due_disposal"
    DUE_CLOSING = "due_closing"
    VOIDED = "voided"
    SUSPENDED = "suspended"
    SELF_DISPOSED = "self_disposed"
    OPEN = "open"
    OVERDUE_3X = "overdue_3x"


class QueryError(ValueError):
    """An address or argument that asks for no possible set of cases; the message names the field and the fix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseQuery:
    """All given parts must hold. `count` needs `period` unless it is a standing count; `start`/`end` replace `period`.

    `as_of` asks for the cases as they stood then (aware UTC); None means now. `reported_from` and `reported_to` limit
    any count to cases reported in between, the end left out: their age.
    """

    count: Count | None = None
    period: Period | None = None
    start: datetime | None = None
    end: datetime | None = None
    as_of: datetime | None = None
    reported_from: datetime | None = None
    reported_to: datetime | None = None
    district: str | None = None
    department: str | None = None
    class_code: str | None = None
    grid: str | None = None
    state: CaseState | None = None
    stage: Stage | None = None
    severity: Severity | None = None
    source: Source | None = None
    text: str | None = None

    def to_params(self) -> dict[str, str]:
        """The query as address parameters; only what is set. `from_params` reads it back to an equal query."""
        found = {f.name: getattr(self, f.name) for f in fields(self)}
        return {
            name: str(milliseconds(value)) if isinstance(value, datetime) else str(value)
            for name, value in found.items()
            if value is not None
        }


def _moment_of(text: str) -> datetime:
    return moment(int(text))


_READERS: dict[str, Callable[[str], object]] = {
    "count": Count,
    "period": Period,
    "state": CaseState,
    "stage": Stage,
    "severity": Severity,
    "source": Source,
    "start": _moment_of,
    "end": _moment_of,
    "as_of": _moment_of,
    "reported_from": _moment_of,
    "reported_to": _moment_of,
}


def from_params(params: Mapping[str, str]) -> CaseQuery:
    """The query an address asks for; empty values count as absent.

    Raises:
        QueryError: an unknown name or value, with the possible ones.
    """
    known = {f.name for f in fields(CaseQuery)}
    values: dict[str, object] = {}
    for name, text in params.items():
        if name not in known:
            raise QueryError(f"{name}: not a filter of cases; possible are {', '.join(sorted(known))}")
        if text:
            values[name] = _read(name, text)
    return CaseQuery(**values)  # type: ignore[arg-type]


def _read(name: str, text: str) -> object:
    reader = _READERS.get(name, str)
    try:
        return reader(text)
    except (ValueError, OverflowError, OSError):
        raise QueryError(f"{name}={text}: {_possible(reader)}") from None


def _possible(reader: object) -> str:
    if isinstance(reader, type) and issubclass(reader, StrEnum):
        return "possible are " + ", ".join(reader)
    return "give epoch milliseconds"
