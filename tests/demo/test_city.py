"""The demo city: full size where a number is promised, a small one where a law is checked."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely
from shapely.geometry import shape

from data_access.city_import import ImportReport, import_city
from data_access.city_store import CityStore
from data_access.components_index import open_components
from data_access.engine import migrate, open_engine
from data_access.geo_index import GridIndex
from demo.areas import make_districts
from demo.city import make_city, placeholder_urls, write_city
from demo.facts import GRIDS_OF, component_kinds, outlines
from demo.lenses import make_lenses
from demo.mesh import SCALE
from demo.objects import place_all
from domain.geo import metres_per_degree

SMALL = 0.02


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole city's folder."""
    folder = tmp_path_factory.mktemp("full") / "city"
    write_city(folder, 370_200)
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small") / "city"
    write_city(folder, 370_200, scale=SMALL)
    return folder


@pytest.fixture(scope="module")
def imported(
    small: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[CityStore, ImportReport, GridIndex]]:
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('store') / 'citywall.db'}")
    migrate(engine)
    report = import_city(small, engine)
    yield CityStore(engine), report, GridIndex.load(engine)
    engine.dispose()


@pytest.mark.parametrize(
    ("file", "number"), [("departments.csv", 132), ("cameras.csv", 101), ("places.csv", 56_642 + 1_457)]
)
def test_the_city_has_the_size_of_the_report(full: Path, file: str, number: int) -> None:
    assert len(rows(full, file)) == number


def test_there_are_4737_grids_in_four_districts(full: Path) -> None:
    features = json.loads((full / "grids.geojson").read_text(encoding="utf-8"))["features"]
    codes = [feature["properties"]["code"] for feature in features]
    assert len(set(codes)) == 4_737
    assert Counter(code[:6] for code in codes) == GRIDS_OF
    assert {len(code) for code in codes} == {15}


def test_there_are_776143_components_in_92_classes(full: Path) -> None:
    codes = pq.read_table(full / "components.parquet", columns=["code"])["code"].to_pylist()
    assert len(set(codes)) == 776_143
    assert len({code[6:10] for code in codes}) == 92
    assert codes == sorted(codes)


def test_each_class_has_the_amount_its_table_says(full: Path) -> None:
    codes = pq.read_table(full / "components.parquet", columns=["code"])["code"].to_pylist()
    assert Counter(code[6:10] for code in codes) == {kind.code: kind.amount for kind in component_kinds()}


def test_landmarks_departments_and_cameras_are_split_as_reported(full: Path) -> None:
    assert Counter(row["kind"] for row in rows(full, "places.csv")) == {"poi": 56_642, "landmark": 1_457}
    assert Counter(row["level"] for row in rows(full, "departments.csv")) == {"city": 29, "district": 103}
    assert Counter(row["shared"] for row in rows(full, "cameras.csv")) == {"0": 31, "1": 70}


def test_the_districts_are_larger_than_190_square_kilometres() -> None:
    scale = np.array(metres_per_degree(36.13)) / 1_000
    areas = [shapely.transform(outlines()[code], lambda points: points * scale).area for code in GRIDS_OF]
    assert 190 < sum(areas) < 215


def test_districts_and_neighbours_fit_together_without_overlap() -> None:
    assert shapely.coverage_is_valid(np.array(list(outlines().values())))


def test_the_same_seed_writes_the_same_bytes(small: Path, tmp_path: Path) -> None:
    write_city(tmp_path / "again", 370_200, scale=SMALL)
    assert digests(tmp_path / "again") == digests(small)


def test_the_full_city_is_the_same_again_piece_by_piece(full: Path) -> None:
    districts = make_districts(370_200, 1.0)
    grids = json.loads((full / "grids.geojson").read_text(encoding="utf-8"))["features"]
    assert sorted(grid.code for d in districts for grid in d.grids) == [f["properties"]["code"] for f in grids]
    assert [lens.name for lens in make_lenses(districts, 370_200)] == [row["name"] for row in rows(full, "cameras.csv")]
    stored = pq.read_table(full / "components.parquet", columns=["code", "lon", "lat"])
    codes, lons, lats = (stored[name].to_numpy() for name in ("code", "lon", "lat"))
    for placed in place_all(districts, 370_200, 1.0):
        if placed.kind.pattern in ("green", "shore", "crossing"):
            head, (lon, lat) = f"{placed.district.mesh.district}{placed.kind.code}", (placed.points / SCALE).round(6).T
            first = int(np.searchsorted(codes, f"{head}000001"))
            here = slice(first, first + len(lon))
            assert codes[here].tolist() == [f"{head}{number:06d}" for number in range(1, len(lon) + 1)]
            assert lons[here].tolist() == lon.tolist()
            assert lats[here].tolist() == lat.tolist()


def test_another_seed_makes_another_city_of_the_same_facts(small: Path, tmp_path: Path) -> None:
    write_city(tmp_path / "other", 1, scale=SMALL)
    here, there = digests(small), digests(tmp_path / "other")
    same = {name for name in here if here[name] == there[name]}
    assert same == {"city.toml", "districts.geojson", "departments.csv", "classes.csv", "limits.csv", "duties.csv"}


def test_nothing_of_the_demo_city_is_rejected(imported: tuple[CityStore, ImportReport, GridIndex]) -> None:
    _, report, _ = imported
    assert report.rejected == ()


def test_every_component_stands_in_the_grid_it_names(
    small: Path, imported: tuple[CityStore, ImportReport, GridIndex]
) -> None:
    _, _, index = imported
    table = pq.read_table(small / "components.parquet").to_pylist()
    wrong = [row["code"] for row in table if index.locate(row["lon"], row["lat"]) != row["grid"]]
    assert len(wrong) <= len(table) // 1_000, "only points within the rounding of a border may differ"
    assert {row["code"][:6] == row["grid"][:6] for row in table} == {True}


def test_lamps_stand_in_rows_along_streets(full: Path) -> None:
    table = pq.read_table(full / "components.parquet", columns=["code", "lon", "lat"])
    lamps = np.array([row["code"][6:10] == "0137" and row["code"][:6] == "370202" for row in table.to_pylist()])
    points = np.column_stack([table["lon"].to_numpy()[lamps], table["lat"].to_numpy()[lamps]])
    points *= metres_per_degree(36.07)
    steps = np.hypot(*np.diff(points, axis=0).T)
    assert np.percentile(steps, 10) > 0.6 * np.median(steps)
    assert np.percentile(steps, 90) < 1.4 * np.median(steps)


def test_every_component_has_a_department_that_answers_there(small: Path) -> None:
    departments = {row["code"]: row["district_code"] for row in rows(small, "departments.csv")}
    for row in pq.read_table(small / "components.parquet", columns=["code", "department"]).to_pylist():
        assert departments[row["department"]] in ("", row["code"][:6])


def test_every_event_and_component_class_has_a_limit(small: Path) -> None:
    limited = {row["class_code"] for row in rows(small, "limits.csv")}
    assert limited == {row["code"] for row in rows(small, "classes.csv")}


def test_cameras_stand_in_their_district_and_have_names_of_their_own(full: Path) -> None:
    cameras = rows(full, "cameras.csv")
    assert len({row["name"] for row in cameras}) == 101
    for row in cameras:
        assert outlines()[row["district_code"]].contains(shapely.Point(float(row["lon"]), float(row["lat"])))


def test_shared_cameras_cannot_be_steered_and_name_their_platform(full: Path) -> None:
    shared = [row for row in rows(full, "cameras.csv") if row["shared"] == "1"]
    assert {row["ptz"] for row in shared} == {"0"}
    assert all(row["owner_unit"].endswith("视频共享平台") for row in shared)
    assert {"青岛市公安局视频共享平台", "青岛市交警支队视频共享平台", "青岛海事局视频共享平台"} <= {
        row["owner_unit"] for row in shared
    }


def test_camera_addresses_come_from_the_caller(tmp_path: Path) -> None:
    write_city(tmp_path, 1, lambda number: (f"rtsp://127.0.0.1/{number}", f"file:{number}.mp4"), scale=SMALL)
    assert [row["main_url"] for row in rows(tmp_path, "cameras.csv")][:2] == [
        "rtsp://127.0.0.1/1",
        "rtsp://127.0.0.1/2",
    ]


def test_only_turning_cameras_have_views_and_take_commands(tmp_path: Path) -> None:
    write_city(tmp_path, 1, command_url=lambda number: f"http://127.0.0.1:9/onvif/{number}", scale=SMALL)
    turning = {row["camera_id"] for row in rows(tmp_path, "cameras.csv") if row["ptz"] == "1"}
    assert {row["camera_id"] for row in rows(tmp_path, "cameras.csv") if row["onvif_url"]} == turning
    assert Counter(row["camera_id"] for row in rows(tmp_path, "presets.csv")) == dict.fromkeys(turning, 4)


def test_every_camera_stands_at_a_road(small: Path) -> None:
    for row in rows(small, "cameras.csv"):
        assert row["street"]
        assert "—" not in row["name"] or row["street"] in row["name"]


def test_phone_numbers_belong_to_nobody(full: Path) -> None:
    numbers = [row["phone"] for name in ("departments.csv", "people.csv") for row in rows(full, name)]
    assert all(number.split("-")[1][0] in "01" for number in numbers), "no line of the city begins with 0 or 1"


def test_collectors_are_on_shift_in_every_district(full: Path) -> None:
    people = rows(full, "people.csv")
    collectors = [row for row in people if row["role"] == "collector"]
    assert {row["district_code"] for row in collectors} == set(GRIDS_OF)
    assert all(row["shift_start"] and row["grid_code"].startswith(row["district_code"]) for row in collectors)
    assert Counter(row["role"] for row in people)["department"] == 132


def test_addresses_read_like_addresses(full: Path) -> None:
    pois = [row["address"] for row in rows(full, "places.csv") if row["kind"] == "poi"]
    assert all("区" in address and address.endswith("号") for address in pois)
    assert len(set(pois)) > 20_000


def test_places_lie_in_their_district(small: Path) -> None:
    for row in rows(small, "places.csv"):
        assert outlines()[row["district_code"]].covers(shapely.Point(float(row["lon"]), float(row["lat"])))


def test_the_packaged_outlines_name_their_source(small: Path) -> None:
    table = json.loads((small / "districts.geojson").read_text(encoding="utf-8"))
    assert "AMap" in table["attribution"]
    assert all(shape(feature["geometry"]).is_valid for feature in table["features"])


def test_making_the_city_leaves_store_and_index_ready(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'citywall.db'}")
    migrate(engine)
    told: list[tuple[str, int, int]] = []

    def note(name: str, done: int, total: int) -> None:
        told.append((name, done, total))

    make_city(tmp_path, engine, seed=1, camera_urls=placeholder_urls, scale=SMALL, progress=note)
    assert len(open_components(engine, tmp_path)) == CityStore(engine).totals()["components"] > 10_000
    assert told[-1] == ("component index", 1, 1)
    assert {"demo city", "components.parquet"} <= {name for name, _, _ in told}
    engine.dispose()
