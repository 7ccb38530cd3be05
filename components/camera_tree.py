"""All cameras of the city in order, by place or by owner. Any of them goes into any place of the camera wall."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from itertools import groupby

from dash import html
from dash.development.base_component import Component

from components.cells import Translate
from domain.camera import Camera


class Order(StrEnum):
    """The two ways through the cameras."""

    PLACE = "place"
    OWNER = "owner"


def in_tree_order(cameras: Sequence[Camera]) -> list[Camera]:
    """The order in which one steps from camera to camera: by district, street, own before shared, number."""
    return sorted(cameras, key=lambda camera: (camera.district_code, camera.street, camera.shared, camera.number))


def camera_trees(cameras: Sequence[Camera], *, districts: Mapping[str, str], t: Translate) -> Component:
    """Both trees; the page shows one of them. A city without cameras says so."""
    if not cameras:
        return html.P(t("还没有摄像机，请导入 cameras.csv。"), className="video-tree-empty")
    trees = [camera_tree(cameras, by=order, districts=districts, t=t) for order in Order]
    return html.Div(trees, className="video-trees")


def camera_tree(cameras: Sequence[Camera], *, by: Order, districts: Mapping[str, str], t: Translate) -> Component:
    """One tree, every branch open."""
    branches = _by_place(cameras, districts, t) if by is Order.PLACE else _by_owner(cameras, districts, t)
    return html.Div(branches, className="video-tree", role="tree", **{"data-by": by.value, "aria-label": t("摄像机")})


def _by_place(cameras: Sequence[Camera], districts: Mapping[str, str], t: Translate) -> list[Component]:
    """District, then street; cameras whose street nobody told stand under the district itself."""
    branches = []
    for code, group in groupby(in_tree_order(cameras), key=lambda camera: camera.district_code):
        members = list(group)
        streets = [
            part
            for street, there in groupby(members, key=lambda camera: camera.street)
            for part in _under(street, list(there), 2)
        ]
        branches.append(_branch(districts.get(code, code), members, streets, level=1))
    return branches


def _by_owner(cameras: Sequence[Camera], districts: Mapping[str, str], t: Translate) -> list[Component]:
    """The hall's own, then each sharing platform; below it by district."""

    def owner(camera: Camera) -> tuple[bool, str]:
        return camera.shared, camera.owner_unit if camera.shared else ""

    branches = []
    for (shared, unit), group in groupby(sorted(cameras, key=lambda one: (owner(one), _rank(one))), key=owner):
        members = list(group)
        name = f"{t('共享')} · {unit}" if shared else t("自建")
        branches.append(_branch(name, members, _split(members, lambda one: one.district_code, districts), level=1))
    return branches


def _rank(camera: Camera) -> tuple[str, str, int]:
    return camera.district_code, camera.street, camera.number


def _split(cameras: Sequence[Camera], key: Callable[[Camera], str], names: Mapping[str, str]) -> list[Component]:
    return [
        part for code, members in groupby(cameras, key=key) for part in _under(names.get(code, code), list(members), 2)
    ]


def _under(name: str, cameras: Sequence[Camera], level: int) -> list[Component]:
    """A branch of its own, or the bare cameras where there is no name for one."""
    if not name:
        return [_leaf(camera, level) for camera in cameras]
    return [_branch(name, cameras, [_leaf(camera, level + 1) for camera in cameras], level=level)]


def _branch(name: str, cameras: Sequence[Camera], below: Sequence[Component], *, level: int) -> Component:
    """The count of bad ones is filled in by `video-tree.js`."""
    heading = html.Div(
        [
            html.Span(name, className="video-heading"),
            html.Span(str(len(cameras)), className="video-count"),
            html.Span(className="video-bad"),
        ],
        className="video-branch-row",
        title=name,
    )
    return html.Div(
        [heading, html.Div(list(below), role="group")],
        className="video-branch",
        role="treeitem",
        tabIndex=-1,
        **{"aria-expanded": "true", "aria-level": str(level), "data-level": str(level), "data-branch": name},
    )


def _leaf(camera: Camera, level: int) -> Component:
    return html.Div(
        [
            html.Span("○", className="video-leaf-shape", **{"aria-hidden": "true"}),
            html.Span(camera.name, className="video-leaf-name"),
            html.Small(camera.camera_id),
        ],
        className="video-leaf",
        role="treeitem",
        tabIndex=-1,
        draggable="true",
        **{
            "aria-level": str(level),
            "data-pick": str(camera.number),
            "data-id": camera.camera_id,
            "data-name": camera.name,
        },
    )
