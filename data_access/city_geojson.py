"""`districts.geojson` and `grids.geojson`: features to rows, converted once when they come in GCJ-02."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from data_access.city_files import CityFolderError, Rejects, read_text
from domain.geo import Crs, gcj02_to_wgs84, metres_per_degree

DECIMALS = 6
"""Kept of every corner: 0.1 m."""

_KNOWN_CRS = re.compile(r"(OGC:1\.3:CRS84|CRS:?84|EPSG:*4326|EPSG:*4490|WGS ?-?84|CGCS2000)$", re.IGNORECASE)
_JSON = {"ensure_ascii": False, "separators": (",", ":")}


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature with its number in the file (from 1), its properties and its shape as written."""

    number: int
    properties: dict[str, Any]
    shape: BaseGeometry


@dataclass(frozen=True, slots=True)
class FeatureFile:
    """A GeoJSON file that can be read: its raw features, and whom its author wants named beside the map."""

    features: list[dict[str, Any]]
    attribution: str


def read_features(path: Path, problems: list[str]) -> FeatureFile | None:
    """The file's content, or None with the whole-file problem added."""
    try:
        return _feature_file(path)
    except CityFolderError as error:
        problems.append(str(error))
        return None


def _feature_file(path: Path) -> FeatureFile:
    try:
        table = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        fix = "The file is broken or cut off there; export it again"
        raise CityFolderError(f"{path.name}: is no JSON ({place}: {error.msg}). {fix}") from error
    if not isinstance(table, dict) or not isinstance(table.get("features"), list):
        fix = 'The outermost object must hold "type":"FeatureCollection" and a list "features"'
        raise CityFolderError(f"{path.name}: is no GeoJSON FeatureCollection. {fix}")
    _check_crs(path.name, table.get("crs"))
    return FeatureFile(table["features"], str(table.get("attribution", "")).strip())


def _check_crs(file: str, crs: Any) -> None:
    if crs is None:
        return
    name = str(crs.get("properties", {}).get("name", crs)) if isinstance(crs, dict) else str(crs)
    if not _KNOWN_CRS.search(name):
        fix = 'Export it in longitude and latitude (WGS-84 or CGCS2000), or as GCJ-02 with crs = "gcj02" in city.toml'
        raise CityFolderError(f'{file}: crs: "{name[:60]}" is not known. {fix}')


def good_features(raw: list[dict[str, Any]], rejects: Rejects) -> Iterator[Feature]:
    """Features whose shape can be used; the others are rejected."""
    for number, feature in enumerate(raw, 1):
        found = _shape_of(feature)
        if isinstance(found, str):
            rejects.add(number, "geometry", found)
        else:
            yield Feature(number, feature.get("properties") or {}, found)


def _shape_of(feature: Any) -> BaseGeometry | str:
    """The feature's shape, or what is wrong with it."""
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        return "is no Polygon or MultiPolygon; draw the area as one"
    try:
        found = shape(geometry)
    except (ValueError, TypeError, AttributeError, IndexError, KeyError, shapely.errors.ShapelyError):
        return "has coordinates of a wrong form; rings are lists of [longitude, latitude], closed, of 4 points or more"
    if found.is_empty:
        return "is empty; draw the area"
    west, south, east, north = found.bounds
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        return "is not in degrees of longitude and latitude; export it in WGS-84 or CGCS2000"
    return found if found.is_valid else f"is not a valid area ({shapely.is_valid_reason(found)}); repair the outline"


def to_wgs84(found: BaseGeometry, crs: Crs) -> BaseGeometry:
    """The shape in the hall's coordinates."""
    if crs is Crs.WGS84:
        return found
    return shapely.transform(found, lambda points: np.column_stack(gcj02_to_wgs84(points[:, 0], points[:, 1])))


def polygons_json(found: BaseGeometry) -> str:
    """All polygons of a shape as JSON: polygons of rings of points."""
    return json.dumps([_rings(part) for part in shapely.get_parts(found)], **_JSON)  # type: ignore[arg-type]


def polygon_json(found: BaseGeometry) -> str:
    """The one polygon of a shape as JSON: rings of points; of several the largest."""
    return json.dumps(_rings(largest(found)), **_JSON)  # type: ignore[arg-type]


def largest(found: BaseGeometry) -> BaseGeometry:
    """The largest part of a shape."""
    parts = shapely.get_parts(found)
    return parts[int(np.argmax(shapely.area(parts)))]


def _rings(part: BaseGeometry) -> list[list[list[float]]]:
    return [np.round(shapely.get_coordinates(ring), DECIMALS).tolist() for ring in (part.exterior, *part.interiors)]


def area_m2(found: BaseGeometry) -> float:
    """Area on the ground, in square metres, rounded to one."""
    scale = np.array(metres_per_degree(float(shapely.centroid(found).y)))
    return float(round(shapely.transform(found, lambda points: points * scale).area))


def label_point(found: BaseGeometry) -> tuple[float, float]:
    """A point for a label: the centroid where it lies inside, else some point inside."""
    centre = shapely.centroid(found)
    inside = centre if found.contains(centre) else shapely.point_on_surface(found)
    return round(float(inside.x), DECIMALS), round(float(inside.y), DECIMALS)
