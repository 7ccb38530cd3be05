"""Who may open what: the one table of the door. What has no line here is not there for anybody.

Patterns are written like routes: `{x}` stands for one part of a path, `{x:path}` for the rest of it. The first line
that fits counts. A socket's method is `WS`; `GET` includes `HEAD`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from domain.roles import PERMISSIONS, Identity, Permission, Role

GET = ("GET",)
POST = ("POST",)
PUT = ("PUT",)
WS = ("WS",)


@dataclass(frozen=True, slots=True)
class Public:
    """For everybody."""

    def lets_in(self, identity: Identity | None) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class SignedIn:
    """For every session, wall devices included."""

    def lets_in(self, identity: Identity | None) -> bool:
        return identity is not None


@dataclass(frozen=True, slots=True)
class Needs:
    """For whoever holds one of the permissions; `or_loopback` also for programs on this very machine."""

    any_of: tuple[Permission, ...]
    or_loopback: bool = False

    def lets_in(self, identity: Identity | None) -> bool:
        return identity is not None and any(identity.may(permission) for permission in self.any_of)

    @property
    def roles(self) -> tuple[Role, ...]:
        """The posts that may, in the order of the domain sheet."""
        return tuple(role for role in Role if any(p in PERMISSIONS[role] for p in self.any_of))


Rule = Public | SignedIn | Needs


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    pattern: str
    methods: tuple[str, ...]
    rule: Rule


def needs(*permissions: Permission, or_loopback: bool = False) -> Needs:
    return Needs(permissions, or_loopback)


_WALL = needs(Permission.SEE_WALL)
_VIDEO = needs(Permission.SEE_VIDEO)
_CASES = needs(Permission.SEE_CASES, Permission.SEE_OWN_CASES)
_SEEING = needs(Permission.SEE_CASES, Permission.SEE_OWN_CASES, Permission.SEE_TASKS)
_ACTING = needs(Permission.ACT_ON_CASE)
_EVIDENCE = needs(Permission.SAVE_EVIDENCE)
_CAMERAS = needs(Permission.SEE_CAMERAS)
_GROUND = needs(Permission.SEE_WALL, Permission.SEE_OWN_CASES, Permission.SEE_TASKS)
_CONFIGURE = needs(Permission.CONFIGURE)
_ALARMS = needs(Permission.SEE_ALARMS)
_HANDLING = needs(Permission.HANDLE_ALARMS)

RULES: tuple[Line, ...] = (
    # health and the door itself
    Line("/healthz", GET, Public()),
    Line("/readyz", GET, Public()),
    Line("/metrics", GET, needs(Permission.SEE_METRICS, or_loopback=True)),
    Line("/login", GET + POST, Public()),
    Line("/logout", POST, Public()),
    Line("/device/{token}", GET, Public()),
    Line("/lang/{code}", GET, Public()),
    # what any page is made of, before anybody is known
    Line("/assets/{path:path}", GET, Public()),
    Line("/_dash-component-suites/{path:path}", GET, Public()),
    Line("/_favicon.ico", GET, Public()),
    Line("/favicon.ico", GET, Public()),
    Line("/api/v1/words.js", GET, Public()),
    # pages
    Line("/", GET, SignedIn()),
    Line("/wall", GET, _WALL),
    Line("/video", GET, _VIDEO),
    Line("/video/health", GET, needs(Permission.SEE_CAMERAS)),
    Line("/cases", GET, _CASES),
    Line("/case/{case_no}", GET, _SEEING),
    Line("/dispatch", GET, needs(Permission.SEE_CASES, Permission.SEE_WALL)),
    Line("/intake", GET, needs(Permission.TAKE_IN)),
    Line("/collect", GET, needs(Permission.SEE_TASKS)),
    Line("/unit", GET, needs(Permission.SEE_OWN_CASES)),
    Line("/supervision", GET, needs(Permission.SEE_CASES)),
    Line("/handover", GET, _HANDLING),
    Line("/replay", GET, needs(Permission.SEE_FIGURES)),
    Line("/evaluation", GET, needs(Permission.SEE_FIGURES)),
    Line("/cameras/setup", GET, _CONFIGURE),
    Line("/not-found-404", GET, SignedIn()),
    # what delivers the pages; each page and callback has a rule of its own beyond this (`dash_guard`)
    Line("/_dash-layout", GET, SignedIn()),
    Line("/_dash-dependencies", GET, SignedIn()),
    Line("/_dash-update-component", POST, SignedIn()),
    Line("/_dash-ws-callback", WS, SignedIn()),
    Line("/_reload-hash", GET, SignedIn()),
    # video
    Line("/ws/video", WS, _VIDEO),
    Line("/video/{camera_id}/snapshot.jpg", GET, _VIDEO),
    Line("/video/{camera_id}/recent.mp4", GET, _VIDEO),
    Line("/video/evidence/{evidence_id}", GET, _CASES),
    Line("/api/v1/video/evidence", POST, _EVIDENCE),
    Line("/api/v1/cases/{case_no}/evidence", GET, _CASES),
    Line("/api/v1/cases/{case_no}/evidence", POST, _EVIDENCE),
    Line("/video/overview.jpg", GET, _VIDEO),
    Line("/api/v1/video/scenes", GET, _VIDEO),
    Line("/api/v1/video/scenes", POST, needs(Permission.DIRECT_WALL)),
    Line("/api/v1/video/scenes/{scene_id}", ("PUT", "DELETE"), needs(Permission.DIRECT_WALL)),
    # the map
    Line("/tiles/{path:path}", GET, _GROUND),
    Line("/api/v1/map/{path:path}", GET, _GROUND),
    Line("/api/v1/components/{path:path}", GET, _GROUND),
    # machines
    Line("/api/v1/board", GET, needs(Permission.SEE_WALL, Permission.SEE_OWN_CASES)),
    Line("/api/v1/wall/heartbeat", POST, _WALL),
    Line("/api/v1/video/wall", GET, _WALL),
    Line("/api/v1/video/wall", PUT, needs(Permission.DIRECT_WALL)),
    Line("/api/v1/kpi", GET, needs(Permission.SEE_FIGURES)),
    Line("/api/v1/evaluation", GET, needs(Permission.SEE_FIGURES)),
    Line("/api/v1/evaluation/trend", GET, needs(Permission.SEE_FIGURES)),
    Line("/api/v1/evaluation/export.xlsx", GET, needs(Permission.SEE_FIGURES)),
    Line("/api/v1/evaluation/report.pdf", GET, needs(Permission.SEE_FIGURES)),
    Line("/api/v1/evaluation/times", GET, needs(Permission.SEE_FIGURES)),
    Line("/api/v1/evaluation/ageing", GET, needs(Permission.SEE_FIGURES)),
    Line("/api/v1/evaluation/pauses", GET, needs(Permission.SEE_FIGURES)),
    Line("/api/v1/evaluation/credibility", GET, needs(Permission.SEE_FIGURES)),
    Line("/api/v1/evaluation/bottleneck", GET, needs(Permission.SEE_FIGURES)),
    Line("/api/v1/evaluation/gap", GET, needs(Permission.SEE_FIGURES)),
    Line("/api/v1/evaluation/lock", POST, needs(Permission.LOCK_FIGURES)),
    Line("/api/v1/evaluation/correct", POST, needs(Permission.LOCK_FIGURES)),
    Line("/api/v1/replay/day", GET, needs(Permission.SEE_FIGURES)),
    Line("/ws/replay", WS, needs(Permission.SEE_FIGURES)),
    Line("/api/v1/cases", GET, _CASES),
    Line("/api/v1/cases", POST, needs(Permission.REPORT_CASE)),
    Line("/api/v1/cases/{case_no}", GET, _SEEING),
    Line("/api/v1/cases/{case_no}/story", GET, _SEEING),
    Line("/api/v1/cases/{case_no}/risk", GET, _SEEING),
    Line("/api/v1/cases/{case_no}/offers", GET, _ACTING),
    Line("/api/v1/cases/{case_no}/actions", POST, _ACTING),
    Line("/api/v1/cases/{case_no}/photos", GET, _SEEING),
    Line("/api/v1/risk", GET, _CASES),
    Line("/api/v1/risk/departments", GET, _WALL),
    Line("/api/v1/supervision", GET, needs(Permission.SEE_CASES)),
    Line("/api/v1/photos", POST, needs(Permission.ACT_ON_CASE, Permission.REPORT_CASE)),
    Line("/photos/{sha256}.jpg", GET, _SEEING),
    Line("/photos/{sha256}/thumb", GET, _SEEING),
    Line("/api/v1/cases-alike", GET, needs(Permission.REPORT_CASE)),
    Line("/api/v1/tasks", GET, needs(Permission.SEE_TASKS)),
    Line("/api/v1/places", GET, needs(Permission.ACT_ON_CASE, Permission.REPORT_CASE)),
    Line("/api/v1/where", GET, needs(Permission.ACT_ON_CASE, Permission.REPORT_CASE)),
    Line("/api/v1/unit/figures", GET, needs(Permission.SEE_OWN_CASES)),
    Line("/api/v1/unit/cases/{case_no}/given", GET, needs(Permission.SEE_OWN_CASES)),
    Line("/api/v1/dispatch/preview", POST, _ACTING),
    Line("/api/v1/dispatch", POST, _ACTING),
    Line("/api/v1/dispatch/view", GET, _WALL),
    Line("/api/v1/dispatch/view", PUT, needs(Permission.HANDLE_ALARMS)),
    Line("/api/v1/claims/heartbeat", POST, _ACTING),
    Line("/api/v1/departments", GET, _ACTING),
    Line("/api/v1/classes", GET, needs(Permission.ACT_ON_CASE, Permission.REPORT_CASE)),
    Line("/api/v1/limits", GET, _ACTING),
    Line("/api/v1/cases/{case_no}/cameras", GET, _VIDEO),
    Line("/api/v1/cases/{case_no}/cameras/turn", POST, needs(Permission.TURN_CAMERA)),
    Line("/api/v1/cameras/{camera_id}/cases", GET, needs(Permission.SEE_CASES)),
    Line("/api/v1/cameras/health", GET, needs(Permission.SEE_CAMERAS)),
    Line("/api/v1/cameras/{camera_id}/relearn", POST, needs(Permission.TURN_CAMERA)),
    Line("/api/v1/cameras", GET, needs(Permission.SEE_CAMERAS)),
    Line("/api/v1/cameras/setup", GET + POST, _CONFIGURE),
    Line("/api/v1/cameras/setup/test", POST, _CONFIGURE),
    Line("/api/v1/cameras/setup/csv", POST, _CONFIGURE),
    Line("/api/v1/cameras/{camera_id}/ptz", GET, _CAMERAS),
    Line("/api/v1/cameras/{camera_id}/ptz", POST, needs(Permission.TURN_CAMERA)),
    Line("/api/v1/cameras/{camera_id}/presets", GET, _CAMERAS),
    Line("/api/v1/alarms", GET, _ALARMS),
    Line("/api/v1/alarms/rates", GET, needs(Permission.SEE_ALARMS, Permission.SEE_FIGURES)),
    Line("/api/v1/alarms/ack", POST, _HANDLING),
    Line("/api/v1/alarms/sound", POST, _HANDLING),
    Line("/api/v1/alarms/{alarm_id}/ack", POST, _HANDLING),
    Line("/api/v1/alarms/{alarm_id}/shelve", POST, _HANDLING),
    Line("/api/v1/alarms/{alarm_id}/unshelve", POST, _HANDLING),
    Line("/api/v1/handover", GET + POST, _HANDLING),
    Line("/api/v1/handovers", GET, _HANDLING),
    Line("/api/v1/handovers/{number}", GET, _HANDLING),
    Line("/api/docs", GET, SignedIn()),
    Line("/openapi.json", GET, SignedIn()),
)


def line_for(path: str, method: str) -> Line | None:
    """The line that decides about a request; None where nothing is."""
    wanted = "GET" if method == "HEAD" else method
    return next((line for line in RULES if wanted in line.methods and _matcher(line.pattern).fullmatch(path)), None)


def methods_of(path: str) -> tuple[str, ...]:
    """Every method some line allows for the path; empty where nothing is."""
    return tuple(m for line in RULES if _matcher(line.pattern).fullmatch(path) for m in line.methods)


def shown(path: str) -> str:
    """The path as a log may hold it: its pattern (a device's link is a secret), or a short piece of an unknown one."""
    known = (line.pattern for line in RULES if _matcher(line.pattern).fullmatch(path))
    return next(known, repr(path[:80]))


def example(template: str) -> str:
    """A path that the route or page template stands for."""
    return re.sub(r"<[^>]*>|\{[^}]*\}", "x", template)


@lru_cache(maxsize=256)
def _matcher(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]*\})", pattern)
    return re.compile("".join(_part(part) for part in parts), re.DOTALL)


def _part(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    return ".+" if part.endswith(":path}") else "[^/]+"
