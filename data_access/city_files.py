"""Reading a city folder: what is wrong with a whole file, rows in batches, and the list of rejected rows.

A whole-file problem (`CityFolderError`) is found before anything is written. A bad row costs only itself: it goes to
`<file>.rejects.csv` beside the file, one line for each fault.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

BATCH_ROWS = 65_536
REJECTS_SUFFIX = ".rejects.csv"
KEPT_IN_REPORT = 1_000
"""Rejects of one file that a report holds in memory; the rejects file always holds every one."""


class CityFolderError(Exception):
    """A file of the city folder cannot be used at all; one line for each problem, with the fix. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Reject:
    """One fault of one row. `line` counts from 1 with the header; in GeoJSON it is the feature's number."""

    file: str
    line: int
    field: str
    reason: str


@dataclass(slots=True)
class Rows:
    """A batch of rows by column, each with its line in the file."""

    lines: list[int]
    columns: dict[str, list[Any]]


class RejectList:
    """The rejected rows of one file, in memory."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.kept: list[Reject] = []
        self.rows = 0
        self._last_line = -1

    def add(self, line: int, name: str, reason: str) -> None:
        """Note one fault. Faults of one row follow each other."""
        if len(self.kept) < KEPT_IN_REPORT:
            self.kept.append(Reject(self.file, line, name, reason))
        self.rows += line != self._last_line
        self._last_line = line


class Rejects(RejectList):
    """Writes the rejected rows of one file; the list of an earlier import is removed."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.name)
        self.target = path.with_name(path.name + REJECTS_SUFFIX)
        self._out: TextIOWrapper | None = None
        self._writer: Any = None
        self._writing(lambda: self.target.unlink(missing_ok=True))

    def add(self, line: int, name: str, reason: str) -> None:
        """Note one fault here and in the list beside the file."""
        super().add(line, name, reason)
        if self._out is None:
            self._writing(self._open)
        self._writer.writerow((line, name, reason))

    def close(self) -> None:
        if self._out is not None:
            self._out.close()

    def _open(self) -> None:
        self._out = self.target.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._out, lineterminator="\n")
        self._writer.writerow(("line", "field", "reason"))

    def _writing(self, act: Any) -> None:
        try:
            act()
        except OSError as error:
            fix = "Make the folder writable, or import a copy of it: rejected rows are listed beside their file"
            raise CityFolderError(f"{self.target.name}: cannot be written ({error.strerror}). {fix}.") from error


@dataclass(frozen=True, slots=True)
class Columns:
    """Column names a file must and may have."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    def problems(self, file: str, found: Sequence[str]) -> Iterator[str]:
        """What is wrong with a header, in words."""
        known = (*self.required, *self.optional)
        for name in self.required:
            if name not in found:
                near = difflib.get_close_matches(name, [n for n in found if n not in known], n=1)
                hint = f'rename "{near[0]}"' if near else "add it"
                yield f"{file}: column {name} is missing; {hint}. Wanted: {','.join(self.required)}"
        for name in found:
            if name not in known:
                fix = f"Remove it, or rename it to one of: {','.join(known)}"
                yield f'{file}: column "{name}" is unknown. {fix}'
        for name in sorted({n for n in found if found.count(n) > 1}):
            yield f'{file}: column "{name}" stands there twice; remove one'


@dataclass(frozen=True, slots=True)
class TableFile:
    """A CSV or Parquet file whose header and encoding were found right; `total` is its number of rows."""

    path: Path
    header: tuple[str, ...]
    total: int

    def batches(self, rejects: Rejects) -> Iterator[Rows]:
        """All rows; a row of the wrong length is rejected here."""
        return _parquet_batches(self.path) if self.path.suffix == ".parquet" else self._csv_batches(rejects)

    def _csv_batches(self, rejects: Rejects) -> Iterator[Rows]:
        batch = _Gathered(self.header)
        for line, row in _csv_rows(self.path, skip_header=True):
            if len(row) != len(self.header):
                wanted = f"{len(row)} values, but the header has {len(self.header)}; look for a stray or missing comma"
                rejects.add(line, "(row)", wanted)
            elif batch.add(line, row) == BATCH_ROWS:
                yield batch.rows()
                batch = _Gathered(self.header)
        if batch.lines:
            yield batch.rows()


@dataclass(slots=True)
class _Gathered:
    header: tuple[str, ...]
    lines: list[int] = field(default_factory=list)
    values: list[list[str]] = field(default_factory=list)

    def add(self, line: int, row: list[str]) -> int:
        self.lines.append(line)
        self.values.append(row)
        return len(self.lines)

    def rows(self) -> Rows:
        columns = zip(*self.values, strict=True)
        return Rows(self.lines, {name: list(column) for name, column in zip(self.header, columns, strict=True)})


def open_table(path: Path, columns: Columns, problems: list[str]) -> TableFile | None:
    """The file ready to read, or None with its problems added."""
    try:
        found = _opened_parquet(path) if path.suffix == ".parquet" else _opened_csv(path)
    except CityFolderError as error:
        problems.append(str(error))
        return None
    problems.extend(columns.problems(path.name, found.header))
    return found


def read_text(path: Path) -> str:
    """A whole text file.

    Raises:
        CityFolderError: absent, unreadable, or not UTF-8 (with the line).
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CityFolderError(f"{path.name}: cannot be read ({error.strerror}). Check the folder's name") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        fix = 'Save it as UTF-8 (in Excel: "CSV UTF-8")'
        raise CityFolderError(
            f"{path.name}: line {line} is not UTF-8 (byte 0x{data[error.start]:02x}). {fix}"
        ) from None


def _opened_csv(path: Path) -> TableFile:
    read_text(path)
    rows = _csv_rows(path, skip_header=False)
    _, header = next(rows, (1, []))
    if not header:
        raise CityFolderError(f"{path.name}: is empty. Its first line must name the columns")
    return TableFile(path, tuple(name.strip() for name in header), sum(1 for _ in rows))


def _csv_rows(path: Path, *, skip_header: bool) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, each with the line it begins on."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines, strict=True)
        begins = 1
        try:
            for row in reader:
                if row and not (skip_header and begins == 1):
                    yield begins, row
                begins = reader.line_num + 1
        except csv.Error as error:
            fix = "Look there for a quotation mark that is not closed or not doubled"
            raise CityFolderError(f"{path.name}: cannot be read from line {begins} on ({error}). {fix}") from error


def _opened_parquet(path: Path) -> TableFile:
    try:
        metadata = pq.read_metadata(path)
        names = pq.read_schema(path).names
    except (pa.ArrowException, OSError) as error:
        raise CityFolderError(f"{path.name}: is no readable Parquet file ({error}). Write it again") from error
    return TableFile(path, tuple(names), metadata.num_rows)


def _parquet_batches(path: Path) -> Iterator[Rows]:
    done = 1
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=BATCH_ROWS):
                columns: Mapping[str, list[Any]] = batch.to_pydict()
                yield Rows(list(range(done + 1, done + 1 + batch.num_rows)), dict(columns))
                done += batch.num_rows
    except pa.ArrowException as error:
        fix = "Write it again; rows before that place were loaded"
        raise CityFolderError(f"{path.name}: is damaged after row {done - 1} ({error}). {fix}") from error
