"""A case (案卷): its states, its stages on the wall, and the facts about it that figures are made of.

States follow domain sheet 4.3, stages the seven steps of 4.2. A `Case` is never edited in place: it is the fold of its
journal entries (`domain.journal`), so every value here can be rebuilt as of any moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class CaseState(StrEnum):
    """Where a case stands (domain sheet 4.3)."""

    PENDING_ACCEPTANCE = "pending_acceptance"
    PENDING_VERIFY = "pending_verify"
    PENDING_FILING = "pending_filing"
    REJECTED = "rejected"
    PENDING_DISPATCH = "pending_dispatch"
    PENDING_DISPOSAL = "pending_disposal"
    DISPOSING = "disposing"
    SUSPENDED = "suspended"
    PENDING_FEEDBACK_REVIEW = "pending_feedback_review"
    PENDING_CHECK = "pending_check"
    PENDING_CLOSE = "pending_close"
    CLOSED = "closed"
    FORCED_CLOSED = "forced_closed"
    VOIDED = "voided"
    TRANSFERRED = "transferred"


FINAL_STATES = frozenset(
    {CaseState.REJECTED, CaseState.CLOSED, CaseState.FORCED_CLOSED, CaseState.VOIDED, CaseState.TRANSFERRED}
)

OPEN_STATES = frozenset(CaseState) - FINAL_STATES


class Stage(StrEnum):
    """The seven steps of the loop (domain sheet 4.2), as the wall's strip shows them."""

    COLLECTION = "collection"
    FILING = "filing"
    DISPATCH = "dispatch"
    DISPOSAL = "disposal"
    FEEDBACK = "feedback"
    CHECK = "check"
    EVALUATION = "evaluation"


STAGE_OF: dict[CaseState, Stage | None] = {
    CaseState.PENDING_ACCEPTANCE: Stage.COLLECTION,
    CaseState.PENDING_VERIFY: Stage.COLLECTION,
    CaseState.PENDING_FILING: Stage.FILING,
    CaseState.PENDING_DISPATCH: Stage.DISPATCH,
    CaseState.PENDING_DISPOSAL: Stage.DISPOSAL,
    CaseState.DISPOSING: Stage.DISPOSAL,
    CaseState.SUSPENDED: Stage.DISPOSAL,
    CaseState.PENDING_FEEDBACK_REVIEW: Stage.FEEDBACK,
    CaseState.PENDING_CHECK: Stage.CHECK,
    CaseState.PENDING_CLOSE: Stage.CHECK,
    CaseState.CLOSED: Stage.EVALUATION,
    CaseState.FORCED_CLOSED: Stage.EVALUATION,
    CaseState.REJECTED: None,
    CaseState.VOIDED: None,
    CaseState.TRANSFERRED: None,
}


class Severity(StrEnum):
    """National four levels 一级红 二级橙 三级黄 四级蓝; every use shows shape and word, never colour alone."""

    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"


class CaseKind(StrEnum):
    """Component (部件) or event (事件): class numbers mean nothing without it (domain sheet 3.3)."""

    COMPONENT = "component"
    EVENT = "event"


class Source(StrEnum):
    """How a case reached the centre (domain sheet 4.5)."""

    COLLECTOR = "collector"
    HOTLINE = "hotline"
    PUBLIC = "public"
    LEADER = "leader"
    MEDIA = "media"
    VIDEO = "video"
    TRANSFER = "transfer"
    SENSOR = "sensor"
    IMPORT = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case as it stands after its newest journal entry (domain sheet 4.7). All times aware UTC.

    `class_code` is edition-free inside one city: kind initial + major + minor, e.g. ``C0101`` or ``E0203``, or the
    outside system's own name for imported history. `disposed_at` is the newest feedback not failed by a check;
    `last_failed_check_at` the newest failed check: with these two the flow counts of 6.1 follow from single columns.
    `paused_seconds` is limit time since `dispatched_at` that is not charged, `remaining_seconds` what was left when the
    disposal clock paused at `paused_since` (both in the limit's own time, working or continuous). `photos` are
    ``kind:hash`` references (kinds of 4.5), `evidence` those of `domain.evidence`. `closed_at` belongs to closing
    proper: a forced end leaves it empty. `pauses` are the disposal clock's past pauses, ``start_ms/end_ms``;
    `tasked_at` is the newest dispatch, of either level; `ownerless_since` when the case was filed, or came back, if no
    department has received it since.
    `claim_token` grows with every claim; `claimant` is the claimer's name as people read it. An order (督办) is owed an
    answer by `order_due` until `order_answered_at`. `owner_department` is what an ownership decision (确权) said, for
    `owner_scope` until `owner_until`; `emergency` the record of domain sheet 9.3 (`domain.emergency`).
    Personal data (`reporter`, `reporter_phone`) never leaves for `/wall`.
    """

    case_no: str
    version: int = 0
    state: CaseState = CaseState.PENDING_ACCEPTANCE
    state_since: datetime
    source: Source = Source.COLLECTOR
    source_system: str | None = None
    outside_id: str | None = None
    edition: str = "GB/T 30428.2-2013"
    kind: CaseKind = CaseKind.EVENT
    class_code: str = ""
    component_code: str | None = None
    severity: Severity = Severity.L4
    description: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    district: str | None = None
    grid: str | None = None
    area_class: int = 1
    owner_level: str = "city"
    reporter: str | None = None
    reporter_phone: str | None = None
    reported_at: datetime
    accepted_at: datetime | None = None
    filed_at: datetime | None = None
    dispatched_at: datetime | None = None
    tasked_at: datetime | None = None
    assigned_at: datetime | None = None
    disposed_at: datetime | None = None
    checked_at: datetime | None = None
    closed_at: datetime | None = None
    last_failed_check_at: datetime | None = None
    filing_condition: str | None = None
    closing_condition: str | None = None
    limit_value: float | None = None
    limit_unit: str | None = None
    calendar_version: str | None = None
    deadline: datetime | None = None
    original_deadline: datetime | None = None
    limit_code: str | None = None
    paused_seconds: float = 0.0
    paused_since: datetime | None = None
    pauses: tuple[str, ...] = ()
    remaining_seconds: float | None = None
    department: str | None = None
    assisting: tuple[str, ...] = ()
    departments_tasked: tuple[str, ...] = ()
    rework_count: int = 0
    extension_count: int = 0
    send_back_count: int = 0
    urged_count: int = 0
    supervised: bool = False
    self_disposed: bool = False
    timeout_exempt: bool = False
    appealed: bool = False
    called_back: bool = False
    current_request: str | None = None
    requested_until: datetime | None = None
    requested_hours: float | None = None
    resume_state: CaseState | None = None
    suspended_until: datetime | None = None
    claimed_by: str | None = None
    claimant: str | None = None
    claimed_at: datetime | None = None
    claim_token: int = 0
    ownerless_since: datetime | None = None
    order_by: str | None = None
    order_text: str | None = None
    order_at: datetime | None = None
    order_due: datetime | None = None
    order_answer: str | None = None
    order_answered_at: datetime | None = None
    owner_department: str | None = None
    owner_scope: str | None = None
    owner_decided_at: datetime | None = None
    owner_until: datetime | None = None
    emergency: dict[str, Any] = field(default_factory=dict)
    linked: tuple[str, ...] = ()
    photos: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES

    @property
    def stage(self) -> Stage | None:
        return STAGE_OF[self.state]

    @property
    def order_open(self) -> bool:
        """Whether a leader's order still waits for its answer."""
        return self.order_at is not None and self.order_answered_at is None
