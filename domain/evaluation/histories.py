"""What evaluation counts beside the base counts of 6.1: from each case's facts and entries as they stood at T1.

Steps of the hall's own posts are judged each by its own stay and limit (domain sheet 5.3, 6.6): done in the period, on
time or not, or still waiting at T1 past its limit, which is due but nobody's yet. Events (a failed check, a send-back)
belong to the department that held the case when they happened, everything else to the unit that holds it at T1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.action import Action
from domain.case import CaseState, Source
from domain.case_query import Count
from domain.evaluation.scheme import Target
from domain.facts import CaseFacts
from domain.indicators import BEGINNING, Convention, belongs, counted, evaluated
from domain.journal import Entry
from domain.period import Window
from domain.roles import Role
from domain.step_clock import STEP_LIMITS, Stay, stays
from domain.transition import Clock

S, A = CaseState, Action


@dataclass(frozen=True, slots=True)
class History:
    """A case as it stood at T1, and its entries before T1 in order."""

    facts: CaseFacts
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Judged:
    """A period under a convention, judged as of `at` (T1): aware UTC."""

    period: Window
    convention: Convention
    at: datetime

    @property
    def window(self) -> Window:
        """In which a happening must lie: the period, or everything until T1 where the cases themselves were chosen."""
        return Window(self.period.start if self.convention is Convention.FLOW else BEGINNING, self.at)


class Step(StrEnum):
    """The steps that posts are graded by (6.6)."""

    VERIFY = "verify"
    CHECK = "check"
    SEND_VERIFY = "send_verify"
    SEND_CHECK = "send_check"
    FILING = "filing"
    CLOSING = "closing"
    DISPATCH = "dispatch"


POSTS: dict[Step, Target] = {
    Step.VERIFY: Target.COLLECTOR,
    Step.CHECK: Target.COLLECTOR,
    Step.SEND_VERIFY: Target.ACCEPTOR,
    Step.SEND_CHECK: Target.ACCEPTOR,
    Step.FILING: Target.SHIFT_LEADER,
    Step.CLOSING: Target.SHIFT_LEADER,
    Step.DISPATCH: Target.DISPATCHER,
}

POST_ROLES: dict[Target, frozenset[Role]] = {
    Target.COLLECTOR: frozenset({Role.COLLECTOR}),
    Target.ACCEPTOR: frozenset({Role.ACCEPTOR, Role.DUTY_OFFICER}),
    Target.SHIFT_LEADER: frozenset({Role.SHIFT_LEADER, Role.ACCEPTOR, Role.DUTY_OFFICER}),
    Target.DISPATCHER: frozenset({Role.DISPATCHER, Role.DUTY_OFFICER}),
}
"""Whose doing counts as the post's own; small cities merge posts (4.1). What others did there has the key ``""``."""

LIMITS: dict[Step, timedelta] = {
    Step.VERIFY: STEP_LIMITS[Clock.VERIFY],
    Step.CHECK: STEP_LIMITS[Clock.CHECK],
    Step.SEND_VERIFY: STEP_LIMITS[Clock.ACCEPTANCE],
    Step.SEND_CHECK: STEP_LIMITS[Clock.ACCEPTANCE],
    Step.FILING: STEP_LIMITS[Clock.FILING],
    Step.CLOSING: STEP_LIMITS[Clock.ACCEPTANCE],
    Step.DISPATCH: STEP_LIMITS[Clock.DISPATCH],
}
"""Continuous time. After feedback the acceptance-side clock runs (5.3): its limit is that of acceptance."""

ENDS: dict[tuple[CaseState, Action], Step] = {
    (S.PENDING_VERIFY, A.ANSWER_VERIFY): Step.VERIFY,
    (S.PENDING_CHECK, A.PASS_CHECK): Step.CHECK,
    (S.PENDING_CHECK, A.FAIL_CHECK): Step.CHECK,
    (S.PENDING_ACCEPTANCE, A.SEND_VERIFY): Step.SEND_VERIFY,
    (S.PENDING_FEEDBACK_REVIEW, A.SEND_CHECK): Step.SEND_CHECK,
    (S.PENDING_FILING, A.FILE): Step.FILING,
    (S.PENDING_FILING, A.REFUSE_FILING): Step.FILING,
    (S.PENDING_CLOSE, A.CLOSE): Step.CLOSING,
    (S.PENDING_FEEDBACK_REVIEW, A.CLOSE_FROM_PHOTOS): Step.CLOSING,
    (S.PENDING_DISPATCH, A.DISPATCH): Step.DISPATCH,
}
"""Which act ends which stay as the step it should be; a stay that ends otherwise (void, recall) was nobody's step."""

WAITS: dict[CaseState, Step] = {
    S.PENDING_VERIFY: Step.VERIFY,
    S.PENDING_CHECK: Step.CHECK,
    S.PENDING_ACCEPTANCE: Step.SEND_VERIFY,
    S.PENDING_FEEDBACK_REVIEW: Step.SEND_CHECK,
    S.PENDING_FILING: Step.FILING,
    S.PENDING_CLOSE: Step.CLOSING,
    S.PENDING_DISPATCH: Step.DISPATCH,
}
"""What step a case waits for in each state."""

FATES = (A.RECALL, A.APPROVE_SEND_BACK, A.DISPATCH)
"""The first of these after a dispatch says what became of it: taken back, wrong, or right so far."""

PUBLIC_SOURCES = frozenset({Source.HOTLINE, Source.PUBLIC, Source.MEDIA})
"""Sources whose filed cases are public complaints (监督举报): seen by citizens before collectors."""


MARKED_SOURCES = frozenset({Source.LEADER, Source.MEDIA})


def marked(facts: CaseFacts) -> bool:
    """Whether a city may count it double: from leaders or media, or under a leader's order (4.5, 6.8)."""
    return facts.supervised or facts.source in MARKED_SOURCES


def unit_counts(histories: Iterable[History], target: Target, judged: Judged) -> dict[str, Counter[str]]:
    """Counts beside those of 6.1, by district, department or grid; cases without one have the key ``""``."""
    found: dict[str, Counter[str]] = {}
    for history in _belonging(histories, judged):
        key = getattr(history.facts, target.value) or ""
        counts = found.setdefault(key, Counter())
        counts.update(_case_counts(history, judged.window))
        counts.update(name for act in _acts(history, judged.window) for name in act.names())
        for name, holder in _events(history, judged.window):
            owner = holder if target is Target.DEPARTMENT else key
            found.setdefault(owner, Counter()).update(_doubled(name, history.facts))
    return found


def post_counts(histories: Iterable[History], target: Target, judged: Judged) -> dict[str, Counter[str]]:
    """What each person of a post did, by name; ``""`` is what nobody has done yet, or what another post did."""
    found: dict[str, Counter[str]] = {}
    for history in _belonging(histories, judged):
        for act in _acts(history, judged.window):
            if POSTS[act.step] is target:
                found.setdefault(act.person, Counter()).update(act.names())
        for person, name in _POST_CASES.get(target, _nothing)(history, judged.window):
            found.setdefault(person, Counter())[name] += 1
    return found


def _belonging(histories: Iterable[History], judged: Judged) -> Iterator[History]:
    return (history for history in histories if belongs(history.facts, judged.period, judged.convention))


def _case_counts(history: History, window: Window) -> Iterator[str]:
    """Once a case, for the unit that holds it at T1."""
    facts = history.facts
    if window.holds(facts.reported_at) and not facts.self_disposed:
        yield from ("reports", "valid_reports") if facts.filed_at is not None else ("reports",)
    if counted(facts, Count.FILED, window):
        yield from ("filed_public",) if facts.source in PUBLIC_SOURCES else ()
        yield from ("filed_kept",) if facts.state is not S.VOIDED else ()
    if evaluated(facts) and _happened(history, A.APPROVE_EXTENSION, window):
        yield "extended"
    suspended = _happened(history, A.APPROVE_SUSPENSION, window)
    if suspended:
        yield "suspended_in_period"
        return
    for count in (Count.ON_TIME_CLOSED, Count.DUE_CLOSING):
        if counted(facts, count, window):
            yield f"{count.value}_unsuspended"


def _happened(history: History, action: Action, window: Window) -> bool:
    return any(entry.action is action and window.holds(entry.at) for entry in history.entries)


def _events(history: History, window: Window) -> Iterator[tuple[str, str]]:
    """Each happening that a city may reward or punish, and the department that held the case just then."""
    holder, failures = "", 0
    for entry in history.entries:
        failures += entry.action is A.FAIL_CHECK
        if window.holds(entry.at):
            for name in _event_names(entry.action, failures, history.facts):
                yield name, holder
        holder = entry.changes.get("department", holder) or ""


def _event_names(action: Action, failures: int, facts: CaseFacts) -> Iterator[str]:
    if action is A.FAIL_CHECK and evaluated(facts):
        yield "failed_checks"
        yield from ("third_failures",) if failures == THIRD else ()
    elif action is A.APPROVE_SEND_BACK:
        yield "sent_back"
    elif action is A.REFUSE_SEND_BACK:
        yield "buck_passed"


THIRD = 3


def _doubled(name: str, facts: CaseFacts) -> tuple[str, ...]:
    return (name, f"{name}_marked") if marked(facts) else (name,)


@dataclass(frozen=True, slots=True)
class Act:
    """One step: done in the window by `person`, or waiting at T1 for whoever comes. `on_time`: within its limit."""

    step: Step
    person: str
    done: bool
    on_time: bool
    wrong: bool = False

    def names(self) -> Iterator[str]:
        """The counts it adds one to. What waits becomes due only when its limit has passed, as in 应处置数."""
        if self.done or not self.on_time:
            yield f"{self.step}_due"
        yield f"{self.step}_done" if self.done else f"{self.step}_waiting"
        if self.done and self.on_time:
            yield f"{self.step}_on_time"
        if self.done and self.step is Step.DISPATCH and not self.wrong:
            yield "dispatch_right"


def _acts(history: History, window: Window) -> Iterator[Act]:
    for stay in stays(history.entries):
        act = _waiting(stay, window.end) if stay.ending is None else _done(stay, stay.ending, history.entries)
        if act is None or (act.step is Step.CLOSING and history.facts.self_disposed):
            continue
        if not act.done or window.holds(stay.end):
            yield act


def _waiting(stay: Stay, at: datetime) -> Act | None:
    step = WAITS.get(stay.state)
    return None if step is None else Act(step, "", False, at - stay.start <= LIMITS[step])


def _done(stay: Stay, ending: Entry, entries: Sequence[Entry]) -> Act | None:
    step = ENDS.get((stay.state, ending.action))
    if step is None:
        return None
    fate = _fate(entries, ending.version) if step is Step.DISPATCH else None
    if fate is A.RECALL:
        return None
    on_time = ending.at - stay.start <= LIMITS[step]
    return Act(step, _own(ending, POSTS[step]), True, on_time, fate is A.APPROVE_SEND_BACK)


def _own(entry: Entry, post: Target) -> str:
    return own_work(entry.actor, entry.role, post)


def own_work(actor: str, role: str, post: Target) -> str:
    """Who did it, where it is the post's own work."""
    return actor if role in POST_ROLES[post] else ""


def _fate(entries: Sequence[Entry], version: int) -> Action | None:
    """How a dispatch ended: recalled, sent back with approval, or neither so far."""
    later = (entry.action for entry in entries if entry.version > version)
    return next((action for action in later if action in FATES), None)


def _reports(history: History, window: Window) -> Iterator[tuple[str, str]]:
    facts, first = history.facts, history.entries[0]
    if first.action is A.REPORT and window.holds(facts.reported_at):
        yield _own(first, Target.COLLECTOR), "reports"
        if facts.filed_at is not None:
            yield _own(first, Target.COLLECTOR), "valid_reports"


def _accepted(history: History, window: Window) -> Iterator[tuple[str, str]]:
    """An accepted case is the work of whoever sent the verify task that was answered with yes."""
    facts = history.facts
    if facts.accepted_at is None or facts.self_disposed or not window.holds(facts.accepted_at):
        return
    sent = [entry for entry in history.entries if entry.action is A.SEND_VERIFY and entry.at <= facts.accepted_at]
    if sent:
        yield _own(sent[-1], Target.ACCEPTOR), "accepted_cases"


def _filed(history: History, window: Window) -> Iterator[tuple[str, str]]:
    for entry in history.entries:
        if entry.action is A.FILE and window.holds(entry.at):
            yield _own(entry, Target.SHIFT_LEADER), "filing_filed"
            if history.facts.state is not S.VOIDED:
                yield _own(entry, Target.SHIFT_LEADER), "filing_kept"


def _nothing(history: History, window: Window) -> Iterator[tuple[str, str]]:
    return iter(())


_POST_CASES: dict[Target, Callable[[History, Window], Iterator[tuple[str, str]]]] = {
    Target.COLLECTOR: _reports,
    Target.ACCEPTOR: _accepted,
    Target.SHIFT_LEADER: _filed,
}
"""What a person of a post is counted for by the case, not by the step."""
