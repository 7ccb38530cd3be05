from __future__ import annotations

import re

import pytest

from domain.city import CODE_SHAPES, District, Edition, Grid

RING = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0))


@pytest.mark.parametrize(
    ("edition", "good", "bad"),
    [
        (Edition.MINISTRY_2007, "37020200100101", "370202001001001"),
        (Edition.NATIONAL_2013, "370202001001001", "37020200100100A"),
        (Edition.NATIONAL_2026, "37020200100100A", "37020200100100"),
    ],
)
def test_grid_codes_follow_the_edition(edition: Edition, good: str, bad: str) -> None:
    pattern = CODE_SHAPES[edition].grid
    assert re.fullmatch(pattern, good)
    assert not re.fullmatch(pattern, bad)


def test_every_edition_says_how_its_codes_look() -> None:
    assert CODE_SHAPES.keys() == set(Edition)


def test_a_district_gives_its_outer_rings() -> None:
    district = District(code="370202", name="市南区", polygons=((RING, RING), (RING,)))
    assert district.rings == (RING, RING)


def test_a_grid_gives_its_outer_ring() -> None:
    grid = Grid(code="370202001001001", district="370202", polygon=(RING,), centre=(0.5, 0.3), area_m2=1.0)
    assert grid.ring == RING
