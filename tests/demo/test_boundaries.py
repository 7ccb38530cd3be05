from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from demo.boundaries.make import made_from
from demo.facts import BOUNDARIES, GRIDS_OF, outlines
from domain.geo import distance_m
from tests.shared_data import shared

MOST_BYTES = 150_000


@pytest.mark.shared_data
def test_the_packaged_file_is_what_the_script_makes_of_its_source() -> None:
    source = json.loads(shared("data/qingdao-boundaries/districts_gcj02_amap2021.geojson").read_text(encoding="utf-8"))
    assert made_from(source) == BOUNDARIES.read_text(encoding="utf-8")


@pytest.mark.shared_data
def test_the_outlines_lie_where_an_independent_wgs84_source_has_them() -> None:
    source = json.loads(shared("data/qingdao-boundaries/districts_wgs84_osm.geojson").read_text(encoding="utf-8"))
    independent = {f["properties"]["Code_County"]: shapely.geometry.shape(f["geometry"]) for f in source["features"]}
    overlap = {east: _overlap(outlines()["370213"], independent["370213"], east) for east in (-0.0051, 0.0, 0.0051)}
    assert overlap[0.0] > 0.9
    assert overlap[0.0] == max(overlap.values()), "unconverted GCJ-02 would lie 0.0051 degrees east"


def _overlap(one: BaseGeometry, other: BaseGeometry, east: float) -> float:
    moved = shapely.transform(one, lambda points: points + np.array([east, 0.0]))
    return float(moved.intersection(other).area / moved.union(other).area)


def test_the_file_is_small_and_the_shore_is_not_an_octagon() -> None:
    assert BOUNDARIES.stat().st_size < MOST_BYTES
    assert shapely.get_num_coordinates(outlines()["370202"]) > 300


def test_the_landmarks_by_the_sea_are_not_far_from_it() -> None:
    sea = shapely.union_all([outlines()[code] for code in outlines()]).boundary
    for lon, lat in ((120.3190, 36.0617), (120.3340, 36.0562), (120.3420, 36.0565), (120.3838, 36.0616)):
        near = nearest_points(sea, shapely.Point(lon, lat))[0]
        assert distance_m(lon, lat, near.x, near.y) < 1_000


def test_the_four_districts_are_one_piece_each() -> None:
    assert {code: len(shapely.get_parts(outlines()[code])) for code in GRIDS_OF} == dict.fromkeys(GRIDS_OF, 1)
