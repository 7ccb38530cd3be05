"""What a row of the case workflow says: the columns of domain sheet 4.4. The rows are in `domain.transitions`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.case import FINAL_STATES, CaseState
from domain.rights import Step
from domain.roles import Role

ACCEPTING = frozenset({Role.ACCEPTOR, Role.DUTY_OFFICER})
DISPATCHING = frozenset({Role.DISPATCHER, Role.DUTY_OFFICER})
SHIFT = frozenset({Role.SHIFT_LEADER})
DEPARTMENT = frozenset({Role.DEPARTMENT})
COLLECTING = frozenset({Role.COLLECTOR})
"""Posts that several tables of moves name."""

AT_DEPARTMENT = frozenset({CaseState.PENDING_DISPOSAL, CaseState.DISPOSING})


class Request(StrEnum):
    """A pending request on a case (`Case.current_request`): one at a time. An appeal is reviewed twice."""

    VOID = "void"
    SEND_BACK = "send_back"
    EXTENSION = "extension"
    SUSPENSION = "suspension"
    APPEAL = "appeal"
    APPEAL_SECOND = "appeal_second"
    EMERGENCY = "emergency"


REQUEST_WORDS = {
    Request.VOID: "作废申请",
    Request.SEND_BACK: "回退申请",
    Request.EXTENSION: "延期申请",
    Request.SUSPENSION: "挂账申请",
    Request.APPEAL: "超时申诉",
    Request.APPEAL_SECOND: "超时申诉（复审）",
    Request.EMERGENCY: "应急处置申请",
}


class Clock(StrEnum):
    """The clocks of domain sheet 5.3. All but the disposal clock are plain time in certain states."""

    ACCEPTANCE = "acceptance"
    VERIFY = "verify"
    FILING = "filing"
    DISPATCH = "dispatch"
    DISPOSAL = "disposal"
    CHECK = "check"
    CLOSING = "closing"


RUNNING_CLOCK: dict[CaseState, Clock | None] = {
    CaseState.PENDING_ACCEPTANCE: Clock.ACCEPTANCE,
    CaseState.PENDING_VERIFY: Clock.VERIFY,  # the acceptance clock pauses until the answer
    CaseState.PENDING_FILING: Clock.FILING,
    CaseState.PENDING_DISPATCH: Clock.DISPATCH,  # after a send-back the disposal clock pauses
    CaseState.PENDING_DISPOSAL: Clock.DISPOSAL,
    CaseState.DISPOSING: Clock.DISPOSAL,
    CaseState.SUSPENDED: None,  # the disposal clock pauses
    CaseState.PENDING_FEEDBACK_REVIEW: Clock.CLOSING,  # the disposal clock stops
    CaseState.PENDING_CHECK: Clock.CHECK,  # the closing clock pauses until the answer
    CaseState.PENDING_CLOSE: Clock.CLOSING,
} | dict.fromkeys(FINAL_STATES)
"""Which clock runs in each state (domain sheet 4.3): leaving the state pauses or stops it, coming back resumes it."""


class Disposal(StrEnum):
    """What an action does to the disposal clock (domain sheet 5.4), the one clock with a stored deadline."""

    NOTHING = "nothing"
    DISPATCH = "dispatch"
    """Same unit as before: goes on with what was left. Another unit, or the first: a full limit."""
    HALT = "halt"
    """Stands still; the deadline stays to be seen. Suspension and feedback."""
    TAKE_BACK = "take_back"
    """Stands still and has no deadline until the next dispatch. Send-back."""
    RESUME = "resume"
    """Goes on with what was left. End of a suspension."""
    REWORK = "rework"
    """Goes on with what was left, or anew where the city says so. Failed check."""
    EXTEND = "extend"
    """The deadline moves on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One possible end of an action with several: the state it leads to, and whether it needs a reason."""

    zh: str
    to: CaseState
    reason: bool = False
    once: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row of the table.

    `sources` empty means the action begins a case. `to` None leaves the state; `outcomes` (by the fact `result`)
    replace it where the action ends in one of several. `needs` are facts that must come with the command, `stand`
    those that must come with it or stand on the case already, `takes` those that may come too; of each kind in
    `photos` separated by ``|``, one new photo must come.
    `settles` is the request the action decides, `asks` the one it opens, `drops_request` withdraws whatever is open.
    `once` and `newest` name the stage times it writes (only if empty / always), `clears` what it empties, `counts`
    what it adds one to, `sets` fixed values. `past_claim`: it may be done to a case that another desk has claimed.
    """

    zh: str
    posts: frozenset[Role]
    step: Step | None = None
    sources: frozenset[CaseState] = frozenset()
    to: CaseState | None = None
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    reason: bool = False
    needs: tuple[str, ...] = ()
    stand: tuple[str, ...] = ()
    takes: frozenset[str] = frozenset()
    photos: tuple[str, ...] = ()
    settles: frozenset[Request] = frozenset()
    asks: Request | None = None
    drops_request: bool = False
    disposal: Disposal = Disposal.NOTHING
    once: tuple[str, ...] = ()
    newest: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    sets: Mapping[str, object] = field(default_factory=dict)
    past_claim: bool = False

    @property
    def begins(self) -> bool:
        return not self.sources

    @property
    def fact_names(self) -> frozenset[str]:
        """Every fact the command may carry."""
        more = {"result"} if self.outcomes else set[str]()
        return self.takes.union(self.needs, self.stand, more, {"photos"} if self.photos else ())
