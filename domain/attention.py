"""What needs attention (需要关注): one reason a case, and the order in which a leader should see them."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from domain.case import CaseState, Severity
from domain.facts import CaseFacts
from domain.indicators import OVERDUE_FACTOR, badly_overdue, is_open, overdue
from domain.journal import milliseconds

DUE_SOON_FIFTHS = 4
"""Fifths of the limit used from which an undisposed case is due soon: the yellow lamp of domain sheet 5.5."""

BOUNCES = 2
"""Send-backs from which a case is being passed around (推诿)."""

TICK = timedelta(milliseconds=1)
"""The grain of all times: what is true after `t` is true from ``t + TICK``."""


class AttentionReason(StrEnum):
    """Why a case is on the list; the first that holds, in this order."""

    L1_OPEN = "l1_open"
    SUPERVISED = "supervised"
    OVERDUE_3X = "overdue_3x"
    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    SENT_BACK = "sent_back"


_RANK = {reason: rank for rank, reason in enumerate(AttentionReason)}


def due_soon_from(facts: CaseFacts) -> datetime | None:
    """When four fifths of the limit are used, counted from dispatch (whole ms); None without both times."""
    if facts.dispatched_at is None or facts.deadline is None:
        return None
    limit_ms = (facts.deadline - facts.dispatched_at) // TICK
    return facts.dispatched_at + limit_ms * DUE_SOON_FIFTHS // 5 * TICK


def reason_for(facts: CaseFacts, at: datetime) -> AttentionReason | None:
    """Why the case needs attention at `at`; None if it does not.

    A suspended case waits by decision and does not, unless a leader waits for an answer about it.
    """
    if not is_open(facts):
        return None
    if facts.state is CaseState.SUSPENDED:
        return AttentionReason.SUPERVISED if facts.order_due and facts.order_answered_at is None else None
    if facts.severity is Severity.L1:
        return AttentionReason.L1_OPEN
    if facts.supervised and facts.order_answered_at is None:
        return AttentionReason.SUPERVISED
    return _late_reason(facts, at) or (AttentionReason.SENT_BACK if facts.send_back_count >= BOUNCES else None)


def _late_reason(facts: CaseFacts, at: datetime) -> AttentionReason | None:
    if badly_overdue(facts, at):
        return AttentionReason.OVERDUE_3X
    if overdue(facts, at):
        return AttentionReason.OVERDUE
    soon = due_soon_from(facts)
    if soon is not None and soon < at and facts.disposed_at is None and not facts.self_disposed:
        return AttentionReason.DUE_SOON
    return None


Place = tuple[int, str, int, int, str]


def place(facts: CaseFacts, reason: AttentionReason) -> Place:
    """Where the case stands in the list: by reason, severity, nearest deadline (none last), then age."""
    deadline = milliseconds(facts.deadline) if facts.deadline else 2**53
    return (_RANK[reason], facts.severity.value, deadline, milliseconds(facts.reported_at), facts.case_no)


def ripens_at(facts: CaseFacts, at: datetime) -> datetime | None:
    """The next moment after `at` at which time alone may move the case: into a count, late, or up the list.

    Covers the deadline, four fifths of it, three times it, and stamps that lie in the future (a skewed clock).
    """
    stamps = [
        facts.reported_at,
        facts.accepted_at,
        facts.filed_at,
        facts.dispatched_at,
        facts.disposed_at,
        facts.closed_at,
        facts.last_failed_check_at,
        facts.state_since,
    ]
    if is_open(facts) and facts.disposed_at is None and facts.deadline is not None:
        stamps += [facts.deadline, due_soon_from(facts)]
        if facts.dispatched_at is not None:
            stamps.append(facts.dispatched_at + OVERDUE_FACTOR * (facts.deadline - facts.dispatched_at))
    return min((stamp + TICK for stamp in stamps if stamp is not None and stamp >= at), default=None)
