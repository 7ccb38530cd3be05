"""A case as JSON for programs: which facts leave the house, and for whom. What is not listed does not leave."""

from __future__ import annotations

from typing import Any

from domain.case import Case
from domain.journal import Entry, milliseconds, plain

PUBLIC = (
    "case_no",
    "version",
    "state",
    "state_since",
    "source",
    "source_system",
    "outside_id",
    "edition",
    "kind",
    "class_code",
    "component_code",
    "severity",
    "description",
    "address",
    "lon",
    "lat",
    "district",
    "grid",
    "area_class",
    "owner_level",
    "reported_at",
    "accepted_at",
    "filed_at",
    "dispatched_at",
    "tasked_at",
    "assigned_at",
    "disposed_at",
    "checked_at",
    "closed_at",
    "last_failed_check_at",
    "filing_condition",
    "closing_condition",
    "limit_value",
    "limit_unit",
    "calendar_version",
    "limit_code",
    "deadline",
    "original_deadline",
    "paused_seconds",
    "paused_since",
    "pauses",
    "remaining_seconds",
    "department",
    "assisting",
    "departments_tasked",
    "rework_count",
    "extension_count",
    "send_back_count",
    "urged_count",
    "supervised",
    "self_disposed",
    "timeout_exempt",
    "appealed",
    "called_back",
    "current_request",
    "requested_until",
    "requested_hours",
    "resume_state",
    "suspended_until",
    "claimed_by",
    "claimant",
    "claimed_at",
    "claim_token",
    "ownerless_since",
    "order_by",
    "order_text",
    "order_at",
    "order_due",
    "order_answer",
    "order_answered_at",
    "owner_department",
    "owner_scope",
    "owner_decided_at",
    "owner_until",
    "emergency",
    "linked",
    "evidence",
)
"""Facts for everybody who may see the case. Times as epoch milliseconds."""

PERSONAL = ("reporter", "reporter_phone", "photos", "attributes")
"""Facts about people, or that may hold some (pictures; what an outside system sent beyond our fields)."""


def case_json(case: Case, *, personal: bool) -> dict[str, Any]:
    """The case; with `personal`, what is known of people too."""
    names = PUBLIC + PERSONAL if personal else PUBLIC
    return {name: plain(name, getattr(case, name)) for name in names}


def entry_json(entry: Entry, *, personal: bool) -> dict[str, Any]:
    """One journal entry; without `personal`, facts about people are left out of its changes."""
    seen = {name: value for name, value in entry.changes.items() if personal or name in PUBLIC}
    return {
        "entry_id": entry.entry_id,
        "version": entry.version,
        "action": entry.action.value,
        "at": milliseconds(entry.at),
        "actor": entry.actor,
        "role": entry.role,
        "seat": entry.seat,
        "reason": entry.reason,
        "changes": seen,
        "hash": entry.hash,
    }
