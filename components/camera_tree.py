"""All cameras of the city in order: district, then whose they are, then the camera. Any of them goes into any place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from dash import html
from dash.development.base_component import Component

from components.cells import Translate
from domain.camera import Camera


def in_tree_order(cameras: Sequence[Camera]) -> list[Camera]:
    """The order in which one steps from camera to camera: by district, own before shared, platform, number."""
    return sorted(cameras, key=lambda c: (c.district_code, c.shared, c.owner_unit if c.shared else "", c.number))


def camera_tree(cameras: Sequence[Camera], *, districts: Mapping[str, str], t: Translate) -> Component:
    """The tree, every branch open; a city without cameras says so."""
    if not cameras:
        return html.P(t("还没有摄像机，请导入 cameras.csv。"), className="video-tree-empty")
    branches = [
        _district(districts.get(code, code), list(members), t)
        for code, members in groupby(in_tree_order(cameras), key=lambda camera: camera.district_code)
    ]
    return html.Div(branches, className="video-tree", role="tree", **{"aria-label": t("摄像机")})


def _district(name: str, cameras: Sequence[Camera], t: Translate) -> Component:
    owners = [
        _owner(owner, list(members)) for owner, members in groupby(cameras, key=lambda camera: _owner_name(camera, t))
    ]
    return html.Details([_heading(name, cameras), *owners], open=True, className="video-branch")


def _owner_name(camera: Camera, t: Translate) -> str:
    return f"{t('共享')} · {camera.owner_unit}" if camera.shared else t("自建")


def _owner(name: str, cameras: Sequence[Camera]) -> Component:
    return html.Details([_heading(name, cameras), *(_leaf(camera) for camera in cameras)], open=True)


def _heading(name: str, cameras: Sequence[Camera]) -> Component:
    """The count of bad ones is filled in by `video-page.js`."""
    return html.Summary(
        [
            html.Span(name, className="video-heading", title=name),
            html.Span(str(len(cameras)), className="video-count"),
            html.Span(className="video-bad"),
        ]
    )


def _leaf(camera: Camera) -> Component:
    return html.Button(
        [html.Span("○", className="video-leaf-shape"), html.Span(camera.name), html.Small(camera.camera_id)],
        type="button",
        draggable="true",
        className="video-leaf",
        role="treeitem",
        **{"data-pick": str(camera.number), "data-id": camera.camera_id, "data-name": camera.name},
    )
