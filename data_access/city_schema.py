"""The tables of the city's own data, filled by `city_import`, read by `city_store` and the indices.

Coordinates are WGS-84 degrees. Where a file came in GCJ-02 the `source_…` columns keep what it said (design 7), and
`city.converter` names the conversion. References are checked at the door by the import, not by foreign keys: a row of
776,143 pays for them on every start. Polygons and the calendar are JSON text.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Integer, Table, Text, UniqueConstraint

from data_access.schema import metadata


def _key(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def _degrees(name: str) -> Column[float]:
    return Column(name, Float, nullable=False)


def _number_or_null(name: str) -> Column[float]:
    return Column(name, Float)


city = Table(
    "city",
    metadata,
    _key("code"),
    _text("name"),
    _text("name_en"),
    _text("zone"),
    _text("mode"),
    _text("edition"),
    _text("source_crs"),
    _text("converter"),
    _text("number_prefix"),
    _text("hotline"),
    _text("calendar"),
    Column("rules", Text, nullable=False, server_default="{}"),
    Column("evaluation", Text, nullable=False, server_default="{}"),
    _text("attribution"),
    _degrees("west"),
    _degrees("south"),
    _degrees("east"),
    _degrees("north"),
    _text("content_version"),
)

districts = Table(
    "districts",
    metadata,
    _key("code"),
    _text("name"),
    _text("name_en"),
    _flag("inside"),
    _text("polygons"),
    Column("source_polygons", Text),
)

grids = Table(
    "grids",
    metadata,
    _key("code"),
    _text("district"),
    _text("street"),
    _text("community"),
    _degrees("lon"),
    _degrees("lat"),
    _degrees("area_m2"),
    _text("polygon"),
    Column("source_polygon", Text),
)

departments = Table(
    "departments",
    metadata,
    _key("code"),
    _text("name"),
    _text("level"),
    _text("district_code"),
    _text("phone"),
    Column("area_code", Text, nullable=False, server_default=""),
)

classes = Table(
    "classes",
    metadata,
    _key("code"),
    _text("kind"),
    _text("major"),
    _text("major_name_zh"),
    _text("major_name_en"),
    _text("minor"),
    _text("name_zh"),
    _text("name_en"),
    _text("edition"),
    _text("department"),
)

limit_rules = Table(
    "limit_rules",
    metadata,
    _key("code"),
    _text("class_code"),
    _text("filing_condition"),
    _text("closing_condition"),
    _degrees("limit_value"),
    _text("limit_unit"),
    Column("area_class", Integer, nullable=False),
    _text("season"),
)

duties = Table(
    "duties",
    metadata,
    _key("class_code"),
    _key("area_code"),
    _text("department"),
)

components = Table(
    "components",
    metadata,
    _key("code"),
    _text("class_code"),
    _degrees("lon"),
    _degrees("lat"),
    _number_or_null("source_lon"),
    _number_or_null("source_lat"),
    _text("grid"),
    _text("department"),
    _text("owner"),
    _text("maintainer"),
    _text("state"),
    sqlite_with_rowid=False,
)

places = Table(
    "places",
    metadata,
    _key("place_id"),
    _text("name"),
    _text("kind"),
    _text("category"),
    _text("address"),
    _text("district"),
    _degrees("lon"),
    _degrees("lat"),
    _number_or_null("source_lon"),
    _number_or_null("source_lat"),
)

cameras = Table(
    "cameras",
    metadata,
    _key("camera_id"),
    Column("number", Integer, nullable=False),
    _text("name"),
    _text("district_code"),
    _degrees("lon"),
    _degrees("lat"),
    _number_or_null("source_lon"),
    _number_or_null("source_lat"),
    _number_or_null("bearing"),
    _number_or_null("fov"),
    _text("main_url"),
    _text("sub_url"),
    _text("owner_unit"),
    _flag("shared"),
    _flag("ptz"),
    _text("street"),
    _text("policy"),
    _text("onvif_url"),
    UniqueConstraint("number"),
)

camera_presets = Table(
    "camera_presets",
    metadata,
    _key("camera_id"),
    _key("token"),
    _text("name"),
    _number_or_null("bearing"),
    _number_or_null("fov"),
)

people = Table(
    "people",
    metadata,
    _key("person_id"),
    _text("name"),
    _text("role"),
    _text("department"),
    _text("district"),
    _text("grid"),
    _text("phone"),
    _text("shift_start"),
    _text("shift_end"),
)
