"""The figures of the hall: what each base count counts, and the rates made of them (domain sheet 6.1-6.3).

`counted` is the only definition. The grouped queries of the case store, the running tally of the live worker and the
list behind a figure are all tested to agree with it. A case is judged by its facts *as they stood at* `window.end`:
after every journal entry with ``at < window.end`` and none later.

Who is left out: rejected, voided and transferred cases, and those suspended at the end of the window (own line), leave
everything that is due or done; self-disposed ones (own line) leave everything but the reports. A forced closing is
neither a closing nor overdue: it is listed by its state. What merely happened (reported, accepted, filed, dispatched)
stays counted whatever became of the case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum

from domain.case import FINAL_STATES, CaseState
from domain.case_query import Count
from domain.facts import CaseFacts
from domain.period import Window
from domain.words import text

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""The start of a window that has none."""

OVERDUE_FACTOR = 3
"""How many limits after dispatch a case counts as badly overdue (超期 3 倍)."""

LEFT_OUT = frozenset({CaseState.REJECTED, CaseState.VOIDED, CaseState.TRANSFERRED, CaseState.SUSPENDED})


class Dimension(StrEnum):
    """By what figures are split. A case without the value has the key ``""``, so that parts always sum to the whole."""

    CITY = "city"
    DISTRICT = "district"
    DEPARTMENT = "department"
    CLASS = "class"
    GRID = "grid"


class Convention(StrEnum):
    """Which cases belong to a period (domain sheet 6.2); named beside every figure."""

    FLOW = "flow"
    """Each count by its own time; what waits or is overdue is carried over. The hall's own."""
    COHORT = "cohort"
    """Cases reported in the period, whatever happened to them until `as_of`."""
    DUE = "due"
    """Cases whose deadline falls in the period, and older ones still open when it began."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A count of happenings: the `CaseFacts` time that must lie in the window, and what else must hold."""

    stamp: str
    holds: Callable[[CaseFacts], bool]


def is_open(facts: CaseFacts) -> bool:
    """Whether the case still waits for somebody, suspended ones included."""
    return facts.state not in FINAL_STATES


def evaluated(facts: CaseFacts) -> bool:
    """Whether the case takes part in what is due and done."""
    return facts.state not in LEFT_OUT and not facts.self_disposed


def on_time(facts: CaseFacts) -> bool:
    """Whether a finished disposal was in time: no deadline, an approved appeal, or done at the deadline at the latest.

    The disposal is done at the valid feedback; outside history that knows only the closing is judged by that.
    """
    done = facts.disposed_at or facts.closed_at
    return facts.timeout_exempt or facts.deadline is None or (done is not None and done <= facts.deadline)


def overdue(facts: CaseFacts, at: datetime) -> bool:
    """Overdue undisposed (超期未处置): open, nothing valid fed back, the deadline before `at`, not off the clock."""
    if facts.deadline is None or facts.timeout_exempt or facts.disposed_at is not None:
        return False
    return facts.deadline < at and is_open(facts) and evaluated(facts)


def badly_overdue(facts: CaseFacts, at: datetime) -> bool:
    """Overdue, and since dispatch more than three times the limit (deadline − dispatch) has passed."""
    if facts.dispatched_at is None or facts.deadline is None or not overdue(facts, at):
        return False
    return at - facts.dispatched_at > OVERDUE_FACTOR * (facts.deadline - facts.dispatched_at)


def _any_case(facts: CaseFacts) -> bool:
    return True


def _dispatched_work(facts: CaseFacts) -> bool:
    return not facts.self_disposed


def _closed(facts: CaseFacts) -> bool:
    return facts.state is CaseState.CLOSED and not facts.self_disposed


FLOWS: dict[Count, Flow] = {
    Count.REPORTED: Flow("reported_at", _any_case),
    Count.ACCEPTED: Flow("accepted_at", _dispatched_work),
    Count.FILED: Flow("filed_at", _dispatched_work),
    Count.DISPATCHED: Flow("dispatched_at", _dispatched_work),
    Count.DISPOSED: Flow("disposed_at", evaluated),
    Count.ON_TIME_DISPOSED: Flow("disposed_at", lambda facts: evaluated(facts) and on_time(facts)),
    Count.LATE_DISPOSED: Flow("disposed_at", lambda facts: evaluated(facts) and not on_time(facts)),
    Count.CLOSED: Flow("closed_at", _closed),
    Count.ON_TIME_CLOSED: Flow("closed_at", lambda facts: _closed(facts) and on_time(facts)),
    Count.REWORK: Flow("last_failed_check_at", evaluated),
    Count.VOIDED: Flow("state_since", lambda facts: facts.state is CaseState.VOIDED),
    Count.SELF_DISPOSED: Flow("reported_at", lambda facts: facts.self_disposed),
}
"""Counts of happenings in the window. Rework counts cases by their newest failed check, not checks."""

STANDING: dict[Count, Callable[[CaseFacts, datetime], bool]] = {
    Count.AWAITING_CLOSING: lambda facts, at: facts.disposed_at is not None and is_open(facts) and evaluated(facts),
    Count.OVERDUE_UNDISPOSED: overdue,
    Count.SUSPENDED: lambda facts, at: facts.state is CaseState.SUSPENDED,
    Count.OPEN: lambda facts, at: is_open(facts),
    Count.OVERDUE_3X: badly_overdue,
}
"""Counts of what stands so at the window's end, whenever it began: the carry-over of the flow convention."""

SUMS: dict[Count, tuple[Count, ...]] = {
    Count.DUE_DISPOSAL: (Count.DISPOSED, Count.OVERDUE_UNDISPOSED),
    Count.DUE_CLOSING: (Count.CLOSED, Count.AWAITING_CLOSING, Count.OVERDUE_UNDISPOSED),
}
"""Counts that are sums of others; no case is in two of the parts."""


def counted(facts: CaseFacts, count: Count, window: Window) -> bool:
    """Whether the case, with its facts as of `window.end`, is one of those `count` counts (flow convention)."""
    flow = FLOWS.get(count)
    if flow is not None:
        return window.holds(getattr(facts, flow.stamp)) and flow.holds(facts)
    if count in STANDING:
        return STANDING[count](facts, window.end)
    return any(counted(facts, part, window) for part in SUMS[count])


def belongs(facts: CaseFacts, window: Window, convention: Convention) -> bool:
    """Whether the case belongs to the period at all; under the flow convention every case does."""
    if convention is Convention.FLOW:
        return True
    if convention is Convention.COHORT:
        return window.holds(facts.reported_at)
    if facts.deadline is None or facts.deadline >= window.end:
        return False
    return facts.deadline >= window.start or is_open(facts) or facts.state_since >= window.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The base counts of one period and one key; fields are named like the members of `Count`."""

    reported: int = 0
    accepted: int = 0
    filed: int = 0
    dispatched: int = 0
    disposed: int = 0
    on_time_disposed: int = 0
    late_disposed: int = 0
    closed: int = 0
    on_time_closed: int = 0
    rework: int = 0
    voided: int = 0
    self_disposed: int = 0
    awaiting_closing: int = 0
    overdue_undisposed: int = 0
    suspended: int = 0
    open: int = 0
    overdue_3x: int = 0

    @property
    def due_disposal(self) -> int:
        return self.disposed + self.overdue_undisposed

    @property
    def due_closing(self) -> int:
        return self.closed + self.awaiting_closing + self.overdue_undisposed

    def of(self, count: Count) -> int:
        """The value of any count, the due ones included."""
        value: int = getattr(self, count.value)
        return value

    def __add__(self, other: Counts) -> Counts:
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in COUNT_FIELDS})

    def __sub__(self, other: Counts) -> Counts:
        return Counts(**{name: getattr(self, name) - getattr(other, name) for name in COUNT_FIELDS})


COUNT_FIELDS: tuple[str, ...] = tuple(field.name for field in fields(Counts))
"""The stored fields of `Counts`, in the order the wire carries them: flows first, then what stands."""


def counts(
    facts: Iterable[CaseFacts],
    window: Window,
    convention: Convention = Convention.FLOW,
    *,
    as_of: datetime | None = None,
) -> Counts:
    """All base counts of some cases, straight from the definition.

    Cohort and due-date figures follow their cases until `as_of` (default: the window's end); `facts` must then be as
    they stood at that moment. The flow convention has no later moment than the window's end and takes none.

    Raises:
        ValueError: `as_of` given with the flow convention.
    """
    if convention is Convention.FLOW and as_of not in (None, window.end):
        raise ValueError("flow figures hold as of the window's end: leave as_of out")
    judged = window if convention is Convention.FLOW else Window(BEGINNING, as_of or window.end)
    found = dict.fromkeys(COUNT_FIELDS, 0)
    for case in facts:
        if belongs(case, window, convention):
            for name in COUNT_FIELDS:
                found[name] += counted(case, Count(name), judged)
    return Counts(**found)


class Rate(StrEnum):
    """The rates of domain sheet 6.3 that the journal already answers."""

    FILING = "filing"
    DISPATCH = "dispatch"
    DISPOSAL = "disposal"
    ON_TIME_DISPOSAL = "on_time_disposal"
    CLOSING = "closing"
    ON_TIME_CLOSING = "on_time_closing"
    REWORK = "rework"


FORMULAS: dict[Rate, tuple[Count, Count]] = {
    Rate.FILING: (Count.FILED, Count.ACCEPTED),
    Rate.DISPATCH: (Count.DISPATCHED, Count.FILED),
    Rate.DISPOSAL: (Count.DISPOSED, Count.DUE_DISPOSAL),
    Rate.ON_TIME_DISPOSAL: (Count.ON_TIME_DISPOSED, Count.DUE_DISPOSAL),
    Rate.CLOSING: (Count.CLOSED, Count.DUE_CLOSING),
    Rate.ON_TIME_CLOSING: (Count.ON_TIME_CLOSED, Count.DUE_CLOSING),
    Rate.REWORK: (Count.REWORK, Count.DUE_CLOSING),
}
"""Numerator and denominator of each rate. Rework: of the two published forms, 返工数 / 应结案数."""

FORMULA_TEXT: dict[Rate, str] = {
    Rate.FILING: text("立案数/受理数"),
    Rate.DISPATCH: text("派遣数/立案数"),
    Rate.DISPOSAL: text("处置数/应处置数"),
    Rate.ON_TIME_DISPOSAL: text("按期处置数/应处置数"),
    Rate.CLOSING: text("结案数/应结案数"),
    Rate.ON_TIME_CLOSING: text("按期结案数/应结案数"),
    Rate.REWORK: text("返工数/应结案数"),
}
"""Each rate's formula as it is printed beside the figure."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A rate that can be defended: its parts and the convention they were counted by."""

    rate: Rate
    numerator: int
    denominator: int
    convention: Convention = Convention.FLOW

    @property
    def value(self) -> float | None:
        """The share, 1 being 100 %; None without a denominator: shown as "–", left out of every mean."""
        return self.numerator / self.denominator if self.denominator else None


def rate(kind: Rate, counts: Counts, convention: Convention = Convention.FLOW) -> Figure:
    """One rate of the counts; name the convention they were counted by."""
    numerator, denominator = FORMULAS[kind]
    return Figure(kind, counts.of(numerator), counts.of(denominator), convention)
