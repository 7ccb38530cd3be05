"""All components in memory, sorted along a Morton curve: nearest one to a click, one by its code, all of one map tile.

A tile of any zoom is one run of the sorted array (product finding 6). Arrays are kept as `.npy` files in the data
folder, in a folder named after the city's content version, and mapped into memory: every web process shares the same
pages, and a restart reads nothing. Positions are Web Mercator fractions of 2³² (9 mm at the equator).
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, select

from data_access import city_schema as schema
from data_access.mercator import BITS, from_world, morton, to_world
from domain.city import Component, ComponentState, NearComponent
from domain.geo import EARTH_RADIUS_M, distance_m

CACHE_PREFIX = "components-"
FARTHEST_M = 2_000.0
"""A click farther from everything has no component."""

_ROW = np.dtype(
    [
        ("x", "u4"),
        ("y", "u4"),
        ("code", "u8"),
        ("class_code", "u2"),
        ("grid", "u2"),
        ("department", "u2"),
        ("owner", "u2"),
        ("maintainer", "u2"),
        ("state", "u2"),
    ]
)
_PLACE = np.dtype([("code", "u8"), ("row", "u4")])
_WORDS = ("class_code", "grid", "department", "owner", "maintainer", "state")
_FETCH_ROWS = 65_536

Rows = NDArray[np.void]


@dataclass(frozen=True, slots=True)
class Names:
    """Spoken names of class and department codes."""

    classes: dict[str, str]
    departments: dict[str, str]


class ComponentIndex:
    """The components of one content version of the city. Read-only, safe for many threads."""

    def __init__(self, version: str, rows: Rows, keys: NDArray[np.uint64], by_code: Rows, words: Words) -> None:
        self.version = version
        self._rows, self._keys, self._by_code = rows, keys, by_code
        self._words = words

    def __len__(self) -> int:
        return len(self._rows)

    def nearest(self, lon: float, lat: float, within_m: float = 50.0) -> NearComponent | None:
        """The component nearest to a point (WGS-84), with owner and names; None where none is so near."""
        found = self.near(lon, lat, within_m, limit=1)
        return found[0] if found else None

    def near(self, lon: float, lat: float, within_m: float, *, limit: int) -> tuple[NearComponent, ...]:
        """Components within a distance, nearest first."""
        rows = self._around(lon, lat, min(within_m, FARTHEST_M))
        away = distance_m(lon, lat, *from_world(rows["x"], rows["y"]))
        order = [index for index in np.argsort(away, kind="stable")[:limit].tolist() if away[index] <= within_m]
        return tuple(self._near(rows[index], float(away[index])) for index in order)

    def by_code(self, code: str) -> Component | None:
        """One component, or None."""
        if not (code.isascii() and code.isdigit() and len(code) < 20):
            return None
        number = np.uint64(int(code))
        at = int(np.searchsorted(self._by_code["code"], number))
        if at == len(self._by_code) or self._by_code["code"][at] != number:
            return None
        return self._component(self._rows[self._by_code["row"][at]])

    def of_tile(self, zoom: int, x: int, y: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint16]]:
        """World x, world y and class number of every component in a map tile."""
        rows = self._rows[self._run(zoom, x, y)]
        return rows["x"], rows["y"], rows["class_code"]

    def names_of(self, component: Component) -> dict[str, str]:
        """How its class and its department are called."""
        names = self._words.names
        return {
            "class_name": names.classes.get(component.class_code, component.class_code),
            "department_name": names.departments.get(component.department, component.department),
        }

    @property
    def class_codes(self) -> list[str]:
        """Class codes by their number in the arrays."""
        return self._words.lists["class_code"]

    def _run(self, zoom: int, x: int, y: int) -> slice:
        """Where a tile's components lie in the sorted array."""
        if not (0 <= x < 1 << zoom and 0 <= y < 1 << zoom):
            return slice(0, 0)
        shift = 2 * (BITS - zoom)
        first = int(morton(np.array([x], np.uint64), np.array([y], np.uint64))[0]) << shift
        last = first + (1 << shift) - 1
        begin = np.searchsorted(self._keys, np.uint64(first), side="left")
        return slice(int(begin), int(np.searchsorted(self._keys, np.uint64(last), side="right")))

    def _around(self, lon: float, lat: float, within_m: float) -> Rows:
        """All rows in the two by two tiles, just larger than the distance, around a point."""
        metres = 2 * np.pi * EARTH_RADIUS_M * np.cos(np.radians(lat))
        zoom = int(np.clip(np.floor(np.log2(metres / max(within_m, 0.1))) - 1, 0, 24))
        x, y = (float(value) / 2 ** (BITS - zoom) for value in to_world(lon, lat))
        west, north = round(x) - 1, round(y) - 1
        return np.concatenate([self._rows[self._run(zoom, west + i, north + j)] for i in (0, 1) for j in (0, 1)])

    def _near(self, row: Any, away: float) -> NearComponent:
        component = self._component(row)
        return NearComponent(component=component, distance_m=round(away, 2), **self.names_of(component))

    def _component(self, row: Any) -> Component:
        lon, lat = from_world(row["x"], row["y"])
        text = {name: words[row[name]] for name, words in self._words.lists.items()}
        state = ComponentState(text.pop("state"))
        code = str(int(row["code"])).zfill(self._words.code_digits)
        return Component(code=code, lon=round(float(lon), 7), lat=round(float(lat), 7), state=state, **text)


@dataclass(frozen=True, slots=True)
class Words:
    """What the numbers in the arrays stand for."""

    lists: dict[str, list[str]]
    code_digits: int
    names: Names


def open_components(engine: Engine, data_dir: Path) -> ComponentIndex:
    """The index of the stored city: from its cache, or built and cached. An unwritable folder raises `OSError`."""
    with engine.connect() as connection:
        version = connection.execute(select(schema.city.c.content_version)).scalar() or "none"
    folder = data_dir / f"{CACHE_PREFIX}{version}"
    if not folder.is_dir():
        _build(engine, data_dir, folder)
    return _opened(version, folder, _names(engine))


def _opened(version: str, folder: Path, names: Names) -> ComponentIndex:
    rows, keys, by_code = (_mapped(folder / f"{name}.npy") for name in ("rows", "keys", "by_code"))
    known = json.loads((folder / "words.json").read_text(encoding="utf-8"))
    return ComponentIndex(version, rows, keys, by_code, Words(known["lists"], known["code_digits"], names))


def _mapped(path: Path) -> Any:
    array = np.load(path, allow_pickle=False)
    return array if array.size == 0 else np.load(path, mmap_mode="r", allow_pickle=False)


def _names(engine: Engine) -> Names:
    with engine.connect() as connection:
        classes = connection.execute(select(schema.classes.c.code, schema.classes.c.name_zh)).all()
        departments = connection.execute(select(schema.departments.c.code, schema.departments.c.name)).all()
    return Names(dict(classes), dict(departments))


def _build(engine: Engine, data_dir: Path, folder: Path) -> None:
    """Make the arrays beside their place, then move them there in one step: a reader never sees half of them."""
    rows, words = _read(engine)
    keys = morton(rows["x"], rows["y"])
    order = np.argsort(keys, kind="stable")
    rows, keys = rows[order], keys[order]
    by_code = np.argsort(rows["code"], kind="stable")
    found = np.empty(len(rows), _PLACE)
    found["code"], found["row"] = rows["code"][by_code], by_code
    made = Path(tempfile.mkdtemp(prefix="making-", dir=data_dir))
    for name, array in (("rows", rows), ("keys", keys), ("by_code", found)):
        np.save(made / f"{name}.npy", array, allow_pickle=False)
    (made / "words.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
    _move(made, folder)


def _move(made: Path, folder: Path) -> None:
    try:
        made.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
        shutil.rmtree(made)  # another process made the same arrays first
    for old in folder.parent.glob(f"{CACHE_PREFIX}*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)  # another process may be removing it too


def _read(engine: Engine) -> tuple[Rows, dict[str, Any]]:
    columns = schema.components.c
    query = select(columns.code, columns.lon, columns.lat, *(columns[name] for name in _WORDS))
    numbers: dict[str, dict[str, int]] = {name: {} for name in _WORDS}
    parts, digits = [], 0
    with engine.connect().execution_options(yield_per=_FETCH_ROWS) as connection:
        for batch in connection.execute(query).partitions():
            parts.append(_encoded(batch, numbers))
            digits = max(digits, len(batch[0][0]))
    rows = np.concatenate(parts) if parts else np.empty(0, _ROW)
    return rows, {"lists": {name: list(known) for name, known in numbers.items()}, "code_digits": digits}


def _encoded(batch: Any, numbers: dict[str, dict[str, int]]) -> Rows:
    codes, lon, lat, *words = zip(*batch, strict=True)
    rows = np.empty(len(codes), _ROW)
    rows["code"] = np.array(codes).astype(np.uint64)
    rows["x"], rows["y"] = to_world(np.array(lon), np.array(lat))
    for (name, known), values in zip(numbers.items(), words, strict=True):
        rows[name] = [known.setdefault(value, len(known)) for value in values]
    return rows
