"""Who works in the hall and what each may do: rights by action, not by job title (domain sheet 4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """The posts of domain sheet 4.1, and two that are no people.

    `WALL_DEVICE` is a read-only screen that must never meet a login page, `SYSTEM` the hall itself, which acts by its
    timers and never logs in.
    """

    LEADER = "leader"
    DUTY_OFFICER = "duty_officer"
    SUPERVISOR = "supervisor"
    ACCEPTOR = "acceptor"
    SHIFT_LEADER = "shift_leader"
    DISPATCHER = "dispatcher"
    DEPARTMENT = "department"
    COLLECTOR = "collector"
    ADMIN = "admin"
    WALL_DEVICE = "wall_device"
    SYSTEM = "system"


class Permission(StrEnum):
    """What a page, route, callback or socket asks for."""

    SEE_WALL = "see_wall"
    SEE_CASES = "see_cases"
    SEE_OWN_CASES = "see_own_cases"
    SEE_TASKS = "see_tasks"
    SEE_PERSONAL_DATA = "see_personal_data"
    SEE_VIDEO = "see_video"
    SEE_FIGURES = "see_figures"
    LOCK_FIGURES = "lock_figures"
    SEE_CAMERAS = "see_cameras"
    TURN_CAMERA = "turn_camera"
    DIRECT_WALL = "direct_wall"
    SAVE_EVIDENCE = "save_evidence"
    REPORT_CASE = "report_case"
    TAKE_IN = "take_in"
    ACT_ON_CASE = "act_on_case"
    SEE_ALARMS = "see_alarms"
    HANDLE_ALARMS = "handle_alarms"
    CONFIGURE = "configure"
    SEE_METRICS = "see_metrics"


_DESK = frozenset(
    {
        Permission.SEE_WALL,
        Permission.SEE_CASES,
        Permission.SEE_VIDEO,
        Permission.SEE_FIGURES,
        Permission.SEE_CAMERAS,
    }
)

_CAMERAS = frozenset({Permission.TURN_CAMERA, Permission.DIRECT_WALL, Permission.SAVE_EVIDENCE})
"""What those who work with the cameras may do beyond watching."""

_CASE_DESK = frozenset(
    {
        Permission.SEE_PERSONAL_DATA,
        Permission.REPORT_CASE,
        Permission.TAKE_IN,
        Permission.ACT_ON_CASE,
        Permission.SEE_ALARMS,
        Permission.HANDLE_ALARMS,
    }
)
"""What those do who take cases in and direct them."""

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.LEADER: _DESK
    | {Permission.DIRECT_WALL, Permission.ACT_ON_CASE, Permission.SEE_ALARMS, Permission.LOCK_FIGURES},
    Role.DUTY_OFFICER: _DESK | _CAMERAS | _CASE_DESK,
    Role.SUPERVISOR: _DESK | _CAMERAS | {Permission.REPORT_CASE, Permission.TAKE_IN, Permission.SEE_ALARMS},
    Role.ACCEPTOR: _DESK | _CASE_DESK | {Permission.SAVE_EVIDENCE},
    Role.SHIFT_LEADER: _DESK | _CAMERAS | _CASE_DESK,
    Role.DISPATCHER: _DESK | {Permission.ACT_ON_CASE, Permission.SEE_ALARMS, Permission.HANDLE_ALARMS},
    Role.DEPARTMENT: frozenset({Permission.SEE_OWN_CASES, Permission.ACT_ON_CASE}),
    Role.COLLECTOR: frozenset({Permission.REPORT_CASE, Permission.SEE_TASKS, Permission.ACT_ON_CASE}),
    Role.ADMIN: _DESK | {Permission.CONFIGURE, Permission.SEE_METRICS, Permission.LOCK_FIGURES},
    Role.WALL_DEVICE: frozenset({Permission.SEE_WALL, Permission.SEE_VIDEO, Permission.SEE_ALARMS}),
    Role.SYSTEM: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking. `department` limits a department seat to its own cases; `device` marks a wall."""

    name: str
    display_name: str
    role: Role
    department: str | None = None
    district: str | None = None

    def may(self, permission: Permission) -> bool:
        return permission in PERMISSIONS[self.role]


NOT_PEOPLE = frozenset({Role.WALL_DEVICE, Role.SYSTEM})
"""Roles that no account of a person may have."""

DESK_ROLES = frozenset({Role.ACCEPTOR, Role.DUTY_OFFICER, Role.SHIFT_LEADER, Role.DISPATCHER})
"""Posts that claim a case before they act, so that two seats never act on one (domain sheet 4.5)."""
