"""Looking at real processes from a test."""

from __future__ import annotations

import psutil


def gone(pid: int) -> bool:
    """Has the process ended? A zombie has; whether its new parent reaps it is not our matter."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
