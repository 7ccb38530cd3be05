"""The mapping of an outside system's columns to our cases, as written in a TOML file (design 6; examples in docs).

All faults of a mapping are found and told together. Those that need the data file (a column it does not have) are told
when its header is known, before anything is loaded.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.case import CaseState, Severity, Source
from domain.command_facts import FactWrong, checked

STAGES: dict[str, tuple[str, CaseState]] = {
    "accepted": ("accepted_at", CaseState.PENDING_FILING),
    "filed": ("filed_at", CaseState.PENDING_DISPATCH),
    "dispatched": ("dispatched_at", CaseState.PENDING_DISPOSAL),
    "disposed": ("disposed_at", CaseState.PENDING_FEEDBACK_REVIEW),
    "closed": ("closed_at", CaseState.CLOSED),
}
"""Time columns that begin a stage, in their order: the case field they fill, and the state from then on."""

TEXTS: dict[str, str] = {
    "class": "class_code",
    "department": "department",
    "district": "district",
    "grid": "grid",
    "address": "address",
    "description": "description",
}
"""Text columns and the case field they fill."""

_COORDINATES = ("lon", "lat")
_WORDED = ("status", "source", "severity")
_REQUIRED = ("outside_id", "reported")
COLUMN_NAMES = (*_REQUIRED, *STAGES, "due", *TEXTS, *_COORDINATES, *_WORDED)
_WORDS: dict[str, type[CaseState] | type[Source] | type[Severity]] = {
    "status": CaseState,
    "source": Source,
    "severity": Severity,
}
_FIXED = ("edition", "kind", "severity", "department", "district", "class_code", "owner_level", "area_class")
_KEYS = ("source_system", "zone", "time_formats", "backwards_seconds", "drop", "columns", "words", "fixed")

OTHERWISE = "*"
"""The word that stands for every word not listed."""


class MappingError(Exception):
    """A mapping that cannot be used; one line for each fault, with the fix."""

    def __init__(self, name: str, faults: Sequence[str]) -> None:
        super().__init__("\n".join(f"{name}: {fault}" for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Column:
    """Where a value comes from: a column, or the part of it that the pattern's first group catches."""

    name: str
    pattern: re.Pattern[str] | None = None

    def value(self, row: Mapping[str, Any]) -> Any:
        """The row's value; None when it is empty, or when the pattern does not fit."""
        value = row.get(self.name)
        if value is None or value == "":
            return None
        if self.pattern is None:
            return value
        found = self.pattern.search(str(value))
        return found[1] if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMapping:
    """How rows become cases. `columns` by the names of `COLUMN_NAMES`; `words` turn the outside's words into ours.

    A time without offset is read in `zone`. A stage that seems to begin before the one it follows, by up to
    `backwards_seconds`, began with it; the written value is then kept as an attribute. `drop` are columns that are
    not kept at all, `fixed` facts that are the same for every case.
    """

    name: str
    source_system: str
    zone: ZoneInfo
    time_formats: tuple[str, ...] = ("iso",)
    backwards_seconds: float = 0.0
    columns: Mapping[str, Column] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    drop: frozenset[str] = frozenset()

    def check_header(self, header: Iterable[str]) -> None:
        """Every column the mapping names must be there.

        Raises:
            MappingError: names each missing column and the nearest one the file has.
        """
        found = list(header)
        named = [(f"columns.{key}", column.name) for key, column in self.columns.items()]
        named += [("drop", name) for name in sorted(self.drop)]
        faults = [
            f'{key}: the file has no column "{name}"{_nearest(name, found)}. It has: {", ".join(found)}'
            for key, name in named
            if name not in found
        ]
        if faults:
            raise MappingError(self.name, faults)


def load_mapping(path: Path) -> CaseMapping:
    """The mapping in a TOML file.

    Raises:
        MappingError: the file cannot be read, or what it says cannot be; all faults at once.
    """
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MappingError(
            path.name, [f"cannot be read ({error.strerror}); give the path of a mapping file"]
        ) from error
    except UnicodeDecodeError as error:
        raise MappingError(path.name, [f"is not UTF-8 (byte {error.start + 1}); save it as UTF-8"]) from error
    except tomllib.TOMLDecodeError as error:
        raise MappingError(path.name, [f"is not TOML: {error}"]) from error
    return read_mapping(written, path.name)


def read_mapping(written: Mapping[str, Any], name: str) -> CaseMapping:
    """The mapping a parsed TOML document says; `name` is what messages call it.

    Raises:
        MappingError: all faults at once.
    """
    reader = _Reader(written)
    mapping = CaseMapping(
        name=name,
        source_system=reader.text("source_system"),
        zone=reader.zone(),
        time_formats=reader.time_formats(),
        backwards_seconds=reader.seconds("backwards_seconds"),
        columns=reader.columns(),
        words=reader.words(),
        fixed=reader.fixed(),
        drop=reader.names("drop"),
    )
    if reader.faults:
        raise MappingError(name, reader.faults)
    return mapping


class _Reader:
    """Reads the parts and gathers faults instead of stopping at the first."""

    def __init__(self, written: Mapping[str, Any]) -> None:
        self.faults: list[str] = []
        self._written = written
        self._known("", written, _KEYS)

    def _known(self, where: str, found: Iterable[str], known: Sequence[str]) -> None:
        for key in found:
            if key not in known:
                self.faults.append(f"{where}{key}: unknown{_nearest(key, known)}; possible are {', '.join(known)}")

    def _of(self, key: str, kind: type | tuple[type, ...], default: Any, words: str) -> Any:
        value = self._written.get(key, default)
        if not isinstance(value, kind) or isinstance(value, bool):
            self.faults.append(f"{key}: {words}, got {value!r}")
            return default
        return value

    def _table(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = self._of(key, dict, {}, "should be a table")
        return found

    def text(self, key: str) -> str:
        value: str = self._of(key, str, "", "should be a text")
        if not value.strip():
            self.faults.append(f"{key}: missing; name the outside system, as it shall stand on each case")
        return value.strip()

    def seconds(self, key: str) -> float:
        value: float = self._of(key, (int, float), 0.0, "should be a number of seconds")
        if value < 0:
            self.faults.append(f"{key}: should not be negative, got {value}")
        return float(value)

    def names(self, key: str) -> frozenset[str]:
        values: list[Any] = self._of(key, list, [], "should be a list of column names")
        return frozenset(str(value) for value in values)

    def zone(self) -> ZoneInfo:
        name: str = self._of("zone", str, "", "should be the name of a time zone")
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.faults.append(f'zone: "{name}" is no time zone; write one such as "America/New_York"')
            return ZoneInfo("UTC")

    def time_formats(self) -> tuple[str, ...]:
        written = self._written.get("time_formats", ["iso"])
        formats = [written] if isinstance(written, str) else written
        if not isinstance(formats, list) or not formats or not all(isinstance(one, str) for one in formats):
            self.faults.append('time_formats: should be a list such as ["iso"] or ["%m/%d/%Y %H:%M"]')
            return ("iso",)
        for one in formats:
            if one not in ("iso", "epoch_s", "epoch_ms") and "%" not in one:
                self.faults.append(f'time_formats: "{one}" should be iso, epoch_s, epoch_ms or a pattern with % parts')
        return tuple(formats)

    def columns(self) -> dict[str, Column]:
        table = self._table("columns")
        self._known("columns.", table, COLUMN_NAMES)
        for key in _REQUIRED:
            if key not in table:
                self.faults.append(f"columns.{key}: missing; name the column that holds it")
        read = {key: self._column(key, value) for key, value in table.items()}
        return {key: column for key, column in read.items() if column is not None}

    def _column(self, key: str, value: Any) -> Column | None:
        if isinstance(value, str):
            return Column(value)
        if (
            not isinstance(value, dict)
            or set(value) - {"column", "pattern"}
            or not isinstance(value.get("column"), str)
        ):
            self.faults.append(f"columns.{key}: should be a column's name, or {{ column = …, pattern = … }}")
            return None
        return Column(value["column"], self._pattern(key, value.get("pattern")))

    def _pattern(self, key: str, written: Any) -> re.Pattern[str] | None:
        if written is None:
            return None
        try:
            pattern = re.compile(written)
        except (re.error, TypeError) as error:
            self.faults.append(f"columns.{key}.pattern: {written!r} is no regular expression ({error})")
            return None
        if pattern.groups < 1:
            self.faults.append(f"columns.{key}.pattern: put the part to keep in ( )")
            return None
        return pattern

    def words(self) -> dict[str, dict[str, str]]:
        table = self._table("words")
        self._known("words.", table, tuple(_WORDS))
        return {key: self._worded(key, table[key]) for key in _WORDS if key in table}

    def _worded(self, key: str, table: Any) -> dict[str, str]:
        if not isinstance(table, dict):
            self.faults.append(f"words.{key}: should be a table of words")
            return {}
        possible = [str(value) for value in _WORDS[key]]
        for word, ours in table.items():
            if ours not in possible:
                self.faults.append(f'words.{key}."{word}": "{ours}" is none of {", ".join(possible)}')
        return {str(word): str(ours) for word, ours in table.items()}

    def fixed(self) -> dict[str, Any]:
        table = self._table("fixed")
        self._known("fixed.", table, _FIXED)
        read: dict[str, Any] = {}
        for key in (key for key in table if key in _FIXED):
            try:
                read[key] = checked(key, table[key])
            except FactWrong as wrong:
                self.faults.append(f"fixed.{key}: {table[key]!r} cannot be kept ({wrong})")
        return read


def _nearest(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f', did you mean "{near[0]}"?' if near else ""
