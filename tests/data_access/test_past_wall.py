"""The wall of any past moment: what the replay shows is what the figures say as of then, wherever it came from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from api.kpi import kpi_answer, kpi_question
from data_access.cases import CaseStore
from data_access.figures import FigureService
from data_access.past_wall import RUN_UP, STRETCH, PastReader, PastWall
from domain.board import BOARD_DIMENSIONS, Board
from domain.case import Case
from domain.facts import Change, facts_of
from domain.indicators import COUNT_FIELDS, Convention, Counts, Dimension, counts, is_open, overdue
from domain.journal import milliseconds
from domain.period import Period, window
from domain.tally import Tally
from tests.data_access.histories import (
    CITY_ZONE,
    START,
    STEPS,
    History,
    as_they_stood,
    at_step,
    case_histories,
    folded_again,
    history,
)
from tests.data_access.policies import PLAIN_POLICY
from tests.domain.tallies import seed_of

NOW = at_step(STEPS + 1)
_prefixes = count(1)

MEANT = ("accepted_at", "filed_at", "dispatched_at", "disposed_at", "closed_at", "last_failed_check_at")


@pytest.fixture
def store(engine: Engine) -> CaseStore:
    return CaseStore(engine, PLAIN_POLICY, number_prefix="QD", zone=CITY_ZONE)


def stored(store: CaseStore, histories: Sequence[History]) -> None:
    with store.bulk() as writer:
        writer.append(histories)


def figures_of(board: Board, dimension: Dimension) -> dict[Period, dict[str, Counts]]:
    return {period: dict(board.figures[period][dimension]) for period in Period}


def counted(cases: Sequence[Case], at: object, dimension: Dimension) -> dict[Period, dict[str, Counts]]:
    """`domain.indicators.counts`, the definition, over the cases as they stood."""
    field = {"district": "district", "department": "department", "class": "class_code"}.get(dimension.value)
    found: dict[Period, dict[str, Counts]] = {}
    for period in Period:
        asked = window(period, at, CITY_ZONE)  # type: ignore[arg-type]
        units = {getattr(case, field) or "" for case in cases} if field else {""}
        of = {
            unit: counts(
                [facts_of(case) for case in cases if not field or (getattr(case, field) or "") == unit],
                asked,
                Convention.FLOW,
                as_of=None,
            )
            for unit in units
        }
        found[period] = {unit: number for unit, number in of.items() if number != Counts()}
    return found


def told_live(histories: Sequence[History], at: object) -> Board:
    """A live tally that was told every change as it happened, and stopped at the moment."""
    changes: list[tuple[object, object, object]] = []
    for _, entries in histories:
        states = [facts_of(case) for case in folded_again(entries)]
        befores = [None, *states]
        changes += [(one.at, before, after) for one, before, after in zip(entries, befores, states, strict=False)]
    tally = Tally(CITY_ZONE, seed_of([], START - timedelta(days=60)), first_version=1)
    for number, (moment, before, after) in enumerate(sorted(changes, key=lambda change: change[0]), start=1):  # type: ignore[arg-type, return-value]
        if moment < at:  # type: ignore[operator]
            tally.apply(Change(entry_id=number, action="", at=moment, before=before, after=after))  # type: ignore[arg-type]
    return tally.board(at)  # type: ignore[arg-type]


@st.composite
def lived(draw: st.DrawFn, prefix: str) -> list[History]:
    """Histories as they happen: no stamp lies behind the entry that brought it."""
    made = []
    for case, entries in draw(case_histories(prefix, "G1")):
        steps = []
        for one in entries:
            late = [name for name in MEANT if (one.changes.get(name) or 0) > milliseconds(one.at)]
            steps.append((one.at, {**one.changes, **dict.fromkeys(late, milliseconds(one.at))}))
        made.append(history(case.case_no, *steps))
    return made


@given(st.data(), st.lists(st.integers(1, STEPS), min_size=2, max_size=5), st.sampled_from([0, 1]))
@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_jumping_and_stepping_anywhere_shows_what_was_counted_then(
    store: CaseStore, data: st.DataObject, steps: list[int], beyond: int
) -> None:
    known = getattr(store, "known", [])
    fresh = data.draw(lived(f"R{next(_prefixes)}-"))
    stored(store, fresh)
    store.known = known = [*known, *fresh]  # type: ignore[attr-defined]
    wall = PastWall(PastReader(store.engine, CITY_ZONE))
    for step in steps:
        at = at_step(step) + timedelta(milliseconds=beyond)
        board = wall.board(at, NOW)
        cases = as_they_stood(known, at)
        for dimension in BOARD_DIMENSIONS:
            assert figures_of(board, dimension) == counted(cases, at, dimension)
        assert set(board.cases) == {case.case_no for case in cases if is_open(facts_of(case))}
        live = told_live(known, at)
        assert (board.figures, board.stages, board.attention, board.overdue_departments, board.cases) == (
            live.figures,
            live.stages,
            live.attention,
            live.overdue_departments,
            live.cases,
        )


def _story(number: int) -> History:
    began = at_step(3) + timedelta(minutes=7 * number)
    return history(
        f"S{number}",
        (began, {"district": "370202"}),
        (
            began + timedelta(hours=1),
            {"state": "disposing", "deadline": began + timedelta(hours=3), "department": "A01"},
        ),
        (began + timedelta(hours=5), {"state": "closed", "closed_at": began + timedelta(hours=5)}),
    )


def test_played_on_it_is_the_same_as_jumped_to(store: CaseStore) -> None:
    stored(store, [_story(number) for number in range(40)])
    reader = PastReader(store.engine, CITY_ZONE)
    playing, versions = PastWall(reader), []
    for minutes in range(0, 16 * 60, 45):
        at = at_step(3) + timedelta(minutes=minutes)
        board, jumped = playing.board(at, NOW), PastWall(reader).board(at, NOW)
        assert (board.figures, board.stages, board.cases) == (jumped.figures, jumped.stages, jumped.cases)
        versions.append(board.version)
    assert playing.tallies == 1, "playing on reads on; it never begins anew"
    assert versions == sorted(versions)


def test_a_step_back_within_what_was_read_costs_no_reading(store: CaseStore) -> None:
    stored(store, [_story(number) for number in range(5)])
    wall = PastWall(PastReader(store.engine, CITY_ZONE))
    there = wall.board(at_step(3) + timedelta(hours=2), NOW)
    store.engine.dispose()
    back = wall.board(at_step(3) + timedelta(hours=2) - RUN_UP, NOW)
    assert back.version > there.version
    assert wall.board(at_step(3) + timedelta(hours=2), NOW).figures == there.figures


def test_an_entry_that_came_late_makes_it_begin_anew(store: CaseStore) -> None:
    stored(store, [_story(1)])
    wall = PastWall(PastReader(store.engine, CITY_ZONE))
    wall.board(at_step(3) + timedelta(hours=1), NOW)
    late = at_step(3) + timedelta(minutes=30)
    stored(store, [history("late", (late, {}), (late + STRETCH, {"state": "closed"}))])
    assert wall.board(late + STRETCH + timedelta(seconds=1), NOW).counts(Period.TODAY).reported == 2


def test_the_interface_and_the_replay_say_the_same(store: CaseStore) -> None:
    stored(store, [_story(number) for number in range(20)])
    figures, wall = FigureService(store), PastWall(PastReader(store.engine, CITY_ZONE))
    for hours in (9, 4, 7):
        at = at_step(3) + timedelta(hours=hours)
        question = kpi_question(
            start="",
            to="",
            period="d7",
            by="district",
            convention="flow",
            as_of=at.isoformat(),
            now=NOW,
            zone=CITY_ZONE,
        )
        told = {row["key"]: row["counts"] for row in kpi_answer(figures, question, NOW)["rows"]}
        shown = wall.board(at, NOW).figures[Period.DAYS_7][Dimension.DISTRICT]
        assert {unit: {name: row[name] for name in COUNT_FIELDS} for unit, row in told.items()} == {
            unit: {name: getattr(number, name) for name in COUNT_FIELDS} for unit, number in shown.items()
        }


def test_the_curve_is_what_stood_open_and_late_at_each_of_its_moments(store: CaseStore) -> None:
    histories = [_story(number) for number in range(30)]
    stored(store, histories)
    reader = PastReader(store.engine, CITY_ZONE)
    loads = reader.curve(at_step(3).astimezone(CITY_ZONE).date(), NOW)
    assert len(loads) == 97
    for load in loads[::8]:
        facts = [facts_of(case) for case in as_they_stood(histories, load.at)]
        assert load.open == sum(map(is_open, facts))
        assert load.overdue == sum(overdue(case, load.at) for case in facts)
    assert max(load.overdue for load in loads) > 0


def test_the_past_begins_with_the_first_report(store: CaseStore) -> None:
    reader = PastReader(store.engine, CITY_ZONE)
    assert reader.first_at() is None
    stored(store, [_story(1)])
    first = reader.first_at()
    assert first is not None
    assert PastWall(reader).board(first, NOW).open_total == 1
    assert PastWall(reader).board(first - timedelta(milliseconds=1), NOW).open_total == 0
