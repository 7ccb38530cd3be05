"""What the demo city's people do next with a case, and when: the seven steps with their waits, quarrels and mistakes.

`next_step` looks at the case alone. The times it names follow from the case's own times and its luck, so asking again
gives the same answer, and what lies before the case's newest entry has happened already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from demo.afterwards import afterwards
from demo.scene import Planned, Plans, Scene
from demo.story_centre import acceptance, checking, closing, dispatching, filing, reviewing, verifying
from demo.story_department import at_department, at_work, suspended
from demo.town import Town
from domain.action import Action
from domain.case import FINAL_STATES, Case, CaseState
from domain.journal import Entry
from domain.policy import Policy

HOLDING = frozenset({Action.CLAIM, Action.RELEASE, Action.TAKE_OVER, Action.LAPSE_CLAIM})
"""What desks do about their hold on a case; for its story nothing has happened."""


class Story:
    """Plans for every case of a town. `twin` knows the case that tells of the same problem as another."""

    def __init__(self, town: Town, policy: Policy, twin: Callable[[str], str | None] = lambda case_no: None) -> None:
        self.town = town
        self._policy = policy
        self._twin = twin

    def next_step(self, case: Case, last_at: datetime) -> Planned | None:
        """The next thing that happens to the case, after `last_at`, when its story last went on. None: it is over."""
        plans = _PLANS[case.state](Scene(self.town, self._policy, case, last_at, self._twin(case.case_no)))
        return min(plans, key=lambda plan: plan.at, default=None)


def story_time(entries: Iterable[Entry]) -> datetime:
    """When a case's story last went on."""
    return max(entry.at for entry in entries if entry.action not in HOLDING)


_PLANS: Mapping[CaseState, Callable[[Scene], Plans]] = {
    CaseState.PENDING_ACCEPTANCE: acceptance,
    CaseState.PENDING_VERIFY: verifying,
    CaseState.PENDING_FILING: filing,
    CaseState.PENDING_DISPATCH: dispatching,
    CaseState.PENDING_DISPOSAL: at_department,
    CaseState.DISPOSING: at_work,
    CaseState.SUSPENDED: suspended,
    CaseState.PENDING_FEEDBACK_REVIEW: reviewing,
    CaseState.PENDING_CHECK: checking,
    CaseState.PENDING_CLOSE: closing,
} | dict.fromkeys(FINAL_STATES, afterwards)
