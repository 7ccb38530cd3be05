"""What rows with a point share: conversion from GCJ-02 with the original kept, the city's box, the area around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from data_access.city_files import RejectList
from data_access.city_tables import FIRST_CAMERA_NUMBER, LAST_CAMERA_NUMBER, Known
from data_access.city_toml import Box
from data_access.geo_index import AreaIndex
from domain.geo import Crs, gcj02_to_wgs84

DECIMALS = 7
"""Kept of a converted point: 1 cm."""

AnyRow = dict[str, Any]


def with_wgs84(rows: list[AnyRow], crs: Crs) -> None:
    """Convert the rows' points in place; `source_lon` and `source_lat` keep what the file said."""
    if crs is Crs.WGS84:
        return
    lon, lat = gcj02_to_wgs84([row["lon"] for row in rows], [row["lat"] for row in rows])
    for row, x, y in zip(rows, np.round(lon, DECIMALS).tolist(), np.round(lat, DECIMALS).tolist(), strict=True):
        row.update(source_lon=row["lon"], source_lat=row["lat"], lon=x, lat=y)


def inside_box(rows: list[AnyRow], box: Box, rejects: RejectList) -> list[AnyRow]:
    """The rows whose point lies in the city's box; the others are rejected."""
    west, south, east, north = box
    good = [row for row in rows if west <= row["lon"] <= east and south <= row["lat"] <= north]
    if len(good) < len(rows):
        for row in rows:
            if not (west <= row["lon"] <= east and south <= row["lat"] <= north):
                rejects.add(row["line"], "lon", _outside(row, box))
    return good


def _outside(row: AnyRow, box: Box) -> str:
    west, south, east, north = box
    if west <= row["lat"] <= east and south <= row["lon"] <= north:
        return "longitude and latitude are swapped; exchange the two columns' values"
    place = f"{row['lon']:.5f}, {row['lat']:.5f} lies outside the city ({west:.3f} to {east:.3f}, "
    return place + f"{south:.3f} to {north:.3f}); correct the point, or crs and box in city.toml"


def with_area(
    rows: list[AnyRow], name: str, areas: Callable[[], AreaIndex], rejects: RejectList, *, needed: bool
) -> list[AnyRow]:
    """Fill in the area of rows that name none, by their point; a needed one that is not found is a reject."""
    blank = [row for row in rows if not row[name]]
    if not blank:
        return rows
    found = areas().locate_many([row["lon"] for row in blank], [row["lat"] for row in blank])
    for row, code in zip(blank, found, strict=True):
        row[name] = code or ""
        if needed and not code:
            rejects.add(row["line"], name, f"is empty and the point lies in no {name}; give its code or move the point")
    return [row for row in rows if row[name]] if needed else rows


def with_camera_numbers(rows: list[AnyRow], known: Known, rejects: RejectList) -> list[AnyRow]:
    """Give every camera its own wire number: the file's, else the one it has, else the next free one."""
    taken = {number: camera for camera, number in known.camera_numbers.items()}
    good = []
    for row in sorted(rows, key=lambda row: (row["number"] is None, row["line"])):
        number: Any = row["number"] or known.camera_numbers.get(row["camera_id"]) or _next_free(taken)
        fault = _number_fault(number, row["camera_id"], taken, known)
        if fault:
            rejects.add(row["line"], "number", fault)
        else:
            taken[int(number)] = row["camera_id"]
            good.append(row | {"number": number})
    return good


def _next_free(taken: dict[int, str]) -> int | None:
    after = max(taken, default=FIRST_CAMERA_NUMBER - 1) + 1
    if after <= LAST_CAMERA_NUMBER:
        return after
    return next((n for n in range(FIRST_CAMERA_NUMBER, LAST_CAMERA_NUMBER + 1) if n not in taken), None)


def _number_fault(number: Any, camera: str, taken: dict[int, str], known: Known) -> str | None:
    if number is None:
        return f"no number from {FIRST_CAMERA_NUMBER} to {LAST_CAMERA_NUMBER} is free; remove cameras no longer there"
    if known.camera_numbers.get(camera, number) != number:
        return f"was {known.camera_numbers[camera]} before and must stay; leave it empty"
    if taken.get(number, camera) != camera:
        return f"{number} belongs to camera {taken[number]}; give another or leave it empty"
    return None
