from __future__ import annotations

from fractions import Fraction

import pytest

from data_access.evaluation.scheme_files import packaged_schemes
from domain.case_query import Count
from domain.evaluation.measures import RATES, measure
from domain.evaluation.scheme import Scheme
from domain.evaluation.score import Evaluated, Grade, Scale, evaluate, grade_of, ranks, rounded
from domain.indicators import Counts

SCHEMES = {scheme.scheme_id: scheme for scheme in packaged_schemes()}
ONE_MONTH = Scale()


def _percent(name: str, numerator: int, denominator: int) -> str:
    ratio = RATES[name]
    value = measure(name, {ratio.numerator: numerator, ratio.denominator: denominator}).value
    assert value is not None
    return f"{float(rounded(value * 100)):.2f}"


@pytest.mark.parametrize(
    ("name", "numerator", "denominator", "published"),
    [
        ("filing", 51_229, 51_571, "99.34"),
        ("dispatch", 49_151, 51_229, "95.94"),
        ("closing", 43_523, 52_434, "83.01"),
        ("on_time_closing", 40_394, 52_434, "77.04"),
        ("rework", 276, 52_434, "0.53"),
        ("extension", 101, 18_086, "0.56"),
        ("disposal", 3_746, 3_789, "98.87"),
        ("closing", 3_746, 3_788, "98.89"),
        ("closing", 911, 972, "93.72"),
        ("on_time_closing", 737, 972, "75.82"),
    ],
)
def test_each_published_rate_recomputes_from_its_two_counts(
    name: str, numerator: int, denominator: int, published: str
) -> None:
    """Zhengzhou, Dazhou and Tianmen (domain sheet 6.9)."""
    assert _percent(name, numerator, denominator) == published


SHEET = {
    "filed": 7,
    "closed": 3,
    "due_closing": 5,
    "on_time_disposed": 3,
    "due_disposal": 5,
    "rework": 1,
    "disposed": 4,
}


def test_the_worked_example_is_seventy_and_a_c() -> None:
    row = evaluate(SCHEMES["department"], "D", SHEET, ONE_MONTH)
    assert (row.composite, row.grade) == (70, Grade.C)
    assert [one.score for one in row.items] == [100, 60, 60, 80]
    assert not row.ranked, "five cases are too few to rank"


def test_the_other_form_of_the_rework_rate_is_a_scheme_of_its_own() -> None:
    row = evaluate(SCHEMES["department-rework-of-disposed"], "D", SHEET, ONE_MONTH)
    assert row.composite == Fraction("68.5"), "a quarter of the four disposed"


def test_an_item_without_a_denominator_gives_its_weight_to_the_others() -> None:
    row = evaluate(SCHEMES["department"], "D", SHEET | {"due_disposal": 0}, ONE_MONTH)
    scores = {one.item.key: (one.score, one.used_weight) for one in row.items}
    assert scores["on_time_disposal"] == (None, 0)
    assert scores["closing"] == (60, Fraction(300, 7))
    assert row.composite == rounded(Fraction(1000 + 60 * 30 + 80 * 30, 70))


def test_an_idle_department_is_neither_good_nor_bad() -> None:
    row = evaluate(SCHEMES["department"], "D", {}, ONE_MONTH)
    assert (row.composite, row.grade, row.ranked) == (None, None, False)


def test_what_no_journal_answers_is_left_out_too() -> None:
    counts = {"valid_reports": 9, "reports": 10, "verify_on_time": 3, "verify_due": 4}
    row = evaluate(SCHEMES["collector"], "U1", counts, ONE_MONTH)
    assert row.composite == 85, "90 at 40, 75 at 20"


@pytest.mark.parametrize(
    ("score", "grade"),
    [("100", "A"), ("90", "A"), ("89.99", "B"), ("75", "B"), ("74.99", "C"), ("60", "C"), ("40", "D"), ("39.99", "E")],
)
def test_grades_are_half_open(score: str, grade: str) -> None:
    assert grade_of(Fraction(score)) == grade


@pytest.mark.parametrize(
    ("exact", "shown"), [("0.125", "0.13"), ("0.115", "0.12"), ("69.995", "70"), ("1.114", "1.11")]
)
def test_two_decimals_round_half_up(exact: str, shown: str) -> None:
    assert rounded(Fraction(exact)) == Fraction(shown)


@pytest.mark.parametrize(
    ("filed", "scale", "score"),
    [
        (50, Scale(), 100),
        (51, Scale(), 90),
        (1001, Scale(), 0),
        (150, Scale(Fraction(3)), 100),
        (20, Scale(Fraction(1, 4)), 90),
    ],
)
def test_count_steps_are_for_one_month_and_scaled_for_other_periods(filed: int, scale: Scale, score: int) -> None:
    row = evaluate(SCHEMES["department"], "D", SHEET | {"filed": filed}, scale)
    assert row.items[0].score == score


def test_an_area_is_measured_by_its_grids() -> None:
    counts = SHEET | {"filed": 300, "filed_public": 30}
    scores = [
        evaluate(SCHEMES["district"], "370202", counts, Scale(grids=grids)).items[1].score for grids in (300, 60, 1)
    ]
    assert scores == [90, 60, 0]


def test_points_are_taken_for_what_went_wrong_and_double_for_marked_cases() -> None:
    counts = SHEET | {
        "on_time_closed_unsuspended": 65,
        "due_closing_unsuspended": 100,
        "closed": 92,
        "due_closing": 100,
        "disposed": 95,
        "due_disposal": 100,
        "failed_checks": 10,
        "failed_checks_marked": 2,
        "third_failures": 1,
        "buck_passed": 3,
    }
    row = evaluate(SCHEMES["department-points"], "D", counts, ONE_MONTH)
    assert [one.score for one in row.items] == [90, 100, 100]
    taken = {one.extra.key: (one.count, one.points) for one in row.extras}
    assert taken == {
        "failed_checks": (12, Fraction("-2.4")),
        "third_failures": (1, Fraction("-0.5")),
        "buck_passed": (3, -3),
        "fake_feedback": (None, None),
    }
    assert row.composite == 95 - Fraction("5.9")


def _row(scheme: Scheme, key: str, closed: int, of: int = 100) -> Evaluated:
    base = Counts(closed=closed, awaiting_closing=of - closed, filed=10)
    return evaluate(scheme, key, {count.value: base.of(count) for count in Count}, ONE_MONTH)


def test_only_large_samples_are_ranked_and_only_against_their_like() -> None:
    scheme = SCHEMES["department"]
    rows = [
        _row(scheme, "a", 90),
        _row(scheme, "b", 80),
        _row(scheme, "c", 90),
        _row(scheme, "d", 95),
        _row(scheme, "e", 9, 10),
    ]
    groups = {"a": "city", "b": "city", "c": "city", "d": "street", "e": "city"}
    assert ranks(rows, groups) == {"a": 1, "c": 1, "b": 3, "d": 1}
