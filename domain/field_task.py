"""What waits for a collector to go and look (核实, 核查): which cases, until when, and in which order to walk them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.case import Case
from domain.case_rights import TASK_STATES, may_see
from domain.geo import distance_m
from domain.rights import Mode, Step, level_may
from domain.roles import Identity
from domain.step_clock import step_limit

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class FieldTask:
    """One case to look at, until `due` (domain sheet 5.3).

    `metres` from where the collector stands; None where either place is unknown.
    """

    case: Case
    due: datetime
    metres: float | None


def field_tasks(cases: Iterable[Case], who: Identity, mode: Mode, at: Point | None) -> list[FieldTask]:
    """The cases the collector may answer for: nearest first where a position is known, else the longest waiting."""
    mine = (case for case in cases if case.state in TASK_STATES and may_see(case, who))
    tasks = [_task(case, at) for case in mine if level_may(who, Step.CHECK, case, mode)]
    return sorted(tasks, key=_order)


def _task(case: Case, at: Point | None) -> FieldTask:
    metres = None
    if at is not None and case.lon is not None and case.lat is not None:
        metres = float(distance_m(*at, case.lon, case.lat))
    return FieldTask(case, case.state_since + (step_limit(case.state) or timedelta()), metres)


def _order(task: FieldTask) -> tuple[float, datetime, str]:
    far = float("inf") if task.metres is None else task.metres
    return far, task.due, task.case.case_no
