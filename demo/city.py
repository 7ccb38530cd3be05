"""The demo city: Qingdao's four inner districts at the size of the report (domain sheet 1.1), made from a seed.

`write_city` writes an ordinary city folder (design 6), byte for byte the same for the same seed; the hall then imports
it like any other city. Outlines, codes and names are facts from `demo/data` and `demo/boundaries`; everything that
stands in the streets is invented.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from sqlalchemy import Engine

from data_access.city_files import BATCH_ROWS
from data_access.city_import import ImportReport, import_city
from data_access.components_index import open_components
from data_access.geo_index import AreaIndex
from demo.areas import DemoDistrict, make_districts
from demo.facts import BOUNDARIES, COMPONENT_MAJORS, DATA, EVENT_MAJORS, duty_rows, keepers, read, street_areas
from demo.lenses import CameraUrls, CommandUrl, Lens, make_lenses
from demo.mesh import SCALE, to_degrees
from demo.objects import Placed, place_all
from demo.sites import make_sites
from demo.staff import COLUMNS as PEOPLE_COLUMNS
from demo.staff import make_people
from demo.views import view_rows

Progress = Callable[[str, int, int], None]

CITY_TOML = """\
code = "370200"
name = "青岛市"
name_en = "Qingdao"
time_zone = "Asia/Shanghai"
crs = "wgs84"
mode = "two_two"
edition = "GB/T 30428.2-2013"
number_prefix = "QD"
hotline = "12319"
"""

FULL = 1.0
"""Scale of the city of the report."""

_STATES = ("intact", "damaged", "missing", "abandoned")
_STATE_SHARES = (0.987, 0.009, 0.003, 0.001)


def placeholder_urls(number: int) -> tuple[str, str]:
    """Addresses of files that are not there: cameras without a picture, until somebody gives real ones."""
    return f"file:demo/camera-{number:03d}.mp4", f"file:demo/camera-{number:03d}-sub.mp4"


def no_commands(number: int) -> str:
    """Cameras that take no commands."""
    return ""


def make_city(
    data_dir: Path,
    engine: Engine,
    *,
    seed: int,
    camera_urls: CameraUrls,
    command_url: CommandUrl = no_commands,
    scale: float = FULL,
    progress: Progress = lambda *_: None,
) -> ImportReport:
    """Write the demo city's folder into the data folder, import it, and make the index of its components."""
    folder = data_dir / "city"
    write_city(folder, seed, camera_urls, command_url, scale=scale, progress=progress)
    report = import_city(folder, engine, progress=progress)
    progress("component index", 0, 1)
    open_components(engine, data_dir)
    progress("component index", 1, 1)
    return report


def write_city(
    folder: Path,
    seed: int,
    camera_urls: CameraUrls = placeholder_urls,
    command_url: CommandUrl = no_commands,
    *,
    scale: float = FULL,
    progress: Progress = lambda *_: None,
) -> None:
    """Write the whole city folder. `scale` below 1 makes a smaller city, for tests."""
    folder.mkdir(parents=True, exist_ok=True)
    districts = make_districts(seed, scale)
    lenses = make_lenses(districts, seed)
    steps: tuple[tuple[str, Callable[[Path], None]], ...] = (
        ("city.toml", lambda path: _write_text(path, CITY_TOML)),
        ("districts.geojson", _write_districts),
        ("grids.geojson", lambda path: _write_grids(path, districts)),
        ("departments.csv", _write_departments),
        ("classes.csv", lambda path: _write_rows(path, _CLASS_COLUMNS, _class_rows())),
        ("limits.csv", lambda path: _write_text(path, (DATA / "limits.csv").read_text(encoding="utf-8"))),
        ("duties.csv", lambda path: _write_rows(path, ("class_code", "area_code", "department"), duty_rows())),
        ("components.parquet", lambda path: _write_components(path, districts, seed, scale)),
        ("places.csv", lambda path: _write_places(path, districts, seed, scale)),
        ("cameras.csv", lambda path: _write_cameras(path, lenses, camera_urls, command_url)),
        ("presets.csv", lambda path: _write_rows(path, _PRESET_COLUMNS, view_rows(lenses, _CAMERA_ID))),
        ("people.csv", lambda path: _write_rows(path, PEOPLE_COLUMNS, make_people(districts, seed))),
    )
    for done, (name, write) in enumerate(steps, 1):
        write(folder / name)
        progress("demo city", done, len(steps))


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_rows(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _write_districts(path: Path) -> None:
    _write_text(path, BOUNDARIES.read_text(encoding="utf-8"))


def _write_grids(path: Path, districts: Sequence[DemoDistrict]) -> None:
    grids = [grid for district in districts for grid in district.grids]
    lines = ",\n".join(
        json.dumps(
            {
                "type": "Feature",
                "properties": {"code": grid.code, "street": grid.street, "community": grid.community},
                "geometry": {"type": "Polygon", "coordinates": [_ring(grid.shape)]},
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for grid in sorted(grids, key=lambda grid: grid.code)
    )
    _write_text(path, f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n')


def _ring(shape: shapely.Geometry) -> list[list[float]]:
    points: list[list[float]] = np.round(to_degrees(shapely.get_coordinates(shape.exterior)), 6).tolist()
    return points


def _write_departments(path: Path) -> None:
    columns = ("code", "name", "level", "district_code", "phone")
    areas = street_areas()
    rows = ([*(row[name] for name in columns), areas.get(row["code"], "")] for row in read("departments.csv"))
    _write_rows(path, (*columns, "area_code"), rows)


_CLASS_COLUMNS = (
    "code",
    "kind",
    "major",
    "major_name_zh",
    "major_name_en",
    "minor",
    "name_zh",
    "name_en",
    "department",
)


def _class_rows() -> Iterator[Sequence[str]]:
    """Component classes name their city department; those of districts are found by place."""
    city = keepers().city
    for kind, initial, majors, table in (
        ("component", "C", COMPONENT_MAJORS, "component_classes.csv"),
        ("event", "E", EVENT_MAJORS, "event_classes.csv"),
    ):
        for row in read(table):
            major, minor, names = row["major"], row["minor"], majors[row["major"]]
            department = city.get(row["keeper"], "")
            yield initial + major + minor, kind, major, *names, minor, row["name_zh"], row["name_en"], department


def _write_components(path: Path, districts: Sequence[DemoDistrict], seed: int, scale: float) -> None:
    """All components by code, in row groups of one import batch."""
    whole = pa.concat_tables(_component_tables(districts, seed, scale)).combine_chunks().sort_by("code")
    pq.write_table(whole, path, row_group_size=BATCH_ROWS, compression="zstd", use_dictionary=True)


def _component_tables(districts: Sequence[DemoDistrict], seed: int, scale: float) -> Iterator[pa.Table]:
    index = AreaIndex((grid.code, grid.shape) for district in districts for grid in district.grids)
    rng = np.random.default_rng([seed, 7])
    for placed in place_all(districts, seed, scale):
        number = len(placed.points)
        if number:
            yield _component_table(placed, index, rng.choice(len(_STATES), number, p=_STATE_SHARES))


def _component_table(placed: Placed, index: AreaIndex, states: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pa.Table:
    district, kind = placed.district.mesh.district, placed.kind
    lon, lat = np.round(placed.points / SCALE, 6).T
    grids = index.locate_many(*placed.points.T)
    departments = [keepers().of(kind.keeper, district, (grid or district)[6:9]) for grid in grids]
    names = keepers().names
    return pa.table(
        {
            "code": [f"{district}{kind.code}{number:06d}" for number in range(1, len(grids) + 1)],
            "lon": lon,
            "lat": lat,
            "grid": grids,
            "department": departments,
            "owner": [names[code] for code in departments],
            "maintainer": [names[code] + "养护队" for code in departments],
            "state": [_STATES[state] for state in states.tolist()],
        }
    )


def _write_places(path: Path, districts: Sequence[DemoDistrict], seed: int, scale: float) -> None:
    columns = ("place_id", "name", "kind", "category", "address", "district_code", "lon", "lat")
    rows = (
        (f"P{number:06d}", site.name, site.kind, site.category, site.address, site.district, site.lon, site.lat)
        for number, site in enumerate(make_sites(districts, seed, scale), 1)
    )
    _write_rows(path, columns, rows)


_CAMERA_COLUMNS = (
    "camera_id",
    "name",
    "district_code",
    "lon",
    "lat",
    "bearing",
    "fov",
    "main_url",
    "sub_url",
    "owner_unit",
    "shared",
    "ptz",
    "number",
    "street",
    "onvif_url",
)
_PRESET_COLUMNS = ("camera_id", "token", "name", "bearing", "fov")
_CAMERA_ID = "QD-{:03d}"


def _write_cameras(path: Path, lenses: Sequence[Lens], camera_urls: CameraUrls, command_url: CommandUrl) -> None:
    rows = (
        (
            _CAMERA_ID.format(number),
            lens.name,
            lens.district,
            lens.lon,
            lens.lat,
            lens.bearing,
            lens.fov,
            *camera_urls(number),
            lens.owner_unit,
            int(lens.shared),
            int(lens.ptz),
            number,
            lens.street,
            command_url(number) if lens.ptz else "",
        )
        for number, lens in enumerate(lenses, 1)
    )
    _write_rows(path, _CAMERA_COLUMNS, rows)
