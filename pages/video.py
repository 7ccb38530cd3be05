"""`/video`: the supervisor's screen. Any camera of the city in any place of any layout."""

from __future__ import annotations

from typing import Any

import dash
from dash import Input, Output, callback, no_update

from components.video_case import case_line, case_place
from components.video_desk import video_desk
from domain.guarded import guarded
from domain.roles import Permission
from domain.video_scene import MOST_PLACES
from domain.wall_places import chosen_cameras
from pages import _ids as ids
from pages._desk import desk_page, desk_setup
from pages._services import services

dash.register_page(__name__, path="/video", title="视频 · 城墙")


def layout(case: str = "", **_: Any) -> Any:
    """The screen. A case (`?case=`), a camera (`?cam=`) or what the viewer chose last its scripts put in place."""
    hall = services()
    identity = hall.identity()
    if identity is None:  # the door lets nobody in without one
        return desk_page("/video", [])
    cameras = list(hall.cameras())
    desk = video_desk(
        cameras,
        chosen_cameras(cameras, MOST_PLACES),
        districts=hall.district_names,
        identity=identity,
        about=case_place(ids.VideoPage.CASE, ids.VideoPage.CASE_LINE, case),
        reporting=desk_setup(hall) if identity.may(Permission.REPORT_CASE) else None,
        t=hall.t,
    )
    return desk_page("/video", [desk])


@callback(Output(ids.VideoPage.CASE_LINE, "children"), Input(ids.VideoPage.CASE, "data"))
@guarded(Permission.SEE_VIDEO)
async def on_case(case_no: str) -> Any:
    """The case this screen was opened for, and the cameras that see it."""
    hall = services()
    return case_line(case_no, await hall.cameras_for_case(case_no), hall.t) if case_no else no_update
