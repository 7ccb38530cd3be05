"""`/api/v1/cases/{no}/story`: what a page tells of a case beyond its facts.

Stages and steps with times and owners, why the deadline is what it is, who must act next, what each entry changed in
words, whether its chain of hashes is whole, and what its codes are called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from fastapi import APIRouter, HTTPException

from api.case_changes import Told, changes_told
from api.identity import asker
from data_access.journal_check import faults_of
from data_access.refusals import Names
from domain.case import Case
from domain.case_rights import may_see
from domain.deadline_story import DeadlineStory, deadline_story
from domain.disposal_clock import case_lamp, share_used
from domain.fact_kinds import LIMIT_UNITS
from domain.journal import Entry, milliseconds
from domain.offers import next_steps
from domain.policy import Policy
from domain.roles import Identity, Permission, Role
from domain.stage_story import StageTold, StepTold, stages_told, steps_told
from domain.transitions import TRANSITIONS
from domain.words import ROLES, SEVERITIES, SHAPES, SOURCES, STAGES, STATES
from runtime.i18n import t


class Cases(Protocol):
    """What knows cases. Blocking."""

    def get(self, case_no: str) -> Case | None: ...

    def history(self, case_no: str) -> tuple[Entry, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStories:
    """What the answer is made of."""

    cases: Cases
    policy: Policy
    called: Names
    class_names: Mapping[str, str]
    district_names: Mapping[str, str]
    now: Callable[[], datetime]

    def of(self, case_no: str, who: Identity) -> dict[str, Any] | None:
        """The story; None where there is no such case for this person. Blocking."""
        case = self.cases.get(case_no)
        if case is None or not may_see(case, who):
            return None
        entries, now = self.cases.history(case_no), self.now()
        story = deadline_story(entries, self.policy)
        return {
            "case_no": case_no,
            "version": case.version,
            "now": milliseconds(now),
            "zone": self.policy.calendar.zone.key,
            "names": self._names(case),
            "stages": [self._stage(told) for told in stages_told(entries, now)],
            "steps": [self._step(told) for told in steps_told(entries, story, now)],
            "deadline": None if story is None else self._deadline(story, case, now),
            "next": _next(case),
            "changes": changes_told(entries, self._told(), personal=who.may(Permission.SEE_PERSONAL_DATA)),
            "chain": _chain(entries),
        }

    def _told(self) -> Told:
        return Told(
            self.called.department,
            lambda code: self.class_names.get(code, code),
            lambda code: self.district_names.get(code, code),
        )

    def _names(self, case: Case) -> dict[str, Any]:
        codes = {code for code in (case.department, case.owner_department, *case.assisting) if code}
        codes |= {str(code) for code in [case.emergency.get("department")] if code}
        return {
            "state": t(STATES[case.state]),
            "severity": t(SEVERITIES[case.severity]),
            "shape": SHAPES[case.severity],
            "source": t(SOURCES[case.source]),
            "class": self.class_names.get(case.class_code, case.class_code),
            "district": self.district_names.get(case.district or "", case.district or ""),
            "departments": {code: self.called.department(code) for code in sorted(codes)},
        }

    def _person(self, name: str | None) -> str | None:
        return None if name is None else self.called.person(name)

    def _stage(self, told: StageTold) -> dict[str, Any]:
        return {
            "stage": told.stage.value,
            "label": t(STAGES[told.stage]),
            "passed": told.passed.value,
            "entered": _ms(told.entered),
            "left": _ms(told.left),
            "spent_ms": _length(told.spent),
            "visits": told.visits,
            "ended_by": self._person(told.ended_by),
        }

    def _step(self, told: StepTold) -> dict[str, Any]:
        return {
            "state": told.state.value,
            "label": t(STATES[told.state]),
            "start": milliseconds(told.start),
            "end": _ms(told.end),
            "ended_by": self._person(told.ended_by),
            "spent_ms": _length(told.spent),
            "limit_ms": None if told.limit is None else _length(told.limit),
            "on_time": told.on_time,
        }

    def _deadline(self, story: DeadlineStory, case: Case, now: datetime) -> dict[str, Any]:
        lamp = case_lamp(case, now, self.policy.calendar)
        return {
            "running": story.running.value,
            "unit": t(LIMIT_UNITS[story.unit]),
            "continuous": story.unit.continuous,
            "limit_value": story.limit_value,
            "filing_condition": story.filing_condition,
            "limit_code": story.limit_code,
            "start": milliseconds(story.start),
            "started_by": t(TRANSITIONS[story.started_by].zh),
            "department": None if story.department is None else self.called.department(story.department),
            "first_end": milliseconds(story.first_end),
            "pauses": [
                {
                    "start": milliseconds(pause.start),
                    "end": _ms(pause.end),
                    "cause": t(TRANSITIONS[pause.cause].zh),
                    "reason": pause.reason,
                    "spent_ms": pause.spent_ms,
                }
                for pause in story.pauses
            ],
            "extensions": [
                {
                    "at": milliseconds(extension.at),
                    "actor": self.called.person(extension.actor),
                    "reason": extension.reason,
                    "more_ms": extension.more_ms,
                }
                for extension in story.extensions
            ],
            "end": _ms(story.end),
            "left_ms": story.left_ms,
            "restarts": story.restarts,
            "computed_with": story.computed_with,
            "calendar": story.calendar,
            "adds_up": story.adds_up,
            "lamp": None if lamp is None else lamp.value,
            "share": share_used(case, now, self.policy.calendar),
        }


def _next(case: Case) -> list[dict[str, Any]]:
    return [
        {
            "action": step.action.value,
            "label": t(TRANSITIONS[step.action].zh),
            "posts": [t(ROLES[post]) for post in _in_order(step.posts)],
        }
        for step in next_steps(case.state)
    ]


def _in_order(posts: Iterable[Role]) -> list[Role]:
    wanted = set(posts)
    return [role for role in Role if role in wanted]


def _chain(entries: tuple[Entry, ...]) -> dict[str, Any]:
    """Whether the entries are those that were written; `verify-journal` looks at all cases."""
    faults = faults_of(entries)
    return {"entries": len(entries), "whole": not faults, "broken_at": [fault.version for fault in faults]}


def _ms(at: datetime | None) -> int | None:
    return None if at is None else milliseconds(at)


def _length(span: timedelta) -> int:
    return round(span.total_seconds() * 1000)


def case_story_router(stories: CaseStories) -> APIRouter:
    """The route. A plain function: the framework runs it in threads."""
    router = APIRouter(tags=["cases"])

    @router.get(
        "/api/v1/cases/{case_no}/story", summary="Stages, steps, the deadline explained, what each entry changed"
    )
    def story(case_no: str) -> dict[str, Any]:
        found = stories.of(case_no, asker())
        if found is None:
            raise HTTPException(404, "no such case")
        return found

    return router
