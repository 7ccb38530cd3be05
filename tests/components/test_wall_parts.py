"""The wall's builders: pure, complete, and the same in every face but for what the face says."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from dash._utils import to_json
from dash.development.base_component import Component

from components.attention_list import attention_list
from components.case_map import case_map
from components.district_rates import district_rates
from components.gap_waterfall import gap_waterfall
from components.headline_cards import headline_cards
from components.overdue_departments import overdue_departments
from components.stage_strip import stage_strip
from components.wall_footer import wall_footer
from components.wall_frame import PANES, SCENES, WallSetup, wall_frame
from components.wall_header import wall_header
from components.wall_scenes import case_card, key_card, scene_keys
from components.wall_tiles import TILES, chosen_cameras, wall_tiles
from domain.camera import Camera
from domain.case import Stage
from domain.freshness import Face
from domain.words import STAGES
from tests.fakes.hall_day import hall_day

BOX = (120.2, 36.0, 120.5, 36.3)
FACES = ["loading", *Face]
BUILDERS: dict[str, Callable[..., Component]] = {
    "header": partial(wall_header, "青岛市", demo=True),
    "headline": headline_cards,
    "districts": district_rates,
    "stages": partial(stage_strip, STAGES),
    "attention": attention_list,
    "departments": overdue_departments,
    "waterfall": gap_waterfall,
    "case": case_card,
    "map": partial(case_map, BOX, []),
    "footer": partial(wall_footer, 101),
}


def plain(component: Component) -> Any:
    return json.loads(to_json(component))


def texts(part: Any) -> list[str]:
    """Every text a viewer could read in a built part."""
    if isinstance(part, str):
        return [part]
    if isinstance(part, list):
        return [text for child in part for text in texts(child)]
    if isinstance(part, dict):
        return texts(part.get("props", {}).get("children"))
    return []


def marked(part: Any, name: str) -> list[str]:
    """Values of an attribute anywhere in a built part."""
    if isinstance(part, list):
        return [value for child in part for value in marked(child, name)]
    if not isinstance(part, dict):
        return []
    props = part.get("props", {})
    own = [props[name]] if name in props else []
    return own + marked(props.get("children"), name)


def setup(**given: Any) -> WallSetup:
    values: dict[str, Any] = {
        "city": "青岛市",
        "zone": "Asia/Shanghai",
        "box": BOX,
        "cameras": (),
        "distance_mm": 8000,
        "pitch_mm": 1.25,
        "demo": True,
    }
    return WallSetup(**values | given)


def frame(*, scene: str | None = None, pane: str | None = None, **given: Any) -> Any:
    return plain(wall_frame(setup(**given), scene=scene, pane=pane, t=str))


@pytest.mark.parametrize("name", BUILDERS)
def test_the_same_input_builds_the_same_json(name: str) -> None:
    assert plain(BUILDERS[name](t=str)) == plain(BUILDERS[name](t=str))


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("name", BUILDERS)
def test_a_part_wears_the_face_it_is_given(name: str, face: str) -> None:
    worn = marked(plain(BUILDERS[name](t=str, face=face)), "data-face")
    assert face in worn
    assert set(worn) <= {face, "loading"}, "only rows that are not shown yet keep the loading face"


@pytest.mark.parametrize("name", BUILDERS)
def test_no_figure_is_shown_before_one_came(name: str) -> None:
    assert not [text for text in texts(plain(BUILDERS[name](t=str))) if text.strip().isdigit()]


@pytest.mark.parametrize("name", BUILDERS)
def test_every_chinese_word_goes_through_the_translator(name: str) -> None:
    said = texts(plain(BUILDERS[name](t=lambda text: "·")))
    foreign = [text for text in said if any("\u4e00" <= sign <= "\u9fff" for sign in text)]
    assert not [text for text in foreign if text not in (*STAGES.values(), "青岛市·")]


def test_every_cell_has_a_place_for_its_note() -> None:
    built = frame()
    cells = len(marked(built, "data-cell"))
    assert cells > 15
    assert [name for name in marked(built, "data-slot") if name == "note"].count("note") == cells


def test_the_strip_has_the_seven_steps_in_order() -> None:
    cells = marked(plain(stage_strip(STAGES, t=str)), "data-cell")
    assert cells == [f"stage-{stage}" for stage in Stage]


@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_in_the_address_is_shown(scene: str) -> None:
    assert frame(scene=scene)["props"]["data-scene"] == scene


@pytest.mark.parametrize("scene", [None, "", "nonsense", "<script>"])
def test_an_unknown_scene_is_the_overview(scene: str | None) -> None:
    assert frame(scene=scene)["props"]["data-scene"] == "overview"


@pytest.mark.parametrize(("asked", "shown"), [("L", "L"), ("R", "R"), (None, "both"), ("X", "both")])
def test_a_pane_in_the_address_is_shown(asked: str | None, shown: str) -> None:
    assert shown in PANES
    assert frame(pane=asked)["props"]["data-pane"] == shown


def test_scenes_only_arrange_the_same_panels() -> None:
    overview, video = frame(scene="overview"), frame(scene="video")
    assert overview["props"].pop("data-scene") != video["props"].pop("data-scene")
    assert overview == video


def test_a_demo_says_so_on_every_pane_and_a_real_hall_never() -> None:
    assert texts(frame()).count("演示") == 2
    assert "演示" not in texts(frame(demo=False))


def test_type_follows_distance_and_pitch() -> None:
    share = float(frame()["props"]["style"]["--cw-am-share"])
    finer = float(frame(pitch_mm=0.63)["props"]["style"]["--cw-am-share"])
    assert share * 2160 == pytest.approx(1.8617, abs=0.001)
    assert finer / share == pytest.approx(1.25 / 0.63, rel=1e-4)
    assert [frame(pitch_mm=mm)["props"]["data-density"] for mm in (1.25, 0.9, 0.63)] == ["full", "sparse", "least"]


def test_the_key_card_names_every_key_once() -> None:
    card = texts(plain(key_card(t=str)))
    keys = [key for key, _ in scene_keys(str)]
    assert len(set(keys)) == len(keys)
    assert set(keys) < set(card)


def _camera(number: int, district: str, *, shared: bool = False) -> Camera:
    cameras = hall_day(0).cameras
    made = {name: getattr(cameras[0], name) for name in Camera.__dataclass_fields__}
    return Camera(**made | {"number": number, "district_code": district, "shared": shared, "name": f"cam {number}"})


def test_a_wall_begins_with_its_own_cameras_of_different_districts() -> None:
    cameras = [_camera(1, "a"), _camera(2, "a"), _camera(3, "b", shared=True), _camera(4, "b"), _camera(5, "c")]
    assert [camera.number for camera in chosen_cameras(cameras, 4)] == [1, 4, 5, 2]


def test_the_choice_of_cameras_does_not_depend_on_their_order() -> None:
    cameras = list(hall_day(0).cameras)
    assert chosen_cameras(cameras) == chosen_cameras(reversed(cameras))


@pytest.mark.parametrize("count", range(TILES + 1))
def test_a_place_without_a_camera_keeps_the_layout(count: int) -> None:
    built = plain(wall_tiles([_camera(number, "a") for number in range(1, count + 1)], t=str))
    numbers = marked(built, "data-camera")
    assert len(numbers) == TILES
    assert numbers == [str(number) for number in range(1, count + 1)] + ["0"] * (TILES - count)


def test_the_map_knows_where_every_camera_looks() -> None:
    cameras = hall_day(0).cameras
    told = json.loads(plain(case_map(BOX, cameras, t=str))["props"]["data-cameras"])
    assert [row[0] for row in told] == [camera.number for camera in cameras]
    first = cameras[0]
    assert told[0] == [1, first.name, first.lon, first.lat, first.bearing, first.fov, first.camera_id]


def test_no_camera_address_reaches_the_page() -> None:
    assert "rtsp" not in to_json(wall_frame(setup(cameras=hall_day(0).cameras), scene=None, pane=None, t=str))
