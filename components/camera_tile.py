"""A place for a camera's picture. `assets/js/tiles.js` fills it and says what is true of it; React leaves it alone."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.cells import Translate
from domain.camera import Camera


def camera_tile(camera: Camera | None, *, place: int, shown: bool, t: Translate) -> Component:
    """Place number `place` (from 1); without a camera it stays a place. Beyond the layout it asks for no picture."""
    first = str(camera.number if camera else 0)
    asks = {"data-camera": first, "data-name": camera.name if camera else ""}
    return html.Div(
        [
            html.Div(
                [
                    html.Kbd(str(place), className="video-key"),
                    _act("solo", "▣", t("单画面"), "Enter"),
                    _act("snapshot", "◉", t("抓拍"), "S"),
                    _act("clear", "✕", t("清空"), "Delete"),
                ],
                className="video-acts",
            ),
            html.Div(className="video-marks"),
        ],
        className="cw-tile video-cell",
        tabIndex=0,
        **(asks if shown else {}),
        **{"data-place": str(place), "data-first": first, "aria-label": f"{t('画面')} {place}"},
    )


def _act(name: str, sign: str, words: str, key: str) -> Component:
    return html.Button(
        sign, type="button", title=f"{words}（{key}）", className="video-act", **{"data-act": name, "aria-label": words}
    )
