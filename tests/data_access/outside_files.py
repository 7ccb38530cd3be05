"""Small case files of an outside system, and the mapping that reads them."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from data_access.case_mapping import CaseMapping, read_mapping
from domain.case import Case

BOSTON = ZoneInfo("America/New_York")

MAPPING: dict[str, Any] = {
    "source_system": "bos",
    "zone": "America/New_York",
    "backwards_seconds": 60,
    "columns": {
        "outside_id": "id",
        "reported": "opened",
        "filed": "opened",
        "dispatched": "opened",
        "disposed": "ended",
        "closed": "ended",
        "due": "due",
        "status": "status",
        "class": "type",
        "department": "dept",
        "lon": "lon",
        "lat": "lat",
        "address": "address",
        "description": "words",
    },
    "words": {"status": {"open": "pending_disposal", "done": "closed", "void": "voided"}},
}
COLUMNS = ("id", "opened", "ended", "due", "status", "type", "dept", "lon", "lat", "address", "words", "ward")

ROW: dict[str, str] = {
    "id": "A1",
    "opened": "2024-05-06T09:00:00-04:00",
    "ended": "2024-05-07T10:00:00-04:00",
    "due": "2024-05-08T09:00:00-04:00",
    "status": "done",
    "type": "Pothole",
    "dept": "PWD",
    "lon": "-71.06",
    "lat": "42.36",
    "address": "1 City Hall Sq, Boston",
    "words": "a hole",
    "ward": "5",
}


def mapping(**changes: Any) -> CaseMapping:
    """The mapping with some of its keys replaced; a table is updated, not replaced."""
    written = dict(MAPPING)
    for key, value in changes.items():
        written[key] = {**MAPPING.get(key, {}), **value} if isinstance(value, Mapping) else value
    return read_mapping(written, "map.toml")


def row(**changes: str) -> dict[str, str]:
    return ROW | changes


def rows(number: int) -> list[dict[str, str]]:
    """Closed cases A1, A2, …"""
    return [row(id=f"A{index}") for index in range(1, number + 1)]


def csv_file(folder: Path, found: Iterable[Mapping[str, str]], *, name: str = "cases.csv") -> Path:
    """A CSV file of the rows; packed where the name ends in .gz."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    return written(folder, name, text.getvalue().encode())


def json_file(folder: Path, found: Sequence[Mapping[str, Any]], *, name: str = "cases.json") -> Path:
    lines = [json.dumps(one, ensure_ascii=False) for one in found]
    text = "\n".join(lines) if name.startswith("lines") else "[\n" + ",\n".join(lines) + "\n]"
    return written(folder, name, text.encode())


def parquet_file(folder: Path, found: Sequence[Mapping[str, Any]], *, name: str = "cases.parquet") -> Path:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([dict(one) for one in found]), buffer)
    return written(folder, name, buffer.getvalue())


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def without_numbers(found: Iterable[Case]) -> dict[str | None, Case]:
    """Cases by their outside id."""
    return {case.outside_id: case for case in found}
