"""The whole wall: every panel once; scenes and panes only arrange them anew (`assets/css/wall.css`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from components.attention_list import attention_list
from components.case_map import case_map
from components.cells import LOADING, Translate
from components.district_rates import district_rates
from components.gap_waterfall import gap_waterfall
from components.headline_cards import headline_cards
from components.overdue_departments import overdue_departments
from components.stage_strip import stage_strip
from components.wall_footer import wall_footer
from components.wall_header import clock, demo_mark, wall_header
from components.wall_scenes import black_screen, case_card, key_card
from components.wall_tiles import TILES, chosen_cameras, no_pictures, wall_tiles
from domain import freshness, geometry, words
from domain.camera import Camera

SCENES = ("overview", "focus", "districts", "departments", "video", "attention")
"""In the order of the remote's keys 1–6."""
PANES = ("both", "L", "R")
"""What a browser shows of a double-width wall; `both` where the screen is wide enough, else the left one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WallSetup:
    """What the wall is built from. `box` is (west, south, east, north); `places` what stands in the four places now,
    None for the wall's own cameras; `opens_video` whether a click on a camera of the map opens its picture on the desk.
    `then`: another moment than now is shown, so no camera may seem to show it.
    """

    city: str
    zone: str
    box: tuple[float, float, float, float]
    cameras: Sequence[Camera]
    places: Sequence[Camera | None] | None = None
    opens_video: bool = False
    distance_mm: float
    pitch_mm: float
    demo: bool
    language: str = "zh"
    then: bool = False


def wall_frame(
    setup: WallSetup, *, scene: str | None, pane: str | None, t: Translate, face: str = LOADING
) -> Component:
    """The wall before its first figures. Unknown scenes and panes fall back to the first of each."""
    return html.Div(
        [_left(setup, t, face), _right(setup, t, face), key_card(t=t), black_screen()],
        className="cw-wall",
        style={
            "--cw-am-share": f"{geometry.arc_minute_share(distance_mm=setup.distance_mm, pitch_mm=setup.pitch_mm):.8f}"
        },
        lang="zh-CN" if setup.language == "zh" else setup.language,
        **_attributes(setup, scene, pane),
    )


def _attributes(setup: WallSetup, scene: str | None, pane: str | None) -> Mapping[str, str]:
    return {
        "data-scene": scene if scene in SCENES else SCENES[0],
        "data-scenes": " ".join(SCENES),
        "data-city": setup.city,
        "data-zone": setup.zone,
        "data-pane": pane if pane in PANES else PANES[0],
        "data-density": geometry.density(distance_mm=setup.distance_mm, pitch_mm=setup.pitch_mm).value,
        "data-desk": "video" if setup.opens_video else "",
        "data-freshness": json.dumps(freshness.wire_table()),
    }


def _left(setup: WallSetup, t: Translate, face: str) -> Component:
    stages = {stage: t(label) for stage, label in words.STAGES.items()}
    return html.Main(
        [
            wall_header(setup.city, demo=setup.demo, t=t, face=face),
            headline_cards(t=t, face=face),
            district_rates(t=t, face=face),
            case_map(setup.box, setup.cameras, t=t, face=face),
            no_pictures(t=t) if setup.then else wall_tiles(_places(setup), t=t),
            attention_list(t=t, face=face),
            overdue_departments(t=t, face=face),
            gap_waterfall(t=t, face=face),
            case_card(t=t, face=face),
            stage_strip(stages, t=t, face=face),
            wall_footer(len(setup.cameras), t=t, face=face),
        ],
        className="cw-pane cw-pane-l",
    )


def _places(setup: WallSetup) -> Sequence[Camera | None]:
    return chosen_cameras(setup.cameras) if setup.places is None else setup.places


def _right(setup: WallSetup, t: Translate, face: str) -> Component:
    """The second pane of a double-width wall: the cameras after the first pane's, and the districts side by side."""
    left = _places(setup)
    more = [camera for camera in chosen_cameras(setup.cameras, 2 * TILES) if camera not in left][:TILES]
    beside = [*([demo_mark(t=t)] if setup.demo else []), clock()]
    return html.Aside(
        [
            no_pictures(t=t) if setup.then else wall_tiles(more, t=t, first=TILES + 1),
            district_rates(t=t, face=face),
            wall_footer(len(setup.cameras), t=t, face=face, beside=beside),
        ],
        className="cw-pane cw-pane-r",
    )
