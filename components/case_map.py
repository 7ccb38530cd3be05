"""The live case map: an empty Leaflet map with its component tiles, and the facts `map.js` draws everything else from.

Districts, grids, cases and cameras are drawn by script into the one map and changed in place: replacing the data of a
layer costs 4–12 times as much and closes whatever is open (product sheet 5.2).
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import dash_leaflet as dl
from dash import html
from dash.development.base_component import Component

from components.cells import LOADING, Translate, cell, slot
from domain.camera import Camera

COMPONENTS_URL = "/tiles/components/{z}/{x}/{y}.png"
COMPONENTS_FROM_ZOOM = 16
DENSITY_STEPS = (0, 1, 30, 60, 120)
"""Open cases per km² from which each shade of the grey ramp begins."""


def case_map(
    box: tuple[float, float, float, float], cameras: Sequence[Camera], *, t: Translate, face: str = LOADING
) -> Component:
    """The map of the city inside `box` (west, south, east, north, WGS-84 degrees)."""
    west, south, east, north = box
    leaflet = dl.Map(
        [dl.TileLayer(url=COMPONENTS_URL, minZoom=COMPONENTS_FROM_ZOOM, maxZoom=19, pane="overlayPane")],
        center=[(south + north) / 2, (west + east) / 2],
        zoom=11,
        minZoom=8,
        maxZoom=19,
        zoomSnap=0.25,
        preferCanvas=True,
        trackViewport=False,
        zoomControl=False,
        attributionControl=False,
        keyboard=False,
        className="cw-leaflet",
    )
    return cell(
        [leaflet, html.Div(slot("lock", class_name="cw-map-lock"), className="cw-map-top"), _legend(t)],
        name="map",
        class_name="cw-map",
        face=face,
        tag=html.Section,
        **{
            "aria-label": t("案卷地图"),
            "data-map": json.dumps({"box": box, "steps": DENSITY_STEPS, "components": COMPONENTS_FROM_ZOOM}),
            "data-cameras": json.dumps([_camera(camera) for camera in cameras], ensure_ascii=False),
        },
    )


def _camera(camera: Camera) -> list[object]:
    return [camera.number, camera.name, camera.lon, camera.lat, camera.bearing, camera.fov, camera.camera_id]


def _legend(t: Translate) -> Component:
    shades = [html.I(className=f"cw-shade cw-shade-{index}") for index in range(len(DENSITY_STEPS))]
    return html.Div(
        [
            html.Span(
                [t("每km²在办"), *shades, html.Span(f"{DENSITY_STEPS[-1]}+", className="cw-num")],
                className="cw-legend-item",
            ),
            html.Span([html.I(className="cw-shade cw-shade-rim"), t("有超期")], className="cw-legend-item"),
            slot("attribution", class_name="cw-attribution"),
        ],
        className="cw-legend",
    )
