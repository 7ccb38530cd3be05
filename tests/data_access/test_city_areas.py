from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from data_access.city_cells import grid_codes, merge_smallest, reading_order, square_cells
from data_access.city_import import ImportReport, import_city
from data_access.city_store import CityStore
from data_access.geo_index import polygon_shape, polygons_shape
from tests.city_folder import SOUTH, STEP, WEST, change, collection, feature, square, write_small_city


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_small_city(tmp_path / "city")


def with_districts(folder: Path, *features: dict[str, Any]) -> Path:
    (folder / "districts.geojson").write_text(collection(*features), encoding="utf-8")
    return folder


def faults(report: ImportReport, file: str) -> dict[int, tuple[str, str]]:
    return {reject.line: (reject.field, reject.reason) for reject in report.rejected if reject.file == file}


GOOD = feature(square(WEST, SOUTH), code="370202", name="市南区")
BOW_TIE = [[WEST, SOUTH], [WEST + STEP, SOUTH + STEP], [WEST + STEP, SOUTH], [WEST, SOUTH + STEP], [WEST, SOUTH]]


@pytest.mark.parametrize(
    ("bad", "field", "reason"),
    [
        (feature(square(WEST, SOUTH), code="110101", name="东城区"), "code", "six digits beginning with 3702"),
        (feature(square(WEST, SOUTH), code="370203"), "name", "give the district's name"),
        (feature(square(WEST, SOUTH), code="370203", name="市北区", inside="no"), "inside", "true nor false"),
        (feature(BOW_TIE, code="370203", name="市北区"), "geometry", "repair the outline"),
        (feature(square(4_000_000.0, 500.0), code="370203", name="市北区"), "geometry", "not in degrees"),
        (feature([[1, 2], [3, 4]], code="370203", name="市北区"), "geometry", "closed, of 4 points or more"),
        ({"type": "Feature", "properties": {}, "geometry": None}, "geometry", "no Polygon or MultiPolygon"),
        ({"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}}, "geometry", "no Polygon"),
        (GOOD, "code", "feature 1 already"),
    ],
)
def test_a_bad_district_is_rejected_and_the_good_one_kept(
    engine: Engine, folder: Path, bad: dict[str, Any], field: str, reason: str
) -> None:
    report = import_city(with_districts(folder, GOOD, bad), engine)
    found = faults(report, "districts.geojson")
    assert found[2][0] == field
    assert reason in found[2][1]
    assert [district.code for district in CityStore(engine).districts()] == ["370202"]


def test_district_credit_is_kept_for_the_map(engine: Engine, folder: Path) -> None:
    (folder / "districts.geojson").write_text(collection(GOOD, attribution="© somebody"), encoding="utf-8")
    import_city(folder, engine)
    assert CityStore(engine).city().attribution == "© somebody"


def test_cut_grids_fill_the_districts_without_gap_or_overlap(engine: Engine, folder: Path) -> None:
    import_city(folder, engine)
    store = CityStore(engine)
    cells = [polygon_shape(grid.polygon) for grid in store.grids()]
    inside = shapely.union_all([polygons_shape(d.polygons) for d in store.districts() if d.inside])
    assert shapely.area(cells).sum() == pytest.approx(inside.area, rel=1e-3)
    assert shapely.union_all(cells).area == pytest.approx(shapely.area(cells).sum(), rel=1e-3)


def test_cut_grids_are_numbered_from_the_north_west_eastward(engine: Engine, folder: Path) -> None:
    import_city(folder, engine)
    own = [grid for grid in CityStore(engine).grids() if grid.district == "370202"]
    assert own[0].code == "370202001001001"
    assert own[0].centre[1] == max(grid.centre[1] for grid in own)
    assert own[0].centre[0] == min(grid.centre[0] for grid in own)
    rows = [(math.floor((grid.centre[1] - SOUTH) * 111_195 / 250), grid.centre[0]) for grid in own]
    assert rows == sorted(rows, key=lambda row: (-row[0], row[1]))


@pytest.mark.parametrize(("edition", "digits"), [("CJ/T 214-2007", 14), ("GB/T 47678.5-2026", 15)])
def test_cut_grids_follow_the_edition(engine: Engine, folder: Path, edition: str, digits: int) -> None:
    change(folder, "city.toml", "GB/T 30428.2-2013", edition)
    import_city(folder, engine)
    assert {len(grid.code) for grid in CityStore(engine).grids()} == {digits}


def test_stored_grids_are_not_cut_again(engine: Engine, folder: Path) -> None:
    import_city(folder, engine)
    before = CityStore(engine).grids()
    change(folder, "city.toml", "grid_cell_m = 250", "grid_cell_m = 500")
    import_city(folder, engine)
    assert CityStore(engine).grids() == before


def grid_file(folder: Path, *features: dict[str, Any]) -> None:
    (folder / "grids.geojson").write_text(collection(*features), encoding="utf-8")


def grid(code: str, east: int = 0) -> dict[str, Any]:
    return feature(square(WEST + east * STEP / 2, SOUTH, STEP / 2), code=code, street="中山路街道", community="某社区")


def test_given_grids_replace_cut_ones_as_a_whole(engine: Engine, folder: Path) -> None:
    import_city(folder, engine)
    grid_file(folder, grid("370202001001001"), grid("370202001001002", 1))
    report = import_city(folder, engine)
    assert report.puts["grids"].removed == 38
    stored = CityStore(engine).grids()
    assert [found.street for found in stored] == ["中山路街道", "中山路街道"]


def test_with_a_bad_grid_no_stored_one_is_removed(engine: Engine, folder: Path) -> None:
    import_city(folder, engine)
    grid_file(folder, grid("370202001001001"), grid("37020200100100", 1))
    report = import_city(folder, engine)
    assert report.puts["grids"].removed == 0
    assert "this edition wants" in faults(report, "grids.geojson")[2][1]
    assert len(CityStore(engine).grids()) == 40


@pytest.mark.parametrize(
    ("code", "reason"),
    [("370212001001001", "no district of the city"), ("370202001001001", "feature 1 already"), ("", "no grid code")],
)
def test_a_bad_grid_code_is_rejected(engine: Engine, folder: Path, code: str, reason: str) -> None:
    grid_file(folder, grid("370202001001001"), grid(code, 1))
    assert reason in faults(import_city(folder, engine), "grids.geojson")[2][1]


def test_a_grid_knows_its_size_on_the_ground(engine: Engine, folder: Path) -> None:
    grid_file(folder, grid("370202001001001"))
    import_city(folder, engine)
    side_m = STEP / 2 * 111_195
    expected = side_m * side_m * math.cos(math.radians(SOUTH))
    assert CityStore(engine).grids()[0].area_m2 == pytest.approx(expected, rel=1e-3)


def test_outlines_keep_six_decimals(engine: Engine, folder: Path) -> None:
    ring = [[x + 0.00000012, y] for x, y in square(WEST, SOUTH)]
    import_city(with_districts(folder, feature(ring, code="370202", name="市南区")), engine)
    written = json.dumps(CityStore(engine).districts()[0].polygons)
    assert "120.3," in written


@settings(max_examples=25, deadline=None)
@given(st.integers(3, 9), st.floats(300, 2_000), st.floats(60, 300))
def test_cells_cover_any_area_exactly_and_have_no_slivers(corners: int, radius: float, cell: float) -> None:
    area = shapely.Point(0, 0).buffer(radius, quad_segs=corners)
    cells = square_cells(area, cell)
    assert shapely.area(cells).sum() == pytest.approx(area.area, rel=1e-6)
    assert len(cells) == 1 or shapely.area(cells).min() >= 0.15 * cell * cell


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 16))
def test_merging_reaches_the_wanted_number_and_keeps_the_area(count: int) -> None:
    pieces = [shapely.box(x, y, x + 1, y + 1) for x in range(4) for y in range(4)]
    merged = merge_smallest(pieces, count=count)
    assert len(merged) == count
    assert shapely.area(merged).sum() == pytest.approx(16)


def test_a_piece_without_neighbour_is_left_alone() -> None:
    island = shapely.box(50, 50, 50.1, 50.1)
    assert len(merge_smallest([shapely.box(0, 0, 1, 1), island], below=0.5)) == 2


def test_reading_order_is_row_by_row() -> None:
    cells = [shapely.box(x, y, x + 1, y + 1) for y in (0, 1) for x in (1, 0)]
    assert [cell.bounds[:2] for cell in reading_order(cells, 1)] == [(0, 1), (1, 1), (0, 0), (1, 0)]


def test_a_full_community_is_followed_by_the_next() -> None:
    codes = grid_codes("370202", 1_000, 3)
    assert codes[998] == "370202001001999"
    assert codes[999] == "370202001002001"
    assert grid_codes("370202", 100, 2)[99] == "37020200100201"
