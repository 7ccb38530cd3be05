"""What the demo city's people do next with a case, and when: the seven steps with their waits, quarrels and mistakes.

`next_step` looks at the case alone. The times it names follow from the case's own times and its luck, so asking again
gives the same answer, and what lies before the case's newest entry has happened already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from demo import people, reasons
from demo.luck import Luck
from demo.town import Town
from domain.action import Action, Command
from domain.case import Case, CaseState, Severity, Source
from domain.disposal_clock import unit_of
from domain.journal import milliseconds
from domain.policy import Policy
from domain.rights import Mode
from domain.roles import Identity, Role
from domain.transition import Request
from domain.worktime import added, limit_ms

Facts = Mapping[str, object]

_NONE: Facts = {}
_DATES = frozenset({"until", "order_due"})
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_MORNING, _EVENING = time(7), time(19)
"""When collectors walk their grids."""
_HURRY: Mapping[Severity, float] = {Severity.L1: 0.4, Severity.L2: 0.7, Severity.L3: 1.0, Severity.L4: 1.0}
"""How long the centre lets a case lie, by severity, against the usual."""
_MOST_SEND_BACKS = 3
_MOST_REWORKS = 2
_LONG_WORK_MS = 5 * 8 * 3_600_000
"""A limit from which work may turn out to need a season or a plan: five working days."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One thing somebody will do to a case."""

    at: datetime
    action: Action
    actor: Identity
    reason: str = ""
    facts: Facts = field(default_factory=dict)

    def command(self, case: Case, at: datetime) -> Command:
        """The command that does it, given at `at` by somebody who sees the case as it is."""
        facts = dict(self.facts)
        for name in _DATES & facts.keys():  # a date given later lies as much later
            facts[name] = self.facts[name] + milliseconds(at) - milliseconds(self.at)  # type: ignore[operator]
        return Command(
            action=self.action,
            actor=self.actor,
            at=at,
            case_no=case.case_no,
            expected_version=case.version,
            reason=self.reason,
            facts=facts,
        )


class Story:
    """Plans for every case of a town."""

    def __init__(self, town: Town, policy: Policy) -> None:
        self._town = town
        self._policy = policy

    def next_step(self, case: Case, last_at: datetime) -> Planned | None:
        """The next thing that happens to the case, after `last_at`, the time of its newest entry. None: it is over."""
        if case.is_final:
            return None
        plans = _PLANS[case.state](_Scene(self._town, self._policy, case, last_at))
        return min(plans, key=lambda plan: plan.at)


class _Scene:
    """One case, as its people see it."""

    def __init__(self, town: Town, policy: Policy, case: Case, last_at: datetime) -> None:
        self.town = town
        self.policy = policy
        self.case = case
        self.last_at = last_at
        self.luck = Luck(town.seed, case.case_no)
        self.turn = f"{len(case.departments_tasked)}.{case.rework_count}"
        """Names the department's present try; a new one has new luck."""

    @property
    def owner(self) -> str | None:
        """District whose centre the case belongs to; None for the city's."""
        two_levels = self.policy.mode is Mode.TWO_TWO
        return self.case.district if two_levels and self.case.owner_level == "district" else None

    def centre(self, role: Role) -> Identity:
        """Somebody of the centre in charge."""
        return self.town.roster.one(role, self.owner, self.luck, f"{role} {self.case.state}")

    def collector(self) -> Identity:
        """A collector of the district, or of the city where the city alone supervises."""
        district = self.case.district if self.policy.mode is Mode.TWO_TWO else None
        return self.town.roster.one(Role.COLLECTOR, district, self.luck, f"collector {self.turn}")

    def seat(self) -> Identity:
        """The seat of the department that has the case."""
        return self.town.seat(str(self.case.department))

    @property
    def department(self) -> people.Department:
        return people.department(self.town.seed, str(self.case.department))

    def waits(self, what: str, usual: timedelta) -> datetime:
        """When the centre comes round to it: by the district's pace, faster for what is dangerous."""
        pace = self.town.pace(self.case.district) * _HURRY[self.case.severity]
        return self.case.state_since + self.luck.about(f"{what} {self.turn}", 1.0, spread=0.6) * pace * usual

    def soon(self, what: str, minutes: float) -> datetime:
        """Shortly after the newest entry."""
        return self.last_at + self.luck.about(f"{what} {self.case.version}", minutes) * _MINUTE

    def by_day(self, at: datetime, what: str) -> datetime:
        """The same moment if collectors are out then, else some time the next morning; danger knows no hours."""
        local = at.astimezone(self.town.zone)
        if _MORNING <= local.time() < _EVENING or self.case.severity is Severity.L1:
            return at
        days = 1 if local.time() >= _EVENING else 0
        morning = datetime.combine(local.date() + timedelta(days=days), _MORNING, self.town.zone)
        return morning.astimezone(at.tzinfo) + self.luck.between(f"{what} morning", 5, 150) * _MINUTE

    def into_limit(self, start: datetime, share: float) -> datetime:
        """`share` of the limit after `start` (before it when negative), in the limit's own time."""
        unit = unit_of(self.case)
        return added(start, round(share * self.limit_ms), unit, self.policy.calendar)

    @property
    def limit_ms(self) -> int:
        return limit_ms(self.case.limit_value or 8.0, unit_of(self.case))

    def plan(self, at: datetime, action: Action, actor: Identity, reason: str = "", facts: Facts = _NONE) -> Planned:
        """What will happen in any case, at its time or, if that has passed, soon."""
        return Planned(max(at, self.last_at + _MINUTE), action, actor, reason, facts)

    def once(
        self, at: datetime, action: Action, actor: Identity, reason: str = "", facts: Facts = _NONE
    ) -> Iterator[Planned]:
        """What happens at its time or never: if that has passed, it was done."""
        if at > self.last_at:
            yield Planned(at, action, actor, reason, facts)

    def photo(self, kind: str) -> list[str]:
        return [f"{kind}:{self.luck.hex(f'{kind} {self.case.version}')}"]


def _acceptance(scene: _Scene) -> Iterator[Planned]:
    """An acceptor looks at a call: out of scope, somebody else's, or to be verified; what was not so is refused."""
    acceptor, luck = scene.centre(Role.ACCEPTOR), scene.luck
    at = scene.soon("accept", 6)
    seen_before = scene.case.version > 1
    if seen_before or luck.chance("refuse", 0.06):
        yield scene.plan(at, Action.REFUSE_ACCEPTANCE, acceptor, luck.one_of("why refused", reasons.REFUSED))
    elif luck.chance("transfer", 0.015):
        yield scene.plan(at, Action.TRANSFER, acceptor, luck.one_of("why transferred", reasons.TRANSFERRED))
    else:
        yield scene.plan(at, Action.SEND_VERIFY, acceptor)


def _verify(scene: _Scene) -> Iterator[Planned]:
    at = scene.by_day(scene.soon("verify", 25), "verify")
    found = scene.luck.chance("true", 0.9)
    reason = "" if found else scene.luck.one_of("why not so", reasons.NOT_SO)
    facts: Facts = {"result": "true" if found else "false", "photos": scene.photo("near")}
    yield scene.plan(at, Action.ANSWER_VERIFY, scene.collector(), reason, facts)


def _filing(scene: _Scene) -> Iterator[Planned]:
    """The shift leader picks the filing condition; that fixes limit and closing condition."""
    leader, case = scene.centre(Role.SHIFT_LEADER), scene.case
    at = scene.soon("file", 9)
    rule = scene.town.rule(case)
    if rule is None or scene.luck.chance("not filed", 0.025):
        reason = scene.luck.one_of("why not filed", reasons.NOT_FILED)
        yield scene.plan(at, Action.REFUSE_FILING, leader, reason, {"result": "rejected"})
        return
    facts: Facts = {
        "filing_condition": rule.filing_condition,
        "closing_condition": rule.closing_condition,
        "limit_value": rule.limit_value,
        "limit_unit": rule.limit_unit,
    }
    yield scene.plan(at, Action.FILE, leader, facts=facts)


def _dispatch(scene: _Scene) -> Iterator[Planned]:
    """To the right department, or at first to a wrong one; a duplicate is voided."""
    case, luck = scene.case, scene.luck
    at = scene.soon("dispatch", 11)
    if case.current_request == Request.VOID:
        yield scene.plan(at, Action.APPROVE_VOID, scene.centre(Role.SHIFT_LEADER))
        return
    if case.owner_department is None and case.send_back_count >= scene.policy.send_backs_before_decision:
        decided = {"owner_department": scene.town.right_department(case), "owner_scope": "case"}
        yield scene.plan(at, Action.DECIDE_OWNERSHIP, scene.centre(Role.SHIFT_LEADER), reasons.DECIDED, decided)
        return
    dispatcher = scene.centre(Role.DISPATCHER)
    if not case.departments_tasked and luck.chance("void", 0.01):
        yield scene.plan(at, Action.ASK_VOID, dispatcher, luck.one_of("why void", reasons.VOID))
        return
    right = scene.town.right_department(case)
    wrong = not case.departments_tasked and luck.chance("wrong", 0.05)
    department = scene.town.another_department(case, right) if wrong else right
    again = department in case.departments_tasked[-1:]
    yield scene.plan(at, Action.DISPATCH, dispatcher, reasons.YOURS if again else "", {"department": department})


def _at_department(scene: _Scene) -> Iterator[Planned]:
    """Work lies with the department: it receives it, or says it is not its own."""
    yield from _pressure(scene)
    if scene.case.current_request:
        yield _answer(scene)
        return
    case, luck = scene.case, scene.luck
    not_ours = case.department != scene.town.right_department(case)
    if (
        case.owner_department is None
        and case.send_back_count < _MOST_SEND_BACKS
        and (luck.chance(f"send back {scene.turn}", 0.95 if not_ours else scene.department.passes_on))
    ):
        asked = scene.into_limit(case.state_since, luck.between(f"asked {scene.turn}", 0.02, 0.1))
        yield from scene.once(asked, Action.ASK_SEND_BACK, scene.seat(), luck.one_of(scene.turn, reasons.NOT_OURS))
    received = scene.into_limit(case.state_since, luck.between(f"received {scene.turn}", 0.02, 0.2))
    yield scene.plan(received, Action.RECEIVE, scene.seat())


def _at_work(scene: _Scene) -> Iterator[Planned]:
    """The department works: it finishes by its own character, and may ask for more time, or to wait for a season."""
    yield from _pressure(scene)
    if scene.case.current_request:
        yield _answer(scene)
        return
    yield from _more_time(scene)
    yield from _let_off(scene)
    yield scene.plan(_finished_at(scene), Action.FEED_BACK, scene.seat(), facts={"photos": scene.photo("after")})


def _finished_at(scene: _Scene) -> datetime:
    """So many shares of the limit before or after the deadline, wherever the deadline has moved by now."""
    luck, case = scene.luck, scene.case
    if luck.chance(f"on time {scene.turn}", scene.department.on_time):
        share = luck.between(f"share {scene.turn}", 0.3, 0.98)
    else:
        share = 1 + luck.about(f"late {scene.turn}", 0.3, spread=1.2)
    least = scene.into_limit(case.state_since, luck.between(f"least {scene.turn}", 0.05, 0.2))
    return least if case.deadline is None else max(least, scene.into_limit(case.deadline, share - 1))


def _more_time(scene: _Scene) -> Iterator[Planned]:
    case, luck = scene.case, scene.luck
    if case.deadline is None or case.extension_count or not luck.chance(f"extension {scene.turn}", 0.04):
        return
    at = scene.into_limit(case.deadline, -luck.between("before deadline", 0.05, 0.3))
    yield from scene.once(at, Action.ASK_EXTENSION, scene.seat(), luck.one_of("more time", reasons.MORE_TIME))


def _let_off(scene: _Scene) -> Iterator[Planned]:
    case, luck = scene.case, scene.luck
    if case.assigned_at is None or scene.limit_ms < _LONG_WORK_MS or not luck.chance("suspension", 0.05):
        return
    at = scene.into_limit(case.assigned_at, luck.between("let off", 0.02, 0.15))
    until = milliseconds(at + timedelta(days=round(luck.between("until", 7, 45))))
    yield from scene.once(
        at, Action.ASK_SUSPENSION, scene.seat(), luck.one_of("season", reasons.LATER), {"until": until}
    )


def _answer(scene: _Scene) -> Planned:
    """The dispatcher decides what the department asked for."""
    request = Request(str(scene.case.current_request))
    approve, refuse, granted = _ANSWERS[request]
    dispatcher, at = scene.centre(Role.DISPATCHER), scene.soon("answer", 25)
    if request is Request.SEND_BACK:
        granted = 0.97 if scene.case.department != scene.town.right_department(scene.case) else 0.45
    if scene.luck.chance(f"granted {scene.case.version}", granted):
        return scene.plan(at, approve, dispatcher)
    return scene.plan(at, refuse, dispatcher, scene.luck.one_of("why refused it", reasons.NO))


_ANSWERS: Mapping[Request, tuple[Action, Action, float]] = {
    Request.SEND_BACK: (Action.APPROVE_SEND_BACK, Action.REFUSE_SEND_BACK, 0.0),
    Request.EXTENSION: (Action.APPROVE_EXTENSION, Action.REFUSE_EXTENSION, 0.75),
    Request.SUSPENSION: (Action.APPROVE_SUSPENSION, Action.REFUSE_SUSPENSION, 0.7),
}
"""What approves and refuses each request, and how often it is approved."""


def _pressure(scene: _Scene) -> Iterator[Planned]:
    """Dispatchers urge what is late; a leader takes up what is dangerous, or very late."""
    case, luck = scene.case, scene.luck
    if case.deadline is None:
        return
    if luck.chance("urged", 0.6):
        at = scene.into_limit(case.deadline, 0.05)
        yield from scene.once(at, Action.URGE, scene.centre(Role.DISPATCHER), reasons.URGED)
    if case.order_open and case.order_at is not None and luck.chance("answered", 0.85):
        at = case.order_at + luck.about("answer order", 3.0, spread=1.0) * _HOUR
        yield from scene.once(
            at, Action.ANSWER_ORDER, scene.seat(), luck.one_of("answer order", reasons.ORDER_ANSWERED)
        )
    if case.supervised or case.dispatched_at is None:
        return
    dangerous = case.severity is Severity.L1 and luck.chance("supervised", 0.3)
    if dangerous or luck.chance("supervised late", 0.25):
        at = case.dispatched_at + 12 * _MINUTE if dangerous else scene.into_limit(case.deadline, 0.8)
        leader = scene.town.roster.one(Role.LEADER, None, luck, "leader")
        due = milliseconds(at + (2 if dangerous else 24) * _HOUR)
        reason = luck.one_of("why supervised", reasons.SUPERVISED)
        yield from scene.once(at, Action.SUPERVISE, leader, reason, {"order_due": due})


def _suspended(scene: _Scene) -> Iterator[Planned]:
    at = scene.case.suspended_until or scene.last_at + 24 * _HOUR
    yield scene.plan(at, Action.RESUME, scene.centre(Role.DISPATCHER))


def _review(scene: _Scene) -> Iterator[Planned]:
    """The acceptor looks at the photos: enough to close at once, or a collector goes and looks."""
    at = scene.waits("review", 5 * _HOUR)
    if scene.luck.chance("photos enough", 0.12):
        closing = _closing_facts(scene.case)
        yield scene.plan(at, Action.CLOSE_FROM_PHOTOS, scene.centre(Role.SHIFT_LEADER), facts=closing)
    else:
        yield scene.plan(at, Action.SEND_CHECK, scene.centre(Role.ACCEPTOR))


def _check(scene: _Scene) -> Iterator[Planned]:
    case, luck = scene.case, scene.luck
    at = scene.by_day(scene.waits("check", 12 * _HOUR), "check")
    if case.rework_count < _MOST_REWORKS and luck.chance(f"bad work {scene.turn}", scene.department.careless):
        reason = luck.one_of(f"bad work {scene.turn}", reasons.BAD_WORK)
        yield scene.plan(at, Action.FAIL_CHECK, scene.collector(), reason, {"photos": scene.photo("near")})
    else:
        yield scene.plan(at, Action.PASS_CHECK, scene.collector(), facts={"photos": scene.photo("after")})


def _closing(scene: _Scene) -> Iterator[Planned]:
    usual = _HOUR if scene.case.self_disposed else 17 * _HOUR
    at = scene.waits("close", usual)
    yield scene.plan(at, Action.CLOSE, scene.centre(Role.SHIFT_LEADER), facts=_closing_facts(scene.case))


def _closing_facts(case: Case) -> Facts:
    return {"called_back": True} if case.source is Source.HOTLINE else {}


_PLANS: Mapping[CaseState, Callable[[_Scene], Iterator[Planned]]] = {
    CaseState.PENDING_ACCEPTANCE: _acceptance,
    CaseState.PENDING_VERIFY: _verify,
    CaseState.PENDING_FILING: _filing,
    CaseState.PENDING_DISPATCH: _dispatch,
    CaseState.PENDING_DISPOSAL: _at_department,
    CaseState.DISPOSING: _at_work,
    CaseState.SUSPENDED: _suspended,
    CaseState.PENDING_FEEDBACK_REVIEW: _review,
    CaseState.PENDING_CHECK: _check,
    CaseState.PENDING_CLOSE: _closing,
}
