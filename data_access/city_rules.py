"""What a value of a city file must be: small readers that return the value or a `Bad` with the reason and the fix."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from data_access.city_files import Columns, RejectList, Rows


class Bad(str):
    """Why a value is refused."""

    __slots__ = ()


Reader = Callable[[Any], Any]
RowCheck = Callable[[Mapping[str, Any]], tuple[str, str] | None]
"""The field and reason when values of one row do not go together."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column: how it is read, whether the file must have it, and what stands for it where it is absent."""

    name: str
    read: Reader
    required: bool = True
    default: Any = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """All that is asked of a file's rows. Its first `key_fields` fields together are its key."""

    fields: tuple[Field, ...]
    checks: tuple[RowCheck, ...] = ()
    key_fields: int = 1

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields[: self.key_fields])

    @property
    def columns(self) -> Columns:
        names = {required: tuple(f.name for f in self.fields if f.required is required) for required in (True, False)}
        return Columns(names[True], names[False])


class RowReader:
    """Reads batches by the rules; remembers keys, so that the second row with one key is rejected."""

    def __init__(self, rules: Rules, rejects: RejectList) -> None:
        self._rules, self._rejects = rules, rejects
        self._seen: dict[Any, int] = {}

    def good(self, rows: Rows) -> list[dict[str, Any]]:
        """The rows without a fault; the others are rejected, every fault listed. `line` stands in each row."""
        columns = {f.name: self._column(f, rows) for f in self._rules.fields}
        faulty = self._faulty(rows.lines, columns)
        names = ("line", *columns)
        whole = zip(rows.lines, *columns.values(), strict=True)
        read = [dict(zip(names, row, strict=True)) for index, row in enumerate(whole) if index not in faulty]
        return [row for row in read if self._first_of_its_key(row) and self._goes_together(row)]

    def _column(self, f: Field, rows: Rows) -> list[Any]:
        values = rows.columns.get(f.name)
        return [f.default] * len(rows.lines) if values is None else [*map(f.read, values)]

    def _faulty(self, lines: list[int], columns: Mapping[str, list[Any]]) -> frozenset[int]:
        faults = [
            (index, name, value)
            for name, values in columns.items()
            for index, value in enumerate(values)
            if value.__class__ is Bad
        ]
        for index, name, reason in sorted(faults, key=lambda fault: fault[0]):
            self._rejects.add(lines[index], name, str(reason))
        return frozenset(index for index, _, _ in faults)

    def _first_of_its_key(self, row: Mapping[str, Any]) -> bool:
        key, line = tuple(row[name] for name in self._rules.key), int(row["line"])
        first: int = self._seen.setdefault(key, line)
        if first != line:
            said = f"{' '.join(map(str, key))} stands on line {first} already; remove one of the two"
            self._rejects.add(line, self._rules.key[-1], said)
        return first == line

    def _goes_together(self, row: Mapping[str, Any]) -> bool:
        faults = [fault for check in self._rules.checks if (fault := check(row)) is not None]
        for name, reason in faults:
            self._rejects.add(row["line"], name, reason)
        return not faults


def _plain(value: Any) -> str:
    return value.strip() if value.__class__ is str else "" if value is None else str(value)


def text(*, blank: bool = False, longest: int = 200) -> Reader:
    """Any text of one line."""

    def read(value: Any) -> Any:
        plain = _plain(value)
        if not plain and not blank:
            return Bad("is empty; fill it in")
        if len(plain) > longest or not plain.isprintable():
            return Bad(f"is longer than {longest} characters or holds a line break or control character; shorten it")
        return plain

    return read


def code(pattern: str, like: str) -> Reader:
    """Text of a pattern; `like` describes it."""
    match = re.compile(pattern).fullmatch

    def read(value: Any) -> Any:
        plain = _plain(value)
        return plain if match(plain) else Bad(f'"{plain[:40]}" is not {like}')

    return read


def reference(known: Collection[str], file: str, *, blank: bool = False) -> Reader:
    """A code that another file of the city defines."""

    def read(value: Any) -> Any:
        plain = value if value in known else _plain(value)
        if plain in known or (blank and not plain):
            return plain
        return Bad(f'"{plain[:40]}" is not in {file}; add it there or correct it here')

    return read


def choice(kinds: type[StrEnum], *, default: StrEnum | None = None) -> Reader:
    """One of an enum's values; `default` stands for an empty one."""
    values = {str(kind): str(kind) for kind in kinds}
    if default is not None:
        values[""] = str(default)
    names = ", ".join(str(kind) for kind in kinds)

    def read(value: Any) -> Any:
        plain = _plain(value)
        return values.get(plain) or Bad(f'"{plain[:40]}" is none of: {names}')

    return read


def number(low: float, high: float, *, blank: bool = False, whole: bool = False) -> Reader:
    """A decimal number in a range; None for an allowed blank."""
    kind = "a whole number" if whole else "a number"
    wrong = f"is not {kind} from {low:g} to {high:g} (decimal point, no unit)"

    def read(value: Any) -> Any:
        if value.__class__ is not float:
            value = _plain(value)
            if not value and blank:
                return None
        try:
            found = float(value)
        except ValueError:
            return Bad(f'"{value[:40]}" {wrong}')
        if low <= found <= high and not (whole and found % 1):
            return int(found) if whole else found
        return Bad(f'"{value}" {wrong}')

    return read


_FLAGS = {
    **dict.fromkeys(("1", "true", "yes", "是"), True),
    **dict.fromkeys(("0", "false", "no", "否", ""), False),
}


def flag(value: Any) -> Any:
    """1/0, true/false, yes/no, 是/否; empty means no."""
    plain = _plain(value).lower()
    return _FLAGS.get(plain, Bad(f'"{plain[:40]}" is not 1 or 0 (true/false, yes/no, 是/否 also do)'))


def clock(value: Any) -> Any:
    """Local time of day ``HH:MM``, or empty."""
    plain = _plain(value)
    if not plain or re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", plain):
        return plain
    return Bad(f'"{plain[:40]}" is not a time of day such as 08:00')


_NETWORK_SCHEMES = ("rtsp", "rtsps", "http", "https")


def camera_address(*, blank: bool = False) -> Reader:
    """A camera's address. It may hold a password, so no reason ever repeats any part of it."""
    form = "must be rtsp://host/path, http(s)://host/path or file:path"
    return _secret_address(_is_camera_address, form, blank=blank)


def onvif_address() -> Reader:
    """Where a camera takes ONVIF commands, or empty. It may hold a password, like `camera_address`."""
    form = "must be http(s)://host/onvif/device_service, with user:password@ before the host if it asks for them"
    return _secret_address(_is_onvif_address, form, blank=True)


def _secret_address(is_good: Callable[[str], bool], form: str, *, blank: bool) -> Reader:
    def read(value: Any) -> Any:
        plain = _plain(value)
        if not plain:
            return "" if blank else Bad(f"is empty; it {form}")
        return plain if is_good(plain) else Bad(f"is no such address; it {form}")

    return read


def _is_onvif_address(plain: str) -> bool:
    return plain.startswith(("http://", "https://")) and _is_camera_address(plain)


def _is_camera_address(plain: str) -> bool:
    try:
        parts = urlsplit(plain)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme == "file":
        return bool(parts.path) and plain.isprintable()
    return parts.scheme in _NETWORK_SCHEMES and bool(host) and port != 0 and plain.isprintable() and " " not in plain
