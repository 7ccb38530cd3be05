"""One case as the demo's people see it: who would act, when, and with what luck. `demo.story` makes plans of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from demo import people
from demo.luck import Luck
from demo.town import Town
from domain.action import Action, Command
from domain.case import Case, Severity
from domain.disposal_clock import unit_of
from domain.journal import milliseconds
from domain.policy import Policy
from domain.rights import Mode
from domain.roles import Identity, Role
from domain.worktime import added, limit_ms

Facts = Mapping[str, object]

NONE: Facts = {}
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
_DATES = frozenset({"until", "order_due", "owner_until"})
_MORNING, _EVENING = time(7), time(19)
"""When collectors walk their grids."""
_NIGHT_WATCH = 0.75
"""Share of their tasks that the few collectors who are out at night still do."""
_HURRY: Mapping[Severity, float] = {Severity.L1: 0.4, Severity.L2: 0.7, Severity.L3: 1.0, Severity.L4: 1.0}
"""How long the centre lets a case lie, by severity, against the usual."""


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


Plans = Iterator[Planned]


class Scene:
    """One case, as its people see it. `twin` is the case that tells of the same problem, where there is one.

    Chance is asked by what the case itself holds and by `now_asked`, its newest entry: claims change neither.
    """

    def __init__(self, town: Town, policy: Policy, case: Case, last_at: datetime, twin: str | None = None) -> None:
        self.town = town
        self.policy = policy
        self.case = case
        self.last_at = last_at
        self.twin = twin
        self.luck = Luck(town.seed, case.case_no)
        self.turn = f"{len(case.departments_tasked)}.{case.rework_count}"
        """Names the department's present try; a new one has new luck."""
        self.now_asked = str(milliseconds(last_at))

    @property
    def owner(self) -> str | None:
        """District whose centre the case belongs to; None for the city's."""
        two_levels = self.policy.mode is Mode.TWO_TWO
        return self.case.district if two_levels and self.case.owner_level == "district" else None

    def centre(self, role: Role) -> Identity:
        """Somebody of the centre in charge."""
        return self.town.roster.one(role, self.owner, self.luck, f"{role} {self.case.state}")

    def leader(self) -> Identity:
        """One of the city's leaders; always the same one for a case."""
        return self.town.roster.one(Role.LEADER, None, self.luck, "leader")

    def collector(self) -> Identity:
        """A collector of the district, or of the city where the city alone supervises."""
        district = self.case.district if self.policy.mode is Mode.TWO_TWO else None
        return self.town.roster.one(Role.COLLECTOR, district, self.luck, f"collector {self.turn}")

    def seat(self) -> Identity:
        """The seat of the department that has the case."""
        return self.town.seat(str(self.case.department))

    @property
    def right(self) -> str:
        """Whose work it is."""
        return self.case.owner_department or self.town.right_department(self.case)

    @property
    def department(self) -> people.Department:
        return people.department(self.town.seed, str(self.case.department))

    def chance(self, question: str, of: float) -> bool:
        """Asked anew whenever something has happened to the case."""
        return self.luck.chance(f"{question} {self.now_asked}", of)

    def said(self, question: str, words: tuple[str, ...]) -> str:
        return self.luck.one_of(f"{question} {self.now_asked}", words)

    def waits(self, what: str, usual: timedelta) -> datetime:
        """When the centre comes round to it: by the district's pace, faster for what is dangerous."""
        pace = self.town.pace(self.case.district) * _HURRY[self.case.severity]
        return self.case.state_since + self.luck.about(f"{what} {self.turn}", 1.0, spread=0.6) * pace * usual

    def soon(self, what: str, minutes: float) -> datetime:
        """Shortly after the newest entry."""
        return self.last_at + self.luck.about(f"{what} {self.now_asked}", minutes) * MINUTE

    def by_day(self, at: datetime, what: str) -> datetime:
        """The same moment if a collector is out then, else some time the next morning; danger knows no hours."""
        local = at.astimezone(self.town.zone)
        watched = _MORNING <= local.time() < _EVENING or self.case.severity is Severity.L1
        if watched or self.luck.chance(f"{what} at night", _NIGHT_WATCH):
            return at
        days = 1 if local.time() >= _EVENING else 0
        morning = datetime.combine(local.date() + timedelta(days=days), _MORNING, self.town.zone)
        return morning.astimezone(at.tzinfo) + self.luck.between(f"{what} morning", 5, 150) * MINUTE

    def into_limit(self, start: datetime, share: float) -> datetime:
        """`share` of the limit after `start` (before it when negative), in the limit's own time."""
        unit = unit_of(self.case)
        return added(start, round(share * self.limit_ms), unit, self.policy.calendar)

    @property
    def limit_ms(self) -> int:
        return limit_ms(self.case.limit_value or 8.0, unit_of(self.case))

    def plan(self, at: datetime, action: Action, actor: Identity, reason: str = "", facts: Facts = NONE) -> Planned:
        """What will happen in any case, at its time or, if that has passed, soon."""
        return Planned(max(at, self.last_at + MINUTE), action, actor, reason, facts)

    def once(self, at: datetime, action: Action, actor: Identity, reason: str = "", facts: Facts = NONE) -> Plans:
        """What happens at its time or never: if that has passed, it was done."""
        if at > self.last_at:
            yield Planned(at, action, actor, reason, facts)

    def photo(self, kind: str) -> list[str]:
        return [f"{kind}:{self.luck.hex(f'{kind} {self.now_asked}')}"]
