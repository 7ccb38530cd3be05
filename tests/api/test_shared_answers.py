"""What takes a while is worked out once for all who ask for it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import NoReturn

import pytest

from api.shared_answers import SharedAnswers


class _Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_many_who_ask_at_once_cost_one_answer_each_question() -> None:
    shared, worked, together = SharedAnswers(_Time()), [], Barrier(8)

    def ask(name: str) -> str:
        together.wait(timeout=30)
        return shared.get((name,), 10, lambda: (worked.append(name), f"answer to {name}")[1])

    with ThreadPoolExecutor(8) as askers:
        found = list(askers.map(ask, ["a", "b"] * 4))
    assert found == ["answer to a", "answer to b"] * 4
    assert sorted(worked) == ["a", "b"]


def test_an_answer_is_worked_out_anew_when_its_time_is_over() -> None:
    clock, numbers = _Time(), iter(range(9))
    shared = SharedAnswers(clock)
    asked = []
    for clock.now in (0, 9, 10, 19, 20):
        asked.append(shared.get(("a",), 10, lambda: next(numbers)))
    assert asked == [0, 0, 1, 1, 2]


def test_a_failure_is_told_and_not_kept() -> None:
    shared = SharedAnswers(_Time())

    def fail() -> NoReturn:
        raise LookupError("no copy yet")

    with pytest.raises(LookupError, match="no copy yet"):
        shared.get(("a",), 10, fail)
    assert shared.get(("a",), 10, lambda: "now there is one") == "now there is one"


def test_only_so_many_answers_are_kept() -> None:
    shared, numbers = SharedAnswers(_Time(), most=2), iter(range(9))
    for name in ("a", "b", "a", "c", "a", "b"):
        found = shared.get((name,), 10, lambda: next(numbers))
    assert found == 3, "b was the longest unasked when c came"
