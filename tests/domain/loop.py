"""A case on its way through the loop: people, a policy, and the commands that lead to each state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.action import Action, Command, Refusal
from domain.calendars import USUAL_HOURS
from domain.case import Case, CaseState
from domain.journal import Entry
from domain.roles import Identity, Role
from domain.workflow import Mode, Policy, decide
from domain.worktime import WorkCalendar

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar(version="test-1", zone=ZONE, hours=(USUAL_HOURS,))
POLICY = Policy(mode=Mode.TWO_TWO, calendar=CALENDAR)
START = datetime(2026, 6, 1, 9, 0, tzinfo=ZONE).astimezone(UTC)
"""A Monday morning inside working time."""

PEOPLE = {role: Identity(role.value, role.value, role) for role in Role} | {
    Role.DEPARTMENT: Identity("water", "水务", Role.DEPARTMENT, department="D01")
}

FACTS: dict[Action, dict[str, Any]] = {
    Action.REPORT: {"class_code": "E0101", "lon": 120.38, "lat": 36.07, "grid": "370202001001001"},
    Action.REGISTER: {"source": "hotline", "description": "井盖缺失"},
    Action.ANSWER_VERIFY: {"result": True, "photos": ["near:a1"], "class_code": "C0101", "grid": "370202001001001"},
    Action.FILE: {
        "filing_condition": "缺失",
        "closing_condition": "已恢复",
        "limit_value": 1,
        "limit_unit": "work_day",
        "grid": "370202001001001",
    },
    Action.REFUSE_FILING: {"result": "rejected"},
    Action.DISPATCH: {"department": "D01"},
    Action.SECOND_DISPATCH: {"department": "D02"},
    Action.FEED_BACK: {"photos": ["after:b1"]},
    Action.PASS_CHECK: {"photos": ["far:c1"]},
    Action.CLOSE: {"called_back": True},
    Action.CLOSE_FROM_PHOTOS: {"called_back": True},
    Action.SELF_DISPOSE: {"class_code": "E0101", "lon": 120.38, "lat": 36.07, "photos": ["before:d1", "after:d2"]},
    Action.ATTACH_EVIDENCE: {"evidence": [f"0a1b2c3d:{'5e' * 32}:1780275600000:QD-017"]},
    Action.IMPORT_REPORT: {"source_system": "boston", "outside_id": "1"},
    Action.DECIDE_OWNERSHIP: {"owner_department": "D01", "owner_scope": "case"},
    Action.PROPOSE_EMERGENCY: {
        "emergency": {
            "reason": "danger",
            "department": "D02",
            "contractor": "市政应急一队",
            "measures": "围挡并回填",
            "cost_estimate": 3000,
            "fund_line": "应急处置专项",
        }
    },
    Action.SETTLE_EMERGENCY: {"emergency": {"cost_actual": 2600, "liable": "D02", "recovered": True}},
    Action.LINK: {"linked": ["CW202606010009"]},
}
"""Enough facts for each action; the ones without a row need none."""

ACTORS: dict[Action, Role] = {
    Action.REPORT: Role.COLLECTOR,
    Action.REGISTER: Role.ACCEPTOR,
    Action.REFUSE_ACCEPTANCE: Role.ACCEPTOR,
    Action.SEND_VERIFY: Role.ACCEPTOR,
    Action.ANSWER_VERIFY: Role.COLLECTOR,
    Action.FILE: Role.SHIFT_LEADER,
    Action.REFUSE_FILING: Role.SHIFT_LEADER,
    Action.APPROVE_VOID: Role.SHIFT_LEADER,
    Action.REFUSE_VOID: Role.SHIFT_LEADER,
    Action.SEND_CHECK: Role.ACCEPTOR,
    Action.PASS_CHECK: Role.COLLECTOR,
    Action.FAIL_CHECK: Role.COLLECTOR,
    Action.CLOSE: Role.SHIFT_LEADER,
    Action.CLOSE_FROM_PHOTOS: Role.SHIFT_LEADER,
    Action.SUPERVISE: Role.LEADER,
    Action.FORCE_CLOSE: Role.LEADER,
    Action.LAPSE_CLAIM: Role.SYSTEM,
    Action.DECIDE_OWNERSHIP: Role.SHIFT_LEADER,
    Action.PROPOSE_EMERGENCY: Role.SHIFT_LEADER,
    Action.APPROVE_EMERGENCY: Role.LEADER,
    Action.REFUSE_EMERGENCY: Role.LEADER,
    Action.CONFIRM_EMERGENCY: Role.LEADER,
    Action.SETTLE_EMERGENCY: Role.SHIFT_LEADER,
    Action.TRANSFER: Role.ACCEPTOR,
    Action.SELF_DISPOSE: Role.COLLECTOR,
    Action.IMPORT_REPORT: Role.ADMIN,
    Action.IMPORT_STEP: Role.ADMIN,
    Action.ATTACH_EVIDENCE: Role.SUPERVISOR,
} | dict.fromkeys(
    (
        *(Action.RECEIVE, Action.REVOKE_ASSIGNMENT, Action.ASK_SEND_BACK, Action.ASK_EXTENSION),
        *(Action.ASK_SUSPENSION, Action.RESUME, Action.FEED_BACK, Action.APPEAL),
        *(Action.WITHDRAW_REQUEST,),
    ),
    Role.DEPARTMENT,
)
"""Who usually does what; the dispatcher does the rest."""

A = Action
PATHS: dict[CaseState, tuple[Action, ...]] = {
    CaseState.PENDING_ACCEPTANCE: (A.REGISTER,),
    CaseState.PENDING_VERIFY: (A.REGISTER, A.SEND_VERIFY),
    CaseState.PENDING_FILING: (A.REPORT,),
    CaseState.REJECTED: (A.REPORT, A.REFUSE_FILING),
    CaseState.PENDING_DISPATCH: (A.REPORT, A.FILE),
    CaseState.PENDING_DISPOSAL: (A.REPORT, A.FILE, A.DISPATCH),
    CaseState.DISPOSING: (A.REPORT, A.FILE, A.DISPATCH, A.RECEIVE),
    CaseState.SUSPENDED: (A.REPORT, A.FILE, A.DISPATCH, A.ASK_SUSPENSION, A.APPROVE_SUSPENSION),
    CaseState.PENDING_FEEDBACK_REVIEW: (A.REPORT, A.FILE, A.DISPATCH, A.RECEIVE, A.FEED_BACK),
    CaseState.PENDING_CHECK: (A.REPORT, A.FILE, A.DISPATCH, A.RECEIVE, A.FEED_BACK, A.SEND_CHECK),
    CaseState.PENDING_CLOSE: (A.REPORT, A.FILE, A.DISPATCH, A.RECEIVE, A.FEED_BACK, A.SEND_CHECK, A.PASS_CHECK),
    CaseState.CLOSED: (A.REPORT, A.FILE, A.DISPATCH, A.RECEIVE, A.FEED_BACK, A.CLOSE_FROM_PHOTOS),
    CaseState.FORCED_CLOSED: (A.REPORT, A.FORCE_CLOSE),
    CaseState.VOIDED: (A.REPORT, A.FILE, A.ASK_VOID, A.APPROVE_VOID),
    CaseState.TRANSFERRED: (A.REPORT, A.TRANSFER),
}
"""The shortest way to each state."""


def command(action: Action, at: datetime = START, **parts: Any) -> Command:
    """A complete command by the usual actor. `facts` replace the usual ones, `more` adds to them."""
    facts: Mapping[str, Any] = parts.pop("facts", FACTS.get(action, {}))
    if action is Action.ASK_SUSPENSION and not facts:
        facts = {"until": at + timedelta(days=30)}
    if action is Action.SUPERVISE and not facts:
        facts = {"order_due": at + timedelta(days=1)}
    more = parts.pop("more", {})
    actor = parts.pop("actor", PEOPLE[ACTORS.get(action, Role.DISPATCHER)])
    reason = parts.pop("reason", "理由")
    return Command(action=action, actor=actor, at=at, facts={**facts, **more}, reason=reason, **parts)


class Walk:
    """One case under a policy; `do` moves it on by an hour's step and fails the test on a refusal."""

    def __init__(self, *actions: Action, policy: Policy = POLICY) -> None:
        self.policy = policy
        self.case: Case | None = None
        self.entries: list[Entry] = []
        self.now = START
        for action in actions:
            self.do(action)

    @property
    def standing(self) -> Case:
        assert self.case is not None
        return self.case

    def at(self, moment: datetime) -> Walk:
        """The time of what is done next."""
        self.now = moment
        return self

    def do(self, action: Action, **parts: Any) -> Walk:
        answer = decide(self.case, command(action, self.now, **parts), self.policy, case_no="CW202606010001")
        assert not isinstance(answer, Refusal), f"{action}: {answer}"
        self.case = answer.case
        self.entries.append(answer.entry)
        return self

    def refused(self, action: Action, **parts: Any) -> Refusal:
        answer = decide(self.case, command(action, self.now, **parts), self.policy, case_no="CW202606010002")
        assert isinstance(answer, Refusal), f"{action} was allowed in {self.case and self.case.state}"
        return answer


def walk_to(state: CaseState, policy: Policy = POLICY) -> Walk:
    """A case in the state, by the shortest way."""
    return Walk(*PATHS[state], policy=policy)


def with_policy(**switches: Any) -> Policy:
    """The usual policy with some switches set otherwise."""
    return replace(POLICY, **switches)


def local(day: str, clock: str) -> datetime:
    """A moment of early June 2026 in the city's zone, as UTC: ``local("06-01", "09:00")`` is `START`."""
    return datetime.fromisoformat(f"2026-{day}T{clock}").replace(tzinfo=ZONE).astimezone(UTC)


def kinds(photos: Iterable[str]) -> set[str]:
    return {photo.partition(":")[0] for photo in photos}
