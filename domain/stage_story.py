"""The seven stages of one case with their times and owners, and how long each step took (domain sheets 4.2, 5.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.case import STAGE_OF, CaseState, Stage
from domain.deadline_story import DeadlineStory
from domain.journal import Entry
from domain.step_clock import Stay, stays, step_limit


class Passed(StrEnum):
    """How far a case is with a stage."""

    DONE = "done"
    NOW = "now"
    AHEAD = "ahead"
    SKIPPED = "skipped"
    """The case ended, or went on, without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTold:
    """One stage: when the case first entered it, when it last left, time spent there in all, and how often it came."""

    stage: Stage
    passed: Passed
    entered: datetime | None
    left: datetime | None
    spent: timedelta
    visits: int
    ended_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTold:
    """One stay in a state; `on_time` None where the step has no limit of its own, or is not over and not late."""

    state: CaseState
    start: datetime
    end: datetime | None
    ended_by: str | None
    spent: timedelta
    limit: timedelta | None
    on_time: bool | None


def stages_told(entries: Sequence[Entry], now: datetime) -> tuple[StageTold, ...]:
    """All seven, in their order."""
    found = list(stays(entries))
    current = STAGE_OF[found[-1].state] if found else None
    order = list(Stage)
    reached = max((order.index(stage) for stay in found if (stage := STAGE_OF[stay.state])), default=-1)
    told = [_stage(stage, found, current, order.index(stage) <= reached, now) for stage in order]
    if entries and not told[0].visits:
        told[0] = _collected_at_once(entries[0])
    return tuple(told)


def _collected_at_once(first: Entry) -> StageTold:
    """A collector has seen it on the spot: collection is over as it arrives."""
    return StageTold(
        stage=Stage.COLLECTION,
        passed=Passed.DONE,
        entered=first.at,
        left=first.at,
        spent=timedelta(),
        visits=1,
        ended_by=first.actor,
    )


def _stage(stage: Stage, found: Iterable[Stay], current: Stage | None, behind: bool, now: datetime) -> StageTold:
    mine = [stay for stay in found if STAGE_OF[stay.state] is stage]
    last = mine[-1] if mine else None
    done = Passed.DONE if mine else Passed.SKIPPED if behind else Passed.AHEAD
    lasting = stage is current and stage is not Stage.EVALUATION
    return StageTold(
        stage=stage,
        passed=Passed.NOW if lasting else done,
        entered=mine[0].start if mine else None,
        left=last.end if last else None,
        spent=sum(((stay.end or (now if lasting else stay.start)) - stay.start for stay in mine), timedelta()),
        visits=_visits(mine),
        ended_by=last.ended_by if last else None,
    )


def _visits(mine: Sequence[Stay]) -> int:
    """Stays that follow each other without a gap are one visit."""
    return sum(index == 0 or stay.start != mine[index - 1].end for index, stay in enumerate(mine))


def steps_told(entries: Sequence[Entry], story: DeadlineStory | None, now: datetime) -> tuple[StepTold, ...]:
    """Every stay in a state but an end, oldest first, with its own limit where the hall has one."""
    return tuple(
        _step(stay, story, now) for stay in stays(entries) if STAGE_OF[stay.state] not in (None, Stage.EVALUATION)
    )


def _step(stay: Stay, story: DeadlineStory | None, now: datetime) -> StepTold:
    spent, limit = (stay.end or now) - stay.start, step_limit(stay.state)
    on_time = None if limit is None else spent <= limit
    if stay.end is None and on_time:
        on_time = None  # it may still become late
    if stay.state is CaseState.DISPOSING:
        on_time = _disposed_on_time(stay, story, now)
    return StepTold(
        state=stay.state,
        start=stay.start,
        end=stay.end,
        ended_by=stay.ended_by,
        spent=spent,
        limit=limit,
        on_time=on_time,
    )


def _disposed_on_time(stay: Stay, story: DeadlineStory | None, now: datetime) -> bool | None:
    """Disposal has the case's own deadline: only the limit that holds now can be judged by."""
    if story is None or story.end is None or stay.start < story.start:
        return None
    if stay.end is None:
        return None if now <= story.end else False
    return stay.end <= story.end
