from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from data_access.cases import CaseStore, Done
from data_access.figures import FigureService, KpiRow
from domain.action import Action
from domain.board import BOARD_DIMENSIONS
from domain.case_query import CaseQuery, Count
from domain.facts import facts_of
from domain.indicators import COUNT_FIELDS, Convention, Counts, Dimension, Rate, counts, rate
from domain.period import Period, Window, window
from domain.tally import Tally
from tests.data_access.histories import CITY_ZONE, STEPS, History, as_they_stood, at_step, case_histories, history
from tests.data_access.policies import PLAIN_POLICY
from tests.domain.loop import command

NOW = at_step(STEPS) + timedelta(seconds=1)
LONG_BEFORE = -300
"""So many steps before the first case that the whole table is read at once."""

FIELDS = {Dimension.DISTRICT: "district", Dimension.DEPARTMENT: "department", Dimension.CLASS: "class_code"}
_rounds = itertools.count(1)
_loaded: dict[str, list[History]] = {}
"""What each test's database holds: the examples of one test share it."""


@pytest.fixture
def store(engine: Engine) -> CaseStore:
    return CaseStore(engine, PLAIN_POLICY, number_prefix="T", zone=CITY_ZONE)


def _kpi(store: CaseStore, period: Window, **parts: Any) -> list[KpiRow]:
    asked = {"by": Dimension.CITY, "convention": Convention.FLOW, "as_of": None, "now": NOW} | parts
    return FigureService(store).kpi(start=period.start, end=period.end, **asked)


def _expected(
    everything: list[History], period: Window, by: Dimension, convention: Convention, as_of: datetime | None
) -> dict[str, Counts]:
    """Straight from the definition, over the cases as the domain folds them."""
    at = min(NOW, as_of or period.end)
    if convention is Convention.FLOW:
        period = Window(period.start, at)
    groups: dict[str, list[Any]] = {}
    for case in as_they_stood(everything, at):
        facts = facts_of(case)
        groups.setdefault(getattr(facts, FIELDS.get(by, ""), None) or "" if by in FIELDS else "", []).append(facts)
    later = None if convention is Convention.FLOW else at
    found = {key: counts(cases, period, convention, as_of=later) for key, cases in groups.items()}
    return {key: count for key, count in found.items() if count != Counts()}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(),
    first=st.integers(0, STEPS) | st.just(LONG_BEFORE),
    length=st.integers(1, STEPS) | st.just(STEPS - LONG_BEFORE),
    by=st.sampled_from([Dimension.CITY, *FIELDS]),
    convention=st.sampled_from(Convention),
)
def test_every_split_and_convention_gives_the_figures_of_the_definition(
    store: CaseStore, data: st.DataObject, first: int, length: int, by: Dimension, convention: Convention
) -> None:
    prefix = f"{next(_rounds)}-"
    histories = data.draw(case_histories(prefix=prefix, grid=prefix))
    with store.bulk() as writer:
        writer.append(histories)
    everything = _loaded.setdefault(str(store.engine.url), [])
    everything += histories
    period = Window(at_step(first), at_step(first + length))
    later = (
        st.none() if convention is Convention.FLOW else st.none() | st.integers(max(first, 0), STEPS + 9).map(at_step)
    )
    as_of = data.draw(later)
    rows = _kpi(store, period, by=by, convention=convention, as_of=as_of)
    assert {row.key: row.counts for row in rows if row.counts != Counts()} == _expected(
        everything, period, by, convention, as_of
    )


def test_a_city_without_cases_has_one_row_of_zeros(store: CaseStore) -> None:
    period = window(Period.TODAY, NOW, CITY_ZONE)
    assert _kpi(store, period) == [KpiRow("", Counts())]
    assert _kpi(store, period, by=Dimension.DISTRICT) == []


JUNE = Window(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 8, tzinfo=UTC))
LATER = datetime(2026, 9, 1, tzinfo=UTC)


def _june(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 6, day, hour, tzinfo=UTC)


def _task(case_no: str, sent: datetime, due: datetime | None, *steps: tuple[datetime, dict[str, Any]]) -> History:
    begun = dict.fromkeys(("reported_at", "accepted_at", "filed_at", "dispatched_at"), sent)
    return history(case_no, (sent, {**begun, "state": "disposing", "department": "D", "deadline": due}), *steps)


def _fed_back(at: datetime) -> tuple[datetime, dict[str, Any]]:
    return at, {"disposed_at": at, "state": "pending_check"}


def _closed(at: datetime) -> tuple[datetime, dict[str, Any]]:
    return at, {"closed_at": at, "state": "closed"}


def _failed(at: datetime) -> tuple[datetime, dict[str, Any]]:
    return at, {"last_failed_check_at": at, "rework_count": 1, "disposed_at": None, "state": "disposing"}


def sheet_example() -> list[History]:
    """Domain sheet 6.10, going on after its week: what came later must not show in the figures of the week."""
    may_28, may_30 = datetime(2026, 5, 28, 9, tzinfo=UTC), datetime(2026, 5, 30, 12, tzinfo=UTC)
    rework = (_fed_back(_june(3, 12)), _failed(_june(3, 20)), _fed_back(_june(4, 10)), _closed(_june(4, 16)))
    return [
        _task("c1", may_28, may_30, _fed_back(_june(9)), _closed(_june(10))),
        _task("c2", _june(1), _june(2, 18), _fed_back(_june(2, 10)), _closed(_june(2, 16))),
        _task("c3", _june(2), _june(3, 10), _fed_back(_june(3, 15)), _closed(_june(4))),
        _task("c4", _june(3), _june(5, 18), *rework),
        _task("c5", _june(5), _june(12, 18), _fed_back(_june(20))),
        _task("c6", _june(2), _june(3), (_june(4), {"state": "suspended"}), (_june(30), {"state": "disposing"})),
        _task("c7", _june(2), _june(3), (_june(3), {"state": "voided"})),
        _task("c8", _june(6), _june(9, 18), _fed_back(_june(6, 20)), _closed(_june(8, 0))),
    ]


@pytest.fixture
def june(store: CaseStore) -> CaseStore:
    with store.bulk() as writer:
        writer.append(sheet_example())
    return store


def test_the_worked_example_of_the_domain_sheet_holds_months_later(june: CaseStore) -> None:
    (row,) = _kpi(june, JUNE, by=Dimension.DEPARTMENT, now=LATER)
    figures = {kind: rate(kind, row.counts) for kind in Rate}
    assert row.key == "D"
    assert (row.counts.filed, row.counts.disposed, row.counts.overdue_undisposed, row.counts.due_closing) == (
        7,
        4,
        1,
        5,
    )
    assert {kind: figures[kind].value for kind in (Rate.DISPOSAL, Rate.ON_TIME_DISPOSAL, Rate.CLOSING)} == {
        Rate.DISPOSAL: 0.8,
        Rate.ON_TIME_DISPOSAL: 0.6,
        Rate.CLOSING: 0.6,
    }
    assert (figures[Rate.ON_TIME_CLOSING].value, figures[Rate.REWORK].value) == (0.4, 0.2)


@pytest.mark.parametrize("name", [*COUNT_FIELDS, "due_disposal", "due_closing"])
def test_every_figure_is_as_large_as_the_list_behind_it_is_long(june: CaseStore, name: str) -> None:
    (row,) = _kpi(june, JUNE, now=LATER)
    query = CaseQuery(count=Count(name), start=JUNE.start, end=JUNE.end)
    assert len(june.find(query, LATER)) == row.counts.of(Count(name))


def test_the_figures_of_a_past_week_do_not_move_with_what_happens_later(store: CaseStore) -> None:
    outside = {"source_system": "boston", "state": "disposing", "dispatched_at": _june(2), "deadline": _june(3)}
    reported = command(Action.IMPORT_REPORT, _june(2), facts={**outside, "outside_id": "1"})
    done = store.execute(reported)
    assert isinstance(done, Done)
    then = _kpi(store, JUNE, now=JUNE.end)
    closing = {"state": "closed", "closed_at": _june(10)}
    store.execute(command(Action.IMPORT_STEP, _june(10), case_no=done.case.case_no, facts=closing))
    assert store.count(CaseQuery(count=Count.CLOSED), LATER) == 1
    assert _kpi(store, JUNE, now=LATER) == then


def test_a_cohort_is_followed_until_the_moment_asked_for(june: CaseStore) -> None:
    cohort = {"convention": Convention.COHORT, "now": LATER}
    (at_the_end,), (in_july,) = _kpi(june, JUNE, **cohort), _kpi(june, JUNE, as_of=_june(30), **cohort)
    assert (at_the_end.counts.closed, in_july.counts.closed) == (3, 4)
    assert at_the_end.counts.reported == in_july.counts.reported == 7


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_live_board_shows_the_very_same_figures(store: CaseStore, data: st.DataObject) -> None:
    prefix = f"{next(_rounds)}-"
    with store.bulk() as writer:
        writer.append(data.draw(case_histories(prefix=prefix, grid=prefix)))
    board = Tally(CITY_ZONE, store.tally_seed(NOW), first_version=1).board(NOW)
    for period, by in itertools.product(Period, BOARD_DIMENSIONS):
        rows = _kpi(store, window(period, NOW, CITY_ZONE), by=by)
        assert board.figures[period][by] == {row.key: row.counts for row in rows if row.counts != Counts()}
