"""Cameras added and changed one by one, or as the text of a `cameras.csv`: by the same rules as a city import.

An address that is left empty stays what it was: whoever changes a camera's name need not know its password, and no
address ever leaves here again.
"""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Connection, Engine, Row, select, update

from data_access import city_schema as schema
from data_access.city_files import Columns, Reject, RejectList, Rows
from data_access.city_load import Put, TableWriter
from data_access.city_points import inside_box, with_camera_numbers
from data_access.city_rules import RowReader
from data_access.city_store import CityStore
from data_access.city_tables import Known, camera_rules
from data_access.city_toml import CityFile
from data_access.engine import writing

FILE = "cameras.csv"
ADDRESSES = ("main_url", "sub_url", "onvif_url")
MOST_ROWS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueRow:
    """A camera as the catalogue has it; of its addresses only whether they are there."""

    values: Mapping[str, Any]
    has: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of rows: `good` would be or were taken, `put` is None where nothing was to be written."""

    good: int
    rejected: tuple[Reject, ...]
    rejected_rows: int
    put: Put | None = None


class CameraCatalogue:
    """Reads and writes the cameras' table; blocking. Points are WGS-84, as the hall shows them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def rows(self) -> tuple[CatalogueRow, ...]:
        """All cameras by number, without their addresses."""
        with self._engine.connect() as connection:
            found = connection.execute(select(schema.cameras).order_by(schema.cameras.c.number)).all()
        return tuple(_shown(row) for row in found)

    def addresses(self, camera_id: str) -> Mapping[str, SecretStr]:
        """A camera's addresses by column, to try them; empty for an unknown one."""
        with self._engine.connect() as connection:
            stored = _stored(connection, camera_id)
        return {name: SecretStr(stored[name]) for name in ADDRESSES if stored.get(name)}

    def put(self, row: Mapping[str, str], *, write: bool = True) -> Outcome:
        """Add or change one camera, given as text by column.

        Raises:
            StoreError: the database failed.
            NoCity: there is no city to put it in.
        """
        return self._put(self._known(), Rows([1], {name: [value] for name, value in row.items()}), write=write)

    def put_text(self, text: str, *, write: bool) -> Outcome:
        """All rows of a CSV text, or with `write` false only what would become of them.

        Raises:
            ValueError: no table: what is wrong with it, and the fix; no row is repeated.
            StoreError, NoCity: as `put`.
        """
        known = self._known()
        return self._put(known, _table(text, camera_rules(known).columns), write=write)

    def _put(self, known: Known, rows: Rows, *, write: bool) -> Outcome:
        rejects = RejectList(FILE)
        with writing(self._engine) as connection:
            good = _finished(connection, known, rows, rejects)
            put = _written(connection, good) if write and good else None
        return Outcome(good=len(good), rejected=tuple(rejects.kept), rejected_rows=rejects.rows, put=put)

    def _known(self) -> Known:
        store = CityStore(self._engine)
        city = store.city()
        file = CityFile(
            code=city.code,
            name=city.name,
            name_en=city.name_en,
            zone=city.zone,
            crs=city.source_crs,
            mode=city.mode,
            edition=city.edition,
            number_prefix=city.number_prefix,
            hotline=city.hotline,
            box=city.box,
            grid_cell_m=0.0,
            calendar={},
            rules={},
            evaluation={},
        )
        inside = frozenset(district.code for district in store.districts() if district.inside)
        numbers = {camera.camera_id: camera.number for camera in store.cameras()}
        return Known(file, box=city.box, districts=inside, camera_numbers=numbers)


def _shown(row: Row[Any]) -> CatalogueRow:
    values = dict(row._mapping)
    has = frozenset(name for name in ADDRESSES if values[name])
    return CatalogueRow(values={name: value for name, value in values.items() if name not in ADDRESSES}, has=has)


def _stored(connection: Connection, camera_id: str) -> dict[str, Any]:
    row = connection.execute(select(schema.cameras).where(schema.cameras.c.camera_id == camera_id)).first()
    return dict(row._mapping) if row is not None else {}


def _table(text: str, wanted: Columns) -> Rows:
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), strict=True)
    try:
        lines = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise ValueError(f"{FILE}: cannot be read ({error}). Look for a quotation mark that is not closed") from None
    if not lines:
        raise ValueError(f"{FILE}: is empty. Its first line must name the columns")
    (_, first), *rest = lines
    header = [name.strip() for name in first]
    problems = [*wanted.problems(FILE, header), *_misfits(rest, len(header))]
    if problems:
        raise ValueError("\n".join(problems))
    return Rows([at for at, _ in rest], {name: [row[at] for _, row in rest] for at, name in enumerate(header)})


def _misfits(rows: Sequence[tuple[int, list[str]]], width: int) -> Iterator[str]:
    """What keeps rows from being a table; no value is repeated."""
    if len(rows) > MOST_ROWS:
        yield f"{FILE}: has more than {MOST_ROWS} rows. Use `citywall import city DIR`"
    for at, row in rows[:MOST_ROWS]:
        if len(row) != width:
            yield f"{FILE}: line {at}: {len(row)} values, but the header has {width}; look for a stray comma"


def _finished(connection: Connection, known: Known, rows: Rows, rejects: RejectList) -> list[dict[str, Any]]:
    """Good rows as the table wants them, empty addresses filled from what is stored."""
    rules = camera_rules(known)
    for name in rules.columns.required:
        rows.columns.setdefault(name, [""] * len(rows.lines))
    _keep_addresses(connection, rows)
    good = RowReader(rules, rejects).good(rows)
    return with_camera_numbers(inside_box(good, known.box, rejects), known, rejects) if good else []


def _keep_addresses(connection: Connection, rows: Rows) -> None:
    """Fill empty addresses in place, so that what is stored meets the same rules as what is given."""
    columns = {name: rows.columns.setdefault(name, [""] * len(rows.lines)) for name in ADDRESSES}
    for index, camera_id in enumerate(rows.columns["camera_id"]):
        stored = _stored(connection, camera_id.strip())
        for name, given in columns.items():
            given[index] = given[index].strip() or stored.get(name, "")


def _written(connection: Connection, good: Sequence[dict[str, Any]]) -> Put:
    """Written, with a new content version where anything changed: whoever keeps cameras reads them again."""
    writer = TableWriter(connection, schema.cameras)
    if writer.write(connection, [{"source_lon": None, "source_lat": None} | row for row in good]):
        connection.execute(update(schema.city).values(content_version=secrets.token_hex(8)))
    return writer.result(connection)
