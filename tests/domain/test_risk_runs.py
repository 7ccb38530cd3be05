"""Limits that ran, as the journal tells them: what ends them, when they were missed, and what is known at a moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from domain.action import Action
from domain.case import CaseState
from domain.journal import Entry, milliseconds
from domain.risk_runs import Run, lesson, runs_of
from tests.domain.loop import CALENDAR, START

HOUR = timedelta(hours=1)
LIMIT = 6 * HOUR
UNTIL = START + timedelta(days=30)


def entries(*steps: tuple[datetime, dict[str, Any]], case_no: str = "QD1", department: str = "D01") -> Iterator[Entry]:
    """A case reported and dispatched with six continuous hours, then whatever else happened."""
    start = steps[0][0]
    begun = {
        "reported_at": milliseconds(start),
        "dispatched_at": milliseconds(start),
        "tasked_at": milliseconds(start),
        "class_code": "E0101",
        "department": department,
        "state": CaseState.PENDING_DISPOSAL.value,
        "deadline": milliseconds(start + LIMIT),
        "limit_unit": "urgent_hour",
        "limit_value": 6,
    }
    for version, (at, changes) in enumerate(steps, 1):
        told = begun | changes if version == 1 else changes
        yield Entry(
            case_no=case_no, version=version, action=Action.DISPATCH, at=at, actor="a", role="dispatcher", changes=told
        )


def answered(at: datetime) -> tuple[datetime, dict[str, Any]]:
    return at, {"state": CaseState.PENDING_FEEDBACK_REVIEW.value, "disposed_at": milliseconds(at)}


def only(found: Iterator[Run]) -> Run:
    (run,) = found
    return run


def test_a_deadline_that_passes_before_the_answer_is_missed_at_the_deadline() -> None:
    run = only(runs_of(entries((START, {}), answered(START + 9 * HOUR)), UNTIL))
    assert (run.missed_at, run.end) == (START + LIMIT, START + 9 * HOUR)


def test_an_answer_at_the_deadline_itself_is_in_time() -> None:
    run = only(runs_of(entries((START, {}), answered(START + LIMIT)), UNTIL))
    assert (run.missed_at, run.over()) == (None, START + LIMIT)


def test_an_extension_granted_in_time_moves_what_is_missed() -> None:
    longer = (START + 5 * HOUR, {"deadline": milliseconds(START + 12 * HOUR), "extension_count": 1})
    kept = only(runs_of(entries((START, {}), longer, answered(START + 11 * HOUR)), UNTIL))
    missed = only(runs_of(entries((START, {}), longer, answered(START + 13 * HOUR)), UNTIL))
    assert (kept.missed_at, missed.missed_at) == (None, START + 12 * HOUR)


def test_a_send_back_ends_the_run_and_the_next_dispatch_begins_another() -> None:
    back = (START + HOUR, {"state": "pending_dispatch", "deadline": None, "paused_since": milliseconds(START + HOUR)})
    again = (
        START + 2 * HOUR,
        {
            "state": "pending_disposal",
            "department": "D02",
            "paused_since": None,
            "deadline": milliseconds(START + 8 * HOUR),
        },
    )
    first, second = runs_of(entries((START, {}), back, again, answered(START + 9 * HOUR)), UNTIL)
    assert (first.missed_at, first.end) == (None, START + HOUR)
    assert (second.missed_at, second.stands[0][1].department) == (START + 8 * HOUR, "D02")


def test_what_the_journal_does_not_decide_teaches_nothing() -> None:
    run = only(runs_of(entries((START, {})), START + HOUR))
    assert run.over() is None
    assert lesson([run], CALENDAR, START + HOUR).examples == []


def days_of_runs(late_from: int) -> Sequence[Run]:
    """A case a day of one department; from a number on they are late."""
    found = []
    for number in range(20):
        start = START + timedelta(days=number)
        end = start + (9 if number >= late_from else 4) * HOUR
        found += runs_of(entries((start, {}), answered(end), case_no=f"QD{number}"), UNTIL)
    return found


def test_a_look_knows_nothing_of_what_came_later() -> None:
    """Whatever becomes of the cases from the eleventh on, every look before it is the same."""
    cut = START + timedelta(days=10)
    well, badly = (lesson(days_of_runs(late), CALENDAR, UNTIL).examples for late in (20, 10))
    before = [(one.case_no, one.at, one.numbers) for one in well if one.at < cut]
    assert before
    assert before == [(one.case_no, one.at, one.numbers) for one in badly if one.at < cut]


def test_the_load_is_what_the_department_holds_at_the_moment_late_cases_included() -> None:
    def seen(answer: timedelta) -> float:
        late = runs_of(entries((START, {}), answered(START + answer), case_no="QD-late"), UNTIL)
        now = runs_of(entries((START + 20 * HOUR, {}), answered(START + 25 * HOUR), case_no="QD-now"), UNTIL)
        found = lesson([*late, *now], CALENDAR, UNTIL).examples
        return next(one for one in found if one.case_no == "QD-now").numbers["load"]

    assert seen(100 * HOUR) > seen(10 * HOUR)
