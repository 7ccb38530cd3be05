"""Sizes and rates of tiles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.tile_state import LIVE_SECONDS
from video.ladder import BY_NAME, LADDER, RATES, TileSize, allowed_rate, first_gap, fitted

sides = st.integers(16, 4096)


@given(sides, sides, st.sampled_from(LADDER))
def test_a_tile_fits_its_box_and_has_even_sides(width: int, height: int, box: TileSize) -> None:
    wide, tall = fitted((width, height), box)
    assert 2 <= wide <= box.width + 1
    assert 2 <= tall <= box.height + 1
    assert wide % 2 == tall % 2 == 0


@given(st.integers(200, 4096), st.integers(200, 4096), st.sampled_from(LADDER[1:]))
def test_a_tile_keeps_the_shape_of_its_picture(width: int, height: int, box: TileSize) -> None:
    if width * 9 == height * 11 or not 0.5 < width / height < 3:
        return
    wide, tall = fitted((width, height), box)
    assert wide / tall == pytest.approx(width / height, rel=0.06)


def test_a_small_picture_is_not_enlarged() -> None:
    assert fitted((320, 180), BY_NAME["960x540"]) == (320, 180)


@pytest.mark.parametrize("picture", [(352, 288), (704, 576)])
def test_the_old_small_format_is_shown_as_it_was_filmed(picture: tuple[int, int]) -> None:
    wide, tall = fitted(picture, BY_NAME["320x180"])
    assert wide / tall == pytest.approx(4 / 3, rel=0.01)


def test_a_second_tile_is_never_so_late_that_it_is_called_delayed() -> None:
    gaps = [first_gap(number, rate) for rate in RATES for number in range(1, 102)]
    assert max(gaps) <= LIVE_SECONDS
    assert len({round(first_gap(number, 10.0), 4) for number in range(1, 102)}) == 101


@pytest.mark.parametrize(("asked", "given"), [(0.1, 0.5), (0.5, 0.5), (4.9, 2.0), (10.0, 10.0), (60.0, 10.0)])
def test_rates_are_those_of_the_ladder(asked: float, given: float) -> None:
    assert allowed_rate(asked) == given
    assert given in RATES
