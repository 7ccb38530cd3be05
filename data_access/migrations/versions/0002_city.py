"""The city's own data: its record, districts, grids, departments, classes, limits, components, places and people."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the city tables."""
    _make_areas()
    _make_rules()
    _make_objects()
    _make_people()


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _degrees(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Float, nullable=False) for name in names]


def _sources() -> list[sa.Column[Any]]:
    return [sa.Column("source_lon", sa.Float), sa.Column("source_lat", sa.Float)]


def _key(table: str, column: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(column, name=f"pk_{table}")


def _make_areas() -> None:
    op.create_table(
        "city",
        *_texts("code", "name", "name_en", "zone", "mode", "edition", "source_crs", "converter"),
        *_texts("number_prefix", "hotline", "calendar", "attribution"),
        *_degrees("west", "south", "east", "north"),
        *_texts("content_version"),
        _key("city", "code"),
    )
    op.create_table(
        "districts",
        *_texts("code", "name", "name_en"),
        sa.Column("inside", sa.Boolean, nullable=False),
        *_texts("polygons"),
        sa.Column("source_polygons", sa.Text),
        _key("districts", "code"),
    )
    op.create_table(
        "grids",
        *_texts("code", "district", "street", "community"),
        *_degrees("lon", "lat", "area_m2"),
        *_texts("polygon"),
        sa.Column("source_polygon", sa.Text),
        _key("grids", "code"),
    )


def _make_rules() -> None:
    op.create_table(
        "departments", *_texts("code", "name", "level", "district_code", "phone"), _key("departments", "code")
    )
    op.create_table(
        "classes",
        *_texts("code", "kind", "major", "major_name_zh", "major_name_en", "minor", "name_zh", "name_en", "edition"),
        *_texts("department"),
        _key("classes", "code"),
    )
    op.create_table(
        "limit_rules",
        *_texts("code", "class_code", "filing_condition", "closing_condition"),
        sa.Column("limit_value", sa.Float, nullable=False),
        *_texts("limit_unit"),
        sa.Column("area_class", sa.Integer, nullable=False),
        *_texts("season"),
        _key("limit_rules", "code"),
    )


def _make_objects() -> None:
    op.create_table(
        "components",
        *_texts("code", "class_code"),
        *_degrees("lon", "lat"),
        *_sources(),
        *_texts("grid", "department", "owner", "maintainer", "state"),
        _key("components", "code"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "places",
        *_texts("place_id", "name", "kind", "category", "address", "district"),
        *_degrees("lon", "lat"),
        *_sources(),
        _key("places", "place_id"),
    )
    op.create_table(
        "cameras",
        *_texts("camera_id"),
        sa.Column("number", sa.Integer, nullable=False),
        *_texts("name", "district_code"),
        *_degrees("lon", "lat"),
        *_sources(),
        sa.Column("bearing", sa.Float),
        sa.Column("fov", sa.Float),
        *_texts("main_url", "sub_url", "owner_unit"),
        sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("ptz", sa.Boolean, nullable=False),
        _key("cameras", "camera_id"),
        sa.UniqueConstraint("number", name="uq_cameras_number"),
    )


def _make_people() -> None:
    op.create_table(
        "people",
        *_texts("person_id", "name", "role", "department", "district", "grid", "phone", "shift_start", "shift_end"),
        _key("people", "person_id"),
    )
