"""The supervisor's page for several files of tests: its server, and browsers that open it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from domain.roles import Identity
from tests.browser.supervisor.looks import Open
from tests.fakes.desk_server import DeskServer, desk_server
from tests.video.made import SUPERVISOR


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskServer]:
    with desk_server(tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture(scope="module")
def browsers(chromium: Browser) -> Iterator[list[BrowserContext]]:
    """One browser for all tests (its cache makes them fast), and one whose clock a test moves."""
    contexts = [chromium.new_context(viewport={"width": 1600, "height": 900}) for _ in range(2)]
    contexts[1].clock.install()
    yield contexts
    for context in contexts:
        context.close()


@pytest.fixture
def open_page(browsers: list[BrowserContext], server: DeskServer) -> Iterator[Open]:
    """Open the page as somebody who has never been here; afterwards no script had complained."""
    said: list[str] = []
    opened: list[Page] = []
    server.asked.clear()
    server.answers.clear()

    def open_one(query: str = "", *, who: Identity = SUPERVISOR, clock: bool = False) -> Page:
        server.identity = who
        page = browsers[int(clock)].new_page()
        opened.append(page)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{server.address}/video?{query}")
        expect(page.locator(".video-cell[data-selected]")).to_have_count(1)
        return page

    yield open_one
    for page in opened:
        page.evaluate("() => localStorage.clear()")
        page.close()
    assert said == []
