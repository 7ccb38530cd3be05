"""Under load the wall grows coarser in a stated order, and fine again when there is room."""

from __future__ import annotations

from itertools import pairwise

from video.demand import Wish
from video.ladder import BY_NAME
from video.load import CALM_SECONDS, STEPS, WINDOW_SECONDS, LoadGuard, lowered

SIZE = BY_NAME["320x180"]
ORDINARY, FIRST, FOCUSED = Wish({SIZE: 10.0}), Wish({SIZE: 10.0}, first=True), Wish({SIZE: 10.0}, focus=True)


class Machine:
    """A guard over a process whose use of the processor a test decides."""

    def __init__(self, budget: float = 1.5) -> None:
        self.guard = LoadGuard(budget)
        self._cpu = self._at = 0.0
        self.guard.see(0.0, 0.0, shown=True)

    def run(self, cores: float, seconds: float, *, shown: bool = True) -> int:
        for _ in range(round(seconds / WINDOW_SECONDS)):
            self._cpu += cores * WINDOW_SECONDS
            self._at += WINDOW_SECONDS
            self.guard.see(self._cpu, self._at, shown=shown)
        return self.guard.step


def test_ordinary_tiles_lose_rate_and_quality_before_a_first_one_loses_anything() -> None:
    assert [step.limit(ORDINARY).rate for step in STEPS] == [10, 5, 2, 0.5, 0.5, 0.5]
    assert [step.limit(ORDINARY).quality for step in STEPS[1:4]] == [60, 45, 45]
    for wish in (FIRST, FOCUSED):
        assert [step.limit(wish).rate for step in STEPS] == [10, 10, 10, 10, 5, 2]


def test_no_step_gives_anybody_more_than_the_one_before() -> None:
    for wish in (ORDINARY, FIRST):
        for milder, harder in pairwise(STEPS):
            assert harder.limit(wish).rate <= milder.limit(wish).rate
            assert harder.limit(wish).quality <= milder.limit(wish).quality


def test_a_slow_wish_is_not_made_faster() -> None:
    assert lowered({SIZE: 0.5}, STEPS[1].limit(ORDINARY)) == {SIZE: 0.5}
    assert lowered({SIZE: 10.0}, STEPS[1].limit(ORDINARY)) == {SIZE: 5.0}


def test_a_process_within_its_budget_gives_all_that_is_asked() -> None:
    assert Machine().run(1.1, 60) == 0


def test_an_overloaded_one_goes_down_a_step_a_window_and_stops_at_the_last() -> None:
    machine = Machine()
    assert machine.run(1.4, WINDOW_SECONDS) == 1
    assert machine.run(1.4, 2 * WINDOW_SECONDS) == 3
    assert machine.run(1.4, 60) == len(STEPS) - 1


def test_it_comes_up_again_a_step_after_each_ten_seconds_of_calm() -> None:
    machine = Machine()
    machine.run(1.4, 2 * WINDOW_SECONDS)
    assert machine.run(0.5, CALM_SECONDS - WINDOW_SECONDS) == 2
    assert machine.run(0.5, 2 * WINDOW_SECONDS) == 1
    assert machine.run(0.5, CALM_SECONDS) == 0


def test_a_wall_that_cannot_have_more_is_tried_less_and_less_often() -> None:
    machine = Machine()
    machine.run(1.4, WINDOW_SECONDS)
    steps = []
    for _ in range(600):  # twenty minutes on the edge: too busy at full rate, calm one step below
        steps.append(machine.run(1.4 if machine.guard.step == 0 else 0.9, WINDOW_SECONDS))
    tries = sum(before > after for before, after in pairwise(steps))
    assert 5 <= tries <= 12, "instead of sixty"


def test_after_a_good_spell_it_comes_up_as_fast_as_ever() -> None:
    machine = Machine()
    for _ in range(3):
        machine.run(1.4, WINDOW_SECONDS)
        machine.run(0.5, 60)
    machine.run(0.5, 120)
    machine.run(1.4, WINDOW_SECONDS)
    assert machine.run(0.5, CALM_SECONDS + WINDOW_SECONDS) == 0


def test_between_busy_and_calm_it_stays_where_it_is() -> None:
    machine = Machine()
    machine.run(1.4, WINDOW_SECONDS)
    assert machine.run(1.1, 60) == 1


def test_a_busy_start_with_nobody_watching_costs_no_quality() -> None:
    assert Machine().run(1.9, 10, shown=False) == 0
