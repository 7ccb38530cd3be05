"""Component ids, written once: the shell's, then each page's."""

from __future__ import annotations

TICK = "cw-tick"
WALL = "cw-wall"
CASES = "cw-cases"
ALARMS = "cw-alarms"


class CasesPage:
    """`/cases`: the list behind a figure."""

    ADDRESS = "cases-address"
    TOTAL = "cases-total"
    GRID = "cases-grid"
    ERROR = "cases-error"


class HealthPage:
    """`/video/health`: the table of all cameras."""

    GRID = "health-grid"


class VideoPage:
    """`/video`: the camera wall."""

    CASE = "video-case"
    CASE_LINE = "video-case-line"


class DispatchPage:
    """`/dispatch`: the duty officers' desk."""

    GRID = "dispatch-grid"


class UnitPage:
    """`/unit`: a department's cases."""

    GRID = "unit-grid"


class IntakePage:
    """`/intake`: the queues of acceptance, filing, review and closing."""

    GRID = "intake-grid"
