"""How long each step of a case took, read from its journal (domain sheet 5.3): posts are graded on these clocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.case import CaseState
from domain.journal import Entry
from domain.transition import RUNNING_CLOCK, Clock
from domain.words import text

STEP_LIMITS: dict[Clock, timedelta] = {
    Clock.ACCEPTANCE: timedelta(minutes=15),
    Clock.VERIFY: timedelta(minutes=30),
    Clock.FILING: timedelta(minutes=15),
    Clock.DISPATCH: timedelta(minutes=15),
    Clock.CHECK: timedelta(minutes=30),
}
"""The usual limits of the hall's own steps, in continuous time (5.3). Disposal has its class's; closing has none."""

STEP_WORDS: dict[CaseState, str] = {
    CaseState.PENDING_ACCEPTANCE: text("上报→受理"),
    CaseState.PENDING_VERIFY: text("核实"),
    CaseState.PENDING_FILING: text("受理→立案"),
    CaseState.PENDING_DISPATCH: text("立案→派遣"),
    CaseState.PENDING_DISPOSAL: text("派遣→签收"),
    CaseState.DISPOSING: text("签收→反馈"),
    CaseState.SUSPENDED: text("挂账"),
    CaseState.PENDING_FEEDBACK_REVIEW: text("反馈→发送核查"),
    CaseState.PENDING_CHECK: text("核查"),
    CaseState.PENDING_CLOSE: text("核查→结案"),
}
"""The stays a case's time is made of, in the order of the loop, each called by what it waits for."""


def step_limit(state: CaseState) -> timedelta | None:
    """How long a case may stay in a state, where that is a step of the hall itself."""
    clock = RUNNING_CLOCK[state]
    return None if clock is None else STEP_LIMITS.get(clock)


@dataclass(frozen=True, slots=True)
class Stay:
    """A case's stay in one state: who ended it and when, by which entry; None while it lasts."""

    state: CaseState
    start: datetime
    end: datetime | None = None
    ended_by: str | None = None
    ending: Entry | None = field(default=None, compare=False)

    @property
    def clock(self) -> Clock | None:
        return RUNNING_CLOCK[self.state]


def stays(entries: Iterable[Entry]) -> Iterator[Stay]:
    """The states a case went through, oldest first."""
    current: Stay | None = None
    for entry in entries:
        if "state" not in entry.changes:
            continue
        if current is not None:
            yield Stay(current.state, current.start, entry.at, entry.actor, entry)
        current = Stay(CaseState(entry.changes["state"]), entry.at)
    if current is not None:
        yield current


def clock_time(entries: Iterable[Entry], clock: Clock, now: datetime) -> timedelta:
    """Time on one clock so far: while a verify or check task is out, its sender's clock stands."""
    return sum(((stay.end or now) - stay.start for stay in stays(entries) if stay.clock is clock), timedelta())
