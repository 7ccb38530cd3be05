"""Histories as evaluation reads them, and locked results, on both databases."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from data_access.cases import CaseStore
from data_access.evaluation.counted import CountedHistories
from data_access.evaluation.results import AlreadyLocked, EvaluationResults, Signed, as_text
from data_access.history.engine import Bounds
from data_access.history.folder import HistoryFolder
from data_access.history.reader import History
from data_access.history.writer import HistoryWriter
from domain.action import Action
from domain.evaluation.histories import Judged, post_counts, unit_counts
from domain.evaluation.scheme import Target
from domain.indicators import Convention
from domain.journal import Entry, rebuild
from domain.period import Window
from tests.data_access.histories import CITY_ZONE
from tests.data_access.policies import PLAIN_POLICY
from tests.domain.evaluation.compare import as_they_stood
from tests.domain.evaluation.journals import day, random_journals
from tests.domain.facts_made import NOW

PERIOD = Window(day(10), day(24))
JUDGED = Judged(PERIOD, Convention.FLOW, PERIOD.end)
LEADER = Signed("zhang", "张局长", NOW)


def _judged() -> list[Judged]:
    """Each convention as of the middle of the period, its end, or long after."""
    moments = {
        Convention.FLOW: (day(17), PERIOD.end),
        Convention.COHORT: (day(90),),
        Convention.DUE: (day(17),),
    }
    return [Judged(PERIOD, convention, at) for convention, times in moments.items() for at in times]


BOUNDS = Bounds(memory_mb=256, threads=1)


def test_the_copy_counts_what_the_journals_count(engine: Engine, tmp_path: Path) -> None:
    """Most cases lie in files, the others only in the journal."""
    journals = [*random_journals(7, 90), *_odd_journals(random_journals(8, 20))]
    folder = HistoryFolder(tmp_path)
    with CaseStore(engine, PLAIN_POLICY, number_prefix="T", zone=CITY_ZONE).bulk() as writer:
        found = [(case, entries) for entries in journals if (case := rebuild(entries)) is not None]
        writer.append(found[30:])
        HistoryWriter(folder, engine, BOUNDS).refresh()
        writer.append(found[:30])
    counted = CountedHistories(engine, History(folder, engine, BOUNDS))
    for judged, target in itertools.product(_judged(), Target):
        stood = list(as_they_stood(journals, judged.at))
        expected = (unit_counts if target.is_unit else post_counts)(stood, target, judged)
        found = counted.counts(target, judged)
        assert _without_zeros(found) == _without_zeros(expected), f"{target} {judged}"


def _odd_journals(journals: list[list[Entry]]) -> list[list[Entry]]:
    """Clocks that disagree, a case filed with its first entry, and one self-disposed after its closing."""
    for number, entries in enumerate(journals):
        if number % 3 == 0 and len(entries) > 2:
            entries[2] = replace(entries[2], at=entries[0].at)
        elif number % 3 == 1:
            entries[0] = replace(entries[0], action=Action.FILE, role="shift_leader")
        elif len(entries) > 5:
            entries[-1] = replace(entries[-1], changes={**entries[-1].changes, "self_disposed": True})
    return journals


def _without_zeros(found: object) -> dict[str, dict[str, int]]:
    assert isinstance(found, dict)
    kept = {key: {name: number for name, number in counts.items() if number} for key, counts in found.items()}
    return {key: counts for key, counts in kept.items() if counts}


@pytest.fixture
def results(engine: Engine) -> EvaluationResults:
    return EvaluationResults(engine)


def test_a_locked_result_comes_back_as_it_was_signed(results: EvaluationResults) -> None:
    number = results.lock(Target.DEPARTMENT, JUDGED, ("department", 1), as_text({"rows": [1, "一"]}), LEADER)
    kept = results.locked(Target.DEPARTMENT, JUDGED)
    assert kept is not None
    assert (kept.number, kept.at, kept.who_name, kept.result, kept.intact) == (
        number,
        NOW,
        "张局长",
        {"rows": [1, "一"]},
        True,
    )
    assert results.locked(Target.DISTRICT, JUDGED) is None
    assert results.locked(Target.DEPARTMENT, JUDGED, "another") is None


def test_a_period_is_locked_once_for_each_scheme(results: EvaluationResults) -> None:
    results.lock(Target.DEPARTMENT, JUDGED, ("department", 1), "{}", LEADER)
    with pytest.raises(AlreadyLocked):
        results.lock(Target.DEPARTMENT, JUDGED, ("department", 2), "{}", LEADER)
    results.lock(Target.DEPARTMENT, JUDGED, ("department-points", 1), "{}", LEADER)


def test_a_correction_stands_beside_the_original(results: EvaluationResults) -> None:
    number = results.lock(Target.DEPARTMENT, JUDGED, ("department", 1), as_text({"composite": 70}), LEADER)
    later = Signed("zhang", "张局长", NOW + timedelta(days=1), "申诉成立")
    results.correct(number, as_text({"composite": 72}), later)
    kept = results.locked(Target.DEPARTMENT, JUDGED)
    assert kept is not None
    assert kept.result == {"composite": 70}
    (correction,) = results.corrections(number)
    assert (correction.reason, correction.result) == ("申诉成立", {"composite": 72})


def test_what_was_never_locked_cannot_be_corrected(results: EvaluationResults) -> None:
    with pytest.raises(LookupError):
        results.correct(99, "{}", LEADER)


@pytest.mark.parametrize("change", ["UPDATE evaluation_results SET result = '{}'", "DELETE FROM evaluation_results"])
def test_nobody_rewrites_a_locked_result(results: EvaluationResults, engine: Engine, change: str) -> None:
    results.lock(Target.DEPARTMENT, JUDGED, ("department", 1), "{}", LEADER)
    with engine.begin() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(change))
