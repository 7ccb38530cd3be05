from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from data_access import city_schema as schema
from data_access.city_files import REJECTS_SUFFIX, CityFolderError
from data_access.city_import import ImportReport, import_city
from data_access.city_store import CityStore, NoCity
from domain.city import ComponentState, Level, PlaceKind
from domain.geo import distance_m, wgs84_to_gcj02
from domain.roles import Role
from tests.city_folder import FILES, change, collection, feature, square, write_small_city


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_small_city(tmp_path / "city")


def version(engine: Engine) -> str:
    return CityStore(engine).city().content_version


def reasons(report: ImportReport) -> dict[tuple[str, int, str], str]:
    return {(reject.file, reject.line, reject.field): reject.reason for reject in report.rejected}


def test_everything_in_a_folder_is_stored(engine: Engine, folder: Path) -> None:
    report = import_city(folder, engine)
    assert report.rejected == ()
    assert report.loaded == {
        "city": 1,
        "districts": 3,
        "grids": 40,
        "departments": 2,
        "classes": 3,
        "limit_rules": 2,
        "components": 3,
        "places": 2,
        "cameras": 2,
        "people": 2,
    }
    assert CityStore(engine).totals()["components"] == 3


def test_what_was_stored_comes_back_as_values(engine: Engine, folder: Path) -> None:
    import_city(folder, engine)
    store = CityStore(engine)
    city = store.city()
    assert (city.code, city.zone.key, city.number_prefix, city.mode) == ("370200", "Asia/Shanghai", "QD", "one_two")
    assert city.calendar == {"version": "test"}
    assert [d.name for d in store.districts() if d.inside] == ["市南区", "市北区"]
    assert store.departments()[1].level is Level.DISTRICT
    assert [c.code for c in store.classes()] == ["C0101", "C0102", "E0102"]
    assert store.limits()[0].limit_unit == "urgent_hour"
    assert [p.name for p in store.people(Role.COLLECTOR)] == ["李采集"]
    assert [p.name for p in store.places(PlaceKind.LANDMARK)] == ["五四广场"]
    component = store.component("3702030101000001")
    assert component is not None
    assert (component.department, component.state) == ("D101", ComponentState.DAMAGED)
    assert store.component("3702030101009999") is None


def test_a_store_without_a_city_says_how_to_get_one(engine: Engine) -> None:
    with pytest.raises(NoCity, match="citywall import city"):
        CityStore(engine).city()


def test_importing_twice_changes_nothing_and_says_so(engine: Engine, folder: Path) -> None:
    import_city(folder, engine)
    before = version(engine)
    report = import_city(folder, engine)
    assert report.unchanged
    assert list(report.lines())[-1].startswith("Nothing was changed")
    assert version(engine) == before


def test_an_update_changes_only_what_differs(engine: Engine, folder: Path) -> None:
    import_city(folder, engine)
    before = version(engine)
    change(folder, "departments.csv", "0532-00000001", "0532-00000009")
    report = import_city(folder, engine)
    assert {table: n for table, n in report.loaded.items() if n} == {"departments": 1}
    assert report.puts["departments"].same == 1
    assert CityStore(engine).departments()[0].phone == "0532-00000009"
    assert version(engine) != before


def test_rows_the_file_no_longer_has_are_kept(engine: Engine, folder: Path) -> None:
    import_city(folder, engine)
    (folder / "people.csv").write_text(FILES["people.csv"].splitlines()[0] + "\n", encoding="utf-8")
    assert import_city(folder, engine).unchanged
    assert len(CityStore(engine).people()) == 2


def test_files_that_are_not_there_leave_their_table_alone(engine: Engine, folder: Path) -> None:
    import_city(folder, engine)
    for name in FILES:
        if name != "cameras.csv":
            (folder / name).unlink()
    (folder / "districts.geojson").unlink()
    assert import_city(folder, engine).unchanged


def test_another_city_is_refused(engine: Engine, folder: Path) -> None:
    import_city(folder, engine)
    change(folder, "city.toml", '"370200"', '"370300"')
    with pytest.raises(CityFolderError, match="the store holds 370200"):
        import_city(folder, engine)


def test_bad_rows_are_listed_and_the_good_ones_kept(engine: Engine, folder: Path) -> None:
    change(folder, "departments.csv", "D101,市南区环境卫生管理处,district", "D101,市南区环境卫生管理处,province")
    change(folder, "departments.csv", "D001,青岛市", "D0 01,青岛市")
    change(folder, "departments.csv", "0532-00000002\n", "0532-00000002\nD200,区园林处,district,370203,\n")
    report = import_city(folder, engine)
    assert ("departments.csv", 2, "code") in reasons(report)
    assert "none of: city, district" in reasons(report)["departments.csv", 3, "level"]
    assert [d.code for d in CityStore(engine).departments()] == ["D200"]
    listed = (folder / f"departments.csv{REJECTS_SUFFIX}").read_text(encoding="utf-8").splitlines()
    assert listed[0] == "line,field,reason"
    assert len(listed) == 3


def test_a_corrected_file_loses_its_rejects_list(engine: Engine, folder: Path) -> None:
    change(folder, "limits.csv", "urgent_hour", "fortnight")
    import_city(folder, engine)
    rejects = folder / f"limits.csv{REJECTS_SUFFIX}"
    assert rejects.exists()
    change(folder, "limits.csv", "fortnight", "urgent_hour")
    report = import_city(folder, engine)
    assert report.loaded["limit_rules"] == 1
    assert not rejects.exists()


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "field", "reason"),
    [
        ("departments.csv", "city,,", "city,370202,", 2, "district_code", "a city department none"),
        ("departments.csv", "district,370202", "district,370212", 3, "district_code", "not in districts.geojson"),
        ("classes.csv", "C0102,component", "C0103,component", 3, "code", "should be C0102"),
        ("classes.csv", "水井盖,Water cover,D001", "水井盖,Water cover,D999", 2, "department", "departments.csv"),
        ("limits.csv", "C0101-1,C0101", "C0101-1,C0199", 2, "class_code", '"C0199" is not in classes.csv'),
        ("limits.csv", ",2,urgent_hour", ",two,urgent_hour", 2, "limit_value", '"two" is not a number'),
        ("limits.csv", "urgent_hour,0,", "urgent_hour,0,13-01/02-30", 2, "season", "MM-DD/MM-DD"),
        ("components.csv", "3702020101000001", "370202010100001", 2, "code", "16 digits"),
        ("components.csv", "3702020101000001", "3702120101000001", 2, "code", "no district of the city"),
        ("components.csv", "3702020101000001", "3702020199000001", 2, "code", "names class C0199"),
        ("components.csv", "3702020102000001", "3702020101000001", 3, "code", "stands on line 2 already"),
        ("components.csv", "120.3021,36.0521", "36.0521,120.3021", 2, "lon", "longitude and latitude are swapped"),
        ("components.csv", "120.3021,36.0521", "121.3021,36.0521", 2, "lon", "lies outside the city"),
        ("components.csv", "120.3021,36.0521,", "120.3021,36.0521,9", 2, "grid", "not in the city's grids"),
        ("components.csv", "120.3021,36.0521", "120.3021,36.0659", 2, "grid", "lies in no grid"),
        ("components.csv", "intact", "broken", 2, "state", "none of: intact"),
        ("places.csv", "landmark", "monument", 2, "kind", "poi, landmark"),
        ("places.csv", "五四广场", "", 2, "name", "is empty"),
        ("cameras.csv", ",90,60,", ",370,60,", 2, "bearing", "from 0 to 360"),
        ("cameras.csv", "城管,0,1", "城管,maybe,1", 2, "shared", "是/否"),
        ("people.csv", "collector", "wall_device", 2, "role", "none of"),
        ("people.csv", "08:00", "8am", 2, "shift_start", "such as 08:00"),
    ],
)
def test_a_bad_value_is_rejected_with_line_field_and_fix(
    engine: Engine, folder: Path, file: str, old: str, new: str, line: int, field: str, reason: str
) -> None:
    change(folder, file, old, new)
    report = import_city(folder, engine)
    assert reason in reasons(report)[file, line, field]
    assert report.rejected_rows[file] == 1


def test_every_fault_of_a_row_is_listed_but_the_row_counts_once(engine: Engine, folder: Path) -> None:
    change(folder, "components.csv", "3702020101000001,120.3021,36.0521", "x,y,z")
    report = import_city(folder, engine)
    assert {reject.field for reject in report.rejected} == {"code", "lon", "lat"}
    assert report.rejected_rows == {"components.csv": 1}


def test_a_row_of_the_wrong_length_is_rejected_alone(engine: Engine, folder: Path) -> None:
    change(folder, "people.csv", "U2,王值班,duty_officer,,,,,,", "U2,王值班,duty_officer")
    report = import_city(folder, engine)
    assert "3 values, but the header has 9" in reasons(report)["people.csv", 3, "(row)"]
    assert report.loaded["people"] == 1


def test_line_numbers_count_the_lines_inside_quoted_values(engine: Engine, folder: Path) -> None:
    change(folder, "places.csv", "五四广场", '"五四\n广场"')
    change(folder, "places.csv", "P2,小卖部", "P2,")
    assert {(line, field) for _, line, field in reasons(import_city(folder, engine))} == {(2, "name"), (4, "name")}


def test_a_place_without_district_gets_the_one_it_lies_in(engine: Engine, folder: Path) -> None:
    import_city(folder, engine)
    assert {place.place_id: place.district for place in CityStore(engine).places()} == {"P1": "370202", "P2": "370203"}


def test_a_component_without_grid_gets_the_one_it_lies_in(engine: Engine, folder: Path) -> None:
    import_city(folder, engine)
    component = CityStore(engine).component("3702030101000001")
    assert component is not None
    assert component.grid.startswith("370203001001")


def test_gcj02_is_converted_once_and_the_original_kept(engine: Engine, folder: Path) -> None:
    lon, lat = wgs84_to_gcj02(120.3030, 36.0530)
    change(folder, "city.toml", '"wgs84"', '"gcj02"')
    change(folder, "places.csv", "120.3030,36.0530", f"{lon:.7f},{lat:.7f}")
    west, south = (float(value) for value in wgs84_to_gcj02(120.30, 36.05))
    shifted = [feature(square(west + 0.01 * i, south), code=f"37020{2 + i}", name=f"区{i}") for i in (0, 1)]
    (folder / "districts.geojson").write_text(collection(*shifted), encoding="utf-8")
    import_city(folder, engine)
    place = CityStore(engine).places(PlaceKind.LANDMARK)[0]
    assert distance_m(place.lon, place.lat, 120.3030, 36.0530) < 0.05
    with engine.connect() as connection:
        row = connection.execute(select(schema.places).where(schema.places.c.place_id == "P1")).one()
        district = connection.execute(select(schema.districts.c.source_polygons)).scalars().first()
        assert (row.source_lon, row.source_lat) == (round(float(lon), 7), round(float(lat), 7))
        assert district is not None
        assert f"[[[[{round(west, 6)},{round(south, 6)}]" in district
        assert connection.execute(select(schema.city.c.converter)).scalar() == "gcj02-inverse-1"
    assert import_city(folder, engine).unchanged


def test_progress_is_told_for_every_file(engine: Engine, folder: Path) -> None:
    told: list[tuple[str, int, int]] = []
    import_city(folder, engine, progress=lambda *step: told.append(step))
    assert ("components.csv", 3, 3) in told
    assert {name for name, done, total in told if done == total} >= {"districts.geojson", "grids.geojson", *FILES}


def test_an_interrupted_import_is_finished_by_the_next(engine: Engine, folder: Path) -> None:
    def break_off(name: str, _done: int, _total: int) -> None:
        if name == "classes.csv":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_city(folder, engine, progress=break_off)
    report = import_city(folder, engine)
    assert report.loaded["departments"] == 0
    assert report.loaded["components"] == 3


def test_many_rows_cross_batches_without_loss(engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data_access.city_files.BATCH_ROWS", 100)
    rows = (f"P{n},店{n},poi,商店,,370202,120.30{n % 100:02d},36.0530" for n in range(1, 1_001))
    (folder / "places.csv").write_text(FILES["places.csv"].splitlines()[0] + "\n" + "\n".join(rows), encoding="utf-8")
    report = import_city(folder, engine)
    assert report.puts["places"].new == 1_000
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(schema.places)).scalar() == 1_000
