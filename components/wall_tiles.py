"""The wall's camera tiles: places that the video scripts fill, and the choice of cameras to begin with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from dash import html
from dash.development.base_component import Component

from components.cells import Translate
from domain.camera import Camera

TILES = 4
"""One person cannot watch more (product sheet, finding 8)."""


def chosen_cameras(cameras: Iterable[Camera], count: int = TILES) -> list[Camera]:
    """The cameras a wall begins with: the hall's own before shared ones, one district after the other."""
    by_district: dict[str, list[Camera]] = {}
    for camera in sorted(cameras, key=lambda camera: (camera.shared, camera.number)):
        by_district.setdefault(camera.district_code, []).append(camera)
    turns = zip_longest(*(by_district[code] for code in sorted(by_district)))
    return [camera for turn in turns for camera in turn if camera is not None][:count]


def wall_tiles(cameras: Sequence[Camera], *, t: Translate, first: int = 1) -> Component:
    """Four places, numbered from `first`; a place without a camera keeps the layout."""
    places = [_tile(cameras[index] if index < len(cameras) else None, first + index) for index in range(TILES)]
    return html.Section(places, className="cw-tiles", **{"aria-label": t("视频")})


def _tile(camera: Camera | None, number: int) -> Component:
    """Without a camera (number 0) the place says so. `assets/js/tiles.js` fills it; React keeps it empty."""
    return html.Div(
        className="cw-tile cw-wall-tile",
        **{
            "data-camera": str(camera.number if camera else 0),
            "data-name": camera.name if camera else "",
            "data-tile": str(number),
        },
    )
