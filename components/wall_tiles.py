"""The wall's camera tiles: places that the video scripts fill, and the choice of cameras to begin with."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from components.cells import Translate
from domain.camera import Camera
from domain.wall_places import TILES, chosen_cameras

__all__ = ["TILES", "chosen_cameras", "no_pictures", "wall_tiles"]


def wall_tiles(cameras: Sequence[Camera | None], *, t: Translate, first: int = 1) -> Component:
    """Four places, numbered from `first`; a place without a camera keeps the layout. The first pane's say which case
    they were opened for (V), and how long that took.
    """
    places = [_tile(cameras[index] if index < len(cameras) else None, first + index) for index in range(TILES)]
    line = html.Div(
        [html.Span(className="cw-case-about"), html.Output(className="cw-case-view")], className="cw-case-line"
    )
    return html.Section([*places, *([line] if first == 1 else [])], className="cw-tiles", **{"aria-label": t("视频")})


def no_pictures(*, t: Translate) -> Component:
    """The same places while another moment than now is shown: a live picture must never be taken for one of then."""
    place = html.Div([html.B(t("回放")), html.Span(t("回放时不显示实时视频"))], className="cw-tile-then")
    return html.Section([place] * TILES, className="cw-tiles", **{"aria-label": t("视频")})


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
