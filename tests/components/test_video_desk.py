"""The supervisor's screen as built: order, names, rights, keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from dash.development.base_component import Component
from plotly.utils import PlotlyJSONEncoder

from components.camera_facts import camera_facts, found_by
from components.camera_tree import Order, camera_tree, in_tree_order
from components.video_case import case_line
from components.video_desk import video_desk
from domain.camera import Camera, Preset
from domain.roles import Identity, Role
from domain.sight import case_sight
from domain.video_scene import SPLITS, Layout, Use
from tests.video.made import SUPERVISOR, camera

CITY = [
    replace(camera(5, district="370203", name="延安三路"), street="延安三路"),
    camera(2, district="370202", shared=True, owner="交警支队"),
    camera(3, district="370202", shared=True, owner="公安局"),
    replace(camera(4, district="370202", shared=True, owner="交警支队"), street="香港中路"),
    camera(1, district="370202", name="五四广场"),
]
DISTRICTS = {"370202": "市南区", "370203": "市北区"}
ADMIN = Identity("admin", "管理员", Role.ADMIN)


def parts(component: object) -> Iterator[Component]:
    """A component and everything in it."""
    if isinstance(component, (list, tuple)):
        for child in component:
            yield from parts(child)
    elif isinstance(component, Component):
        yield component
        yield from parts(getattr(component, "children", None))


def texts(component: object) -> list[str]:
    if isinstance(component, str):
        return [component]
    if isinstance(component, (list, tuple)):
        return [text for child in component for text in texts(child)]
    return texts(getattr(component, "children", None)) if isinstance(component, Component) else []


def of_class(component: object, name: str) -> list[Component]:
    return [part for part in parts(component) if name in str(getattr(part, "className", "")).split()]


def props(component: Component) -> dict[str, object]:
    made: dict[str, object] = component.to_plotly_json()["props"]
    return made


def desk(cameras: list[Camera], identity: Identity = SUPERVISOR) -> Component:
    return video_desk(cameras, cameras[:3], districts=DISTRICTS, identity=identity, t=str)


def tree(by: Order) -> Component:
    return camera_tree(CITY, by=by, districts=DISTRICTS, t=str)


def branches(component: Component) -> list[tuple[object, object]]:
    return [(props(one)["data-level"], props(one)["data-branch"]) for one in of_class(component, "video-branch")]


def test_one_steps_by_district_and_street_own_before_shared() -> None:
    assert [one.number for one in in_tree_order(CITY)] == [1, 2, 3, 4, 5]


def test_by_place_the_tree_goes_from_district_to_street() -> None:
    assert branches(tree(Order.PLACE)) == [("1", "市南区"), ("2", "香港中路"), ("1", "市北区"), ("2", "延安三路")]


def test_by_owner_the_tree_has_the_halls_own_then_each_platform() -> None:
    top = [name for level, name in branches(tree(Order.OWNER)) if level == "1"]
    assert top == ["自建", "共享 · 交警支队", "共享 · 公安局"]


@pytest.mark.parametrize("by", list(Order))
def test_every_camera_is_in_each_tree_once(by: Order) -> None:
    leaves = of_class(tree(by), "video-leaf")
    assert sorted(str(props(leaf)["data-pick"]) for leaf in leaves) == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize("by", list(Order))
def test_every_item_of_a_tree_says_what_it_is_to_a_screen_reader(by: Order) -> None:
    items = [*of_class(tree(by), "video-branch"), *of_class(tree(by), "video-leaf")]
    assert props(tree(by))["role"] == "tree"
    assert all(props(item)["role"] == "treeitem" and props(item)["aria-level"] for item in items)
    assert all(props(item)["aria-expanded"] == "true" for item in of_class(tree(by), "video-branch"))


def test_an_unknown_district_keeps_its_code() -> None:
    city = [camera(1, district="370999")]
    assert "370999" in texts(camera_tree(city, by=Order.PLACE, districts=DISTRICTS, t=str))


def test_a_camera_is_found_by_name_pinyin_initials_id_and_place() -> None:
    words = found_by(CITY[0], "市北区")
    for typed in ("延安三路", "yananslu"[:5], "yansanlu"[3:], "yasl", "qd-005", "市北", "shibei", "sbq"):
        assert typed in words, typed


def test_scripts_are_told_what_a_camera_can_do_and_never_its_address() -> None:
    turning = replace(CITY[4], ptz=True, presets=(Preset(token="1", name="路口"),))
    shared = replace(CITY[1], ptz=True)
    told = json.loads(camera_facts([turning, shared], districts=DISTRICTS))
    assert [one["ptz"] for one in told] == [True, False]
    assert told[0]["presets"] == [{"token": "1", "name": "路口"}]
    assert not any("url" in key for one in told for key in one)


def test_a_city_without_cameras_says_what_to_do() -> None:
    assert "cameras.csv" in "".join(texts(desk([])))
    assert len(of_class(desk([]), "video-cell")) == 36


def test_there_is_a_place_for_every_layout_and_only_those_shown_ask_for_a_camera() -> None:
    cells = [props(cell) for cell in of_class(desk(CITY), "video-cell")]
    assert [one["data-place"] for one in cells] == [str(place) for place in range(1, 37)]
    assert [one.get("data-camera") for one in cells[:6]] == ["5", "2", "3", "0", None, None]
    assert cells[0]["data-name"] == "延安三路"


def test_every_act_has_a_button_with_its_name_and_key() -> None:
    buttons = [props(part) for part in of_class(desk(CITY), "video-act")]
    assert {button["data-act"] for button in buttons} == {"solo", "snapshot", "clear"}
    assert all(button["title"] and button["aria-label"] for button in buttons)
    below = {str(props(part)["data-act"]) for part in of_class(desk(CITY), "video-button")}
    assert below >= {"ptz", "map", "link", "recent", "wall", "scenes", "keys", "tour", "tour-next", "tour-back"}


def test_who_may_not_turn_direct_or_keep_has_no_buttons_for_it() -> None:
    built = desk(CITY, ADMIN)
    acts = {str(props(part)["data-act"]) for part in of_class(built, "video-button")}
    assert not acts & {"ptz", "wall", "link", "recent"}
    assert props(built)["data-may"] == "cases"
    assert "云台" not in texts(built)


def test_layouts_say_what_they_are_good_for() -> None:
    buttons = [props(button) for button in of_class(desk(CITY), "video-layout")]
    assert [button["data-to-layout"] for button in buttons] == [layout.value for layout in Layout]
    pressed = [button["data-to-layout"] for button in buttons if button["aria-pressed"] == "true"]
    assert pressed == ["4"]
    marks = [texts(button) for button in of_class(desk(CITY), "video-layout")]
    assert "巡视" in marks[4]
    assert "概览" in marks[5]


def test_the_more_places_the_fewer_pictures_a_second() -> None:
    rates = [split.fps for split in SPLITS.values()]
    assert rates == sorted(rates, reverse=True)
    assert [layout for layout, split in SPLITS.items() if split.focus] == [Layout.ONE, Layout.ONE_AND_SEVEN]
    assert [layout for layout, split in SPLITS.items() if split.use is Use.WATCH][-1] is Layout.NINE


def test_the_line_of_a_case_counts_its_cameras_and_leads_back() -> None:
    line = case_line("QD2026", case_sight("QD2026", (120.361, 36.08), CITY), str)
    assert "300 米内 4 路" in texts(line)
    assert props(of_class(line, "video-button")[0])["href"] == "/case/QD2026"
    assert {mark["number"] for mark in json.loads(str(props(line)["data-sight"]))} <= {one.number for one in CITY}


def test_a_case_far_from_every_camera_names_the_nearest() -> None:
    line = case_line("QD2026", case_sight("QD2026", (120.40, 36.08), CITY), str)
    assert any("没有摄像机" in text and "m" in text for text in texts(line))
    assert "没有这个案卷" in texts(case_line("QD1", None, str))


def test_the_same_city_builds_the_same_screen() -> None:
    one, other = (json.dumps(desk(list(CITY)), cls=PlotlyJSONEncoder) for _ in range(2))
    assert one == other


def test_every_word_goes_through_the_translator() -> None:
    said: set[str] = set()

    def t(text: str) -> str:
        said.add(text)
        return f"<{text}>"

    shown = texts(video_desk(CITY, [], districts=DISTRICTS, identity=SUPERVISOR, t=t))
    chinese = [text for text in shown if any("\u4e00" <= sign <= "\u9fff" for sign in text) and "<" not in text]
    names = {one.name for one in CITY} | set(DISTRICTS.values()) | {one.street for one in CITY}
    assert [text for text in chinese if text not in names] == []
    assert {"自建", "离线", "画面", "异常"} <= said
