"""Reading case history from CSV, JSON or Parquet, packed with gzip or not: one record after another, never all at once.

What cannot be read at all is a `CaseFileError`. A record that is broken in itself is handed on with its fault, and the
reading goes on with the next.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

Progress = Callable[[int, int], None]
"""Told how many bytes of how many were read."""

_GZIP_MAGIC = b"\x1f\x8b"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CHUNK_CHARACTERS = 1 << 18
_PARQUET_ROWS = 2_000
_NAMES_FROM_OBJECTS = 500
_FIELD_LIMIT = 1 << 20
"""Longest value of a CSV field, in characters. A lost closing quote swallows no more than this."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""NUL, and what undecodable bytes or half characters become: no database keeps them."""

_SPACE = re.compile(r"[\s,]*")


class CaseFileError(Exception):
    """The file cannot be read (further); the message says where and what to do. What was loaded before stays."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row or object. `line` is the physical line it begins on (in Parquet: its row), counted from 1."""

    line: int
    values: Mapping[str, Any]
    fault: str | None = None


@dataclass(slots=True)
class CaseFile:
    """A case file being read: `header` (of JSON: the names its first objects use), and `records`, once."""

    header: tuple[str, ...]
    records: Iterator[Record]
    read_bytes: Callable[[], int] = field(repr=False)
    total_bytes: int


@contextmanager
def open_case_file(path: Path) -> Iterator[CaseFile]:
    """The file, read by what its name ends in (.csv, .json, .jsonl, .parquet, each with .gz too).

    Raises:
        CaseFileError: it cannot be opened, has another form, or is broken before its first record.
    """
    form = _form(path)
    try:
        with ExitStack() as stack:
            raw = stack.enter_context(path.open("rb"))
            header, records = _FORMS[form](_unpacked(raw, path, stack), path, stack)
            yield CaseFile(header, _guarded(records, path), raw.tell, path.stat().st_size)
    except OSError as error:
        raise _unreadable(path, error) from error
    except (EOFError, zlib.error) as error:
        raise _cut_short(path) from error


def _guarded(records: Iterator[Record], path: Path) -> Iterator[Record]:
    """The same records, with what a broken archive raises while it is being read told in words."""
    try:
        yield from records
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _cut_short(path) from error


def _form(path: Path) -> str:
    form = path.name.lower().removesuffix(".gz").rpartition(".")[2]
    if form not in _FORMS:
        raise CaseFileError(f"{path.name}: unknown form; the name should end in .csv, .json, .jsonl or .parquet (.gz)")
    return form


def _unreadable(path: Path, error: OSError) -> CaseFileError:
    return CaseFileError(f"{path.name}: cannot be read ({error.strerror or error}); check the path and its permissions")


def _cut_short(path: Path) -> CaseFileError:
    return CaseFileError(f"{path.name}: the archive ends too early or is damaged; fetch it again and repeat the import")


def _unpacked(raw: BinaryIO, path: Path, stack: ExitStack) -> BinaryIO:
    magic = raw.read(2)
    raw.seek(0)
    if not magic:
        raise CaseFileError(f"{path.name}: is empty")
    if magic in _WIDE_MARKS:
        raise CaseFileError(f"{path.name}: is UTF-16; save it as UTF-8")
    if magic != _GZIP_MAGIC:
        return raw
    return cast(BinaryIO, stack.enter_context(gzip.open(raw)))


def _text(plain: BinaryIO, stack: ExitStack) -> io.TextIOWrapper:
    """Undecodable bytes become lone surrogates, so that only the record that holds them is lost."""
    text = io.TextIOWrapper(plain, encoding="utf-8-sig", errors="surrogateescape", newline="")
    return stack.enter_context(text)


def storable(text: str) -> bool:
    """Whether a database may keep the text."""
    return _UNSTORABLE.search(text) is None


_NOT_TEXT = "holds bytes that are not UTF-8, or a character NUL; save the file as UTF-8"


def _csv(plain: BinaryIO, path: Path, stack: ExitStack) -> tuple[tuple[str, ...], Iterator[Record]]:
    csv.field_size_limit(_FIELD_LIMIT)
    reader = csv.reader(_text(plain, stack), strict=True)
    try:
        header = tuple(next(reader))
    except StopIteration:
        raise CaseFileError(f"{path.name}: has no header row") from None
    except csv.Error as error:
        raise CaseFileError(f"{path.name}: line 1: the header is broken ({error})") from error
    _check_header(header, path)
    return header, _csv_records(reader, header)


def _check_header(header: tuple[str, ...], path: Path) -> None:
    if not all(map(storable, header)):
        raise CaseFileError(f"{path.name}: line 1: {_NOT_TEXT}")
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise CaseFileError(f'{path.name}: line 1: the column "{twice[0]}" stands there twice; rename one')


def _csv_records(reader: Any, header: tuple[str, ...]) -> Iterator[Record]:
    """`line_num` counts physical lines, so a record begins one line after the record before it ended."""
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Record(line, {}, f"is no CSV ({error}); look for a lost or stray quote")
            continue
        if not row:
            continue
        if len(row) != len(header):
            yield Record(line, {}, f"has {len(row)} values, the header {len(header)}; look for a lost or stray comma")
        else:
            fault = None if storable("".join(row)) else _NOT_TEXT
            yield Record(line, dict(zip(header, row, strict=True)), fault)


def _json(plain: BinaryIO, path: Path, stack: ExitStack) -> tuple[tuple[str, ...], Iterator[Record]]:
    """A list of objects, or one object after another (JSON Lines); names may be absent where a value is."""
    records = _json_records(_text(plain, stack), path)
    first = list(islice(records, _NAMES_FROM_OBJECTS))
    names = dict.fromkeys(name for record in first for name in record.values)
    return tuple(names), chain(first, records)


def _json_records(text: io.TextIOWrapper, path: Path) -> Iterator[Record]:
    window = _Window(text, path)
    window.skip_space()
    if window.peek() == "[":
        window.step(1)
    while (mark := window.skip_space()) not in ("", "]"):
        if mark != "{":
            raise CaseFileError(f"{path.name}: line {window.line}: expected an object, found {mark!r}")
        line, value = window.line, window.value()
        yield Record(line, value, None if storable("".join(_strings(value))) else _NOT_TEXT)


def _strings(value: Any) -> Iterator[str]:
    """Every text in a value, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for pair in value.items():
            yield from _strings(pair)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)


class _Window:
    """The part of a JSON text in memory, and the line its start is on."""

    def __init__(self, text: io.TextIOWrapper, path: Path) -> None:
        self._text = text
        self._path = path
        self._buffer = ""
        self._at = 0
        self._decoder = json.JSONDecoder()
        self.line = 1

    def peek(self) -> str:
        return self._buffer[self._at : self._at + 1]

    def step(self, length: int) -> None:
        self.line += self._buffer.count("\n", self._at, self._at + length)
        self._at += length

    def skip_space(self) -> str:
        """Pass spaces and commas; the character after them, empty at the end."""
        while True:
            found = _SPACE.match(self._buffer, self._at)
            self.step(found.end() - self._at if found else 0)
            if self.peek() or not self._more():
                return self.peek()

    def value(self) -> Any:
        """The value that begins here."""
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as error:
                if self._more():
                    continue
                where = self.line + self._buffer.count("\n", self._at, error.pos)
                message = f"{self._path.name}: line {where}: is no JSON ({error.msg}); the file may be cut off"
                raise CaseFileError(message) from error
            self.step(end - self._at)
            return value

    def _more(self) -> bool:
        more = self._text.read(_CHUNK_CHARACTERS)
        self._buffer = self._buffer[self._at :] + more
        self._at = 0
        return bool(more)


def _parquet(plain: BinaryIO, path: Path, _stack: ExitStack) -> tuple[tuple[str, ...], Iterator[Record]]:
    source = (
        plain if isinstance(plain, io.BufferedReader) else io.BytesIO(plain.read())
    )  # an archive cannot be sought in
    try:
        table = pq.ParquetFile(source)
    except (pa.ArrowInvalid, OSError) as error:
        raise CaseFileError(f"{path.name}: is no Parquet file ({error})") from error
    return tuple(table.schema_arrow.names), _parquet_records(table)


def _parquet_records(table: Any) -> Iterator[Record]:
    number = 0
    for batch in table.iter_batches(batch_size=_PARQUET_ROWS):
        for values in batch.to_pylist():
            number += 1
            yield Record(number, values, None if storable("".join(_strings(values))) else _NOT_TEXT)


_FORMS: dict[str, Callable[[BinaryIO, Path, ExitStack], tuple[tuple[str, ...], Iterator[Record]]]] = {
    "csv": _csv,
    "json": _json,
    "jsonl": _json,
    "ndjson": _json,
    "parquet": _parquet,
}
