"""`citywall import city DIR`: load a city folder, or bring the stored city up to it (design 6).

Files are first opened and looked at; a whole-file problem stops everything before the first write. City record,
districts and grids go in as one transaction, the rows of each table in batches, each its own: an import that was
interrupted is simply run again. Rows of the store that a file no longer has are kept, except grids, which are a
partition: a folder whose grids are all good replaces the whole set.
"""

from __future__ import annotations

import difflib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, select, update

from data_access import city_schema as schema
from data_access.city_areas import box_around, cut_grid_rows, district_rows, grid_rows
from data_access.city_files import REJECTS_SUFFIX, CityFolderError, Reject, Rejects, TableFile, open_table
from data_access.city_geojson import FeatureFile, read_features
from data_access.city_load import Put, TableWriter
from data_access.city_points import inside_box, with_area, with_camera_numbers, with_wgs84
from data_access.city_rules import RowReader
from data_access.city_tables import FILES, FileKind, Known, component_class
from data_access.city_toml import FILE as CITY_TOML
from data_access.city_toml import CityFile, read_city_toml
from data_access.engine import writing
from data_access.geo_index import AreaIndex, district_areas, grid_areas
from domain.geo import GCJ02_CONVERTER, Crs

DISTRICTS, GRIDS = "districts.geojson", "grids.geojson"
_ENDINGS = (".csv", ".parquet", ".geojson", ".toml")

Progress = Callable[[str, int, int], None]
"""Called with a file's name, rows done and rows in all."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `rejected` holds the first faults of each file, `rejected_rows` counts every row."""

    puts: Mapping[str, Put]
    rejected: tuple[Reject, ...]
    rejected_rows: Mapping[str, int]

    @property
    def loaded(self) -> dict[str, int]:
        """Rows that are new or different now, by table."""
        return {table: done.new + done.changed for table, done in self.puts.items()}

    @property
    def unchanged(self) -> bool:
        """The folder brought nothing that the store did not hold."""
        return not any(done.touched for done in self.puts.values())

    def lines(self) -> Iterator[str]:
        """The report in words."""
        for table, done in self.puts.items():
            removed = f", {done.removed} removed" if done.removed else ""
            yield f"{table}: {done.new} new, {done.changed} changed, {done.same} as before{removed}"
        for file, rows in self.rejected_rows.items():
            yield f"{file}: {rows} rows rejected, listed with reasons in {file}{REJECTS_SUFFIX}"
        if self.unchanged:
            yield "Nothing was changed: the store already holds this city."


@dataclass(slots=True)
class _Folder:
    """A city folder whose files can be read."""

    path: Path
    city: CityFile
    districts: FeatureFile | None
    grids: FeatureFile | None
    tables: list[tuple[FileKind, TableFile]]


@dataclass(slots=True)
class _Run:
    """One import as it goes."""

    engine: Engine
    known: Known
    progress: Progress
    puts: dict[str, Put] = field(default_factory=dict)
    rejects: list[Rejects] = field(default_factory=list)
    _areas: dict[str, AreaIndex] = field(default_factory=dict)

    def areas(self, name: str, load: Callable[[Connection], AreaIndex]) -> AreaIndex:
        """An index of the stored areas, made when the first row needs it."""
        if name not in self._areas:
            with self.engine.connect() as connection:
                self._areas[name] = load(connection)
        return self._areas[name]

    @contextmanager
    def rejecting(self, path: Path) -> Iterator[Rejects]:
        """The list of one file's rejected rows, closed at the end."""
        rejects = Rejects(path)
        self.rejects.append(rejects)
        try:
            yield rejects
        finally:
            rejects.close()

    def changed(self, connection: Connection, rows: int) -> None:
        """A change gives the city a new content version in the same transaction."""
        if rows:
            connection.execute(update(schema.city).values(content_version=secrets.token_hex(8)))

    def put(self, connection: Connection, table: Table, rows: list[dict[str, Any]], *, only: bool = False) -> None:
        """Write all rows of a small table. With `only`, stored rows that are not among them are removed."""
        writer = TableWriter(connection, table)
        written = writer.write(connection, rows)
        removed = writer.remove_others(connection, [row["code"] for row in rows]) if only else 0
        self.puts[table.name] = writer.result(connection)
        self.changed(connection, written + removed)

    def report(self) -> ImportReport:
        kept = tuple(reject for rejects in self.rejects for reject in rejects.kept)
        return ImportReport(self.puts, kept, {r.file: r.rows for r in self.rejects if r.rows})


def import_city(folder: Path, engine: Engine, *, progress: Progress = lambda *_: None) -> ImportReport:
    """Load a city folder. Idempotent: only what differs is written.

    Raises:
        CityFolderError: a file is missing, broken, not UTF-8, or has wrong columns: every such problem, each with its
            fix; nothing was changed. Also: the store holds another city.
        StoreError: the database failed.
    """
    opened = _open(folder)
    run = _Run(engine, Known(opened.city), progress)
    _load_areas(run, opened)
    for kind, file in opened.tables:
        _load_table(run, kind, file)
    return run.report()


def _open(folder: Path) -> _Folder:
    if not folder.is_dir():
        raise CityFolderError(f"{folder.name}: is no folder. Give the folder that holds {CITY_TOML}")
    problems = [*_strangers(folder)]
    city = read_city_toml(folder, problems)
    districts, grids = (
        read_features(folder / name, problems) if (folder / name).exists() else None for name in (DISTRICTS, GRIDS)
    )
    tables = [(kind, file) for kind in FILES for file in _opened(folder, kind, city, problems)]
    if problems or city is None:
        raise CityFolderError("\n".join(problems))
    return _Folder(folder, city, districts, grids, tables)


def _strangers(folder: Path) -> Iterator[str]:
    """Files that look like a part of the city but have no known name: most likely a slip of the pen."""
    known = [CITY_TOML, DISTRICTS, GRIDS, *(kind.stem + ending for kind in FILES for ending in kind.endings)]
    for path in sorted(folder.iterdir()):
        if path.suffix in _ENDINGS and path.name not in known and not path.name.endswith(REJECTS_SUFFIX):
            near = difflib.get_close_matches(path.name, known, n=1)
            yield f"{path.name}: is no file of a city folder; {f'did you mean {near[0]}?' if near else 'remove it'}"


def _opened(folder: Path, kind: FileKind, city: CityFile | None, problems: list[str]) -> Iterator[TableFile]:
    paths = [path for ending in kind.endings if (path := folder / (kind.stem + ending)).exists()]
    if len(paths) > 1:
        problems.append(f"{' and '.join(path.name for path in paths)}: only one of them may be there; remove the other")
    if city is not None:
        columns = kind.rules(Known(city)).columns
        yield from (file for path in paths if (file := open_table(path, columns, problems)))


def _load_areas(run: _Run, folder: _Folder) -> None:
    with writing(run.engine) as connection:
        _check_same_city(connection, folder.city)
        _load_districts(run, connection, folder)
        run.known.districts = _codes(connection, schema.districts.c.code, schema.districts.c.inside)
        if not run.known.districts:
            raise CityFolderError(f"{DISTRICTS}: no district of the city could be read. Add the file or correct it")
        run.known.box = folder.city.box or box_around(connection)
        _load_grids(run, connection, folder)
        _update_city(run, connection, folder)
        run.known.grids = _codes(connection, schema.grids.c.code)
        run.known.departments = _codes(connection, schema.departments.c.code)
        run.known.classes = _codes(connection, schema.classes.c.code)
        run.known.camera_numbers = _camera_numbers(connection)
        run.known.turning_cameras = _turning_cameras(connection)


def _check_same_city(connection: Connection, city: CityFile) -> None:
    stored = connection.execute(select(schema.city.c.code)).scalar()
    if stored not in (None, city.code):
        fix = "Use another CITYWALL_DATA_DIR (or database) for another city"
        raise CityFolderError(f"{CITY_TOML}: code: is {city.code}, but the store holds {stored}. {fix}")


def _city_row(city: CityFile, box: tuple[float, float, float, float]) -> dict[str, Any]:
    return {
        "code": city.code,
        "name": city.name,
        "name_en": city.name_en,
        "zone": city.zone.key,
        "mode": city.mode,
        "edition": str(city.edition),
        "source_crs": str(city.crs),
        "converter": GCJ02_CONVERTER if city.crs is Crs.GCJ02 else "",
        "number_prefix": city.number_prefix,
        "hotline": city.hotline,
        "calendar": json.dumps(city.calendar, ensure_ascii=False, sort_keys=True),
        "rules": json.dumps(city.rules, ensure_ascii=False, sort_keys=True),
        "evaluation": json.dumps(city.evaluation, ensure_ascii=False, sort_keys=True),
        **dict(zip(("west", "south", "east", "north"), box, strict=True)),
    }


def _update_city(run: _Run, connection: Connection, folder: _Folder) -> None:
    stored = connection.execute(select(schema.city.c.content_version, schema.city.c.attribution)).first()
    kept = {"content_version": stored.content_version if stored else ""}
    credit = folder.districts.attribution if folder.districts else stored.attribution if stored else ""
    run.put(connection, schema.city, [_city_row(folder.city, run.known.box) | kept | {"attribution": credit}])


def _load_districts(run: _Run, connection: Connection, folder: _Folder) -> None:
    if folder.districts is None:
        return
    with run.rejecting(folder.path / DISTRICTS) as rejects:
        rows = district_rows(folder.districts.features, run.known, rejects)
        run.put(connection, schema.districts, rows)
    run.progress(DISTRICTS, len(rows), len(folder.districts.features))


def _load_grids(run: _Run, connection: Connection, folder: _Folder) -> None:
    """The folder's grids; where neither folder nor store has any, cut ones."""
    rejected = 0
    if folder.grids is None:
        stored = connection.execute(select(schema.grids.c.code)).first()
        rows = [] if stored else cut_grid_rows(connection, run.known)
    else:
        with run.rejecting(folder.path / GRIDS) as rejects:
            rows = grid_rows(folder.grids.features, run.known, rejects)
            rejected = rejects.rows
    run.put(connection, schema.grids, rows, only=bool(rows) and not rejected)
    run.progress(GRIDS, len(rows), len(rows) + rejected)


def _load_table(run: _Run, kind: FileKind, file: TableFile) -> None:
    with run.engine.connect() as connection:
        writer = TableWriter(connection, kind.table)
    with run.rejecting(file.path) as rejects:
        reader, done = RowReader(kind.rules(run.known), rejects), 0
        for batch in file.batches(rejects):
            rows = _finished(run, kind, reader.good(batch), rejects)
            with writing(run.engine) as connection:
                run.changed(connection, writer.write(connection, rows))
            done += len(batch.lines)
            run.progress(file.path.name, done, file.total)
    with run.engine.connect() as connection:
        run.puts[kind.table.name] = writer.result(connection)
    _learn(run, kind)


def _finished(run: _Run, kind: FileKind, rows: list[dict[str, Any]], rejects: Rejects) -> list[dict[str, Any]]:
    """Good rows as the table wants them; a row whose point is wrong is rejected here."""
    if kind.has_point and rows:
        with_wgs84(rows, run.known.city.crs)
        rows = inside_box(rows, run.known.box, rejects)
    return _FINISH.get(kind.stem, _as_they_are)(run, rows, rejects)


def _as_they_are(run: _Run, rows: list[dict[str, Any]], rejects: Rejects) -> list[dict[str, Any]]:
    return rows


def _finish_components(run: _Run, rows: list[dict[str, Any]], rejects: Rejects) -> list[dict[str, Any]]:
    for row in rows:
        row["class_code"] = component_class(row["code"])
    return with_area(rows, "grid", lambda: run.areas("grid", grid_areas), rejects, needed=True)


def _finish_places(run: _Run, rows: list[dict[str, Any]], rejects: Rejects) -> list[dict[str, Any]]:
    for row in rows:
        row["district"] = row["district_code"]
    return with_area(rows, "district", lambda: run.areas("district", district_areas), rejects, needed=False)


def _finish_cameras(run: _Run, rows: list[dict[str, Any]], rejects: Rejects) -> list[dict[str, Any]]:
    return with_camera_numbers(rows, run.known, rejects)


def _finish_people(run: _Run, rows: list[dict[str, Any]], rejects: Rejects) -> list[dict[str, Any]]:
    names = {"department": "department_code", "district": "district_code", "grid": "grid_code"}
    return [row | {name: row[column] for name, column in names.items()} for row in rows]


_FINISH = {
    "components": _finish_components,
    "places": _finish_places,
    "cameras": _finish_cameras,
    "people": _finish_people,
}


def _learn(run: _Run, kind: FileKind) -> None:
    """What later files may refer to."""
    if kind.stem in ("departments", "classes"):
        with run.engine.connect() as connection:
            setattr(run.known, kind.stem, _codes(connection, kind.table.c.code))
    if kind.stem == "cameras":
        with run.engine.connect() as connection:
            run.known.turning_cameras = _turning_cameras(connection)


def _codes(connection: Connection, column: Any, *conditions: Any) -> frozenset[str]:
    return frozenset(connection.execute(select(column).where(*conditions)).scalars())


def _camera_numbers(connection: Connection) -> dict[str, int]:
    rows = connection.execute(select(schema.cameras.c.camera_id, schema.cameras.c.number)).all()
    return {row.camera_id: row.number for row in rows}


def _turning_cameras(connection: Connection) -> frozenset[str]:
    columns = schema.cameras.c
    return _codes(connection, columns.camera_id, columns.ptz, ~columns.shared)
