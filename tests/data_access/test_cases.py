from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from data_access.case_rows import case_of, case_row, case_values, row_told_by
from data_access.cases import CaseStore, Done
from data_access.codec import decode_change
from data_access.schema import cases
from domain.action import Action, Command, Refusal, RefusalCode
from domain.case import Case, CaseState, Severity
from domain.facts import facts_of
from domain.journal import FIRST_LINK, link, milliseconds, rebuild
from domain.roles import Identity, Role
from tests.data_access.histories import CITY_ZONE, as_they_stood, at_step, case_histories, folded_again
from tests.domain.loop import PATHS, POLICY, START, command

Make = Callable[..., CaseStore]


@pytest.fixture
def make(engine: Engine) -> Make:
    """Makes stores on the test's database."""

    def made(**parts: Any) -> CaseStore:
        return CaseStore(engine, POLICY, number_prefix="QD", zone=CITY_ZONE, **parts)

    return made


@pytest.fixture
def store(make: Make) -> CaseStore:
    return make()


def done(answer: Done | Refusal) -> Done:
    assert isinstance(answer, Done), answer
    return answer


def refused(answer: Done | Refusal) -> Refusal:
    assert isinstance(answer, Refusal), answer
    return answer


def walked(store: CaseStore, *actions: Action) -> list[Done]:
    """One case led through the actions, a minute apart."""
    steps: list[Done] = []
    for number, action in enumerate(actions):
        case_no = steps[-1].case.case_no if steps else None
        asked = command(action, START + timedelta(minutes=number), case_no=case_no, expected_version=number or None)
        steps.append(done(store.execute(asked)))
    return steps


def test_a_report_gets_the_next_number_of_its_local_day(store: CaseStore) -> None:
    late = datetime(2026, 3, 9, 15, 59, tzinfo=UTC)  # 23:59 in the city
    times = [late, late, late + timedelta(minutes=2)]
    numbers = [done(store.execute(command(Action.REPORT, at))).case.case_no for at in times]
    assert numbers == ["QD2026030900001", "QD2026030900002", "QD2026031000001"]


@pytest.mark.parametrize("state", CaseState)
def test_every_path_through_the_loop_is_kept_as_it_was_decided(store: CaseStore, state: CaseState) -> None:
    steps = walked(store, *PATHS[state])
    last = steps[-1].case
    assert last.state is state
    assert store.get(last.case_no) == last
    assert store.history(last.case_no) == tuple(step.entry for step in steps)
    assert rebuild(store.history(last.case_no)) == last


def test_each_entry_is_chained_to_the_one_before(store: CaseStore) -> None:
    steps = walked(store, *PATHS[CaseState.CLOSED])
    chain = store.history(steps[0].case.case_no)
    assert [entry.previous_hash for entry in chain] == [FIRST_LINK, *[entry.hash for entry in chain[:-1]]]
    assert all(entry.hash == link(entry) for entry in chain)


def test_each_change_waits_in_the_outbox_in_order_until_it_is_dropped(store: CaseStore) -> None:
    steps = walked(store, *PATHS[CaseState.DISPOSING])
    waiting = store.outbox(10)
    assert [decode_change(payload) for _, payload in waiting] == [step.change for step in steps]
    store.drop_outbox([number for number, _ in waiting[:2]])
    assert store.outbox(1) == waiting[2:3]


def test_a_change_tells_the_facts_before_and_after(store: CaseStore) -> None:
    first, second = walked(store, Action.REPORT, Action.FILE)
    assert first.change.before is None
    assert second.change.before == first.change.after == facts_of(first.case)
    assert second.change.after == facts_of(second.case)
    assert second.change.entry_id == second.entry.entry_id > first.entry.entry_id > 0


def test_a_refused_command_leaves_nothing_behind_not_even_a_gap_in_the_numbers(store: CaseStore) -> None:
    refused(store.execute(command(Action.REPORT, facts={})))
    assert store.outbox(10) == []
    assert store.last_entry_id() == 0
    assert done(store.execute(command(Action.REPORT))).case.case_no.endswith("00001")


def test_an_unknown_case_is_refused_by_its_number(store: CaseStore) -> None:
    answer = refused(store.execute(command(Action.FILE, case_no="QD1")))
    assert answer.code is RefusalCode.NO_SUCH_CASE
    assert "QD1" in answer.text


def test_acting_on_what_one_saw_before_is_refused_with_who_did_what_and_when(store: CaseStore) -> None:
    case = walked(store, Action.REPORT, Action.FILE)[-1].case
    other = Identity("night", "夜班", Role.SHIFT_LEADER)
    answer = refused(store.execute(command(Action.FILE, START, case_no=case.case_no, expected_version=1, actor=other)))
    assert answer.code is RefusalCode.STALE_VERSION
    assert all(part in answer.text for part in ("shift_leader", "06-01 09:01:00", "立案"))


def test_the_same_command_again_gets_the_first_answer_and_is_stored_once(store: CaseStore) -> None:
    case = walked(store, Action.REPORT, Action.FILE)[-1].case
    wish = command(Action.DISPATCH, START + timedelta(hours=1), case_no=case.case_no, expected_version=2)
    first, again = done(store.execute(wish)), done(store.execute(wish))
    assert (again.entry, again.case, again.change) == (first.entry, first.case, None)
    assert len(store.history(case.case_no)) == 3
    elsewhere = replace(wish, facts={"department": "D09"})
    assert refused(store.execute(elsewhere)).code is RefusalCode.STALE_VERSION


def test_a_preview_says_what_would_happen_and_stores_nothing(store: CaseStore) -> None:
    case = walked(store, Action.REPORT, Action.FILE)[-1].case
    wish = command(Action.DISPATCH, START + timedelta(hours=1), case_no=case.case_no, expected_version=2)
    looked = store.preview(wish)
    assert isinstance(looked, Case)
    assert (looked.state, looked.department) == (CaseState.PENDING_DISPOSAL, "D01")
    assert isinstance(store.preview(replace(wish, expected_version=1)), Refusal)
    assert store.get(case.case_no) == case


def test_an_outside_system_may_act_on_whatever_the_case_is_now(store: CaseStore) -> None:
    case = walked(store, Action.REPORT, Action.FILE)[-1].case
    assert (
        done(store.execute(command(Action.DISPATCH, START + timedelta(hours=1), case_no=case.case_no))).case.version
        == 3
    )


def test_of_two_clients_racing_on_one_case_exactly_one_wins(store: CaseStore, make: Make) -> None:
    case = walked(store, Action.REPORT, Action.FILE)[-1].case
    at = START + timedelta(hours=1)
    wishes = [
        command(Action.DISPATCH, at, case_no=case.case_no, expected_version=2, facts={"department": f"D{seat}"})
        for seat in range(8)
    ]
    answers: list[Done | Refusal] = []
    barrier = threading.Barrier(len(wishes))

    def act(wish: Command) -> None:
        own = make()
        barrier.wait()
        answers.append(own.execute(wish))

    _together([lambda wish=wish: act(wish) for wish in wishes])
    winners = [answer for answer in answers if isinstance(answer, Done)]
    losers = [answer for answer in answers if isinstance(answer, Refusal)]
    assert len(winners) == 1
    assert {loser.code for loser in losers} == {RefusalCode.STALE_VERSION}
    assert store.get(case.case_no) == winners[0].case
    assert len(store.history(case.case_no)) == 3


def _together(tasks: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_reports_from_many_threads_get_different_numbers_in_the_order_of_the_journal(make: Make) -> None:
    answers: list[Done] = []

    def report() -> None:
        own = make()
        answers.extend(done(own.execute(command(Action.REPORT))) for _ in range(5))

    _together([report] * 6)
    by_entry = [answer.case.case_no for answer in sorted(answers, key=lambda answer: answer.entry.entry_id)]
    assert by_entry == [f"QD20260601{number:05d}" for number in range(1, 31)]


def test_the_same_outside_case_cannot_be_reported_twice(store: CaseStore) -> None:
    first = done(store.execute(command(Action.IMPORT_REPORT)))
    answer = refused(store.execute(command(Action.IMPORT_REPORT)))
    assert answer.code is RefusalCode.DUPLICATE
    assert first.case.case_no in answer.text
    assert store.outside_ids("boston") == {"1"}
    assert store.outside_ids("salem") == set()


@pytest.mark.parametrize("reason", ["a\x00b", "half \ud83d of a face"])
def test_a_text_that_cannot_be_stored_is_refused_with_its_field(store: CaseStore, reason: str) -> None:
    assert refused(store.execute(command(Action.REPORT, reason=reason))).field == "reason"
    nested = command(Action.IMPORT_REPORT, facts={"attributes": {"note": reason}})
    assert refused(store.execute(nested)).field == "attributes"


def test_faces_and_han_characters_are_stored(store: CaseStore) -> None:
    kept = done(store.execute(command(Action.REPORT, more={"description": "井盖🚧缺失", "address": "香港中路"}))).case
    assert store.get(kept.case_no) == kept


def test_listeners_are_woken_after_the_commit_and_only_then(make: Make) -> None:
    seen: list[int] = []
    reader = make()
    writer = make(on_commit=lambda: seen.append(len(reader.outbox(10))))
    writer.execute(command(Action.REPORT))
    writer.execute(command(Action.REPORT, facts={}))
    assert seen == [1]


def test_times_are_kept_to_the_millisecond(store: CaseStore) -> None:
    kept = done(store.execute(command(Action.REPORT, START + timedelta(microseconds=1999)))).case
    assert kept.reported_at == START + timedelta(milliseconds=1)
    assert store.get(kept.case_no) == kept


def test_nothing_is_found_in_an_empty_store(store: CaseStore) -> None:
    assert store.get("QD1") is None
    assert store.history("QD1") == ()
    assert store.open_facts() == list(store.facts()) == []


def test_open_facts_leave_out_what_has_ended(store: CaseStore) -> None:
    ended = [CaseState.CLOSED, CaseState.VOIDED, CaseState.REJECTED, CaseState.FORCED_CLOSED, CaseState.TRANSFERRED]
    for state in ended:
        walked(store, *PATHS[state])
    waiting = walked(store, *PATHS[CaseState.SUSPENDED])[-1].case
    assert store.open_facts() == [facts_of(waiting)]
    assert len(list(store.facts())) == len(ended) + 1


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), step=st.integers(0, 90))
def test_facts_as_of_a_moment_are_those_the_domain_folds(make: Make, data: st.DataObject, step: int) -> None:
    store = make()
    prefix = f"{store.last_entry_id()}-"
    histories = data.draw(case_histories(prefix=prefix, grid=prefix))
    with store.bulk() as writer:
        writer.append(histories)
    then = [facts for facts in store.facts(as_of=at_step(step)) if facts.grid == prefix]
    expected = [facts_of(case) for case in as_they_stood(histories, at_step(step))]
    assert sorted(then, key=lambda facts: facts.case_no) == expected


@given(st.data())
def test_a_case_comes_back_from_its_row_as_it_was(data: st.DataObject) -> None:
    (case, entries), *_ = data.draw(case_histories(prefix="A", grid="G"))
    words = data.draw(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00")), max_size=3))
    full = replace(
        case,
        assisting=tuple(words),
        attributes=dict.fromkeys(words, "…"),
        resume_state=CaseState.DISPOSING,
        limit_value=1.5,
        severity=Severity.L1,
    )
    assert case_of(case_row(full, 0)) == full
    assert folded_again(entries)[-1] == case


@given(st.data())
def test_the_row_that_entries_tell_is_the_row_of_their_fold(data: st.DataObject) -> None:
    for case, entries in data.draw(case_histories(prefix="A", grid="G")):
        newest = max(milliseconds(entry.at) for entry in entries)
        assert row_told_by(entries) == case_values(case, newest)


def test_a_row_bears_the_time_of_the_newest_entry(store: CaseStore, engine: Engine) -> None:
    steps = walked(store, Action.REPORT, Action.FILE)
    with engine.connect() as connection:
        updated_at = connection.execute(select(cases.c.updated_at)).scalar_one()
    assert updated_at == round(steps[-1].entry.at.timestamp() * 1000)
