from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.geo import (
    bounds,
    distance_m,
    gcj02_to_wgs84,
    metres_per_degree,
    point_in_polygon,
    point_in_ring,
    wgs84_to_gcj02,
)

SQUARE = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0), (0.0, 0.0))
HOLE = ((0.5, 0.5), (1.5, 0.5), (1.5, 1.5), (0.5, 1.5), (0.5, 0.5))


def test_the_shift_around_qingdao_is_the_known_one() -> None:
    lon, lat = wgs84_to_gcj02(120.3838, 36.0616)
    assert 0.0048 < lon - 120.3838 < 0.0053
    assert 0.0001 < lat - 36.0616 < 0.0006


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),  # Shanghai
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),  # Shenzhen
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),  # Beijing
    ],
)
def test_the_pairs_of_the_public_eviltransform_library_are_met(
    wgs84: tuple[float, float], gcj02: tuple[float, float]
) -> None:
    assert distance_m(*wgs84_to_gcj02(*wgs84), *gcj02) < 0.01


@given(st.floats(74, 134), st.floats(18, 53))
def test_the_inverse_returns_within_a_millimetre_anywhere_in_china(lon: float, lat: float) -> None:
    shifted = wgs84_to_gcj02(lon, lat)
    back = gcj02_to_wgs84(*shifted)
    assert distance_m(lon, lat, *back) < 0.001


@pytest.mark.parametrize("place", [(2.35, 48.85), (139.7, 35.7), (-122.4, 37.8), (151.2, -33.9)])
def test_places_outside_china_are_not_moved(place: tuple[float, float]) -> None:
    assert np.array_equal(wgs84_to_gcj02(*place), place)
    assert np.array_equal(gcj02_to_wgs84(*place), place)


def test_many_points_are_converted_like_each_alone() -> None:
    lon, lat = np.linspace(120.2, 120.5, 7), np.linspace(36.0, 36.3, 7)
    together = np.stack(gcj02_to_wgs84(lon, lat))
    alone = np.array([gcj02_to_wgs84(x, y) for x, y in zip(lon, lat, strict=True)]).T
    assert np.array_equal(together, alone)


def test_a_degree_of_latitude_is_111_kilometres() -> None:
    assert distance_m(120, 36, 120, 37) == pytest.approx(111_195, rel=1e-4)


def test_metres_per_degree_agree_with_the_distance() -> None:
    east, north = metres_per_degree(36.0)
    assert distance_m(120, 36, 120.001, 36) == pytest.approx(east / 1000, rel=1e-5)
    assert distance_m(120, 36, 120, 36.001) == pytest.approx(north / 1000, rel=1e-5)


@given(st.floats(-179, 179), st.floats(-85, 85), st.floats(-179, 179), st.floats(-85, 85))
def test_distance_is_the_same_there_and_back(x1: float, y1: float, x2: float, y2: float) -> None:
    there, back = distance_m(x1, y1, x2, y2), distance_m(x2, y2, x1, y1)
    assert there == pytest.approx(float(back), abs=1e-6)
    assert there >= 0


@pytest.mark.parametrize(("point", "inside"), [((1, 1), True), ((3, 1), False), ((-0.1, 1), False), ((1, 2.1), False)])
def test_a_point_is_in_a_ring_or_not(point: tuple[float, float], inside: bool) -> None:
    assert point_in_ring(*point, SQUARE) is inside


def test_a_point_on_a_common_edge_is_in_exactly_one_of_two_rings() -> None:
    other = tuple((x + 2, y) for x, y in SQUARE)
    assert [point_in_ring(2, 1, SQUARE), point_in_ring(2, 1, other)].count(True) == 1


def test_a_hole_is_not_inside() -> None:
    assert not point_in_polygon(1, 1, (SQUARE, HOLE))
    assert point_in_polygon(0.2, 0.2, (SQUARE, HOLE))


def test_bounds_hold_every_outer_ring() -> None:
    other = tuple((x + 5, y - 1) for x, y in SQUARE)
    assert bounds([(SQUARE, HOLE), (other,)]) == (0.0, -1.0, 7.0, 2.0)
