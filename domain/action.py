"""What anybody can do to a case, the command that asks for it, and the refusal that answers (domain sheet 4.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.roles import Identity


class Action(StrEnum):
    """The actions of domain sheet 4.4, numbered as there, then those beside the loop."""

    REPORT = "report"  # 1
    REGISTER = "register"  # 2
    REFUSE_ACCEPTANCE = "refuse_acceptance"  # 3
    SEND_VERIFY = "send_verify"  # 4
    ANSWER_VERIFY = "answer_verify"  # 5
    FILE = "file"  # 6
    REFUSE_FILING = "refuse_filing"  # 7
    DISPATCH = "dispatch"  # 8
    ASK_VOID = "ask_void"  # 9
    APPROVE_VOID = "approve_void"
    REFUSE_VOID = "refuse_void"
    RECEIVE = "receive"  # 10
    REVOKE_ASSIGNMENT = "revoke_assignment"  # 11
    ASK_SEND_BACK = "ask_send_back"  # 12
    APPROVE_SEND_BACK = "approve_send_back"  # 13
    REFUSE_SEND_BACK = "refuse_send_back"  # 14
    ASK_EXTENSION = "ask_extension"  # 15
    APPROVE_EXTENSION = "approve_extension"  # 16
    REFUSE_EXTENSION = "refuse_extension"
    ASK_SUSPENSION = "ask_suspension"  # 17
    APPROVE_SUSPENSION = "approve_suspension"  # 18
    REFUSE_SUSPENSION = "refuse_suspension"
    RESUME = "resume"  # 19
    FEED_BACK = "feed_back"  # 20
    SEND_CHECK = "send_check"  # 21
    PASS_CHECK = "pass_check"  # 22  # noqa: S105 (an action, not a secret)
    FAIL_CHECK = "fail_check"  # 23
    CLOSE = "close"  # 24
    CLOSE_FROM_PHOTOS = "close_from_photos"  # 25
    URGE = "urge"  # 26
    SUPERVISE = "supervise"  # 27
    SECOND_DISPATCH = "second_dispatch"  # 28
    TRANSFER = "transfer"  # 29
    APPEAL = "appeal"  # 30
    APPROVE_APPEAL = "approve_appeal"
    REFUSE_APPEAL = "refuse_appeal"
    SELF_DISPOSE = "self_dispose"  # 31
    FORCE_CLOSE = "force_close"  # 32
    IMPORT_REPORT = "import_report"
    """An outside system's case enters as it was reported there; no rule of ours judged it."""
    IMPORT_STEP = "import_step"
    """A later step of such a case (filed, dispatched, disposed, closed), at the outside system's own time."""
    ATTACH_EVIDENCE = "attach_evidence"
    """A picture or clip from a camera is put to the case; it changes neither its state nor its clocks."""
    CLAIM = "claim"
    """A desk says: I am handling it (product sheet 3.6)."""
    RELEASE = "release"
    TAKE_OVER = "take_over"
    LAPSE_CLAIM = "lapse_claim"
    """The claimer's browser is gone; by the hall's timer."""
    RECALL = "recall"
    """A dispatch given by mistake is taken back at once, before the department received it."""
    WITHDRAW_REQUEST = "withdraw_request"
    ANSWER_ORDER = "answer_order"
    """What was done about a leader's order (27)."""
    DECIDE_OWNERSHIP = "decide_ownership"
    """Whose it is, decided by the centre after quarrels (domain sheet 9.4)."""
    PROPOSE_EMERGENCY = "propose_emergency"
    """To be put right at once with the fund, whoever will have to pay (domain sheet 9.3)."""
    APPROVE_EMERGENCY = "approve_emergency"
    REFUSE_EMERGENCY = "refuse_emergency"
    CONFIRM_EMERGENCY = "confirm_emergency"
    """The leader signs what was approved by phone."""
    SETTLE_EMERGENCY = "settle_emergency"
    """What it cost, who is liable, whether the cost came back."""
    LINK = "link"
    """Tied to other cases: duplicates, or several of one cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Who wants what done to which case. The same road for a click, a report from outside and the demo's people.

    `case_no` is None where the action begins a case; the store then numbers it. `expected_version` is the version the
    actor saw: another one is refused, and None means "whatever it is now" (outside systems). `claim_token` is that of
    the claim the actor acts under; None where they act without one. `at` is aware UTC, cut to milliseconds. `facts`
    names `Case` fields (and, for requests, `until`, `hours`, `result`) with plain values.
    """

    action: Action
    actor: Identity
    at: datetime
    case_no: str | None = None
    expected_version: int | None = None
    claim_token: int | None = None
    reason: str = ""
    seat: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


class RefusalCode(StrEnum):
    """Why a command was refused; the page turns it into words with the refusal's values."""

    NO_RIGHT = "no_right"
    NOT_IN_THIS_STATE = "not_in_this_state"
    STALE_VERSION = "stale_version"
    NO_SUCH_CASE = "no_such_case"
    REASON_MISSING = "reason_missing"
    FACT_MISSING = "fact_missing"
    FACT_WRONG = "fact_wrong"
    REQUEST_OPEN = "request_open"
    NO_REQUEST = "no_request"
    TOO_LATE = "too_late"
    TOO_OFTEN = "too_often"
    DUPLICATE = "duplicate"
    CLAIMED = "claimed"
    CLAIM_LOST = "claim_lost"
    OWNERSHIP_OPEN = "ownership_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A command that changed nothing. `text` is a sentence in the hall's language naming the field and the fix."""

    code: RefusalCode
    text: str
    field: str | None = None
