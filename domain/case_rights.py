"""Who may see a case at all: one answer for every page, route and socket."""

from __future__ import annotations

from domain.case import Case, CaseState
from domain.rights import same_district
from domain.roles import Identity, Permission

TASK_STATES = frozenset({CaseState.PENDING_VERIFY, CaseState.PENDING_CHECK})
"""Where a case waits for a collector to go and look."""


def may_see(case: Case, who: Identity) -> bool:
    """Desks see every case, a department its own, a collector those of the district that wait for a look."""
    if who.may(Permission.SEE_CASES):
        return True
    if who.may(Permission.SEE_OWN_CASES):
        return who.department is not None and case.department == who.department
    return who.may(Permission.SEE_TASKS) and case.state in TASK_STATES and same_district(who, case)
