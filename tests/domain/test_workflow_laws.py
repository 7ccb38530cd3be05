"""Laws that hold in every history the workflow allows: random ones, whoever does what and when, try to break them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.action import Action, Refusal
from domain.case import FINAL_STATES, OPEN_STATES, Case, CaseState
from domain.case_query import Count
from domain.disposal_clock import unit_of
from domain.facts import facts_of
from domain.indicators import BEGINNING, SUMS, counted
from domain.journal import FIRST_LINK, Entry, fold, link, rebuild, sealed
from domain.moves_desk import AFTER_THE_END
from domain.offers import allowed_actions
from domain.period import Window
from domain.roles import Identity, Role
from domain.step_clock import clock_time, stays
from domain.transition import Clock, Request
from domain.transitions import REQUEST_STATES, TRANSITIONS
from domain.workflow import Mode, decide
from domain.worktime import limit_ms, used
from tests.domain.loop import PATHS, PEOPLE, START, Walk, command, with_policy

S = CaseState
law = settings(max_examples=60, deadline=None)
POLICIES = [
    with_policy(),
    with_policy(mode=Mode.ONE_TWO, photos_may_close=False),
    with_policy(rework_new_limit=True, max_extensions=1),
]
STAFF = [
    *PEOPLE.values(),
    Identity("gas", "燃气", Role.DEPARTMENT, department="D02"),
    Identity("south", "市南", Role.DISPATCHER, district="370202"),
]
PAUSES = st.sampled_from([0, 1, 7, 40, 600]).map(lambda hours: timedelta(hours=hours, minutes=20))
BEGINNINGS = st.sampled_from([(Action.SELF_DISPOSE,), *(PATHS[state] for state in S if state in OPEN_STATES)])
"""Half of all moves end a case early, so the later states need a start near them."""


BESIDE = frozenset(action for action, row in TRANSITIONS.items() if not (row.to or row.outcomes or row.asks))
"""Moves that lead nowhere by themselves; chosen as often as others they would leave most cases where they stand."""


@st.composite
def histories(draw: st.DrawFn) -> Walk:
    """A case moved on at random: mostly by what is offered to somebody, sometimes by what is not."""
    walk = Walk(*draw(BEGINNINGS), policy=draw(st.sampled_from(POLICIES)))
    for _ in range(draw(st.integers(0, 15))):
        walk.at(walk.now + draw(PAUSES))
        offered = _offered(walk)
        if not offered:
            break
        onward = [action for action in offered if action not in BESIDE]
        action = draw(st.sampled_from(onward if onward and draw(st.integers(0, 4)) else list(offered)))
        person = draw(st.sampled_from(offered[action]))
        _try(walk, action, person, draw(st.sampled_from([{}, {"department": "D02"}, {"result": "false"}])))
    return walk


def _offered(walk: Walk) -> dict[Action, list[Identity]]:
    """What may be done, and by whom; a forced end would cut most histories short."""
    offered: dict[Action, list[Identity]] = {}
    for person in STAFF:
        for action in allowed_actions(walk.standing, person, walk.policy, walk.now):
            if action is not Action.FORCE_CLOSE:
                offered.setdefault(action, []).append(person)
    return offered


def _try(walk: Walk, action: Action, person: Identity, more: dict[str, str]) -> None:
    fitting = {name: value for name, value in more.items() if name in TRANSITIONS[action].fact_names}
    answer = decide(walk.case, command(action, walk.now, actor=person, more=fitting), walk.policy)
    if not isinstance(answer, Refusal):
        walk.case = answer.case
        walk.entries.append(answer.entry)


def cases_of(walk: Walk) -> Iterator[Case]:
    """The case after each of its entries."""
    case: Case | None = None
    for entry in walk.entries:
        case = fold(case, entry)
        yield case


def the_journal_alone_rebuilds_the_case(walk: Walk) -> None:
    assert rebuild(walk.entries) == walk.standing
    assert [entry.version for entry in walk.entries] == list(range(1, walk.standing.version + 1))


def a_decision_changes_nothing_but_its_answer(walk: Walk) -> None:
    before = replace(walk.standing)
    for action in Action:
        first, second = (decide(walk.case, command(action, walk.now), walk.policy, case_no="N") for _ in range(2))
        assert first == second
    assert walk.standing == before


@law
@given(histories(), st.sampled_from(Action), st.sampled_from(STAFF))
def test_what_is_not_offered_does_not_pass(walk: Walk, action: Action, person: Identity) -> None:
    answer = decide(walk.case, command(action, walk.now, actor=person), walk.policy)
    if action not in allowed_actions(walk.standing, person, walk.policy, walk.now):
        assert isinstance(answer, Refusal)
        assert answer.text


def stage_times_follow_each_other(walk: Walk) -> None:
    for case in cases_of(walk):
        order = [case.reported_at, case.accepted_at, case.filed_at, case.dispatched_at, case.disposed_at]
        known = [at for at in (*order, case.closed_at) if at is not None]
        assert all(earlier <= later for earlier, later in pairwise(known)), case


def stage_times_once_written_stay(walk: Walk) -> None:
    for before, after in pairwise(cases_of(walk)):
        for name in ("reported_at", "accepted_at", "filed_at", "dispatched_at", "closed_at"):
            assert getattr(before, name) in (None, getattr(after, name)), name


def a_state_has_what_it_stands_for(walk: Walk) -> None:
    for case in cases_of(walk):
        ordinary = not case.self_disposed
        fed_back = case.state in (S.PENDING_FEEDBACK_REVIEW, S.PENDING_CHECK, S.PENDING_CLOSE, S.CLOSED)
        at_department = case.state in (S.PENDING_DISPOSAL, S.DISPOSING, S.SUSPENDED)
        assert (case.disposed_at is not None) == (fed_back and ordinary) or case.state is S.FORCED_CLOSED
        assert (case.closed_at is not None) == (case.state is S.CLOSED)
        assert (case.suspended_until is not None) == (case.state is S.SUSPENDED)
        assert not at_department or (case.department is not None and case.deadline is not None)
        assert case.state is not S.PENDING_DISPATCH or (case.filed_at is not None and case.department is None)


def a_request_stands_only_where_it_was_asked(walk: Walk) -> None:
    for case in cases_of(walk):
        if case.current_request is None:
            assert (case.requested_until, case.requested_hours) == (None, None)
        else:
            assert case.state in REQUEST_STATES[Request(case.current_request)]


def the_granted_limit_follows_from_what_is_stored(walk: Walk) -> None:
    """While the clock runs: used until the deadline, less what was not charged, is the limits granted."""
    for case in cases_of(walk):
        if case.deadline is None or case.dispatched_at is None or case.paused_since is not None:
            continue
        unit = unit_of(case)
        whole = used(case.dispatched_at, case.deadline, unit, walk.policy.calendar)
        one = limit_ms(case.limit_value or 0, unit)
        granted = round(whole - case.paused_seconds * 1000)
        assert granted % one == 0
        assert one <= granted <= one * (1 + case.extension_count)


def the_clock_stands_exactly_where_it_should(walk: Walk) -> None:
    for case in cases_of(walk):
        running = case.state in (S.PENDING_DISPOSAL, S.DISPOSING)
        tasked = bool(case.departments_tasked)
        if tasked and case.state not in FINAL_STATES:
            assert (case.paused_since is None) == running


def counters_never_go_back(walk: Walk) -> None:
    names = ("rework_count", "extension_count", "send_back_count", "urged_count", "paused_seconds", "supervised")
    for before, after in pairwise(cases_of(walk)):
        assert all(getattr(before, name) <= getattr(after, name) for name in names)


def nothing_follows_an_end_but_an_appeal(walk: Walk) -> None:
    for case, entry in zip(cases_of(walk), walk.entries[1:], strict=False):
        if case.state in FINAL_STATES:
            appeals = {Action.APPEAL, Action.APPROVE_APPEAL, Action.REFUSE_APPEAL, Action.WITHDRAW_REQUEST}
            assert entry.action in appeals | AFTER_THE_END


@law
@given(histories(), st.timedeltas(timedelta(0), timedelta(days=400)))
def test_the_identities_of_the_counts_hold_at_any_moment(walk: Walk, age: timedelta) -> None:
    """Domain sheet 6.1: disposed = on time + late, due counts are sums of parts nobody is in twice."""
    end = START + age
    case = rebuild(entry for entry in walk.entries if entry.at < end)
    if case is None:
        return
    facts, window = facts_of(case), Window(BEGINNING, end)
    is_in = {count: counted(facts, count, window) for count in Count}
    assert is_in[Count.DISPOSED] == is_in[Count.ON_TIME_DISPOSED] + is_in[Count.LATE_DISPOSED]
    assert is_in[Count.ON_TIME_CLOSED] <= is_in[Count.CLOSED]
    for total, parts in SUMS.items():
        assert is_in[total] == sum(is_in[part] for part in parts)


def stays_cover_the_case_from_its_report_to_now_without_gap(walk: Walk) -> None:
    found = list(stays(walk.entries))
    assert found[0].start == walk.standing.reported_at
    assert all(one.end == two.start for one, two in pairwise(found))
    assert (found[-1].state, found[-1].end) == (walk.standing.state, None)
    clocks = sum((clock_time(walk.entries, clock, walk.now) for clock in Clock), timedelta())
    assert clocks <= walk.now - walk.standing.reported_at


LAWS = (
    the_journal_alone_rebuilds_the_case,
    a_decision_changes_nothing_but_its_answer,
    stage_times_follow_each_other,
    stage_times_once_written_stay,
    a_state_has_what_it_stands_for,
    a_request_stands_only_where_it_was_asked,
    the_granted_limit_follows_from_what_is_stored,
    the_clock_stands_exactly_where_it_should,
    counters_never_go_back,
    nothing_follows_an_end_but_an_appeal,
    stays_cover_the_case_from_its_report_to_now_without_gap,
)


@settings(law, max_examples=150)
@given(histories())
def test_every_law_holds_in_every_history(walk: Walk) -> None:
    """All laws over the same histories: drawing one costs more than judging it. The traceback names the one broken."""
    for holds in LAWS:
        holds(walk)


def chain(walk: Walk) -> list[Entry]:
    """The walk's entries as the store seals them."""
    done: list[Entry] = []
    for number, entry in enumerate(walk.entries, start=1):
        previous = done[-1].hash if done else FIRST_LINK
        done.append(replace(sealed(entry, previous), entry_id=number))
    return done


def unbroken(entries: list[Entry]) -> bool:
    links = [FIRST_LINK, *(entry.hash for entry in entries)]
    return all(
        entry.previous_hash == link_before and entry.hash == link(entry) and entry.version == number
        for number, (entry, link_before) in enumerate(zip(entries, links, strict=False), start=1)
    )


TAMPERINGS = {
    "another actor": lambda entry: replace(entry, actor="somebody"),
    "another time": lambda entry: replace(entry, at=entry.at - timedelta(milliseconds=1)),
    "another reason": lambda entry: replace(entry, reason=entry.reason + "!"),
    "another change": lambda entry: replace(entry, changes={**entry.changes, "supervised": True, "address": "x"}),
    "another action": lambda entry: replace(entry, action=Action.IMPORT_STEP),
}


@law
@given(histories(), st.sampled_from(sorted(TAMPERINGS)), st.data())
def test_a_changed_entry_breaks_the_chain(walk: Walk, how: str, data: st.DataObject) -> None:
    entries = chain(walk)
    assert unbroken(entries)
    index = data.draw(st.integers(0, len(entries) - 1))
    changed = TAMPERINGS[how](entries[index])
    assert not unbroken([*entries[:index], changed, *entries[index + 1 :]])
    resealed = sealed(changed, changed.previous_hash)
    if index < len(entries) - 1:
        assert not unbroken([*entries[:index], resealed, *entries[index + 1 :]]), "even sealed anew"


@law
@given(histories(), st.data())
def test_a_removed_or_repeated_entry_breaks_the_chain(walk: Walk, data: st.DataObject) -> None:
    entries = chain(walk)
    index = data.draw(st.integers(0, len(entries) - 1))
    if index < len(entries) - 1:
        assert not unbroken([*entries[:index], *entries[index + 1 :]])
    assert not unbroken([*entries[: index + 1], *entries[index:]])


def test_random_histories_meet_every_state() -> None:
    """Guards the other laws: a generator that never leaves the first state would prove nothing."""
    seen: set[CaseState] = set()

    @settings(law, max_examples=150, database=None, derandomize=True)
    @given(histories())
    def look(walk: Walk) -> None:
        seen.update(case.state for case in cases_of(walk))

    look()
    assert seen >= set(S) - {S.FORCED_CLOSED}
