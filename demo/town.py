"""The demo city as its people know it: what happens where, whose it is, and what the rules say about it.

Read once from the stored city (`demo.town_reader`); everything asked of it afterwards answers from memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from demo import people
from demo.luck import Luck
from demo.people import Roster
from domain.case import Case
from domain.city import CaseClass, Department, Level, LimitRule
from domain.journal import milliseconds
from domain.roles import Identity, Role

DANGEROUS_RULE_WEIGHT = 0.1
"""How often the condition that endangers somebody is found, against each of the others of its class."""

Keeper = Callable[[str, str, str], str]
"""Class, district and grid → the department whose work it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Somewhere things happen. At a component, `class_code` and `component_code` say which object it is."""

    address: str
    lon: float
    lat: float
    district: str
    grid: str
    class_code: str = ""
    component_code: str = ""


@dataclass(frozen=True, kw_only=True)
class Town:
    """Places, classes, rules and people of the demo city. `districts` are ordered by code.

    `streets` are a district's spots where events happen, `objects` those that are components.
    """

    seed: int
    zone: ZoneInfo
    districts: tuple[str, ...]
    classes: Mapping[str, CaseClass]
    rules: Mapping[str, Sequence[LimitRule]]
    departments: Mapping[str, Department]
    keeper: Keeper
    roster: Roster
    streets: Mapping[str, Sequence[Spot]]
    objects: Mapping[str, Sequence[Spot]]

    def pace(self, district: str | None) -> float:
        """How long work lies at the district's centre, 1.0 being usual."""
        return self._paces.get(district or "", 1.0)

    @cached_property
    def _paces(self) -> Mapping[str, float]:
        order = sorted(self.districts, key=lambda code: Luck(self.seed, f"order {code}").share("pace"))
        return {code: people.pace(self.seed, code, rank, len(order)) for rank, code in enumerate(order)}

    def rule_seen(self, class_code: str, reported_at_ms: int) -> LimitRule | None:
        """The filing condition found on the spot; None where the city has no rule for the class.

        It follows from class and time alone: whoever reports and whoever files see the same.
        """
        rules = self.rules.get(class_code)
        if not rules:
            return None
        luck = Luck(self.seed, f"found {class_code} {reported_at_ms}")
        ordinary = [rule for rule in rules if not rule.limit_unit.startswith("urgent")] or rules
        return luck.one_of("rule", rules if luck.chance("urgent", DANGEROUS_RULE_WEIGHT) else ordinary)

    def rule(self, case: Case) -> LimitRule | None:
        """The filing condition that fits the case: the one its description names, if it names one."""
        told = [rule for rule in self.rules.get(case.class_code, ()) if rule.filing_condition in case.description]
        if told:
            return max(told, key=lambda rule: len(rule.filing_condition))
        return self.rule_seen(case.class_code, milliseconds(case.reported_at))

    def right_department(self, case: Case) -> str:
        """Whose work it is: components belong to their line department, events to the district (domain sheet 1)."""
        return self.keeper(case.class_code, case.district or "", case.grid or "")

    def another_department(self, case: Case, right: str, question: str = "wrong department") -> str:
        """One that a dispatcher could take for the right one."""
        near = [code for code in self._of_district.get(case.district or "", ()) if code != right]
        return Luck(self.seed, case.case_no).one_of(question, near) if near else right

    def head_of(self, department: str) -> str | None:
        """The district department through which the city reaches another one of the district; None for all others."""
        found = self.departments.get(department)
        if found is None or found.level is Level.CITY:
            return None
        head = next(iter(self._of_district.get(found.district_code, ())), None)
        return None if head == department else head

    @cached_property
    def _of_district(self) -> Mapping[str, Sequence[str]]:
        local = [found for found in self.departments.values() if found.level is Level.DISTRICT]
        return {
            district: [found.code for found in local if found.district_code == district] for district in self.districts
        }

    def seat(self, department: str) -> Identity:
        """Somebody at the seat of a department; always the same one."""
        return self._seats[department]

    @cached_property
    def _seats(self) -> Mapping[str, Identity]:
        return {code: self._seat(found) for code, found in self.departments.items()}

    def _seat(self, department: Department) -> Identity:
        hired = self.roster.seats.get(department.code)
        if hired is not None:
            return hired
        return Identity(
            name=f"seat-{department.code}",
            display_name=department.name,
            role=Role.DEPARTMENT,
            department=department.code,
        )
