"""The frame of every desk page: the bar with what this person may open, and the page's content below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from components.alarm_strip import alarm_strip
from components.desk_bar import Place, desk_bar
from components.dispatch_desk import DeskSetup
from domain.roles import Identity, Permission, Role
from pages._services import Services, services

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

NOBODY = Identity("", "", Role.SYSTEM)
"""Stands where nobody is signed in; the guard lets no such request come so far."""


def places(hall: Services, identity: Identity) -> list[Place]:
    """The pages this person may open, in the order of the bar."""
    t = hall.t
    known = (
        ((Permission.SEE_WALL,), Place("/wall", t("大屏"), "W")),
        ((Permission.SEE_FIGURES,), Place("/replay", t("回放"), "P")),
        ((Permission.SEE_FIGURES,), Place("/evaluation", t("评价"), "E")),
        ((Permission.HANDLE_ALARMS,), Place("/dispatch", t("派遣"), "D")),
        ((Permission.TAKE_IN,), Place("/intake", t("受理"), "I")),
        ((Permission.SEE_TASKS,), Place("/collect", t("采集"), "K")),
        ((Permission.SEE_OWN_CASES,), Place("/unit", t("本部门"), "U")),
        ((Permission.SEE_CASES,), Place("/supervision", t("督办"), "S")),
        ((Permission.HANDLE_ALARMS,), Place("/handover", t("交接班"), "B")),
        ((Permission.SEE_CASES, Permission.SEE_OWN_CASES), Place("/cases", t("案卷"), "C")),
        ((Permission.SEE_VIDEO,), Place("/video", t("视频"), "V")),
        ((Permission.SEE_CAMERAS,), Place("/video/health", t("摄像机健康"), "J")),
        ((Permission.CONFIGURE,), Place("/cameras/setup", t("摄像机设置"), "N")),
    )
    return [place for any_of, place in known if any(identity.may(permission) for permission in any_of)]


def desk_page(here: str, content: Sequence[Component]) -> html.Div:
    """A desk page of the running system, for whoever asks."""
    hall = services()
    identity = hall.identity()
    bar = desk_bar(
        city=hall.city.name,
        places=places(hall, identity) if identity else [],
        here=here,
        who=identity.display_name if identity else "",
        demo=hall.demo,
        language=hall.language(),
        t=hall.t,
    )
    main = html.Main(list(content), className="desk-main")
    return html.Div([bar, *_alarms(hall, identity), main], className="cw-desk")


def desk_setup(hall: Services) -> DeskSetup:
    """Who sits there and how the city calls things, for the page's script. A page adds what its own desk needs."""
    return DeskSetup(
        who=hall.identity() or NOBODY,
        box=hall.city.box,
        cameras=(),
        zone=hall.city.zone.key,
        classes=hall.class_names,
        districts=hall.district_names,
    )


def _alarms(hall: Services, identity: Identity | None) -> list[Component]:
    """The alarm line, for whoever may see alarms."""
    if identity is None or not identity.may(Permission.SEE_ALARMS):
        return []
    return [alarm_strip(may_handle=identity.may(Permission.HANDLE_ALARMS), t=hall.t)]
