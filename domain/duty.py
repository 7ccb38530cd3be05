"""Whose a case is, and why: the department a dispatcher is offered first (domain sheet 9.4, product sheet 3.8).

In this order: what was decided for the case, what was decided for its component, the component's own record, what was
decided for its class and place, the duty table (class × area), for events the office of the street, then the class's
own department.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.case import Case, CaseKind
from domain.city import CaseClass, Component, Department


class DutyReason(StrEnum):
    """Why a department is offered."""

    DECIDED = "decided"
    COMPONENT = "component"
    DUTY_TABLE = "duty_table"
    TERRITORY = "territory"
    CLASS = "class"


@dataclass(frozen=True, slots=True)
class Duty:
    """A line of the duty table: `area_code` is the beginning of a grid's code (district, street, …); empty: all."""

    class_code: str
    area_code: str
    department: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnershipDecision:
    """What an ownership decision (确权) on `case_no` said about more than the case itself.

    It holds for `component_code`, or where that is empty for a class in a grid, until `until` (None: for good).
    """

    case_no: str
    component_code: str
    class_code: str
    grid: str
    department: str
    decided_at: datetime
    until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A department that may be the right one; `detail` names what the reason rests on: a component, an area, a case."""

    department: str
    reason: DutyReason
    detail: str


class DutyTable:
    """The city's rules about whose work it is."""

    def __init__(self, duties: Iterable[Duty], classes: Iterable[CaseClass], departments: Iterable[Department]) -> None:
        self._duties: dict[str, list[Duty]] = {}
        for duty in duties:
            self._duties.setdefault(duty.class_code, []).append(duty)
        for lines in self._duties.values():
            lines.sort(key=lambda duty: -len(duty.area_code))
        self._of_class = {known.code: known.department for known in classes}
        territories = [found for found in departments if found.area_code]
        self._territories = sorted(territories, key=lambda found: -len(found.area_code))

    def suggest(
        self, case: Case, component: Component | None, decisions: Iterable[OwnershipDecision], now: datetime
    ) -> tuple[Suggestion, ...]:
        """Departments that may be right, best first, each once; empty where no rule says anything.

        `decisions` are those about the case's component, class and grid, newest first; `component` its record.
        """
        standing = [decision for decision in decisions if decision.holds(now)]
        found: dict[str, Suggestion] = {}
        for suggestion in self._all(case, component, standing):
            if suggestion.department:
                found.setdefault(suggestion.department, suggestion)
        return tuple(found.values())

    def _all(self, case: Case, component: Component | None, decisions: list[OwnershipDecision]) -> Iterator[Suggestion]:
        if case.owner_department is not None:
            yield Suggestion(case.owner_department, DutyReason.DECIDED, case.case_no)
        for decision in decisions:
            if decision.component_code and decision.component_code == case.component_code:
                yield Suggestion(decision.department, DutyReason.DECIDED, decision.case_no)
        if component is not None:
            yield Suggestion(component.department, DutyReason.COMPONENT, component.code)
        for decision in decisions:
            here = (decision.class_code, decision.grid) == (case.class_code, case.grid)
            if not decision.component_code and here:
                yield Suggestion(decision.department, DutyReason.DECIDED, decision.case_no)
        grid = case.grid or case.district or ""
        for duty in self._duties.get(case.class_code, ()):
            if grid.startswith(duty.area_code):
                yield Suggestion(duty.department, DutyReason.DUTY_TABLE, duty.area_code)
        if case.kind is CaseKind.EVENT:
            for office in self._territories:
                if grid.startswith(office.area_code):
                    yield Suggestion(office.code, DutyReason.TERRITORY, office.area_code)
        yield Suggestion(self._of_class.get(case.class_code, ""), DutyReason.CLASS, case.class_code)
