"""Pages of the wall for the browser tests."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.dispatch_seat import PATIENCE_MS, Seat
from tests.browser.kept_page import FAILED
from tests.fakes.dispatch_server import DispatchServer, dispatch_server
from tests.fakes.wall_server import WallServer, wall_server


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test knows that it failed: a page it shared is not handed on."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


WALL_READY = "() => document.querySelector('.cw-card[data-face=live] .cw-kpi')"

OpenPage = Callable[..., Page]
"""Open a page of a size; what its console complained of is in `page.complaints`."""


@pytest.fixture(scope="session")
def wall() -> Iterator[WallServer]:
    """The wall with a day of its own, its figures still unless a test moves them."""
    with wall_server() as server:
        yield server


@pytest.fixture
def open_wall(chromium: Browser, wall: WallServer) -> Iterator[OpenPage]:
    """Open the wall at a size and wait for its first figures."""
    contexts = []

    def opened(
        query: str = "", *, size: tuple[int, int] = (1920, 1080), clock: bool = False, server: WallServer = wall
    ) -> Page:
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]})
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda said: said.type in ("error", "warning") and page.complaints.append(said.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        if clock:
            page.clock.install()
        page.goto(f"{server.address}/?{query}")
        page.wait_for_function(WALL_READY, polling=100)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def dispatch(tmp_path_factory: pytest.TempPathFactory, valkey_url: str) -> Iterator[DispatchServer]:
    """The dispatch desk on a case store of its own."""
    with dispatch_server(tmp_path_factory.mktemp("dispatch"), valkey_url) as server:
        yield server


@pytest.fixture
def hall(dispatch: DispatchServer) -> DispatchServer:
    """An empty board; the numbers of earlier tests stay taken."""
    dispatch.forget()
    dispatch.posted.clear()
    return dispatch


@pytest.fixture
def seat(chromium: Browser, hall: DispatchServer) -> Iterator[Seat]:
    """Somebody sits down at a desk or before a wall of their own; no script of theirs may break."""
    contexts = []
    broken: list[str] = []

    def sit(who: str = "wang", query: str = "", size: tuple[int, int] = (1920, 1080)) -> Page:
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto(f"{hall.address}/?who={who}{query}")
        ready = page.locator(".dispatch, .dispatch-wall")
        expect(ready).not_to_have_attribute("data-face", "loading", timeout=PATIENCE_MS)
        return page

    yield sit
    for context in contexts:
        context.close()
    assert not broken
