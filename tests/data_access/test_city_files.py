from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine, inspect, select

from data_access import city_schema as schema
from data_access.city_files import REJECTS_SUFFIX, CityFolderError
from data_access.city_import import import_city
from tests.city_folder import FILES, change, collection, feature, square, write_small_city


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_small_city(tmp_path / "city")


def stored_rows(engine: Engine) -> int:
    tables = [name for name in inspect(engine).get_table_names() if name in schema.metadata.tables]
    with engine.connect() as connection:
        return sum(len(connection.execute(select(schema.metadata.tables[name])).all()) for name in tables)


def refusal(folder: Path, engine: Engine) -> str:
    with pytest.raises(CityFolderError) as caught:
        import_city(folder, engine)
    return str(caught.value)


def test_a_broken_geojson_names_the_place_and_nothing_is_written(engine: Engine, folder: Path) -> None:
    path = folder / "districts.geojson"
    path.write_text(path.read_text(encoding="utf-8")[:200], encoding="utf-8")
    message = refusal(folder, engine)
    assert "districts.geojson: is no JSON (line 1, column" in message
    assert "export it again" in message
    assert stored_rows(engine) == 0


def test_a_broken_file_loses_nothing_that_was_stored(engine: Engine, folder: Path) -> None:
    import_city(folder, engine)
    before = stored_rows(engine)
    (folder / "districts.geojson").write_text("{", encoding="utf-8")
    change(folder, "departments.csv", "0532-00000001", "0532-00000009")
    refusal(folder, engine)
    assert stored_rows(engine) == before


def test_every_whole_file_problem_is_told_at_once(engine: Engine, folder: Path) -> None:
    (folder / "districts.geojson").write_text("[]", encoding="utf-8")
    change(folder, "departments.csv", "code,name,level", "code,title,level")
    change(folder, "city.toml", "Asia/Shanghai", "Asia/Qingdao")
    (folder / "people.csv").write_bytes(b"")
    lines = refusal(folder, engine).splitlines()
    assert {line.split(":")[0] for line in lines} >= {"city.toml", "districts.geojson"}


def test_wrong_columns_are_named_with_the_nearest_found_one(engine: Engine, folder: Path) -> None:
    change(folder, "cameras.csv", "main_url", "main_ur")
    message = refusal(folder, engine)
    assert 'cameras.csv: column main_url is missing; rename "main_ur"' in message
    assert 'cameras.csv: column "main_ur" is unknown' in message


def test_a_column_that_stands_twice_is_named(engine: Engine, folder: Path) -> None:
    change(folder, "places.csv", "lon,lat", "lon,lon,lat")
    assert 'places.csv: column "lon" stands there twice' in refusal(folder, engine)


def test_an_empty_table_is_named(engine: Engine, folder: Path) -> None:
    (folder / "people.csv").write_bytes(b"")
    assert "people.csv: is empty. Its first line must name the columns" in refusal(folder, engine)


def test_bytes_that_are_not_utf8_are_named_by_line(engine: Engine, folder: Path) -> None:
    text = FILES["departments.csv"]
    (folder / "departments.csv").write_bytes(text.encode("gb18030"))
    message = refusal(folder, engine)
    assert "departments.csv: line 2 is not UTF-8" in message
    assert "CSV UTF-8" in message


def test_a_byte_order_mark_does_no_harm(engine: Engine, folder: Path) -> None:
    (folder / "departments.csv").write_text(FILES["departments.csv"], encoding="utf-8-sig")
    assert import_city(folder, engine).loaded["departments"] == 2


@pytest.mark.parametrize("rows_after", [1, 10_000])
def test_an_open_quotation_mark_is_told_with_its_line(engine: Engine, folder: Path, rows_after: int) -> None:
    rows = "".join(f"P{n},店,poi,,,370202,120.303,36.053\n" for n in range(rows_after))
    (folder / "places.csv").write_text(FILES["places.csv"] + 'P3,"店,poi\n' + rows, encoding="utf-8")
    message = refusal(folder, engine)
    assert "places.csv: cannot be read from line 4 on" in message
    assert "quotation mark" in message


@pytest.mark.parametrize("crs", ["urn:ogc:def:crs:EPSG::4547", "EPSG:3857", "Xian 1980"])
def test_an_unknown_coordinate_system_is_refused(engine: Engine, folder: Path, crs: str) -> None:
    named = {"type": "name", "properties": {"name": crs}}
    text = collection(feature(square(120.3, 36.05), code="370202", name="市南区"), crs=named)
    (folder / "districts.geojson").write_text(text, encoding="utf-8")
    message = refusal(folder, engine)
    assert f'districts.geojson: crs: "{crs}" is not known' in message
    assert "gcj02" in message


@pytest.mark.parametrize("crs", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4490"])
def test_the_usual_coordinate_systems_are_taken(engine: Engine, folder: Path, crs: str) -> None:
    table = json.loads((folder / "districts.geojson").read_text(encoding="utf-8"))
    table["crs"] = {"type": "name", "properties": {"name": crs}}
    (folder / "districts.geojson").write_text(json.dumps(table), encoding="utf-8")
    assert import_city(folder, engine).loaded["districts"] == 3


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('crs = "wgs84"', 'crs = "bd09"', 'crs: "bd09" is unknown; possible are wgs84, gcj02'),
        ('mode = "one_two"', 'mode = "three"', "possible are two_two, one_two"),
        ("Asia/Shanghai", "Mars/Base", '"Mars/Base" is no time zone'),
        ('code = "370200"', 'code = "青岛"', "six digits of GB/T 2260"),
        ('name = "青岛市"', 'nmae = "青岛市"', "nmae: is not known; did you mean name?"),
        ("grid_cell_m = 250", "grid_cell_m = 2", "metres from 50 to 5000"),
        ("grid_cell_m = 250", "box = [1, 2, 3]", "[west, south, east, north]"),
        ('"QD"', '"Q D"', "no prefix of case numbers"),
        ('version = "test"', "holidays = [7]", "calendar"),
        ('version = "test"', 'colour = "red"', "calendar.colour: unknown"),
        ("[calendar]", "[calendar", "is not TOML"),
        ("[calendar]", "[rules]\nmax_extensions = -1\n[calendar]", "rules.max_extensions: is a whole number from 0"),
        ("[calendar]", "[rules]\nmax_extension = 1\n[calendar]", "rules.max_extension: unknown; possible are"),
        ("[calendar]", '[rules]\nextension_rule = "free"\n[calendar]', "is one of original_limit, granted_hours"),
    ],
)
def test_a_wrong_city_toml_says_what_to_write(engine: Engine, folder: Path, old: str, new: str, told: str) -> None:
    change(folder, "city.toml", old, new)
    message = refusal(folder, engine)
    assert message.startswith("city.toml: ")
    assert told in message


def test_a_folder_without_city_toml_is_refused(engine: Engine, folder: Path) -> None:
    (folder / "city.toml").unlink()
    assert "city.toml: cannot be read" in refusal(folder, engine)


def test_a_path_that_is_no_folder_is_refused(engine: Engine, tmp_path: Path) -> None:
    assert "nowhere: is no folder" in refusal(tmp_path / "nowhere", engine)


def test_a_misspelt_file_is_not_passed_over(engine: Engine, folder: Path) -> None:
    (folder / "cameras.csv").rename(folder / "camera.csv")
    assert "camera.csv: is no file of a city folder; did you mean cameras.csv?" in refusal(folder, engine)


def test_two_component_files_are_one_too_many(engine: Engine, folder: Path) -> None:
    pq.write_table(pa.table({"code": ["1"]}), folder / "components.parquet")
    assert "components.parquet and components.csv: only one" in refusal(folder, engine)


def test_a_folder_without_districts_needs_stored_ones(engine: Engine, folder: Path) -> None:
    (folder / "districts.geojson").unlink()
    assert "no district of the city" in refusal(folder, engine)
    assert stored_rows(engine) == 0


def test_components_come_from_parquet_too(engine: Engine, folder: Path) -> None:
    (folder / "components.csv").unlink()
    columns = {
        "code": ["3702020101000001", "3702020102000001", "37"],
        "lon": [120.3021, 120.3022, 120.3023],
        "lat": [36.0521, 36.0522, None],
        "department": ["D001", "D001", "D001"],
    }
    pq.write_table(pa.table(columns), folder / "components.parquet")
    report = import_city(folder, engine)
    assert report.loaded["components"] == 2
    assert {(reject.line, reject.field) for reject in report.rejected} == {(4, "code"), (4, "lat")}


def test_a_damaged_parquet_file_is_refused(engine: Engine, folder: Path) -> None:
    (folder / "components.csv").unlink()
    (folder / "components.parquet").write_bytes(b"PAR1 no more")
    assert "components.parquet: is no readable Parquet file" in refusal(folder, engine)


def test_a_rejects_list_that_cannot_be_written_says_so(engine: Engine, folder: Path) -> None:
    (folder / f"people.csv{REJECTS_SUFFIX}").mkdir()
    message = refusal(folder, engine)
    assert "people.csv.rejects.csv: cannot be written" in message
    assert "Make the folder writable" in message
