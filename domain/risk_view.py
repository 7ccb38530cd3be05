"""What is known of a case at one moment that bears on whether it will miss its deadline, and nothing that came later.

A case is at risk only while a limit runs: it is open, has a deadline that lies ahead, and nothing stands still. What
already is late is late, and stands on other lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.case import Case, CaseState, Severity, Source
from domain.disposal_clock import share_used, unit_of
from domain.worktime import LimitUnit, WorkCalendar, used

_HOUR_MS = 3_600_000
_LEAST_LIMIT_MS = 60_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskView:
    """A running case as of `at`. `share` of the limit is used (0 to 1); hours are of the limit's own time.

    `load` is how many running cases its department holds, `daily` how many it finishes a day as a rule.
    """

    case_no: str
    version: int
    at: datetime
    class_code: str
    department: str
    district: str
    source: Source
    severity: Severity
    state: CaseState
    deadline: datetime
    share: float
    left_hours: float
    limit_hours: float
    received: bool
    send_backs: int
    reworks: int
    extensions: int
    urges: int
    supervised: bool
    request: str | None
    load: int
    daily: float


def limit_runs(case: Case) -> bool:
    """Whether a limit runs that can be missed: what leaves figures out (domain sheet 6.1) cannot become late either."""
    if case.deadline is None or case.disposed_at is not None or case.is_final or case.state is CaseState.SUSPENDED:
        return False
    return case.paused_since is None and not case.self_disposed and not case.timeout_exempt


def view_of(case: Case, at: datetime, calendar: WorkCalendar, *, load: int, daily: float) -> RiskView | None:
    """The view; None where no limit runs, or where the deadline has passed."""
    deadline = case.deadline
    if deadline is None or not limit_runs(case) or deadline < at:
        return None
    unit = unit_of(case)
    left = used(at, deadline, unit, calendar)
    share = share_of_limit(case, at, calendar)
    return RiskView(
        case_no=case.case_no,
        version=case.version,
        at=at,
        class_code=case.class_code,
        department=case.department or "",
        district=case.district or "",
        source=case.source,
        severity=case.severity,
        state=case.state,
        deadline=deadline,
        share=share,
        left_hours=left / _HOUR_MS,
        limit_hours=left / _HOUR_MS / max(1 - share, 0.01),
        received=case.state is not CaseState.PENDING_DISPOSAL,
        send_backs=case.send_back_count,
        reworks=case.rework_count,
        extensions=case.extension_count,
        urges=case.urged_count,
        supervised=case.supervised,
        request=case.current_request,
        load=load,
        daily=daily,
    )


def share_of_limit(case: Case, at: datetime, calendar: WorkCalendar) -> float:
    """How much of the limit is used, 0 to 1; an outside deadline without a dispatch counts from the report."""
    share = share_used(case, at, calendar) if case.dispatched_at else _since_report(case, at, unit_of(case), calendar)
    return min(max(share or 0.0, 0.0), 1.0)


def _since_report(case: Case, at: datetime, unit: LimitUnit, calendar: WorkCalendar) -> float:
    if case.deadline is None:
        return 0.0
    whole = max(used(case.reported_at, case.deadline, unit, calendar), _LEAST_LIMIT_MS)
    return 1 - used(at, case.deadline, unit, calendar) / whole
