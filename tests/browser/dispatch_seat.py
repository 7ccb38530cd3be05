"""What the tests of the dispatch desk ask of a page, and how they put cases into its queue."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import cast

from playwright.sync_api import Locator, Page, expect

from tests.fakes.dispatch_server import DispatchServer

PATIENCE_MS = 20_000

Seat = Callable[..., Page]
"""Somebody sits down: `seat("zhang", "&display=wall", (3840, 2160))`."""

_numbers = count(1001, 7)


def filed(hall: DispatchServer, **more: object) -> str:
    """A case of its own number that waits for dispatch."""
    return hall.filed(next(_numbers), **more)


def row(page: Page, case_no: str) -> Locator:
    return page.locator(f".dispatch-grid .ag-center-cols-container [row-id='{case_no}']")


def shown(page: Page) -> list[tuple[int, str]]:
    """Where each row stands on screen, from the top."""
    found = page.evaluate(
        "[...document.querySelectorAll('.dispatch-grid .ag-center-cols-container .ag-row')]"
        ".map((row) => [Math.round(row.getBoundingClientRect().top), row.getAttribute('row-id')])"
    )
    return sorted((top, case_no) for top, case_no in found)


def current(page: Page) -> str | None:
    """The chosen case."""
    return cast("str | None", page.evaluate("citywall.dispatch.desk().queue.current"))


def offered(page: Page) -> None:
    """What may be done to the chosen case has come."""
    expect(page.locator(".dispatch-case[data-face=live] .dispatch-timeline")).to_be_visible()
