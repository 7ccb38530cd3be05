"""`city.toml`: who the city is, and how its files are written. Every problem is reported at once, with the fix.

code = "370200"                  # six digits, GB/T 2260
name = "青岛市"
name_en = "Qingdao"              # optional
time_zone = "Asia/Shanghai"
crs = "wgs84"                    # of the files: wgs84 or gcj02
mode = "one_two"                 # two_two or one_two (supervision, command)
edition = "GB/T 30428.2-2013"    # lengths of codes follow it
number_prefix = "QD"             # of case numbers
hotline = "12319"                # optional
box = [119.5, 35.5, 121.1, 37.2] # optional: west, south, east, north; else around the districts
grid_cell_m = 200                # optional: without grids.geojson, cells of this size are cut
[calendar]                       # optional: working calendar, see domain.calendars
[rules]                          # optional: the city's switches, see domain.policy
[[evaluation.scheme]]            # optional: the city's own schemes, see domain.evaluation.scheme_rows
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from data_access.city_files import CityFolderError, read_text
from data_access.evaluation.scheme_files import hall_schemes
from domain.calendars import calendar_from
from domain.city import Edition
from domain.evaluation.scheme import SchemeError
from domain.geo import Crs
from domain.limits import LimitTable
from domain.policy import RuleError, policy_from
from domain.rights import Mode
from domain.worktime import CalendarError

FILE = "city.toml"
MODES = ("two_two", "one_two")

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class CityFile:
    """What `city.toml` says."""

    code: str
    name: str
    name_en: str
    zone: ZoneInfo
    crs: Crs
    mode: str
    edition: Edition
    number_prefix: str
    hotline: str
    box: Box | None
    grid_cell_m: float
    calendar: dict[str, Any]
    rules: dict[str, Any]
    evaluation: dict[str, Any]


def read_city_toml(folder: Path, problems: list[str]) -> CityFile | None:
    """The file's content, or None with its problems added."""
    try:
        table = tomllib.loads(read_text(folder / FILE))
    except CityFolderError as error:
        problems.append(str(error))
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{FILE}: is not TOML: {error}. Correct that place")
    else:
        return _checked(table, problems)
    return None


def _checked(table: dict[str, Any], problems: list[str]) -> CityFile | None:
    values: dict[str, Any] = {}
    found = [*_unknown(table)]
    for name, (read, default) in _FIELDS.items():
        try:
            values[name] = read(table.get(name, default))
        except (ValueError, TypeError, ZoneInfoNotFoundError) as error:
            found.append(f"{FILE}: {name}: {error}")
    if not found:
        found += _calendar_problems(values) or _rule_problems(values) or _scheme_problems(values)
    problems.extend(found)
    return None if found else CityFile(**{_NAMES.get(name, name): value for name, value in values.items()})


def _unknown(table: dict[str, Any]) -> list[str]:
    names = sorted(table.keys() - _FIELDS.keys())
    near = {name: difflib.get_close_matches(name, _FIELDS, n=1) for name in names}
    hints = {name: f"did you mean {near[name][0]}?" if near[name] else "remove it" for name in names}
    return [f"{FILE}: {name}: is not known; {hints[name]}" for name in names]


def _calendar_problems(values: dict[str, Any]) -> list[str]:
    try:
        calendar_from(values["calendar"], values["time_zone"])
    except CalendarError as error:
        return [f"{FILE}: {error}"]
    return []


def _rule_problems(values: dict[str, Any]) -> list[str]:
    calendar = calendar_from(values["calendar"], values["time_zone"])
    try:
        policy_from(values["rules"], mode=Mode(values["mode"]), calendar=calendar, limits=LimitTable())
    except RuleError as error:
        return [f"{FILE}: {error}"]
    return []


def _scheme_problems(values: dict[str, Any]) -> list[str]:
    try:
        hall_schemes(values["evaluation"])
    except SchemeError as error:
        return [f"{FILE}: evaluation.scheme: {error}"]
    return []


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("is missing; give a text in quotation marks")
    return value.strip()


def _optional_text(value: object) -> str:
    return _text(value) if value != "" else ""


def _division(value: object) -> str:
    plain = _text(value)
    if not (plain.isascii() and plain.isdigit() and len(plain) == 6):
        raise ValueError(f'"{plain}" is no division code; six digits of GB/T 2260, such as "370200"')
    return plain


def _zone(value: object) -> ZoneInfo:
    plain = _text(value)
    try:
        return ZoneInfo(plain)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'"{plain}" is no time zone; such as "Asia/Shanghai"') from None


def _one_of(*known: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if str(value) not in known:
            raise ValueError(f'"{value}" is unknown; possible are {", ".join(known)}')
        return str(value)

    return read


def _prefix(value: object) -> str:
    plain = _text(value)
    if not (plain.isascii() and plain.isalnum() and len(plain) <= 8):
        raise ValueError(f'"{plain}" is no prefix of case numbers; one to eight letters or digits, such as "QD"')
    return plain


def _box(value: object) -> Box | None:
    if value is None:
        return None
    if isinstance(value, list) and len(value) == 4 and all(isinstance(v, int | float) for v in value):
        west, south, east, north = map(float, value)
        if -180 <= west < east <= 180 and -90 <= south < north <= 90:
            return west, south, east, north
    raise ValueError("give [west, south, east, north] in degrees, WGS-84")


def _cell(value: object) -> float:
    if not isinstance(value, int | float) or not 50 <= value <= 5_000:
        raise ValueError("give metres from 50 to 5000")
    return float(value)


def _table(name: str) -> Callable[[object], dict[str, Any]]:
    def read(value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise TypeError(f"is no table; begin it with a line [{name}]")
        return {str(key): _as_json(item) for key, item in value.items()}

    return read


def _as_json(value: Any) -> Any:
    """Dates and times as their ISO text, so that the calendar can be stored as JSON."""
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _as_json(item) for key, item in value.items()}
    return [_as_json(item) for item in value] if isinstance(value, list) else value


_NAMES = {"time_zone": "zone"}
_FIELDS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "code": (_division, None),
    "name": (_text, None),
    "name_en": (_optional_text, ""),
    "time_zone": (_zone, None),
    "crs": (lambda value: Crs(_one_of(*Crs)(value)), "wgs84"),
    "mode": (_one_of(*MODES), "one_two"),
    "edition": (lambda value: Edition(_one_of(*Edition)(value)), Edition.NATIONAL_2013),
    "number_prefix": (_prefix, None),
    "hotline": (_optional_text, ""),
    "box": (_box, None),
    "grid_cell_m": (_cell, 200.0),
    "calendar": (_table("calendar"), {}),
    "rules": (_table("rules"), {}),
    "evaluation": (_table("evaluation"), {}),
}
