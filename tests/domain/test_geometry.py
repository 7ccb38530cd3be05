"""Legible from the farthest seat: sizes in minutes of arc (product sheet 3.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.geometry import (
    LEAST_CJK_ARC_MINUTES,
    LEAST_DIGIT_ARC_MINUTES,
    TYPE_SCALE,
    Density,
    TypeSize,
    arc_minute_px,
    arc_minute_share,
    density,
    module_px,
    panes,
    rows_that_fit,
)

WALLS = [
    (1.25, 1.86, 47),
    (1.56, 1.49, 37),
    (0.90, 2.59, 65),
    (0.945, 2.46, 62),
    (0.63, 3.69, 92),
]
"""Pitch in mm, and what the product sheet's table says of 1′ and 25′ at 8 m."""


@pytest.mark.parametrize(("pitch_mm", "minute_px", "least_px"), WALLS)
def test_a_minute_of_arc_is_what_the_sheets_table_says(pitch_mm: float, minute_px: float, least_px: int) -> None:
    minute = arc_minute_px(distance_mm=8000, pitch_mm=pitch_mm)
    assert minute == pytest.approx(minute_px, abs=0.006)
    assert 25 * minute == pytest.approx(least_px, abs=0.6)


@pytest.mark.parametrize("size", TYPE_SCALE, ids=lambda size: size.name)
def test_every_step_of_the_scale_is_legible(size: TypeSize) -> None:
    assert size.glyph_arc_minutes >= (LEAST_CJK_ARC_MINUTES if size.cjk else LEAST_DIGIT_ARC_MINUTES)


@pytest.mark.parametrize(("name", "px"), [("kpi", 152), ("alert", 88), ("title", 60), ("body", 52), ("num", 44)])
def test_the_scale_has_the_sheets_sizes_at_the_reference_wall(name: str, px: int) -> None:
    size = next(size for size in TYPE_SCALE if size.name == name)
    assert size.arc_minutes * arc_minute_px(distance_mm=8000, pitch_mm=1.25) == pytest.approx(px, abs=0.6)


def test_the_same_wall_driven_at_half_the_pixels_has_half_the_pixels_a_minute() -> None:
    full = arc_minute_px(distance_mm=8000, pitch_mm=1.25)
    assert arc_minute_px(distance_mm=8000, pitch_mm=1.25, height_px=1080) == pytest.approx(full / 2)
    assert arc_minute_share(distance_mm=8000, pitch_mm=1.25) * 2160 == pytest.approx(full)


def test_a_module_is_eighty_pixels_at_the_reference() -> None:
    assert module_px(2160) == 80


@pytest.mark.parametrize(
    ("width", "height", "count"),
    [(3840, 2160, 1), (1920, 1080, 1), (5760, 2160, 1), (7680, 2160, 2), (6656, 1792, 2), (3840, 1080, 2)],
)
def test_a_double_width_screen_is_two_panes(width: int, height: int, count: int) -> None:
    assert len(panes(width, height)) == count


@given(st.integers(640, 20_000), st.integers(480, 5000))
def test_panes_share_the_width_and_never_overlap(width: int, height: int) -> None:
    found = panes(width, height)
    assert sum(pane.width_px for pane in found) == pytest.approx(width)
    assert [pane.left_px for pane in found] == pytest.approx([i * width / len(found) for i in range(len(found))])


@given(st.floats(0, 5000), st.floats(1, 500))
def test_rows_that_fit_do_fit_and_one_more_would_not(panel_px: float, row_px: float) -> None:
    rows = rows_that_fit(panel_px, row_px)
    assert rows * row_px <= panel_px + 0.5
    assert (rows + 1) * row_px > panel_px


def test_a_panel_without_rows_shows_none() -> None:
    assert rows_that_fit(400, 0) == 0


def test_finer_pitch_needs_larger_type_and_then_fewer_panels() -> None:
    assert density(distance_mm=8000, pitch_mm=1.25) is Density.FULL
    assert density(distance_mm=8000, pitch_mm=0.945) is Density.SPARSE
    assert density(distance_mm=8000, pitch_mm=0.63) is Density.LEAST
    assert density(distance_mm=4000, pitch_mm=0.63) is Density.FULL
