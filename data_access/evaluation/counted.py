"""The counts of `domain.evaluation.histories`, said once more in SQL: the two always agree, a contract test compares.

Cases that nothing happened to since T1 are counted by the database, step by step from their entries' states; the others
are folded and counted by the domain, as `data_access.figures` does. This is the one way evaluation reads the journal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Subquery,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSON

from data_access.case_where import belongs_condition, counted_condition, cut, flow_holds, within
from data_access.engine import is_sqlite, reading
from data_access.evaluation.histories import concerns, histories_of
from data_access.schema import cases, journal
from domain.action import Action
from domain.case import CaseState
from domain.case_query import Count
from domain.evaluation.histories import (
    ENDS,
    FATES,
    LIMITS,
    MARKED_SOURCES,
    POSTS,
    PUBLIC_SOURCES,
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
from domain.journal import milliseconds

A = Action
c, j = cases.c, journal.c
Found = dict[str, Counter[str]]

_EVENTS = (A.FAIL_CHECK, A.APPROVE_SEND_BACK, A.REFUSE_SEND_BACK)


class CountedHistories:
    """Counts from the case store. Blocking; call it off the event loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def counts(self, target: Target, judged: Judged) -> Found:
        """Every count beside those of 6.1, by unit or person; keys that count nothing may be left out."""
        with reading(self._engine) as connection:
            asked = _Asked(connection, target, judged)
            found = _of_unit(asked) if target.is_unit else _of_post(asked)
            changed = histories_of(connection, c.updated_at >= asked.at, asked.at)
            counted = unit_counts if target.is_unit else post_counts
            for key, counts in counted(changed, target, judged).items():
                found.setdefault(key, Counter()).update(counts)
        return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question on one connection."""

    connection: Connection
    target: Target
    judged: Judged

    @property
    def at(self) -> int:
        return milliseconds(cut(self.judged.at))

    @property
    def calm(self) -> ColumnElement[bool]:
        """The cases that stand as they stood at T1 and belong to the period."""
        belongs = belongs_condition(self.judged.period, self.judged.convention)
        return and_(c.updated_at < self.at, belongs, concerns(self.judged))

    @property
    def unit(self) -> ColumnElement[str]:
        return func.coalesce(c[self.target.value], "")

    def inside(self, column: ColumnElement[int]) -> ColumnElement[bool]:
        return within(column, self.judged.window)

    def told(self, column: ColumnElement[str], name: str) -> ColumnElement[str]:
        """What an entry's changes say of a field, at their own level; NULL where nothing or null."""
        if is_sqlite(self.connection):
            return func.json_extract(column, f"$.{name}")
        told: ColumnElement[str] = cast(column, JSON)[name].astext
        return told

    def tells(self, column: ColumnElement[str], name: str) -> ColumnElement[bool]:
        """Whether an entry's changes say anything of the field, be it null."""
        if is_sqlite(self.connection):
            return func.json_type(column, f"$.{name}").is_not(None)
        return cast(column, JSON)[name].is_not(None)

    def rows(self, question: Any) -> Iterable[Any]:
        return self.connection.execute(question)


def _add(found: Found, key: str, names: Iterable[str], number: int) -> None:
    counts = found.setdefault(key, Counter())
    for name in names:
        counts[name] += number


def _of_unit(asked: _Asked) -> Found:
    found: Found = {}
    _add_cases(asked, found)
    _add_events(asked, found)
    for row in asked.rows(_acts(asked)):
        if (act := _act(row)) is not None:
            _add(found, row.key, act.names(), row.number)
    return found


def _add_cases(asked: _Asked, found: Found) -> None:
    """What counts once a case."""
    conditions = _case_conditions(asked)
    numbers = [func.count().filter(condition) for condition in conditions.values()]
    unit = asked.unit
    for key, *counts in asked.rows(select(unit, *numbers).where(asked.calm).group_by(unit)):
        for name, number in zip(conditions, counts, strict=True):
            _add(found, key, (name,), number)


def _case_conditions(asked: _Asked) -> dict[str, ColumnElement[bool]]:
    window = asked.judged.window
    reported = and_(asked.inside(c.reported_at), c.self_disposed.is_(False))
    filed = counted_condition(Count.FILED, window)
    suspended = _happened(asked, A.APPROVE_SUSPENSION)
    return {
        "reports": reported,
        "valid_reports": and_(reported, c.filed_at.is_not(None)),
        "filed_public": and_(filed, c.source.in_([source.value for source in PUBLIC_SOURCES])),
        "filed_kept": and_(filed, c.state != CaseState.VOIDED.value),
        "extended": and_(flow_holds(Count.DISPOSED), _happened(asked, A.APPROVE_EXTENSION)),
        "suspended_in_period": suspended,
        "on_time_closed_unsuspended": and_(counted_condition(Count.ON_TIME_CLOSED, window), ~suspended),
        "due_closing_unsuspended": and_(counted_condition(Count.DUE_CLOSING, window), ~suspended),
    }


def _happened(asked: _Asked, action: Action) -> ColumnElement[bool]:
    return exists().where(j.case_no == c.case_no, j.action == action.value, asked.inside(j.at))


def _add_events(asked: _Asked, found: Found) -> None:
    """Happenings, for the department that held the case just then or the area it lies in."""
    earlier = journal.alias("earlier")
    failures = (
        select(func.count())
        .where(
            earlier.c.case_no == j.case_no,
            earlier.c.version < j.version,
            earlier.c.action == A.FAIL_CHECK.value,
        )
        .scalar_subquery()
    )
    third = case((j.action == A.FAIL_CHECK.value, failures == THIRD - 1), else_=false())
    marked = or_(c.supervised.is_(True), c.source.in_([source.value for source in MARKED_SOURCES]))
    happened = (
        select(
            (_holder(asked) if asked.target is Target.DEPARTMENT else asked.unit).label("key"),
            j.action,
            flow_holds(Count.DISPOSED).label("evaluated"),
            third.label("third"),
            marked.label("marked"),
        )
        .select_from(journal.join(cases, j.case_no == c.case_no))
        .where(asked.calm, j.action.in_([action.value for action in _EVENTS]), asked.inside(j.at))
    )
    for row in asked.rows(happened):
        for name in _event_names(row):
            _add(found, row.key, (name, f"{name}_marked") if row.marked else (name,), 1)


def _event_names(row: Any) -> tuple[str, ...]:
    if row.action == A.FAIL_CHECK.value:
        names = ("failed_checks", "third_failures") if row.third else ("failed_checks",)
        return names if row.evaluated else ()
    return ("sent_back",) if row.action == A.APPROVE_SEND_BACK.value else ("buck_passed",)


def _holder(asked: _Asked) -> ColumnElement[str]:
    """The department that the entries before this one said last."""
    said = journal.alias("said")
    newest = (
        select(asked.told(said.c.changes, "department"))
        .where(
            said.c.case_no == j.case_no,
            said.c.version < j.version,
            said.c.changes.like('%"department"%'),
            asked.tells(said.c.changes, "department"),
        )
        .order_by(said.c.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(newest, "")


def _acts(asked: _Asked) -> Any:
    """Every stay that ended as a step in the window, or still lasts, by unit or person, act and limit kept or not."""
    stays, fates = _stays(asked), _fates(asked)
    s = stays.c
    person = literal("") if asked.target.is_unit else func.coalesce(s.actor, "")
    ended = and_(s.ended.is_not(None), asked.inside(s.ended), or_(*_ending_as_step(s)))
    waits = and_(s.ended.is_(None), s.state.in_([state.value for state in WAITS]))
    on_time = func.coalesce(s.ended, asked.at) - s.began <= _limit(s)
    fate = case((s.action == A.DISPATCH.value, fates.c.fate), else_=None)
    grouped = (s.key, s.state, s.action, person, s.role, on_time, fate, s.self_disposed)
    labels = ("key", "state", "action", "person", "role", "on_time", "fate", "self_disposed")
    columns = [column.label(label) for column, label in zip(grouped, labels, strict=True)]
    inner = (
        select(*columns)
        .select_from(stays.outerjoin(fates, and_(fates.c.case_no == s.case_no, fates.c.version == s.version)))
        .where(or_(ended, waits))
        .subquery()
    )
    return select(*inner.c, func.count().label("number")).group_by(*inner.c)


def _ending_as_step(s: Any) -> list[ColumnElement[bool]]:
    return [and_(s.state == state.value, s.action == action.value) for state, action in ENDS]


def _limit(s: Any) -> ColumnElement[int]:
    """How long the stay might last, in ms: by the act that ended it, or by the state it still is in."""
    by_end = [
        (and_(s.state == state.value, s.action == action.value), _ms(step)) for (state, action), step in ENDS.items()
    ]
    by_wait = [(and_(s.action.is_(None), s.state == state.value), _ms(step)) for state, step in WAITS.items()]
    return case(*by_end, *by_wait, else_=0)


def _ms(step: Step) -> int:
    return round(LIMITS[step].total_seconds() * 1000)


def _stays(asked: _Asked) -> Subquery:
    """Each state a case went through: when it began, and the entry that ended it."""
    state = asked.told(j.changes, "state").label("state")
    key = (asked.unit if asked.target.is_unit else literal("")).label("key")
    moved = (
        select(j.case_no, j.version, j.action, j.at, j.actor, j.role, state, key, c.self_disposed)
        .select_from(journal.join(cases, j.case_no == c.case_no))
        .where(asked.calm, j.changes.like('%"state"%'))
        .subquery()
    )
    m = moved.c
    order: dict[str, Any] = {"partition_by": m.case_no, "order_by": m.version}
    return (
        select(
            *(m.case_no, m.state, m.key, m.self_disposed, m.at.label("began")),
            func.lead(m.at).over(**order).label("ended"),
            *(func.lead(m[name]).over(**order).label(name) for name in ("action", "actor", "role", "version")),
        )
        .where(m.state.is_not(None))
        .subquery()
    )


def _fates(asked: _Asked) -> Subquery:
    """What came after each dispatch: a recall, an approved send-back, another dispatch, or nothing."""
    after = func.lead(j.action).over(partition_by=j.case_no, order_by=j.version)
    return (
        select(j.case_no, j.version, after.label("fate"))
        .select_from(journal.join(cases, j.case_no == c.case_no))
        .where(asked.calm, j.action.in_([action.value for action in FATES]))
        .subquery()
    )


def _act(row: Any) -> Act | None:
    """The step a grouped stay was; None where it counts for nobody."""
    state = CaseState(row.state)
    step = WAITS[state] if row.action is None else ENDS[state, Action(row.action)]
    if (step is Step.CLOSING and row.self_disposed) or row.fate == A.RECALL.value:
        return None
    if row.action is None:
        return Act(step, "", False, bool(row.on_time))
    person = own_work(row.person, row.role, POSTS[step])
    return Act(step, person, True, bool(row.on_time), row.fate == A.APPROVE_SEND_BACK.value)


def _of_post(asked: _Asked) -> Found:
    found: Found = {}
    for row in asked.rows(_acts(asked)):
        act = _act(row)
        if act is not None and POSTS[act.step] is asked.target:
            _add(found, act.person, act.names(), row.number)
    if (question := _case_work(asked)) is not None:
        for actor, role, first, second, number, of_both in asked.rows(question):
            person = own_work(actor, role, asked.target)
            _add(found, person, (first,), number)
            _add(found, person, (second,) if second else (), of_both)
    return found


def _case_work(asked: _Asked) -> Any:
    """Actor, role, and what each of the post's cases counts for: one name always, another where more holds."""
    joined = journal.join(cases, j.case_no == c.case_no)
    more: ColumnElement[bool]
    if asked.target is Target.COLLECTOR:
        names, more = ("reports", "valid_reports"), c.filed_at.is_not(None)
        mine = and_(j.version == 1, j.action == A.REPORT.value, asked.inside(c.reported_at))
    elif asked.target is Target.ACCEPTOR:
        names, more = ("accepted_cases", ""), true()
        mine = and_(j.version == _last_verify(), asked.inside(c.accepted_at), c.self_disposed.is_(False))
    elif asked.target is Target.SHIFT_LEADER:
        names, more = ("filing_filed", "filing_kept"), c.state != CaseState.VOIDED.value
        mine = and_(j.action == A.FILE.value, asked.inside(j.at))
    else:
        return None
    numbers = (func.count(), func.count().filter(more))
    return (
        select(j.actor, j.role, literal(names[0]), literal(names[1]), *numbers)
        .select_from(joined)
        .where(asked.calm, mine)
        .group_by(j.actor, j.role)
    )


def _last_verify() -> ColumnElement[int]:
    """The version of the verify task that the acceptance of a case answered."""
    sent = journal.alias("sent")
    newest: ColumnElement[int] = (
        select(func.max(sent.c.version))
        .where(sent.c.case_no == c.case_no, sent.c.action == A.SEND_VERIFY.value, sent.c.at <= c.accepted_at)
        .scalar_subquery()
    )
    return newest
