from __future__ import annotations

import json
from typing import Any

import pytest

from components.dispatch_desk import DeskSetup, dispatch_desk
from components.dispatch_wall import dispatch_wall
from domain.roles import Identity, Role

NAMES = {"370202-03": "市南区市政工程养护管理处"}


def desk(role: Role) -> Any:
    return dispatch_desk("grid", setup(role), t=str).to_plotly_json()


def setup(role: Role) -> DeskSetup:
    who = Identity("wang", "王磊", role)
    return DeskSetup(who=who, box=(120, 36, 121, 37), cameras=[], zone="Asia/Shanghai", departments=NAMES)


def views(part: Any) -> list[str]:
    """The names of the queue's views, in order."""
    if isinstance(part, list | tuple):
        return [name for each in part for name in views(each)]
    if not hasattr(part, "to_plotly_json"):
        return []
    props = part.to_plotly_json()["props"]
    return [props["data-view"]] if "data-view" in props else views(props.get("children"))


@pytest.mark.parametrize(
    ("role", "own"),
    [
        (Role.DISPATCHER, []),
        (Role.DUTY_OFFICER, ["pending_acceptance", "pending_feedback_review"]),
        (Role.SHIFT_LEADER, ["pending_filing", "pending_close"]),
    ],
)
def test_each_post_has_a_view_of_what_waits_for_it(role: Role, own: list[str]) -> None:
    found = views(dispatch_desk("grid", setup(role), t=str))
    assert found[:-4] == ["pending_dispatch", "mine", *own, "risk", "overdue", "all"]
    assert found[-4:] == ["bounced", "frozen", "requests", "suspended"]


def test_the_page_tells_its_scripts_who_acts_and_what_things_are_called() -> None:
    props = desk(Role.DUTY_OFFICER)["props"]
    told = json.loads(props["data-names"])
    assert told["departments"] == [["370202-03", NAMES["370202-03"], told["departments"][0][2]]]
    assert told["departments"][0][2].endswith(" snqszgcyhglc"), "found by the initials of its pinyin"
    assert told["actions"]["dispatch"] == "派遣"
    assert json.loads(props["data-limits"])["pending_dispatch"] == 15 * 60 * 1000
    assert (props["data-may-act"], props["data-mirrors"]) == ("1", "1")
    assert desk(Role.ADMIN)["props"]["data-may-act"] == ""


def test_rows_have_the_case_number_as_identity_and_only_their_order_sorts() -> None:
    grid = desk(Role.DISPATCHER)["props"]["children"][0].children[1]
    assert grid.getRowId == "params.data.case_no"
    assert grid.rowData == []
    assert [column["field"] for column in grid.columnDefs if "sort" in column] == ["order"]
    assert grid.defaultColDef["sortable"] is False
    assert grid.dashGridOptions["suppressModelUpdateAfterUpdateTransaction"] is True


def test_the_wall_is_measured_and_has_nothing_to_press() -> None:
    wall = dispatch_wall(
        setup(Role.WALL_DEVICE), city="青岛市", distance_mm=8000, pitch_mm=1.25, demo=True, t=str
    ).to_plotly_json()["props"]
    assert float(wall["style"]["--cw-am-share"]) == pytest.approx(1.86 / 2160, rel=0.01)
    assert views(wall["children"]) == []
