"""The few facts about a case that figures and the wall need, and the change that carries them to every screen.

`CaseFacts` is what leaves the case store: no description, no reporter, no phone. A `Change` holds the facts before and
after one journal entry, so that a reader can move every figure by subtraction and addition without asking back:
constant cost, however many cases are stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.case import Case, CaseKind, CaseState, Severity, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """Public facts of one case after one of its entries. Times aware UTC; coordinates WGS-84 degrees."""

    case_no: str
    version: int
    state: CaseState
    state_since: datetime
    source: Source
    kind: CaseKind
    class_code: str
    severity: Severity
    address: str
    lon: float | None
    lat: float | None
    district: str | None
    grid: str | None
    department: str | None
    reported_at: datetime
    accepted_at: datetime | None
    filed_at: datetime | None
    dispatched_at: datetime | None
    deadline: datetime | None
    disposed_at: datetime | None
    closed_at: datetime | None
    last_failed_check_at: datetime | None
    rework_count: int
    send_back_count: int
    supervised: bool
    self_disposed: bool
    timeout_exempt: bool
    claimed_by: str | None
    claimant: str | None = None
    claimed_at: datetime | None = None
    tasked_at: datetime | None = None
    assigned_at: datetime | None = None
    ownerless_since: datetime | None = None
    suspended_until: datetime | None = None
    current_request: str | None = None
    order_due: datetime | None = None
    order_answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One journal entry's effect. `entry_id` is the journal row's number: unique, and the key for "already counted"."""

    entry_id: int
    action: str
    at: datetime
    before: CaseFacts | None
    after: CaseFacts


_FIELDS = tuple(CaseFacts.__dataclass_fields__)


def facts_of(case: Case) -> CaseFacts:
    """The public facts of a case."""
    return CaseFacts(**{name: getattr(case, name) for name in _FIELDS})
