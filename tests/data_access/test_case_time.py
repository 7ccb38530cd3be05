"""Where case-time goes, as the columnar copy says it and as the cases, folded entry by entry, say it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import pytest
from sqlalchemy import Engine

from data_access.cases import CaseStore
from data_access.evaluation.case_time import APPEALS, REQUESTS, SENT_BACK, SUSPENDED, CaseTime
from data_access.evaluation.checks import Checks, UnitChecks
from data_access.history.engine import Bounds
from data_access.history.folder import HistoryFolder
from data_access.history.reader import History
from data_access.history.writer import HistoryWriter
from domain.ageing import BANDS, Standing
from domain.case import FINAL_STATES, Case, CaseState
from domain.facts import facts_of
from domain.indicators import Dimension, overdue
from domain.period import Window
from domain.transition import AT_DEPARTMENT
from tests.data_access.histories import CITY_ZONE, STEPS, as_they_stood, at_step, folded_again, history
from tests.data_access.histories import History as CaseHistory
from tests.data_access.policies import PLAIN_POLICY

BOUNDS = Bounds(memory_mb=256, threads=1)
PERIOD = Window(at_step(30), at_step(60))
NOTHING = timedelta()


def _made(random: Random, number: int) -> CaseHistory:
    """A case of any course: what matters is that every kind of time comes, at the period's edges and across them."""
    steps = sorted(random.sample(range(STEPS), random.randint(1, 8)))
    changes: list[dict[str, Any]] = []
    for step in steps:
        change: dict[str, Any] = {
            "state": random.choice(list(CaseState)).value,
            "department": random.choice([None, "A01", "B02"]),
            "current_request": random.choice([None, None, *(request.value for request in REQUESTS)]),
        }
        if random.random() < 0.5:
            change["dispatched_at"] = at_step(step)
        if random.random() < 0.5:
            change["deadline"] = at_step(random.randrange(STEPS))
        if random.random() < 0.3:
            del change["state"]
        changes.append(change)
    changes[0] |= {"district": random.choice(["370202", "370203"])}
    return history(f"T{number:03d}", *zip(map(at_step, steps), changes, strict=True))


@pytest.fixture
def made() -> list[CaseHistory]:
    random = Random(20260301)
    return [_made(random, number) for number in range(150)]


@pytest.fixture(params=["journal alone", "copy"])
def asked(request: pytest.FixtureRequest, engine: Engine, tmp_path: Path, made: list[CaseHistory]) -> History:
    store = CaseStore(engine, PLAIN_POLICY, number_prefix="T", zone=CITY_ZONE)
    with store.bulk() as writer:
        writer.append(made)
    folder = HistoryFolder(tmp_path)
    if request.param == "copy":
        HistoryWriter(folder, engine, BOUNDS).refresh()
    return History(folder, engine, BOUNDS)


Row = tuple[Case, datetime, datetime | None, str]


def _rows(made: list[CaseHistory]) -> Iterator[Row]:
    """Each version of each case, from when to when it held, and who held a case that was taken back since."""
    for _, entries in made:
        versions, sender = folded_again(entries), ""
        for number, (case, entry) in enumerate(zip(versions, entries, strict=True)):
            if number and "state" in entry.changes:
                before = versions[number - 1]
                sender = (before.department or "") if before.state in AT_DEPARTMENT else ""
            yield case, entry.at, entries[number + 1].at if number + 1 < len(entries) else None, sender


def _inside(start: datetime, end: datetime | None) -> timedelta:
    return max(min(end or PERIOD.end, PERIOD.end) - max(start, PERIOD.start), NOTHING)


def test_case_time_of_a_period_is_that_of_every_version_cut_to_it(asked: History, made: list[CaseHistory]) -> None:
    spent: dict[tuple[str, CaseState], timedelta] = defaultdict(timedelta)
    for case, start, end, _ in _rows(made):
        if case.state not in FINAL_STATES:
            spent[case.district or "", case.state] += _inside(start, end)
    (found,) = CaseTime(asked).spent([PERIOD], Dimension.DISTRICT)
    assert {(row.unit, row.state): row.spent for row in found if row.spent} == {
        key: span for key, span in spent.items() if span
    }
    assert len(spent) > 15


def test_open_cases_are_as_old_and_wait_as_long_as_they_did_at_that_moment(
    asked: History, made: list[CaseHistory]
) -> None:
    at = at_step(60)
    stood = [case for case in as_they_stood(made, at) if case.state not in FINAL_STATES]
    ages = Counter((case.department or "", *_age(case, at)) for case in stood)
    found = CaseTime(asked).ages(at, Dimension.DEPARTMENT)
    assert {(unit, *key): number for unit, of_unit in found.items() for key, number in of_unit.items()} == ages
    assert len(ages) > 20

    waited: dict[CaseState, timedelta] = defaultdict(timedelta)
    for case in stood:
        waited[case.state] += at - case.state_since
    (rows,) = CaseTime(asked).waiting([at], Dimension.CITY)
    assert {row.state: row.waited for row in rows} == waited
    assert sum(row.cases for row in rows) == len(stood)
    assert sum(row.overdue for row in rows) == sum(overdue(facts_of(case), at) for case in stood)


def _age(case: Case, at: datetime) -> tuple[str, Standing]:
    band = next(band for band in BANDS if band.most is None or case.reported_at >= at - band.most)
    if case.state is CaseState.SUSPENDED:
        return band.key, Standing.SUSPENDED
    return band.key, Standing.OVERDUE if overdue(facts_of(case), at) else Standing.IN_TIME


def test_no_standing_of_the_clock_is_hidden(asked: History, made: list[CaseHistory]) -> None:
    times: dict[tuple[str, str, str], timedelta] = defaultdict(timedelta)
    disposal: dict[str, timedelta] = defaultdict(timedelta)
    for case, start, end, sender in _rows(made):
        kind = _kind(case)
        unit = case.department or (sender if kind == SENT_BACK else "")
        if kind is not None:
            times[unit, kind, case.case_no] += _inside(start, end)
        if case.state in AT_DEPARTMENT or kind in (SUSPENDED, SENT_BACK):
            disposal[unit] += _inside(start, end)
    by_kind: dict[tuple[str, str], list[timedelta]] = defaultdict(list)
    for (unit, kind, _), spent in times.items():
        if spent:
            by_kind[unit, kind].append(spent)
    found = CaseTime(asked).pauses(PERIOD, Dimension.DEPARTMENT)
    assert {(one.unit, one.kind): (one.cases, one.total, one.median) for one in found.kinds} == {
        key: (len(spent), sum(spent, NOTHING), median(spent)) for key, spent in by_kind.items()
    }
    assert {unit: span for unit, span in found.disposal.items() if span} == {
        unit: span for unit, span in disposal.items() if span
    }
    assert {kind for _, kind in by_kind} == {SUSPENDED, SENT_BACK, *(request.value for request in REQUESTS)}


def _kind(case: Case) -> str | None:
    if case.state is CaseState.SUSPENDED:
        return SUSPENDED
    if case.state is CaseState.PENDING_DISPATCH and case.dispatched_at is not None:
        return SENT_BACK
    return case.current_request if case.state not in FINAL_STATES or case.current_request in APPEALS else None


def _checked(number: int, *steps: tuple[int, dict[str, Any]]) -> CaseHistory:
    facts = {"district": "370202", "class_code": "E0203", "lon": 120.38, "lat": 36.07, "department": "A01"}
    (first, told), *later = steps
    return history(f"K{number}", (at_step(first), facts | told), *((at_step(step), more) for step, more in later))


AWAITED = {"state": CaseState.PENDING_CHECK.value}
PASSED = {"state": CaseState.PENDING_CLOSE.value}
FAILED = {"state": CaseState.PENDING_DISPOSAL.value, "rework_count": 1}


def _closed(step: int) -> dict[str, Any]:
    return {"state": CaseState.CLOSED.value, "closed_at": at_step(step)}


def test_a_check_holds_unless_a_later_one_fails_or_the_problem_comes_back(engine: Engine, tmp_path: Path) -> None:
    near, far = {"lat": 36.0703}, {"lat": 36.0712}  # 33 m and 133 m north
    made = [
        _checked(1, (20, {}), (25, AWAITED), (31, PASSED), (32, _closed(32))),
        _checked(2, (20, {}), (25, AWAITED), (32, FAILED), (33, AWAITED), (40, PASSED)),
        _checked(3, (20, {}), (25, AWAITED), (32, FAILED), (33, AWAITED), (61, PASSED)),  # its second after the period
        _checked(4, (20, {}), (25, AWAITED), (31, PASSED), (32, _closed(32)), (59, {"called_back": True})),
        _checked(5, (40, near)),  # the same class, near, eight steps (three days) after two closings
        _checked(6, (41, far)),
        _checked(7, (42, near | {"class_code": "E0301"})),
    ]
    store = CaseStore(engine, PLAIN_POLICY, number_prefix="T", zone=CITY_ZONE)
    with store.bulk() as writer:
        writer.append(made)
    checks = Checks(History(HistoryFolder(tmp_path), engine, BOUNDS))
    found = checks.agreement(PERIOD, Dimension.DISTRICT)
    assert found.checks == {"370202": UnitChecks(checks=5, failed=2, second=1, second_failed=0)}
    assert (found.closed, found.came_back) == ({"370202": 2}, {"370202": 2})
    (checker,) = checks.checkers(PERIOD)
    assert (checker.who, checker.checks, checker.passed) == ("outside", 5, 3)
    assert checker.median == 7 * (at_step(1) - at_step(0))
