"""The files of a city folder: which table each fills, and the rules of its rows (design 6)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Table

from data_access import city_schema as schema
from data_access.city_rules import (
    Field,
    RowCheck,
    Rules,
    camera_address,
    choice,
    clock,
    code,
    flag,
    number,
    onvif_address,
    reference,
    text,
)
from data_access.city_toml import Box, CityFile
from domain.camera import CameraPolicy
from domain.case import CaseKind
from domain.city import CODE_SHAPES, CodeShape, ComponentState, Edition, Level, PlaceKind
from domain.roles import Role
from domain.worktime import LimitUnit

FIRST_CAMERA_NUMBER, LAST_CAMERA_NUMBER = 1, 65_535


@dataclass(slots=True)
class Known:
    """What the rows of a file may refer to: grows as the files before it are loaded."""

    city: CityFile
    box: Box = (-180.0, -90.0, 180.0, 90.0)
    districts: frozenset[str] = frozenset()
    grids: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    camera_numbers: Mapping[str, int] = field(default_factory=dict)
    turning_cameras: frozenset[str] = frozenset()

    @property
    def codes(self) -> CodeShape:
        return CODE_SHAPES[self.city.edition]


@dataclass(frozen=True, slots=True)
class FileKind:
    """One table file of the folder."""

    stem: str
    table: Table
    rules: Callable[[Known], Rules]
    endings: tuple[str, ...] = (".csv",)
    has_point: bool = False


def department_rules(known: Known) -> Rules:
    """Departments; a district department names its district."""

    def district_fits(row: Mapping[str, Any]) -> tuple[str, str] | None:
        if (row["level"] == Level.DISTRICT) is not bool(row["district_code"]):
            return "district_code", "a district department names its district, a city department none; correct one"
        return None

    fields = (
        Field("code", code(r"[0-9A-Za-z-]{1,18}", "a department code (1 to 18 letters, digits or -)")),
        Field("name", text()),
        Field("level", choice(Level)),
        Field("district_code", reference(known.districts, "districts.geojson", blank=True)),
        Field("phone", text(blank=True, longest=40)),
        Field("area_code", _area_code, required=False),
    )
    return Rules(fields, (district_fits,))


_area_code = code(
    "[0-9A-Z]{0,15}", "the beginning of a grid code (6 digits district, 9 street, 12 community), or empty"
)


def duty_rules(known: Known) -> Rules:
    """The duty table (domain sheet 9.4): class × area → department; an empty area is the whole city."""
    return Rules(
        (
            Field("class_code", reference(known.classes, "classes.csv")),
            Field("area_code", _area_code),
            Field("department", reference(known.departments, "departments.csv")),
        ),
        key_fields=2,
    )


def class_rules(known: Known) -> Rules:
    """Component and event classes."""
    digits = known.codes.minor_digits
    fields = (
        Field("code", code(rf"[CE][0-9]{{{2 + digits}}}", f"a class code: C or E, 2 + {digits} digits, such as C0101")),
        Field("kind", choice(CaseKind)),
        Field("major", code("[0-9]{2}", "two digits")),
        Field("major_name_zh", text()),
        Field("major_name_en", text(blank=True), required=False),
        Field("minor", code(f"[0-9]{{{digits}}}", f"{digits} digits in this edition")),
        Field("name_zh", text()),
        Field("name_en", text(blank=True), required=False),
        Field("edition", choice(Edition, default=known.city.edition), required=False, default=str(known.city.edition)),
        Field("department", reference(known.departments, "departments.csv", blank=True), required=False),
    )
    return Rules(fields, (_class_code_fits,))


def _class_code_fits(row: Mapping[str, Any]) -> tuple[str, str] | None:
    wanted = ("C" if row["kind"] == CaseKind.COMPONENT else "E") + row["major"] + row["minor"]
    return None if row["code"] == wanted else ("code", f"should be {wanted}: kind initial, major and minor")


def limit_rules(known: Known) -> Rules:
    """Filing condition, closing condition, limit."""
    return Rules(
        (
            Field("code", code(r"[0-9A-Za-z._-]{1,40}", "a code of 1 to 40 letters, digits, . _ or -")),
            Field("class_code", reference(known.classes, "classes.csv")),
            Field("filing_condition", text(longest=500)),
            Field("closing_condition", text(longest=500)),
            Field("limit_value", number(0.01, 10_000)),
            Field("limit_unit", choice(LimitUnit)),
            Field("area_class", number(0, 9, whole=True), required=False, default=0),
            Field("season", _season, required=False),
        )
    )


def _season(value: Any) -> Any:
    day = "(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    return code(f"|{day}/{day}", 'a season "MM-DD/MM-DD", or empty')(value)


def component_rules(known: Known) -> Rules:
    """Fixed objects. The class follows from the code (domain sheet 3.2)."""
    shape = known.codes
    digits = 14 + shape.minor_digits
    like = f"a component code of this edition ({digits} digits: 6 division, 2 major, {shape.minor_digits} minor, 6)"
    return Rules(
        (
            Field("code", code(f"[0-9]{{{digits}}}", like)),
            *_point(),
            Field("grid", reference(known.grids, "the city's grids", blank=True), required=False),
            Field("department", reference(known.departments, "departments.csv")),
            Field("owner", text(blank=True), required=False),
            Field("maintainer", text(blank=True), required=False),
            Field("state", choice(ComponentState, default=ComponentState.INTACT), required=False, default="intact"),
        ),
        (_component_code_fits(known.districts, known.classes),),
    )


def component_class(component_code: str) -> str:
    """The class a component code names."""
    return "C" + component_code[6:-6]


def _component_code_fits(districts: Collection[str], classes: Collection[str]) -> RowCheck:
    def check(row: Mapping[str, Any]) -> tuple[str, str] | None:
        found = row["code"]
        if found[:6] not in districts:
            return "code", f"begins with {found[:6]}, which is no district of the city; correct the division digits"
        if component_class(found) not in classes:
            return "code", f"names class {component_class(found)}, which is not in classes.csv; add it or correct it"
        return None

    return check


def place_rules(known: Known) -> Rules:
    """Points of interest and landmarks."""
    return Rules(
        (
            Field("place_id", code(r"[0-9A-Za-z_-]{1,40}", "an id of 1 to 40 letters, digits, _ or -")),
            Field("name", text()),
            Field("kind", choice(PlaceKind, default=PlaceKind.POI)),
            Field("category", text(blank=True), required=False),
            Field("address", text(blank=True), required=False),
            Field("district_code", reference(known.districts, "districts.geojson", blank=True), required=False),
            *_point(),
        )
    )


def camera_rules(known: Known) -> Rules:
    """Cameras: the addresses may hold passwords and are never repeated in a reason."""
    return Rules(_camera_fields(known.districts))


def _camera_fields(districts: Collection[str]) -> tuple[Field, ...]:
    return (
        Field("camera_id", code(r"[0-9A-Za-z_-]{1,40}", "an id of 1 to 40 letters, digits, _ or -")),
        Field("name", text()),
        Field("district_code", reference(districts, "districts.geojson")),
        *_point(),
        Field("bearing", number(0, 360, blank=True)),
        Field("fov", number(1, 360, blank=True)),
        Field("main_url", camera_address()),
        Field("sub_url", camera_address(blank=True)),
        Field("owner_unit", text(blank=True)),
        Field("shared", flag),
        Field("ptz", flag),
        Field("number", _camera_number, required=False, default=None),
        Field("street", text(blank=True), required=False),
        Field("policy", _policy, required=False, default=str(CameraPolicy.ALWAYS)),
        Field("onvif_url", onvif_address(), required=False),
    )


def preset_rules(known: Known) -> Rules:
    """Remembered views of the city's own PTZ cameras; `token` is the camera's own name for one."""
    return Rules(
        (
            Field("camera_id", reference(known.turning_cameras, "cameras.csv as an own camera with ptz")),
            Field("token", code(r"[!-~]{1,64}", "a preset token of 1 to 64 characters without spaces")),
            Field("name", text()),
            Field("bearing", number(0, 360, blank=True), required=False, default=None),
            Field("fov", number(1, 360, blank=True), required=False, default=None),
        ),
        key_fields=2,
    )


_policy = choice(CameraPolicy, default=CameraPolicy.ALWAYS)
_camera_number = number(FIRST_CAMERA_NUMBER, LAST_CAMERA_NUMBER, whole=True, blank=True)


class _Post(StrEnum):
    """Roles a person can have; a wall device is no person."""

    LEADER = Role.LEADER
    DUTY_OFFICER = Role.DUTY_OFFICER
    SUPERVISOR = Role.SUPERVISOR
    ACCEPTOR = Role.ACCEPTOR
    SHIFT_LEADER = Role.SHIFT_LEADER
    DISPATCHER = Role.DISPATCHER
    DEPARTMENT = Role.DEPARTMENT
    COLLECTOR = Role.COLLECTOR
    ADMIN = Role.ADMIN


def people_rules(known: Known) -> Rules:
    """Collectors, officers, department seats."""
    return Rules(
        (
            Field("person_id", code(r"[0-9A-Za-z_-]{1,40}", "an id of 1 to 40 letters, digits, _ or -")),
            Field("name", text()),
            Field("role", choice(_Post)),
            Field("department_code", reference(known.departments, "departments.csv", blank=True), required=False),
            Field("district_code", reference(known.districts, "districts.geojson", blank=True), required=False),
            Field("grid_code", reference(known.grids, "the city's grids", blank=True), required=False),
            Field("phone", text(blank=True, longest=40), required=False),
            Field("shift_start", clock, required=False),
            Field("shift_end", clock, required=False),
        )
    )


def _point() -> tuple[Field, Field]:
    """Both may be up to 180: so a swapped pair is still read, and told as such when the city's box is asked."""
    return Field("lon", number(-180, 180)), Field("lat", number(-180, 180))


CAMERA_COLUMNS = tuple(field.name for field in _camera_fields(()))
"""The columns of `cameras.csv`, for programs that write one."""

FILES = (
    FileKind("departments", schema.departments, department_rules),
    FileKind("classes", schema.classes, class_rules),
    FileKind("limits", schema.limit_rules, limit_rules),
    FileKind("duties", schema.duties, duty_rules),
    FileKind("components", schema.components, component_rules, (".parquet", ".csv"), has_point=True),
    FileKind("places", schema.places, place_rules, has_point=True),
    FileKind("cameras", schema.cameras, camera_rules, has_point=True),
    FileKind("presets", schema.camera_presets, preset_rules),
    FileKind("people", schema.people, people_rules),
)
"""In the order they are loaded: each may refer to what stands before it."""
