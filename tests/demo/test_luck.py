"""Chance that can be asked again."""

from __future__ import annotations

from statistics import median

import pytest

from demo.luck import Luck

MANY = [Luck(7, f"case {n}") for n in range(2000)]


def test_the_same_question_has_the_same_answer_and_another_another() -> None:
    assert Luck(7, "case 1").share("late") == Luck(7, "case 1").share("late")
    answers = {Luck(7, "case 1").share("late"), Luck(7, "case 1").share("wrong"), Luck(8, "case 1").share("late")}
    assert len(answers) == 3


def test_shares_spread_evenly_between_0_and_1() -> None:
    shares = sorted(luck.share("x") for luck in MANY)
    assert 0 < shares[0] < 0.01
    assert 0.99 < shares[-1] < 1
    assert median(shares) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("of", [0.0, 0.2, 1.0])
def test_chances_come_as_often_as_asked(of: float) -> None:
    assert sum(luck.chance("x", of) for luck in MANY) / len(MANY) == pytest.approx(of, abs=0.03)


def test_waits_lie_around_their_median_and_never_grow_out_of_hand() -> None:
    waits = [luck.about("x", 10, spread=1.2) for luck in MANY]
    assert median(waits) == pytest.approx(10, rel=0.1)
    assert max(waits) <= 80
    assert min(waits) > 0


def test_one_of_several_is_any_of_them() -> None:
    assert {luck.one_of("x", "abc") for luck in MANY} == set("abc")


def test_a_photo_hash_has_sixteen_digits() -> None:
    assert all(len(luck.hex("photo")) == 16 and int(luck.hex("photo"), 16) >= 0 for luck in MANY[:50])
