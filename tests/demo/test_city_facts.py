from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from demo.areas import DemoDistrict, make_districts
from demo.facts import GRIDS_OF, component_kinds, keepers, lines, outlines, read, streets
from demo.lenses import Lens, make_lenses
from demo.mesh import SCALE
from demo.objects import ROWS, along_streets, at_crossings, in_greens, on_shore, place_all, split


@pytest.fixture(scope="module")
def districts() -> tuple[DemoDistrict, ...]:
    return make_districts(370_200, 0.1)


def test_the_class_table_adds_up_to_the_report() -> None:
    assert len(component_kinds()) == 92
    assert sum(kind.amount for kind in component_kinds()) == 776_143


def test_the_grids_of_the_districts_add_up_to_the_report() -> None:
    assert sum(GRIDS_OF.values()) == 4_737


def test_every_class_has_a_keeper_in_every_street() -> None:
    events = [row["keeper"] for row in read("event_classes.csv")]
    for keeper in {*events, *(kind.keeper for kind in component_kinds())}:
        for street in streets():
            assert keepers().of(keeper, street.district, street.code) in keepers().names


def test_department_codes_are_unique_and_names_too() -> None:
    rows = read("departments.csv")
    assert len({row["code"] for row in rows}) == len({row["name"] for row in rows}) == 132


def test_every_street_has_communities() -> None:
    assert len(streets()) == 44
    assert all(street.communities for street in streets())


def test_landmarks_lie_in_their_district() -> None:
    for row in read("landmarks.csv"):
        assert outlines()[row["district"]].contains(shapely.Point(float(row["lon"]), float(row["lat"]))), row["name"]


@pytest.mark.parametrize("number", [5, 40, 90])
def test_every_line_of_a_run_has_a_name_of_its_own(number: int) -> None:
    names = [line.name for line in lines("370202", "ns", number)]
    assert len(set(names)) == number


def test_few_lines_keep_the_order_of_the_table() -> None:
    many, few = (["云南路", "中山路"], [line.name for line in lines("370202", "ns", 52)])
    assert [name for name in few if name in many] == many


def test_grids_fill_each_district_exactly(districts: tuple[DemoDistrict, ...]) -> None:
    for district in districts:
        shapes = np.array([grid.shape for grid in district.grids])
        assert shapely.area(shapes).sum() == pytest.approx(district.mesh.outline.area, rel=1e-6)
        assert shapely.union_all(shapes).area == pytest.approx(district.mesh.outline.area, rel=1e-6)


def test_grid_codes_count_within_their_community(districts: tuple[DemoDistrict, ...]) -> None:
    for district in districts:
        by_community: dict[str, list[int]] = {}
        for grid in district.grids:
            by_community.setdefault(grid.code[:12], []).append(int(grid.code[12:]))
        assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in by_community.values())


def test_streets_stay_inside_their_district(districts: tuple[DemoDistrict, ...]) -> None:
    for district in districts:
        edges = district.mesh.edges
        sections = shapely.linestrings(np.stack([edges.start, edges.end], axis=1))
        assert shapely.covers(district.mesh.outline, sections).all()
        assert len(district.road_names) == district.mesh.ew_lines + district.mesh.ns_lines


@given(st.integers(0, 5_000), st.lists(st.floats(0.1, 10), min_size=1, max_size=6))
def test_a_split_adds_up_and_follows_the_weights(total: int, weights: list[float]) -> None:
    parts = split(total, np.array(weights))
    assert sum(parts) == total
    exact = total * np.array(weights) / sum(weights)
    assert (np.abs(np.array(parts) - exact) < 1 + 1e-6).all()


@pytest.mark.parametrize("pattern", ROWS)
def test_a_row_keeps_its_distance_from_the_middle_of_the_street(
    districts: tuple[DemoDistrict, ...], pattern: str
) -> None:
    edges, row = districts[0].mesh.edges, ROWS[pattern]
    points = along_streets(edges, row, 400, np.random.default_rng(1))
    chosen = edges.where(edges.main) if row.main_only else edges
    sections = shapely.union_all(shapely.linestrings(np.stack([chosen.start, chosen.end], axis=1)))
    away = shapely.distance(sections, shapely.points(points))
    assert np.median(away) == pytest.approx(row.offset_m, abs=0.5)
    assert away.max() < row.offset_m + 1


def test_crossing_objects_stand_at_crossings(districts: tuple[DemoDistrict, ...]) -> None:
    mesh = districts[0].mesh
    points = at_crossings(mesh, 3 * len(mesh.crossings.at), np.random.default_rng(1))
    nearest = np.hypot(*(points[:, None] - mesh.crossings.at[None]).transpose(2, 0, 1)).min(axis=1)
    assert nearest.max() < 25
    assert len(np.unique(points.round(2), axis=0)) == len(points)


def test_parks_are_always_the_same_grids(districts: tuple[DemoDistrict, ...]) -> None:
    mesh = districts[3].mesh
    cells = np.array(mesh.cells)

    def used(seed: int) -> set[int]:
        points = shapely.points(in_greens(mesh, 500, np.random.default_rng(seed)))
        return set(shapely.STRtree(cells).query(points, predicate="intersects")[1].tolist())

    assert len(used(1) | used(2)) < len(cells) * 0.3


def test_shore_objects_stand_by_the_water(districts: tuple[DemoDistrict, ...]) -> None:
    mesh = districts[0].mesh
    points = shapely.points(on_shore(mesh, 60, np.random.default_rng(1)))
    assert shapely.covers(mesh.outline, points).all()
    assert shapely.distance(mesh.outline.boundary, points).max() < 15
    land = shapely.union_all([outlines()[code] for code in outlines() if code != "370202"])
    others = shapely.transform(land, lambda corners: corners * SCALE)
    assert shapely.distance(others, points).min() > 60


def test_all_objects_stand_in_their_district(districts: tuple[DemoDistrict, ...]) -> None:
    for placed in place_all(districts, 1, 0.02):
        outline = placed.district.mesh.outline
        assert shapely.covers(outline, shapely.points(placed.points)).all(), placed.kind.name


def test_cameras_stand_apart(districts: tuple[DemoDistrict, ...]) -> None:
    lenses = make_lenses(districts, 1)
    points = np.array([(lens.lon, lens.lat) for lens in lenses]) * SCALE
    away = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    np.fill_diagonal(away, np.inf)
    assert np.median(away.min(axis=1)) > 250


def test_every_district_has_a_place_that_four_cameras_see(districts: tuple[DemoDistrict, ...]) -> None:
    lenses = make_lenses(districts, 1)
    for district in districts:
        square = next(lens for lens in lenses if lens.district == district.mesh.district)
        others = [lens for lens in lenses if lens is not square and _metres(lens, square) <= 300]
        turned = [lens for lens in others if abs((_bearing(lens, square) - lens.bearing + 180) % 360 - 180) <= 2]
        assert len(turned) >= 3, district.mesh.district


def _metres(one: Lens, other: Lens) -> float:
    return float(np.hypot(*((np.array([one.lon, one.lat]) - [other.lon, other.lat]) * SCALE)))


def _bearing(one: Lens, other: Lens) -> float:
    east, north = (np.array([other.lon, other.lat]) - [one.lon, one.lat]) * SCALE
    return float(np.degrees(np.arctan2(east, north)))
