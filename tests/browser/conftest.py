"""Pages of the wall for the browser tests."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from math import ceil

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.dispatch_seat import Seat, Seats
from tests.browser.kept_page import FAILED, KeptPage
from tests.fakes.dispatch_server import DispatchServer, dispatch_server
from tests.fakes.wall_server import WallServer, wall_server


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test knows that it failed: a page it shared is not handed on."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(scope="module")
def said() -> list[str]:
    """What scripts complained of."""
    return []


WALL_READY = "() => document.querySelector('.cw-card[data-face=live] .cw-kpi')"

FULL_HD = (1920, 1080)

OpenPage = Callable[..., Page]
"""Open a page of a size; what its console complained of is in `page.complaints`."""


@pytest.fixture(scope="session")
def wall() -> Iterator[WallServer]:
    """The wall with a day of its own, its figures still unless a test moves them."""
    with wall_server() as server:
        yield server


def wall_page_of(chromium: Browser, size: tuple[int, int] = FULL_HD) -> Page:
    """A page of a size for the wall; what its console complains of is kept."""
    page = chromium.new_context(viewport={"width": size[0], "height": size[1]}).new_page()
    page.complaints = []
    page.on("console", lambda said: said.type in ("error", "warning") and page.complaints.append(said.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    return page


def shown_wall(page: Page, server: WallServer, query: str = "", *, clock: bool = False) -> Page:
    """The wall in it, with its first figures."""
    if clock:
        page.clock.install()
    page.goto(f"{server.address}/?{query}")
    page.wait_for_function(WALL_READY, polling=100)
    return page


@pytest.fixture
def open_wall(chromium: Browser, wall: WallServer) -> Iterator[OpenPage]:
    """Open the wall at a size and wait for its first figures."""
    pages = []

    def opened(
        query: str = "", *, size: tuple[int, int] = FULL_HD, clock: bool = False, server: WallServer = wall
    ) -> Page:
        pages.append(wall_page_of(chromium, size))
        return shown_wall(pages[-1], server, query, clock=clock)

    yield opened
    for page in pages:
        page.context.close()


def wall_at_rest(page: Page) -> None:
    """As it was opened: first scene, nothing chosen, no layer over it, its own figures, all of them new."""
    page.wait_for_function("() => window.harness?.board && document.querySelector('.cw-card .cw-kpi')", polling=100)
    for key in page.evaluate("() => harness.rest()"):
        page.keyboard.press(key)


SETTLED = """async () => {
  for (let frame = 0; frame < 4; frame += 1) await new Promise((drawn) => requestAnimationFrame(drawn));
}"""


def sized(page: Page, size: tuple[int, int]) -> Page:
    """The page on a screen of this size, after its lists have been fitted to it."""
    wanted = {"width": size[0], "height": size[1]}
    if page.viewport_size != wanted:
        page.set_viewport_size(wanted)
    page.evaluate(SETTLED)
    return page


def pass_time(page: Page, seconds: float) -> None:
    """Put its clock forward in strides: after half a minute in one it would begin anew, having heard of no second."""
    strides = ceil(seconds / 20)
    for _ in range(strides):
        page.clock.fast_forward(seconds * 1000 / strides)


@contextmanager
def kept_wall(open_page: Callable[[], Page], rest: Callable[[Page], None] = wall_at_rest) -> Iterator[KeptPage]:
    """A wall that the tests of a module share."""
    kept = KeptPage(open_page, rest)
    yield kept
    kept.close()


@pytest.fixture(scope="module")
def standing_wall(chromium: Browser, wall: WallServer) -> Iterator[KeptPage]:
    with kept_wall(lambda: shown_wall(wall_page_of(chromium), wall)) as kept:
        yield kept


@pytest.fixture
def wall_page(standing_wall: KeptPage, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The wall at 1920x1080, shared with the other tests of the module."""
    with standing_wall.lent(request.node) as page:
        yield page


@pytest.fixture(scope="module")
def standing_timed_wall(chromium: Browser, wall: WallServer) -> Iterator[KeptPage]:
    with kept_wall(lambda: shown_wall(wall_page_of(chromium), wall, clock=True)) as kept:
        yield kept


@pytest.fixture
def timed_wall(standing_timed_wall: KeptPage, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The same, with a clock that a test may put forward: it runs on from wherever the tests before have put it."""
    with standing_timed_wall.lent(request.node) as page:
        yield page


@pytest.fixture(scope="module")
def dispatch(tmp_path_factory: pytest.TempPathFactory, valkey_url: str) -> Iterator[DispatchServer]:
    """The dispatch desk on a case store of its own."""
    with dispatch_server(tmp_path_factory.mktemp("dispatch"), valkey_url) as server:
        yield server


@pytest.fixture
def hall(dispatch: DispatchServer) -> DispatchServer:
    """An empty board; the numbers of earlier tests stay taken."""
    dispatch.forget()
    return dispatch


@pytest.fixture(scope="module")
def seats(chromium: Browser, dispatch: DispatchServer) -> Iterator[Seats]:
    made = Seats(chromium, dispatch)
    yield made
    made.close()


@pytest.fixture
def seat(seats: Seats, hall: DispatchServer, request: pytest.FixtureRequest) -> Iterator[Seat]:
    """Somebody sits down at a desk or before a wall of their own."""
    with seats.lent(request.node) as sit:
        yield sit
