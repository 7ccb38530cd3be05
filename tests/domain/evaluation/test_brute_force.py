"""The engine against a slow, obvious twin over random journals; 10^5 of them in `benchmarks/bench_evaluation_check`."""

from __future__ import annotations

import pytest

from domain.period import Window
from tests.domain.evaluation.compare import compare
from tests.domain.evaluation.journals import day, random_journals


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_slow_way_from_the_text_of_the_sheet_finds_every_figure_the_same(seed: int) -> None:
    found = compare(random_journals(seed, 90), Window(day(10), day(24)), [day(17), day(24), day(60)])
    assert found.different == []
    assert found.figures > 2_000
