"""The stored city, read back as values of `domain.city`. Components have their own index besides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from sqlalchemy import Engine, Row, Table, func, select

from data_access import city_schema as schema
from domain.camera import Camera, CameraPolicy, Preset
from domain.case import CaseKind
from domain.city import (
    CaseClass,
    City,
    Component,
    ComponentState,
    Department,
    District,
    Edition,
    Grid,
    Level,
    LimitRule,
    Person,
    Place,
    PlaceKind,
)
from domain.duty import Duty, DutyTable
from domain.geo import Crs, Polygon
from domain.roles import Role


class NoCity(Exception):
    """The store holds no city yet."""


class CityStore:
    """Reads the city's tables. Every method asks the database; callers keep what they got."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def city(self) -> City:
        """The city's record.

        Raises:
            NoCity: nothing was imported yet.
        """
        row = next(self._rows(schema.city), None)
        if row is None:
            raise NoCity("The store holds no city yet. Load one with `citywall import city DIR`.")
        return City(
            code=row.code,
            name=row.name,
            name_en=row.name_en,
            zone=ZoneInfo(row.zone),
            mode=row.mode,
            edition=Edition(row.edition),
            source_crs=Crs(row.source_crs),
            number_prefix=row.number_prefix,
            hotline=row.hotline,
            calendar=json.loads(row.calendar),
            rules=json.loads(row.rules),
            evaluation=json.loads(row.evaluation),
            box=(row.west, row.south, row.east, row.north),
            content_version=row.content_version,
            attribution=row.attribution,
        )

    def districts(self) -> tuple[District, ...]:
        """Districts and neighbouring areas, by code."""
        return tuple(
            District(
                code=row.code,
                name=row.name,
                name_en=row.name_en,
                polygons=tuple(_polygon(rings) for rings in json.loads(row.polygons)),
                inside=row.inside,
            )
            for row in self._rows(schema.districts)
        )

    def grids(self) -> tuple[Grid, ...]:
        """All unit grids, by code."""
        return tuple(
            Grid(
                code=row.code,
                district=row.district,
                street=row.street,
                community=row.community,
                polygon=_polygon(json.loads(row.polygon)),
                centre=(row.lon, row.lat),
                area_m2=row.area_m2,
            )
            for row in self._rows(schema.grids)
        )

    def departments(self) -> tuple[Department, ...]:
        """All departments, by code."""
        return tuple(Department(**_fields(row) | {"level": Level(row.level)}) for row in self._rows(schema.departments))

    def classes(self) -> tuple[CaseClass, ...]:
        """Component and event classes, by code."""
        return tuple(
            CaseClass(**_fields(row) | {"kind": CaseKind(row.kind), "edition": Edition(row.edition)})
            for row in self._rows(schema.classes)
        )

    def limits(self) -> tuple[LimitRule, ...]:
        """All limit rules, by code."""
        return tuple(LimitRule(**_fields(row)) for row in self._rows(schema.limit_rules))

    def duty_table(self) -> DutyTable:
        """Whose work it is, by class, place and territory."""
        duties = (Duty(**_fields(row)) for row in self._rows(schema.duties))
        return DutyTable(duties, self.classes(), self.departments())

    def cameras(self) -> tuple[Camera, ...]:
        """All cameras with their presets, without their addresses, by id."""
        presets = self._presets()
        return tuple(
            Camera(**_shown(row), policy=CameraPolicy(row.policy), presets=presets.get(row.camera_id, ()))
            for row in self._rows(schema.cameras)
        )

    def _presets(self) -> dict[str, tuple[Preset, ...]]:
        found: dict[str, tuple[Preset, ...]] = {}
        for row in self._rows(schema.camera_presets):
            preset = Preset(token=row.token, name=row.name, bearing=row.bearing, fov=row.fov)
            found[row.camera_id] = (*found.get(row.camera_id, ()), preset)
        return found

    def camera_addresses(self) -> dict[str, tuple[SecretStr, SecretStr]]:
        """Main and sub address of each camera. They may hold passwords: for the capture process only."""
        columns = schema.cameras.c
        with self._engine.connect() as connection:
            rows = connection.execute(select(columns.camera_id, columns.main_url, columns.sub_url)).all()
        return {row.camera_id: (SecretStr(row.main_url), SecretStr(row.sub_url)) for row in rows}

    def onvif_addresses(self) -> dict[str, SecretStr]:
        """Where each camera that has such an address takes ONVIF commands: for the capture process only."""
        columns = schema.cameras.c
        with self._engine.connect() as connection:
            rows = connection.execute(select(columns.camera_id, columns.onvif_url).where(columns.onvif_url != "")).all()
        return {row.camera_id: SecretStr(row.onvif_url) for row in rows}

    def people(self, role: Role | None = None) -> tuple[Person, ...]:
        """People of the hall, by id; of one role when asked."""
        found = (Person(**_fields(row) | {"role": Role(row.role)}) for row in self._rows(schema.people))
        return tuple(person for person in found if role in (None, person.role))

    def places(self, kind: PlaceKind | None = None) -> tuple[Place, ...]:
        """Places, by id; of one kind when asked."""
        columns = [column for column in schema.places.columns if not column.name.startswith("source_")]
        query = select(*columns).order_by(schema.places.c.place_id)
        if kind is not None:
            query = query.where(schema.places.c.kind == kind)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return tuple(Place(**_fields(row) | {"kind": PlaceKind(row.kind)}) for row in rows)

    def component(self, code: str) -> Component | None:
        """One component by its code, with competent department, owner and maintainer."""
        columns = [column for column in schema.components.columns if not column.name.startswith("source_")]
        with self._engine.connect() as connection:
            row = connection.execute(select(*columns).where(schema.components.c.code == code)).first()
        return None if row is None else Component(**_fields(row) | {"state": ComponentState(row.state)})

    def totals(self) -> dict[str, int]:
        """Rows of each table."""
        tables = (schema.grids, schema.departments, schema.classes, schema.components, schema.places, schema.cameras)
        with self._engine.connect() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (schema.districts, *tables, schema.people)
            }

    def _rows(self, table: Table) -> Iterator[Row[Any]]:
        with self._engine.connect() as connection:
            return iter(connection.execute(select(table).order_by(*table.primary_key.columns)).all())


def _fields(row: Row[Any]) -> dict[str, Any]:
    return dict(row._mapping)


_NOT_SHOWN = frozenset({"main_url", "sub_url", "onvif_url", "source_lon", "source_lat", "policy"})


def _shown(row: Row[Any]) -> dict[str, Any]:
    """A camera's plain columns: neither its addresses nor what another column says better."""
    return {name: value for name, value in _fields(row).items() if name not in _NOT_SHOWN}


def _polygon(rings: list[list[list[float]]]) -> Polygon:
    return tuple(tuple((lon, lat) for lon, lat in ring) for ring in rings)
