"""Districts and grids of a city folder: features to rows, or grids cut where the folder brings none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, select

from data_access.city_cells import grid_codes, reading_order, square_cells
from data_access.city_files import Rejects
from data_access.city_geojson import (
    Feature,
    area_m2,
    good_features,
    label_point,
    largest,
    polygon_json,
    polygons_json,
    to_wgs84,
)
from data_access.city_schema import districts
from data_access.city_tables import Known
from data_access.city_toml import Box
from data_access.geo_index import polygons_shape
from domain.geo import Crs, metres_per_degree

BOX_MARGIN = 0.02
"""Degrees around the districts that still count as the city: piers, bridges, a road's far side."""


def district_rows(raw: list[dict[str, Any]], known: Known, rejects: Rejects) -> list[dict[str, Any]]:
    """Rows of the districts that can be used."""
    found = [
        (feature, fault)
        for feature in good_features(raw, rejects)
        for fault in [_district_fault(feature.properties, known.city.code)]
    ]
    for feature, fault in found:
        if fault:
            rejects.add(feature.number, *fault)
    return _first_of_each_code([_district_row(f, known.city.crs) for f, fault in found if not fault], rejects)


def _district_fault(properties: Mapping[str, Any], city_code: str) -> tuple[str, str] | None:
    found = str(properties.get("code", ""))
    if not re.fullmatch("[0-9]{6}", found) or found[:4] != city_code[:4]:
        return "code", f'"{found}" is no division code of this city; six digits beginning with {city_code[:4]}'
    if not str(properties.get("name", "")).strip():
        return "name", "is missing; give the district's name as property name"
    if not isinstance(properties.get("inside", True), bool):
        return "inside", "is neither true nor false; true for a district of the hall, false for a neighbour"
    return None


def _district_row(feature: Feature, crs: Crs) -> dict[str, Any]:
    properties = feature.properties
    return {
        "line": feature.number,
        "code": str(properties["code"]),
        "name": str(properties["name"]).strip(),
        "name_en": str(properties.get("name_en", "")).strip(),
        "inside": properties.get("inside", True),
        "polygons": polygons_json(to_wgs84(feature.shape, crs)),
        "source_polygons": polygons_json(feature.shape) if crs is not Crs.WGS84 else None,
    }


def grid_rows(raw: list[dict[str, Any]], known: Known, rejects: Rejects) -> list[dict[str, Any]]:
    """Rows of the grids that can be used."""
    rows = []
    for feature in good_features(raw, rejects):
        found = str(feature.properties.get("code", ""))
        if not re.fullmatch(known.codes.grid, found):
            wanted = f"{len(found)} characters, this edition wants {known.codes.grid}"
            rejects.add(feature.number, "code", f'"{found[:40]}" is no grid code of the edition in city.toml: {wanted}')
        elif found[:6] not in known.districts:
            rejects.add(feature.number, "code", f"begins with {found[:6]}, which is no district of the city")
        else:
            rows.append(_grid_row(feature, known.city.crs))
    return _first_of_each_code(rows, rejects)


def _grid_row(feature: Feature, crs: Crs) -> dict[str, Any]:
    shape = largest(to_wgs84(feature.shape, crs))
    names = {name: str(feature.properties.get(name, "")).strip() for name in ("street", "community")}
    source = polygon_json(feature.shape) if crs is not Crs.WGS84 else None
    return {"line": feature.number, **_grid(str(feature.properties["code"]), shape), **names, "source_polygon": source}


def _grid(code: str, shape: BaseGeometry) -> dict[str, Any]:
    lon, lat = label_point(shape)
    area = area_m2(shape)
    return {
        "code": code,
        "district": code[:6],
        "street": "",
        "community": "",
        "lon": lon,
        "lat": lat,
        "area_m2": area,
        "polygon": polygon_json(shape),
        "source_polygon": None,
    }


def _first_of_each_code(rows: list[dict[str, Any]], rejects: Rejects) -> list[dict[str, Any]]:
    first: dict[str, int] = {}
    for row in rows:
        if first.setdefault(row["code"], row["line"]) != row["line"]:
            rejects.add(row["line"], "code", f"{row['code']} is feature {first[row['code']]} already; remove one")
    return [row for row in rows if first[row["code"]] == row["line"]]


def cut_grid_rows(connection: Connection, known: Known) -> list[dict[str, Any]]:
    """Grids cut from the stored districts as square cells of the size in `city.toml`."""
    return [row for code, shape in _inside_shapes(connection) for row in _cut_district(code, shape, known)]


def _cut_district(district: str, shape: BaseGeometry, known: Known) -> Iterator[dict[str, Any]]:
    scale = np.array(metres_per_degree(float(shapely.centroid(shape).y)))
    flat = shapely.transform(shape, lambda points: points * scale)
    cell = known.city.grid_cell_m
    cells = reading_order(square_cells(flat, cell), cell)
    codes = grid_codes(district, len(cells), known.codes.grid_sequence_digits)
    for code, piece in zip(codes, cells, strict=True):
        yield _grid(code, largest(shapely.transform(piece, lambda points: points / scale)))


def _inside_shapes(connection: Connection) -> list[tuple[str, BaseGeometry]]:
    columns = (districts.c.code, districts.c.polygons)
    rows = connection.execute(select(*columns).where(districts.c.inside).order_by(districts.c.code))
    return [(code, polygons_shape(json.loads(polygons))) for code, polygons in rows]


def box_around(connection: Connection) -> Box:
    """West, south, east, north of the city's districts, with a margin."""
    west, south, east, north = shapely.total_bounds(
        np.array(_shapes(_inside_shapes(connection)), dtype=object)
    ).tolist()
    return west - BOX_MARGIN, south - BOX_MARGIN, east + BOX_MARGIN, north + BOX_MARGIN


def _shapes(areas: Sequence[tuple[str, BaseGeometry]]) -> list[BaseGeometry]:
    return [shape for _, shape in areas]
