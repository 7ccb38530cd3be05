"""The city the hall works for: its districts, grids, departments, classes, limits, fixed objects, places and people.

Values only; they are loaded from a city folder (design 6) by `data_access.city_import`. Coordinates are WGS-84 degrees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.case import CaseKind
from domain.geo import Crs, Polygon, Ring
from domain.roles import Role


class Edition(StrEnum):
    """Editions of the national standards a city may follow; code lengths depend on them (domain sheet 3)."""

    MINISTRY_2007 = "CJ/T 214-2007"
    NATIONAL_2013 = "GB/T 30428.2-2013"
    NATIONAL_2026 = "GB/T 47678.5-2026"


@dataclass(frozen=True, slots=True)
class CodeShape:
    """Codes in one edition (domain sheet 3.1, 3.2): pattern and sequence digits of a grid's, minor digits of a class's.

    A component code is 6 digits of division, 2 of the major, those of the minor, and 6 of sequence.
    """

    grid: str
    grid_sequence_digits: int
    minor_digits: int


CODE_SHAPES: dict[Edition, CodeShape] = {
    Edition.MINISTRY_2007: CodeShape(r"[0-9]{14}", 2, 2),
    Edition.NATIONAL_2013: CodeShape(r"[0-9]{15}", 3, 2),
    Edition.NATIONAL_2026: CodeShape(r"[0-9]{6}[0-9A-Z]{9}", 3, 3),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """`city.toml`. `mode` is the supervision mode (domain sheet 4.6); `calendar` the working calendar, `rules` the
    city's switches (`domain.policy`) and `evaluation` its own schemes (`domain.evaluation`), all as written.

    `box` is (west, south, east, north): coordinates outside it are rejected. `content_version` changes with every
    import that changed something; caches made from the city's data carry it. `attribution` names whose outlines the
    map shows.
    """

    code: str
    name: str
    name_en: str = ""
    zone: ZoneInfo
    mode: str
    edition: Edition
    source_crs: Crs
    number_prefix: str
    hotline: str = ""
    calendar: Mapping[str, object] = field(default_factory=dict)
    rules: Mapping[str, object] = field(default_factory=dict)
    evaluation: Mapping[str, object] = field(default_factory=dict)
    box: tuple[float, float, float, float]
    content_version: str = ""
    attribution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """A district or a neighbour. Only `inside` ones belong to the hall; the rest is the map's dim surroundings."""

    code: str
    name: str
    name_en: str = ""
    polygons: tuple[Polygon, ...]
    inside: bool = True

    @property
    def rings(self) -> tuple[Ring, ...]:
        """Outer rings only."""
        return tuple(polygon[0] for polygon in self.polygons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A unit grid (单元网格). Roll-up is by code prefix: 6 digits district, 9 street, 12 community."""

    code: str
    district: str
    polygon: Polygon
    centre: tuple[float, float]
    area_m2: float
    street: str = ""
    community: str = ""

    @property
    def ring(self) -> Ring:
        """Outer ring."""
        return self.polygon[0]


class Level(StrEnum):
    """Whether a department answers to the city or to a district."""

    CITY = "city"
    DISTRICT = "district"


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A specialised department (专业部门). `district_code` is empty for city departments.

    `area_code` is a street office's territory: the beginning of its grids' codes, empty for all others.
    """

    code: str
    name: str
    level: Level
    district_code: str = ""
    phone: str = ""
    area_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClass:
    """A component or event class. `code` is kind initial + major + minor, e.g. ``C0101``."""

    code: str
    kind: CaseKind
    major: str
    major_name_zh: str
    major_name_en: str
    minor: str
    name_zh: str
    name_en: str
    edition: Edition
    department: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRule:
    """A filing condition with its closing condition and limit (domain sheet 5.6).

    `area_class` 0 means every area class. `season` is ``MM-DD/MM-DD`` or empty. Units are those of domain sheet 5.1.
    """

    code: str
    class_code: str
    filing_condition: str
    closing_condition: str
    limit_value: float
    limit_unit: str
    area_class: int = 0
    season: str = ""


class ComponentState(StrEnum):
    """完好 · 破损 · 丢失 · 废弃 · 移除 (domain sheet 3.4)."""

    INTACT = "intact"
    DAMAGED = "damaged"
    MISSING = "missing"
    ABANDONED = "abandoned"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A fixed city object (部件): who is competent for it, who owns and who maintains it (domain sheet 3.4, 9.4)."""

    code: str
    class_code: str
    lon: float
    lat: float
    grid: str
    department: str
    owner: str = ""
    maintainer: str = ""
    state: ComponentState = ComponentState.INTACT


@dataclass(frozen=True, slots=True, kw_only=True)
class NearComponent:
    """A component found near a point, with its names looked up and its distance in metres."""

    component: Component
    distance_m: float
    class_name: str
    department_name: str


class PlaceKind(StrEnum):
    """Point of interest (兴趣点) or landmark (地标): landmarks are searched and shown first."""

    POI = "poi"
    LANDMARK = "landmark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A named place with its address, for geocoding (domain sheet 3.6)."""

    place_id: str
    name: str
    kind: PlaceKind
    category: str
    address: str
    district: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who works for the hall. Shift times are local ``HH:MM``; empty means office hours.

    Personal data: never on `/wall`.
    """

    person_id: str
    name: str
    role: Role
    department: str = ""
    district: str = ""
    grid: str = ""
    phone: str = ""
    shift_start: str = ""
    shift_end: str = ""
