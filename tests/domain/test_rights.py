from __future__ import annotations

import pytest

from domain.action import Action
from domain.case import CaseState
from domain.rights import Level, Mode, Step, level_may, level_of, same_district
from domain.roles import PERMISSIONS, Identity, Permission, Role
from domain.transitions import TRANSITIONS
from tests.domain.loop import Walk, walk_to

CITY = Identity("c", "c", Role.SHIFT_LEADER)
DISTRICT = Identity("d", "d", Role.SHIFT_LEADER, district="370202")


@pytest.mark.parametrize(
    ("mode", "step", "city", "district"),
    [
        (Mode.TWO_TWO, Step.FILE, True, True),
        (Mode.TWO_TWO, Step.DISPATCH, True, True),
        (Mode.TWO_TWO, Step.CHECK, True, True),
        (Mode.TWO_TWO, Step.CLOSE, True, False),
        (Mode.ONE_TWO, Step.FILE, True, False),
        (Mode.ONE_TWO, Step.DISPATCH, True, True),
        (Mode.ONE_TWO, Step.CHECK, True, False),
        (Mode.ONE_TWO, Step.CLOSE, True, False),
        (Mode.ONE_TWO, Step.SECOND_DISPATCH, False, True),
        (Mode.ONE_TWO, None, True, True),
    ],
)
def test_the_mode_gives_each_step_to_its_levels(mode: Mode, step: Step | None, city: bool, district: bool) -> None:
    """The table of domain sheet 4.6, on a case the city owns."""
    case = walk_to(CaseState.PENDING_FILING).standing
    assert (level_may(CITY, step, case, mode), level_may(DISTRICT, step, case, mode)) == (city, district)


def test_whoever_is_bound_to_a_district_works_at_its_level() -> None:
    assert (level_of(CITY), level_of(DISTRICT)) == (Level.CITY, Level.DISTRICT)


@pytest.mark.parametrize(("district", "allowed"), [("370202", True), ("370203", False), (None, True)])
def test_district_people_keep_to_their_district(district: str | None, allowed: bool) -> None:
    case = Walk().do(Action.REPORT, more={"district": district}).standing
    assert same_district(DISTRICT, case) is allowed
    assert same_district(CITY, case)


def test_every_role_has_permissions_and_a_wall_can_only_look() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert PERMISSIONS[Role.WALL_DEVICE] == {Permission.SEE_WALL, Permission.SEE_VIDEO, Permission.SEE_ALARMS}
    assert PERMISSIONS[Role.SYSTEM] == frozenset()


def test_every_post_of_the_table_may_act_or_report_at_all() -> None:
    imports = {Action.IMPORT_REPORT, Action.IMPORT_STEP}
    posts = {role for action, row in TRANSITIONS.items() if action not in imports for role in row.posts}
    able = {role for role, may in PERMISSIONS.items() if may & {Permission.ACT_ON_CASE, Permission.REPORT_CASE}}
    assert posts - able == {Role.SYSTEM}, "the hall's own timers need no page"
