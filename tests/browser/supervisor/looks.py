"""How a test looks at the supervisor's page, and what it asks of the server that stands behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.fakes.desk_server import DeskServer
from tests.waiting import eventually

SHOWN = """() => [...document.querySelectorAll('.video-cell')].filter(cell => cell.offsetWidth)
    .map(cell => Number(cell.dataset.camera))"""
ASKING = "() => document.querySelectorAll('.video-cell[data-camera]').length"
CHOSEN = "() => document.querySelector('.video-cell[data-selected]').dataset.place"

Open = Callable[..., Page]
"""Open the page as somebody who has never been here."""


def asked(server: DeskServer, path: str, count: int = 1, method: str = "POST") -> list[Any]:
    """The bodies sent to a route, once there are as many."""
    return eventually(lambda: len(found := server.bodies(path, method)) >= count and found, within=20)  # type: ignore[return-value]
