"""What the tests of the dispatch desk ask of a page, and how they put cases into its queue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from typing import cast

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.kept_page import KeptPage
from tests.fakes.dispatch_server import DispatchServer

PATIENCE_MS = 20_000

Seat = Callable[..., Page]
"""Somebody sits down: `seat("zhang", "&display=wall", (3840, 2160))`."""

_numbers = count(1001, 7)

CLEARED = """() => {
  document.querySelectorAll("dialog[open]").forEach((one) => one.close());
  document.querySelectorAll(".act-toast").forEach((one) => one.remove());
  document.activeElement.blur();
  const { queue } = citywall.dispatch.desk();
  queue.grid.hidePopupMenu();
  queue.grid.setFilterModel(null);
}"""
SAT_DOWN = """() => {
  const desk = citywall.dispatch.desk();
  localStorage.clear();
  sessionStorage.clear();
  desk.bar.input.value = "";
  desk.bar.tell("");
  desk.find("");
  desk.show(desk.views[0].dataset.view);
}"""


class Seats:
    """The desks of a module, one for each officer and lent from test to test; whatever else is opened, is for one test.

    No script of theirs may break.
    """

    def __init__(self, chromium: Browser, hall: DispatchServer) -> None:
        self.chromium = chromium
        self.hall = hall
        self.desks: dict[str, KeptPage] = {}
        self.broken: list[str] = []

    def open(self, who: str, query: str = "", size: tuple[int, int] = (1920, 1080)) -> Page:
        page = self.chromium.new_context(viewport={"width": size[0], "height": size[1]}).new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.broken.append(str(error)))
        page.goto(f"{self.hall.address}/?who={who}{query}")
        ready = page.locator(".dispatch, .dispatch-wall")
        expect(ready).not_to_have_attribute("data-face", "loading", timeout=PATIENCE_MS)
        return page

    def rest(self, page: Page) -> None:
        """As somebody finds it who sits down: the first view, nothing chosen, typed, claimed or remembered."""
        page.evaluate(CLEARED)
        told(page, self.hall)
        page.evaluate(SAT_DOWN)

    @contextmanager
    def lent(self, test: pytest.Item) -> Iterator[Seat]:
        """Sit down, for as long as a test lasts."""
        with ExitStack() as seats:

            def sit(who: str = "wang", query: str = "", size: tuple[int, int] = (1920, 1080)) -> Page:
                if query:
                    page = self.open(who, query, size)
                    seats.callback(page.context.close)
                    return page
                if who not in self.desks:
                    self.desks[who] = KeptPage(lambda: self.open(who), self.rest)
                return seats.enter_context(self.desks[who].lent(test))

            yield sit
        broken, self.broken = self.broken, []
        assert not broken

    def close(self) -> None:
        for desk in self.desks.values():
            desk.close()


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


def told(page: Page, hall: DispatchServer) -> None:
    """Everything that was put has reached the page."""
    page.wait_for_function("(version) => citywall.liveCases.version >= version", arg=len(hall.steps))


def current(page: Page) -> str | None:
    """The chosen case."""
    return cast("str | None", page.evaluate("citywall.dispatch.desk().queue.current"))


def offered(page: Page) -> None:
    """What may be done to the chosen case has come."""
    expect(page.locator(".dispatch-case[data-face=live] .dispatch-timeline")).to_be_visible()
