"""The counts of `domain.evaluation.histories`, asked of the columnar copy. A contract test holds the two together.

A case that began in the window is counted from its last row before T1, which carries what its entries did
(`data_access.history.steps`); of those that began earlier the entries between are counted one by one. The few odd
cases are folded from the journal and counted by the domain itself. This is the one way evaluation is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import orjson
from sqlalchemy import Engine

from data_access.case_where import belongs_condition, cut
from data_access.engine import reading
from data_access.evaluation.histories import histories_of
from data_access.history.case_marks import BITS, CASE_COUNTS, EVALUATED, MARKED, SELF_DISPOSED, case_marks
from data_access.history.reader import History, View
from data_access.history.relations import COLUMNS
from data_access.history.sql import in_duckdb
from data_access.history.steps import EVENTS, limit_ms, names_of
from data_access.schema import cases
from domain.action import Action
from domain.case import CaseState
from domain.evaluation.histories import (
    ENDS,
    POSTS,
    THIRD,
    WAITS,
    Act,
    Judged,
    Step,
    own_work,
    post_counts,
    unit_counts,
)
from domain.evaluation.scheme import Target
from domain.indicators import Convention
from domain.journal import milliseconds
from domain.period import Window

A = Action
Found = dict[str, Counter[str]]

_ODD_AT_ONCE = 500
_MIXED = "(since >= {start} OR last_stamp >= {start})"
_FATES = f"'{A.RECALL}', '{A.APPROVE_SEND_BACK}'"


class CountedHistories:
    """Counts from the copy. Thread-safe as `History` is. Blocking; call it off the event loop."""

    def __init__(self, engine: Engine, history: History) -> None:
        self._engine = engine
        self._history = history

    def counts(self, target: Target, judged: Judged) -> Found:
        """Every count beside those of 6.1, by unit or person; keys that count nothing may be left out.

        Raises:
            HistoryBehind: no copy near enough. StoreError: the database does not answer.
        """
        found, odd = self._history.ask(lambda view: _counted(_Asked(view, target, judged)))
        for first in range(0, len(odd), _ODD_AT_ONCE):
            for key, counts in self._folded(odd[first : first + _ODD_AT_ONCE], target, judged):
                found.setdefault(key, Counter()).update(counts)
        return found

    def _folded(self, case_nos: Iterable[str], target: Target, judged: Judged) -> Iterable[tuple[str, Counter[str]]]:
        counted = unit_counts if target.is_unit else post_counts
        with reading(self._engine) as connection:
            at = milliseconds(cut(judged.at))
            return counted(histories_of(connection, cases.c.case_no.in_(case_nos), at), target, judged).items()


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question to one view. `start` and `at` in epoch ms; the entries that count lie in [start, at)."""

    view: View
    target: Target
    judged: Judged

    @property
    def at(self) -> int:
        return milliseconds(cut(self.judged.at))

    @property
    def start(self) -> int:
        return milliseconds(cut(self.judged.window.start))

    @property
    def flow(self) -> bool:
        return self.judged.convention is Convention.FLOW

    @property
    def belongs(self) -> str:
        """A row that belongs to the period and carries what its entries did."""
        if self.flow:
            return "acts IS NOT NULL"
        return f"acts IS NOT NULL AND {in_duckdb(belongs_condition(self.judged.period, self.judged.convention))}"

    @property
    def unit(self) -> str:
        return f"coalesce(cases.{self.target.value}, '')"

    @property
    def marks(self) -> str:
        return case_marks(Window(cut(self.judged.window.start), cut(self.judged.window.end)))

    def standing(self, columns: str, where: str) -> Iterator[str]:
        """Questions for all rows that hold at T1 but are not the last word on a case that is over."""
        for part in self.view.copy.standing(COLUMNS, self.at):
            yield f"SELECT {columns} FROM ({part}) AS cases WHERE {self.belongs} AND {where}"  # noqa: S608

    def final(self, columns: str, where: str) -> Iterator[str]:
        """Questions for the cases that were over at T1 and are as they were then."""
        return self.view.copy.final(columns, f"since < {self.at} AND {self.belongs} AND {where}")

    def ended(self, where: str) -> str:
        """The rows that entries in the window ended."""
        return self.view.copy.ended(self.start, self.at, f"acts IS NOT NULL AND {where}")


def _counted(asked: _Asked) -> tuple[Found, list[str]]:
    belongs = asked.belongs.replace("acts IS NOT NULL", "acts IS NULL", 1)
    odd = asked.view.rows(f"SELECT case_id, case_no FROM ({asked.view.copy.as_of(asked.at, belongs)}) AS cases")  # noqa: S608
    asked.view.rows("CREATE OR REPLACE TEMP TABLE odd (case_id BIGINT)")
    if odd:
        asked.view.rows(f"INSERT INTO odd VALUES {', '.join(f'({case_id})' for case_id, _ in odd)}")  # noqa: S608
    found = _of_unit(asked) if asked.target.is_unit else _of_post(asked)
    return found, [case_no for _, case_no in odd]


def _add(found: Found, key: str, names: Iterable[str], number: int) -> None:
    counts = found.setdefault(key, Counter())
    for name in names:
        counts[name] += number


# --- areas and departments --------------------------------------------------------------------------------------------


def _of_unit(asked: _Asked) -> Found:
    found: Found = {}
    _add_rows(asked, found)
    if asked.flow:
        _add_earlier(asked, found)
    return found


def _add_rows(asked: _Asked, found: Found) -> None:
    """What the last row of each case tells; rows that tell the same are counted together."""
    marks, acts, events = Counter[tuple[str, int]](), Counter[tuple[str, int, bool]](), Counter[tuple[str, str, int]]()
    told = f"unit, marks, acts, events, {', '.join(_WAITS)}"
    rows = " UNION ALL ".join(_rows(asked))
    if not rows:
        return
    question = f"SELECT {told}, count(*) FROM ({rows}) GROUP BY ALL"  # noqa: S608
    for unit, bits, packed, happened, state, in_time, number in asked.view.rows(question):
        self_disposed = bool(bits & BITS[SELF_DISPOSED])
        marks[unit, bits] += number
        acts[unit, packed, self_disposed] += number
        if happened:
            events[unit, happened, bits & (BITS[EVALUATED] | BITS[MARKED])] += number
        if state and (act := _waiting(state, in_time, self_disposed)) is not None:
            _add(found, unit, act.names(), number)
    for (unit, bits), number in marks.items():
        _add(found, unit, (name for name in CASE_COUNTS if bits & BITS[name]), number)
    for (unit, packed, self_disposed), number in acts.items():
        counts = found.setdefault(unit, Counter())
        for name, times in names_of(packed, self_disposed=self_disposed):
            counts[name] += times * number
    for (unit, happened, bits), number in events.items():
        _add_events(asked, found, unit, _happened(happened), bits, number)


def _rows(asked: _Asked) -> Iterator[str]:
    """Cases that are over with all their times inside the window, those over at its edges, and those still moving."""
    inside = f"(began_at >= {asked.start} AND first_stamp >= {asked.start} AND last_stamp < {asked.at})"
    nobody = "'' AS waits, TRUE AS in_time"
    yield from asked.final(f"{asked.unit} AS unit, marks, acts, events, {nobody}", inside)
    new = f"cases.began_at >= {asked.start}"
    carried = f"CASE WHEN {new} THEN acts ELSE 0 END AS acts, CASE WHEN {new} THEN events END AS events"
    told = f"{asked.unit} AS unit, {asked.marks} AS marks, {carried}"
    touched = _MIXED.format(start=asked.start)
    yield from asked.final(f"{told}, {nobody}", f"{touched} AND NOT {inside}")
    yield from asked.standing(f"{told}, {_waits(asked)}", "TRUE")


_WAITS = ("waits", "in_time")


def _waits(asked: _Asked) -> str:
    """For what a case waits, and whether still within that step's limit."""
    states = ", ".join(f"'{state}'" for state in WAITS)
    limits = " ".join(f"WHEN '{state}' THEN {limit_ms(step)}" for state, step in WAITS.items())
    waits = f"CASE WHEN cases.state IN ({states}) THEN cases.state ELSE '' END AS waits"
    return f"{waits}, coalesce({asked.at} - cases.state_since <= CASE cases.state {limits} END, TRUE) AS in_time"


def _waiting(state: str, in_time: bool, self_disposed: bool) -> Act | None:
    step = WAITS[CaseState(state)]
    return None if step is Step.CLOSING and self_disposed else Act(step, "", False, in_time)


Happened = list[tuple[str, str, bool]]
"""Happenings: the action, the department that held the case just then, and whether it was the third failed check."""


def _happened(told: str) -> Happened:
    events, failures = [], 0
    for action, holder in orjson.loads(told):
        failures += action == A.FAIL_CHECK
        events.append((action, holder, action == A.FAIL_CHECK and failures == THIRD))
    return events


def _add_events(asked: _Asked, found: Found, unit: str, events: Happened, bits: int, number: int) -> None:
    for action, holder, third in events:
        key = holder if asked.target is Target.DEPARTMENT else unit
        for name in _event_names(action, third, evaluated=bool(bits & BITS[EVALUATED])):
            _add(found, key, (name, f"{name}_marked") if bits & BITS[MARKED] else (name,), number)


def _event_names(action: str, third: bool, *, evaluated: bool) -> tuple[str, ...]:
    if action == A.FAIL_CHECK:
        names = ("failed_checks", "third_failures") if third else ("failed_checks",)
        return names if evaluated else ()
    return ("sent_back",) if action == A.APPROVE_SEND_BACK else ("buck_passed",)


def _add_earlier(asked: _Asked, found: Found) -> None:
    """Entries in the window of cases that began before it."""
    where = f"began_at < {asked.start} AND since >= {asked.start}"
    told = f"case_id, {asked.unit} AS unit, {asked.marks} AS marks"
    parts = [*asked.final(told, where), *asked.standing(told, where)]
    if not parts:
        return
    view = asked.view
    view.rows(f"CREATE OR REPLACE TEMP TABLE earlier AS {' UNION ALL '.join(parts)}")
    actions = sorted({action.value for _, action in ENDS} | {action.value for action in EVENTS} | {A.RECALL.value})
    listed = ", ".join(f"'{action}'" for action in actions)
    ((first, last),) = view.rows("SELECT min(case_id), max(case_id) FROM earlier")
    if first is None:
        return
    ended = asked.ended(f"case_id BETWEEN {first} AND {last} AND ended_action IN ({listed})")
    view.rows(
        f"CREATE OR REPLACE TEMP TABLE entries AS SELECT {_TOLD}, earlier.unit, earlier.marks "  # noqa: S608
        f"FROM ({ended}) AS e JOIN earlier ON earlier.case_id = e.case_id"
    )
    for unit, action, holder, third, bits, number in view.rows(_earlier_events()):
        _add_events(asked, found, unit, [(action, holder, third)], bits, number)
    for unit, bits, *stay, number in view.rows(_stays_ended("entries", "unit, marks", "entries")):
        act = _done("", "", *stay, self_disposed=bool(bits & BITS[SELF_DISPOSED]))
        if act is not None:
            _add(found, unit, act.names(), number)


_TOLD = ", ".join(
    f"e.{name}"
    for name in (
        *("case_id", "version", "until", "left_state", "ended_action", "state", "state_since"),
        *("department", "failures", "sent_from"),
    )
)


def _earlier_events() -> str:
    actions = ", ".join(f"'{action}'" for action in EVENTS)
    kept = BITS[EVALUATED] | BITS[MARKED]
    return (
        f"SELECT unit, ended_action, coalesce(department, ''), ended_action = '{A.FAIL_CHECK}' "  # noqa: S608
        f"AND failures = {THIRD - 1}, marks & {kept}, count(*) FROM entries "
        f"WHERE ended_action IN ({actions}) GROUP BY ALL"
    )


def _stays_ended(rows: str, by: str, fates: str) -> str:
    """The stays among `rows` that ended as steps, by `by`, state, action, limit kept or not, and a dispatch's fate."""
    ends = " OR ".join(f"r.state = '{state}' AND r.ended_action = '{action}'" for state, action in ENDS)
    limits = " ".join(
        f"WHEN r.state = '{state}' AND r.ended_action = '{action}' THEN {limit_ms(step)}"
        for (state, action), step in ENDS.items()
    )
    return (
        f"SELECT {by}, r.state, r.ended_action, r.until - r.state_since <= CASE {limits} END, f.fate, count(*) "  # noqa: S608
        f"FROM {rows} AS r LEFT JOIN (SELECT case_id AS fated, sent_from, ended_action AS fate FROM {fates} "
        f"WHERE sent_from IS NOT NULL AND ended_action IN ({_FATES})) AS f "
        f"ON r.ended_action = '{A.DISPATCH}' AND f.fated = r.case_id AND f.sent_from = r.version "
        f"WHERE r.left_state AND ({ends}) GROUP BY ALL"
    )


def _done(
    actor: str, role: str, state: str, action: str, on_time: bool, fate: str | None, *, self_disposed: bool
) -> Act | None:
    """The step a stay was; None where it counts for nobody."""
    step = ENDS[CaseState(state), Action(action)]
    if (step is Step.CLOSING and self_disposed) or fate == A.RECALL:
        return None
    return Act(step, own_work(actor, role, POSTS[step]), True, on_time, fate == A.APPROVE_SEND_BACK)


# --- posts ------------------------------------------------------------------------------------------------------------


def _of_post(asked: _Asked) -> Found:
    found: Found = {}
    steps = {step for step, post in POSTS.items() if post is asked.target}
    who = "coalesce(r.ended_by, ''), r.ended_role, r.self_disposed"
    for actor, role, self_disposed, *stay, number in asked.view.rows(
        _stays_ended(_work(asked, steps), who, _fates(asked))
    ):
        act = _done(actor, role, *stay, self_disposed=self_disposed)
        if act is not None:
            _add(found, act.person, act.names(), number)
    for state, in_time, self_disposed, number in _waiting_for(asked, steps):
        act = _waiting(state, in_time, self_disposed)
        if act is not None:
            _add(found, "", act.names(), number)
    for actor, role, number, more in _case_work(asked):
        person = own_work(actor, role, asked.target)
        first, second = _CASE_WORK[asked.target]
        _add(found, person, (first,), number)
        _add(found, person, (second,) if second else (), more)
    return found


_CASE_WORK = {
    Target.COLLECTOR: ("reports", "valid_reports"),
    Target.ACCEPTOR: ("accepted_cases", ""),
    Target.SHIFT_LEADER: ("filing_filed", "filing_kept"),
}
"""What each of a person's cases counts for: one name always, another where more holds."""


def _work(asked: _Asked, steps: set[Step]) -> str:
    """The entries of the window that may have ended a step of the post."""
    ends = [(state, action) for (state, action), step in ENDS.items() if step in steps]
    told = " OR ".join(f"state = '{state}' AND ended_action = '{action}'" for state, action in ends)
    return f"({asked.ended(f'({told}) AND {_meant(asked)}')})"


def _meant(asked: _Asked) -> str:
    """Rows of the cases that belong to the period and are not odd."""
    calm = "case_id NOT IN (SELECT case_id FROM odd)"
    if asked.flow:
        return calm
    belonging = asked.view.copy.as_of(asked.at, asked.belongs)
    return f"{calm} AND case_id IN (SELECT case_id FROM ({belonging}) AS b)"  # noqa: S608


def _fates(asked: _Asked) -> str:
    if asked.target is not Target.DISPATCHER:
        return "(SELECT NULL::BIGINT AS case_id, NULL::INTEGER AS sent_from, NULL AS ended_action) AS none"
    return f"({asked.ended(f'ended_action IN ({_FATES}) AND sent_from IS NOT NULL')}) AS fates"


def _waiting_for(asked: _Asked, steps: set[Step]) -> Iterator[tuple[str, bool, bool, int]]:
    states = ", ".join(f"'{state}'" for state, step in WAITS.items() if step in steps)
    told = f"{_waits(asked)}, coalesce(self_disposed, FALSE) AS self_disposed"
    for part in asked.standing(told, f"state IN ({states})"):
        yield from asked.view.rows(f"SELECT waits, in_time, self_disposed, count(*) FROM ({part}) GROUP BY ALL")  # noqa: S608


def _case_work(asked: _Asked) -> list[tuple[str, str, int, int]]:
    """Actor, role, number of cases, and of how many more holds."""
    if asked.target not in _CASE_WORK:
        return []
    if asked.target is Target.SHIFT_LEADER:
        voided = asked.view.copy.as_of(asked.at, f"state = '{CaseState.VOIDED}'")
        filed = asked.ended(f"ended_action = '{A.FILE}' AND {_meant(asked)}")
        return asked.view.rows(
            f"SELECT ended_by, ended_role, count(*), count_if(v.case_id IS NULL) FROM ({filed}) AS f "  # noqa: S608
            f"LEFT JOIN (SELECT case_id FROM ({voided}) AS v) AS v ON v.case_id = f.case_id GROUP BY ALL"
        )
    if asked.target is Target.COLLECTOR:
        who, stamp, where = "reported_by, reporter_role", "reported_at", "reported_by IS NOT NULL"
    else:
        who, stamp, where = "verified_by, verifier_role", "accepted_at", "verified_by IS NOT NULL AND NOT self_disposed"
    inside = f"{stamp} >= {asked.start} AND {stamp} < {asked.at} AND {where}"
    told = f"{who}, filed_at IS NOT NULL AS filed"
    parts = " UNION ALL ".join((*asked.final(told, inside), *asked.standing(told, inside)))
    if not parts:
        return []
    return asked.view.rows(f"SELECT {who}, count(*), count_if(filed) FROM ({parts}) GROUP BY ALL")  # noqa: S608
