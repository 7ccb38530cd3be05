"""The supervisor's page for several files of tests: its server, and browsers that open it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect

from domain.roles import Identity
from tests.browser.kept_page import KeptPage
from tests.browser.supervisor.looks import Open
from tests.fakes.desk_server import DeskServer, desk_server
from tests.video.made import SUPERVISOR

SEATS = ("desk", "clock", "beside")
"""Where a test sits: the usual desk, one whose clock it moves, and a second one beside the first."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskServer]:
    with desk_server(tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture(scope="module")
def seats(chromium: Browser, said: list[str]) -> Iterator[dict[str, KeptPage]]:
    """A tab for each seat: going to the page again in the same tab costs a third of opening it in a new one."""

    def sit(seat: str) -> Page:
        page = chromium.new_context(viewport={"width": 1600, "height": 900}).new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        if seat == "clock":
            page.clock.install()
        return page

    def as_never_here(page: Page) -> None:
        page.evaluate("() => localStorage.clear()")

    kept = {seat: KeptPage(lambda seat=seat: sit(seat), as_never_here) for seat in SEATS}
    yield kept
    for one in kept.values():
        one.close()


@pytest.fixture
def open_page(
    seats: dict[str, KeptPage], server: DeskServer, said: list[str], request: pytest.FixtureRequest
) -> Iterator[Open]:
    """Open the page as somebody who has never been here; afterwards no script had complained."""
    server.asked.clear()
    server.answers.clear()
    said.clear()
    lent: list[Page] = []
    with ExitStack() as stack:

        def open_one(query: str = "", *, who: Identity = SUPERVISOR, clock: bool = False) -> Page:
            server.identity = who
            seat = "clock" if clock else "beside" if lent else "desk"
            page = stack.enter_context(seats[seat].lent(request.node))
            lent.append(page)
            page.goto(f"{server.address}/video?{query}")
            expect(page.locator(".video-cell[data-selected]")).to_have_count(1)
            return page

        yield open_one
    assert said == []
