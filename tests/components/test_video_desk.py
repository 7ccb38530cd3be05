"""The supervisor's screen as built: order, names, keys."""

from __future__ import annotations

import json
from collections.abc import Iterator

from dash.development.base_component import Component
from plotly.utils import PlotlyJSONEncoder

from components.camera_tree import camera_tree, in_tree_order
from components.video_desk import LAYOUTS, PLACES, video_desk
from domain.camera import Camera
from tests.video.made import camera

CITY = [
    camera(5, district="370203", name="延安三路"),
    camera(2, district="370202", shared=True, owner="交警支队"),
    camera(3, district="370202", shared=True, owner="公安局"),
    camera(4, district="370202", shared=True, owner="交警支队"),
    camera(1, district="370202", name="五四广场"),
]
DISTRICTS = {"370202": "市南区", "370203": "市北区"}


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


def desk(cameras: list[Camera]) -> Component:
    return video_desk(cameras, cameras[:3], districts=DISTRICTS, t=str)


def test_one_steps_by_district_own_before_shared_platform_by_platform() -> None:
    assert [one.number for one in in_tree_order(CITY)] == [1, 2, 4, 3, 5]


def test_the_tree_names_districts_and_whose_the_cameras_are() -> None:
    said = texts(camera_tree(CITY, districts=DISTRICTS, t=str))
    headings = [text for text in said if text in ("市南区", "市北区", "自建") or text.startswith("共享")]
    assert headings == ["市南区", "自建", "共享 · 交警支队", "共享 · 公安局", "市北区", "自建"]


def test_every_camera_is_in_the_tree_once() -> None:
    leaves = of_class(camera_tree(CITY, districts=DISTRICTS, t=str), "video-leaf")
    assert [leaf.to_plotly_json()["props"]["data-pick"] for leaf in leaves] == ["1", "2", "4", "3", "5"]


def test_an_unknown_district_keeps_its_code() -> None:
    assert "370999" in texts(camera_tree([camera(1, district="370999")], districts=DISTRICTS, t=str))


def test_a_city_without_cameras_says_what_to_do() -> None:
    assert "cameras.csv" in "".join(texts(desk([])))
    assert len(of_class(desk([]), "video-cell")) == PLACES


def test_there_are_always_nine_places_with_their_keys() -> None:
    cells = of_class(desk(CITY), "video-cell")
    props = [cell.to_plotly_json()["props"] for cell in cells]
    assert [one["data-place"] for one in props] == [str(place) for place in range(1, 10)]
    assert [one["data-camera"] for one in props] == ["5", "2", "3", "0", "0", "0", "0", "0", "0"]
    assert props[0]["data-name"] == "延安三路"


def test_every_act_has_a_button_with_its_name_and_key() -> None:
    buttons = [part.to_plotly_json()["props"] for part in of_class(desk(CITY), "video-act")]
    assert {button["data-act"] for button in buttons} == {"solo", "snapshot", "clear"}
    assert all(button["title"] and button["aria-label"] for button in buttons)


def test_layouts_can_be_chosen_with_the_pointer_too() -> None:
    buttons = of_class(desk(CITY), "video-layout")
    assert [button.to_plotly_json()["props"]["data-to-layout"] for button in buttons] == [str(n) for n in LAYOUTS]


def test_the_same_city_builds_the_same_screen() -> None:
    one, other = (json.dumps(desk(list(CITY)), cls=PlotlyJSONEncoder) for _ in range(2))
    assert one == other


def test_every_word_goes_through_the_translator() -> None:
    said: set[str] = set()

    def t(text: str) -> str:
        said.add(text)
        return f"<{text}>"

    shown = texts(video_desk(CITY, [], districts=DISTRICTS, t=t))
    chinese = [text for text in shown if any("\u4e00" <= sign <= "\u9fff" for sign in text) and "<" not in text]
    names = {one.name for one in CITY} | set(DISTRICTS.values())
    assert [text for text in chinese if text not in names] == []
    assert {"自建", "离线", "画面"} <= said
