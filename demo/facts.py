"""The facts the demo city is made of, read from the tables in `demo/data`: names, codes and rough places.

Class codes and names are those of GB/T 30428.2-2013; street and community names are the public list of 2023, road names
are those of the four districts. `keeper` says which kind of department answers for a class: a city department or the
district's own, or ``street``, the street office of the place.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

DATA = Path(__file__).parent / "data"
BOUNDARIES = Path(__file__).parent / "boundaries" / "qingdao.geojson"

COMPONENT_MAJORS = {
    "01": ("公用设施", "Public utilities"),
    "02": ("交通设施", "Traffic facilities"),
    "03": ("市容环境设施", "Cityscape and sanitation facilities"),
    "04": ("园林绿化设施", "Landscaping facilities"),
    "05": ("其他部件", "Other components"),
}
EVENT_MAJORS = {
    "01": ("市容环境", "Cityscape and environment"),
    "02": ("宣传广告", "Publicity and advertising"),
    "03": ("施工管理", "Construction management"),
    "04": ("街面秩序", "Street order"),
    "05": ("突发事件", "Emergencies"),
    "06": ("其他事件", "Other events"),
}

GRIDS_OF = {"370202": 1204, "370203": 981, "370205": 1078, "370213": 1474}
"""4,737 in all (domain sheet 1.1); smaller ones in the old quarters than in the hills of 李沧."""

_SIDE_ROADS = ("支路", "二支路", "三支路", "四支路", "五支路")

SHORT_NAMES = {"370202": "市南", "370203": "市北", "370205": "四方", "370213": "李沧"}


@dataclass(frozen=True, slots=True)
class ComponentKind:
    """A component class: where such objects stand (`pattern`), how many there are, and whose they are."""

    code: str
    major: str
    minor: str
    name: str
    name_en: str
    pattern: str
    amount: int
    keeper: str


@dataclass(frozen=True, slots=True)
class Road:
    """A road name; `main` roads are wide. `runs` is ``ew`` or ``ns``."""

    district: str
    runs: str
    main: bool
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """A street of the demo city: its name, and whether it is a wide one."""

    name: str
    main: bool


@dataclass(frozen=True, slots=True)
class Street:
    """A street office's area (街道) with a rough middle, and its communities as (code, name)."""

    district: str
    code: str
    name: str
    lon: float
    lat: float
    communities: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Keepers:
    """Departments by keeper: of the city, of a district, and street offices by (district, street code)."""

    city: dict[str, str]
    district: dict[tuple[str, str], str]
    street: dict[tuple[str, str], str]
    names: dict[str, str]

    def of(self, keeper: str, district: str, street: str) -> str:
        """Code of the department that answers at a place."""
        if keeper == "street":
            return self.street[district, street]
        return self.city.get(keeper) or self.district[district, keeper]


def read(name: str) -> list[dict[str, str]]:
    """Rows of a table in `demo/data`."""
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def outlines() -> dict[str, BaseGeometry]:
    """Outlines of all packaged districts and neighbours, WGS-84 degrees."""
    table = json.loads(BOUNDARIES.read_text(encoding="utf-8"))
    return {feature["properties"]["code"]: shape(feature["geometry"]) for feature in table["features"]}


@cache
def inner_city() -> BaseGeometry:
    """The four districts together."""
    return shapely.union_all([outlines()[code] for code in GRIDS_OF])


@cache
def component_kinds() -> tuple[ComponentKind, ...]:
    """The 92 classes."""
    return tuple(
        ComponentKind(
            row["major"] + row["minor"],
            row["major"],
            row["minor"],
            row["name_zh"],
            row["name_en"],
            row["pattern"],
            int(row["amount"]),
            row["keeper"],
        )
        for row in read("component_classes.csv")
    )


@cache
def _roads() -> tuple[Road, ...]:
    """From north to south and from west to east."""
    return tuple(Road(row["district"], row["runs"], row["main"] == "1", row["name"]) for row in read("roads.csv"))


def lines(district: str, runs: str, number: int) -> tuple[Line, ...]:
    """So many streets, named in order; where names are too few, a road's side roads (支路) follow it."""
    own = [road for road in _roads() if (road.district, road.runs) == (district, runs)]
    at = [index * len(own) // number for index in range(number)]
    return tuple(_line(own[road], line - at.index(road)) for line, road in enumerate(at))


def _line(road: Road, repeat: int) -> Line:
    if repeat == 0:
        return Line(road.name, road.main)
    return Line(road.name.removesuffix("路") + _SIDE_ROADS[(repeat - 1) % len(_SIDE_ROADS)], False)


@cache
def streets() -> tuple[Street, ...]:
    """The 44 street offices."""
    communities = read("communities.csv")
    return tuple(
        Street(
            row["district"],
            row["street"],
            row["name"],
            float(row["lon"]),
            float(row["lat"]),
            tuple((c["community"], c["name"]) for c in communities if _same_street(c, row)),
        )
        for row in read("streets.csv")
    )


def _same_street(community: dict[str, str], street: dict[str, str]) -> bool:
    return (community["district"], community["street"]) == (street["district"], street["street"])


@cache
def keepers() -> Keepers:
    """Who answers for what."""
    rows = read("departments.csv")
    street_codes = {(street.district, street.name): street.code for street in streets()}
    city, district, street = {}, {}, {}
    for row in rows:
        area, keeper = row["district_code"], row["keeper"]
        if not area:
            city[keeper] = row["code"]
        elif keeper.startswith("street:"):
            street[area, street_codes[area, keeper.removeprefix("street:")]] = row["code"]
        else:
            district[area, keeper] = row["code"]
    return Keepers(city, district, street, {row["code"]: row["name"] for row in rows})


def street_areas() -> dict[str, str]:
    """Territories of street offices: department → the nine digits its grids begin with."""
    return {department: district + street for (district, street), department in keepers().street.items()}


def class_keepers() -> dict[str, str]:
    """Class code → keeper."""
    objects = {f"C{kind.code}": kind.keeper for kind in component_kinds()}
    return objects | {f"E{row['major']}{row['minor']}": row["keeper"] for row in read("event_classes.csv")}


def duty_rows() -> Iterator[tuple[str, str, str]]:
    """The duty table: (class, area, department), so far as components' records, territories and classes do not say it.

    A district's own departments have their lines by district, street offices those of component classes by street. An
    event that is a city department's is so everywhere, whosever street it is.
    """
    found = keepers()
    for class_code, keeper in sorted(class_keepers().items()):
        if keeper in found.city:
            yield from [(class_code, "", found.city[keeper])] if class_code.startswith("E") else []
        elif keeper != "street":
            yield from ((class_code, district, found.district[district, keeper]) for district in GRIDS_OF)
        elif class_code.startswith("C"):
            yield from ((class_code, area, department) for department, area in sorted(street_areas().items()))
