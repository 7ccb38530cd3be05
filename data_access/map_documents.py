"""What the offline map is drawn from: outlines of districts and neighbours, and the unit grids, as small GeoJSON."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import shapely
from sqlalchemy import Engine

from data_access.city_geojson import label_point
from data_access.city_store import CityStore, NoCity
from data_access.geo_index import polygons_shape
from domain.city import District, Grid
from domain.geo import Polygon

DECIMALS = 5
"""Of a degree: about a metre, less than a pixel at every zoom the map has grids at."""


@dataclass(frozen=True, slots=True)
class Document:
    """A body ready to send, also compressed, with its entity tag."""

    body: bytes
    gzipped: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class MapDocuments:
    """Both documents of one content version."""

    base: Document
    grids: Document


def make_documents(engine: Engine, version: str) -> MapDocuments:
    """The documents of the stored city; empty collections where there is none."""
    store = CityStore(engine)
    return MapDocuments(
        base=_document({"attribution": _attribution(store)}, [_district(d) for d in store.districts()], version),
        grids=_document({}, [_grid(number, grid) for number, grid in enumerate(store.grids(), 1)], version),
    )


def _attribution(store: CityStore) -> str:
    try:
        return store.city().attribution
    except NoCity:
        return ""


def _document(head: dict[str, str], features: Sequence[dict[str, Any]], version: str) -> Document:
    body = orjson.dumps({"type": "FeatureCollection", **head, "features": features})
    return Document(body, gzip.compress(body, 9, mtime=0), f'"{version}"')


def _district(district: District) -> dict[str, Any]:
    shape = shapely.make_valid(polygons_shape(district.polygons))
    properties = {
        "code": district.code,
        "name": district.name,
        "name_en": district.name_en,
        "inside": district.inside,
        "label": label_point(shape),
    }
    coordinates = [_rounded(polygon) for polygon in district.polygons]
    return _feature(properties, "MultiPolygon", coordinates)


def _grid(number: int, grid: Grid) -> dict[str, Any]:
    """Ids count from 1: dash-leaflet takes 0 for a missing one."""
    properties = {"id": number, "code": grid.code, "area_m2": round(grid.area_m2)}
    return _feature(properties, "Polygon", _rounded(grid.polygon))


def _feature(properties: dict[str, Any], kind: str, coordinates: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def _rounded(polygon: Polygon) -> list[list[list[float]]]:
    return [[[round(lon, DECIMALS), round(lat, DECIMALS)] for lon, lat in ring] for ring in polygon]
