"""Who works in the hall and what each may do: rights by action, not by job title (domain sheet 4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """The posts of domain sheet 4.1, and `WALL_DEVICE` for a read-only screen that must never meet a login page."""

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


class Permission(StrEnum):
    """What a page, route, callback or socket asks for."""

    SEE_WALL = "see_wall"
    SEE_CASES = "see_cases"
    SEE_OWN_CASES = "see_own_cases"
    SEE_PERSONAL_DATA = "see_personal_data"
    SEE_VIDEO = "see_video"
    SEE_FIGURES = "see_figures"
    SEE_CAMERAS = "see_cameras"
    TURN_CAMERA = "turn_camera"
    DIRECT_WALL = "direct_wall"
    SAVE_EVIDENCE = "save_evidence"
    REPORT_CASE = "report_case"
    ACT_ON_CASE = "act_on_case"
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

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.LEADER: _DESK | {Permission.DIRECT_WALL},
    Role.DUTY_OFFICER: _DESK
    | _CAMERAS
    | {Permission.SEE_PERSONAL_DATA, Permission.REPORT_CASE, Permission.ACT_ON_CASE},
    Role.SUPERVISOR: _DESK | _CAMERAS | {Permission.REPORT_CASE},
    Role.ACCEPTOR: _DESK
    | {Permission.SEE_PERSONAL_DATA, Permission.REPORT_CASE, Permission.ACT_ON_CASE, Permission.SAVE_EVIDENCE},
    Role.SHIFT_LEADER: _DESK
    | _CAMERAS
    | {Permission.SEE_PERSONAL_DATA, Permission.REPORT_CASE, Permission.ACT_ON_CASE},
    Role.DISPATCHER: _DESK | {Permission.ACT_ON_CASE},
    Role.DEPARTMENT: frozenset({Permission.SEE_OWN_CASES, Permission.ACT_ON_CASE}),
    Role.COLLECTOR: frozenset({Permission.REPORT_CASE}),
    Role.ADMIN: _DESK | {Permission.CONFIGURE, Permission.SEE_METRICS},
    Role.WALL_DEVICE: frozenset({Permission.SEE_WALL, Permission.SEE_VIDEO}),
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
