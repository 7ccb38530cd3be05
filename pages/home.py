"""`/`: where each person's work begins."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from domain.roles import Permission
from domain.words import text
from pages._desk import desk_page, places
from pages._services import services

dash.register_page(__name__, path="/", title="城墙 CityWall")

_ABOUT = {
    "/wall": text("全市案卷、视频与结案率，一屏看清"),
    "/replay": text("回到过去任一时刻，整屏重放"),
    "/evaluation": text("谁落后，数字可信吗，时间花在哪里"),
    "/dispatch": text("待派案卷、地图与处置，三键派遣"),
    "/intake": text("登记来电来件，核查重复，立案结案"),
    "/collect": text("上报问题，核实与核查任务"),
    "/unit": text("本部门案卷：签收、反馈、申请"),
    "/supervision": text("督办批示与答复，催办，确权与应急"),
    "/handover": text("报警、搁置与认领，双方确认交班"),
    "/cases": text("按指标、区、部门查找每一件案卷"),
    "/video": text("自建与共享摄像机的实时画面"),
    "/video/health": text("每一路摄像机与共享平台的状态、异常与可用率"),
    "/cameras/setup": text("添加、修改摄像机，保存前先看画面"),
}


def layout(**_: Any) -> html.Div:
    """Doors to the pages this person may open."""
    hall = services()
    identity = hall.identity()
    doors = [
        html.A(
            [html.H2(place.name), html.P(hall.t(_ABOUT[place.path])), html.Kbd(f"G {place.key}")],
            href=place.path,
            className="home-door",
        )
        for place in (places(hall, identity) if identity else [])
    ]
    empty = html.P(hall.t("您的岗位目前没有可打开的页面，请联系管理员。"))
    content = [html.Div(doors or empty, className="home-doors")]
    if identity and identity.may(Permission.SEE_WALL):
        content.insert(0, html.Div(className="home-figures", **{"data-home": "figures"}))
    return desk_page("/", content)
