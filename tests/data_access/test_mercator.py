from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_access.mercator import BITS, from_world, morton, to_world
from domain.geo import distance_m

lons, lats = st.floats(-179.9, 179.9), st.floats(-85, 85)


@given(lons, lats)
def test_world_positions_lead_back_within_a_centimetre(lon: float, lat: float) -> None:
    assert distance_m(lon, lat, *from_world(*to_world(lon, lat))) < 0.01


@given(lons, lats, st.integers(0, 22))
def test_the_first_bits_are_the_number_of_the_map_tile(lon: float, lat: float, zoom: int) -> None:
    x, y = (int(value) >> (BITS - zoom) for value in to_world(lon, lat))
    angle = math.radians(lat)
    across = (lon + 180) / 360 * 2**zoom
    down = (1 - math.asinh(math.tan(angle)) / math.pi) / 2 * 2**zoom
    assert x == pytest.approx(across, abs=1.001)
    assert y == pytest.approx(down, abs=1.001)
    assert across - 1.001 <= x <= across + 0.001


whole = st.integers(0, 2**32 - 1)


@given(whole, whole)
def test_morton_interleaves_the_bits(x: int, y: int) -> None:
    key = int(morton(np.array([x]), np.array([y]))[0])
    bits = f"{key:064b}"
    assert int(bits[1::2], 2) == x
    assert int(bits[0::2], 2) == y


@given(whole, whole, st.integers(1, 31))
def test_places_of_one_tile_share_the_head_of_their_key(x: int, y: int, zoom: int) -> None:
    shift = BITS - zoom
    corner = int(morton(np.array([x >> shift << shift]), np.array([y >> shift << shift]))[0])
    assert int(morton(np.array([x]), np.array([y]))[0]) >> (2 * shift) == corner >> (2 * shift)
