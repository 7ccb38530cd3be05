"""Histories as evaluation reads them, and locked results, on both databases."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from data_access.cases import CaseStore
from data_access.evaluation.counted import CountedHistories
from data_access.evaluation.results import AlreadyLocked, EvaluationResults, Signed, as_text
from domain.evaluation.histories import Judged, post_counts, unit_counts
from domain.evaluation.scheme import Target
from domain.indicators import Convention
from domain.journal import rebuild
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
    """Each convention as of the middle of the period, its end, and long after."""
    moments = {convention: (day(17), PERIOD.end, day(90)) for convention in Convention}
    moments[Convention.FLOW] = (day(17), PERIOD.end)
    return [Judged(PERIOD, convention, at) for convention, times in moments.items() for at in times]


def test_the_store_counts_what_the_journals_count(engine: Engine) -> None:
    journals = random_journals(7, 150)
    with CaseStore(engine, PLAIN_POLICY, number_prefix="T", zone=CITY_ZONE).bulk() as writer:
        writer.append([(case, entries) for entries in journals if (case := rebuild(entries)) is not None])
    counted = CountedHistories(engine)
    for judged, target in itertools.product(_judged(), Target):
        stood = list(as_they_stood(journals, judged.at))
        expected = (unit_counts if target.is_unit else post_counts)(stood, target, judged)
        found = counted.counts(target, judged)
        assert _without_zeros(found) == _without_zeros(expected), f"{target} {judged}"


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
