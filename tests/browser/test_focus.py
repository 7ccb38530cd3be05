"""The focused picture in a real browser: it plays, it is as true as a tile, and tiles stand in whenever it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from domain import tile_state
from domain.camera import CameraCondition, CameraState
from tests.browser.kept_page import KeptPage, kept_tab
from tests.fakes.film import film
from tests.fakes.focus_server import FocusServer, Play, StandIn, focus_server
from tests.waiting import eventually
from video.ladder import BY_NAME

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
PLACE = "document.querySelector(`.cw-tile[data-camera='${number}']`)"
PLAYING = f"([number, playing]) => {PLACE}.dataset.playing === playing"
STATE = f"([number, ...states]) => states.includes({PLACE}.dataset.state)"
TEXT = f"number => {PLACE}.textContent"
SIZE = "() => { const video = document.querySelector('video'); return video && video.videoWidth }"
NUMBER = """() => {
  const video = document.querySelector('video'), canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0);
  const row = context.getImageData(0, video.videoHeight >> 1, video.videoWidth, 1).data;
  const bits = [...Array(12).keys()].map(bit => row[4 * Math.floor((bit + 0.5) * video.videoWidth / 12)] > 127);
  return bits.reduce((number, isSet, bit) => number | isSet << bit, 0);
}"""
ON_TOP = """() => {
  const plate = document.querySelector('.cw-tile-plate'), { left, top, width, height } = plate.getBoundingClientRect();
  return plate.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}"""
DRAWN = """() => {
  const shown = document.querySelector('.cw-tile-canvas'), canvas = new OffscreenCanvas(1, 1);
  const context = canvas.getContext('2d');
  context.drawImage(shown, 0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data[3] > 0;
}"""
LEAVE = "() => document.querySelectorAll('.cw-tile').forEach(place => place.remove())"
BESIDE = {BY_NAME["320x180"]: 0.5}

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def server(valkey_url: str) -> Iterator[FocusServer]:
    with focus_server(valkey_url, 1, 2) as running:
        yield running


@pytest.fixture
def camera(server: FocusServer) -> Iterator[StandIn]:
    """The camera of the tests, well again afterwards."""
    one = server.cameras[1]
    yield one
    one.play, one.tiles, one.state, one.conditions, one.film = Play.WELL, True, CameraState.LIVE, (), film()


@pytest.fixture(scope="module")
def tab(chromium: Browser, said: list[str]) -> Iterator[KeptPage]:
    with kept_tab(chromium, said, width=1280, height=700) as one:
        yield one


@pytest.fixture
def open_page(
    tab: KeptPage, said: list[str], server: FocusServer, camera: StandIn, request: pytest.FixtureRequest
) -> Iterator[Open]:
    """Open tiles; afterwards nobody looks any more and no script had complained."""
    said.clear()
    with tab.lent(request.node) as page:

        def opened(query: str = "") -> Page:
            page.goto(f"{server.address}/tiles?{query}")
            return page

        yield opened
        page.evaluate(LEAVE)
    eventually(lambda: not camera.wish.focus and not server.hub.watched(), within=30)
    assert said == []


def until(page: Page, question: str, *facts: object, within: float = 40) -> None:
    page.wait_for_function(question, arg=[1, *facts], timeout=within * 1000)


def test_the_main_stream_plays_near_the_present_and_the_server_need_not_decode_for_it(
    open_page: Open, camera: StandIn
) -> None:
    page = open_page()
    until(page, STATE, "live")
    until(page, PLAYING, "focus")
    eventually(lambda: camera.wish.focus and camera.wish.sizes == BESIDE and camera.wish.first, within=40)
    eventually(lambda: (camera.index - page.evaluate(NUMBER)) % 60 < 15, within=20)
    assert "实时" in page.evaluate(TEXT, 1)
    assert page.evaluate("() => getComputedStyle(document.querySelector('video')).visibility") == "visible"
    assert page.evaluate(ON_TOP)


def test_a_film_that_stops_grows_old_like_any_picture_and_goes_when_it_comes_back(
    open_page: Open, camera: StandIn
) -> None:
    page = open_page()
    until(page, PLAYING, "focus")
    camera.play, camera.tiles = Play.NOTHING, False
    until(page, STATE, "frozen", within=60)
    assert "画面停在" in page.evaluate(TEXT, 1)
    assert "grayscale" in page.evaluate("() => getComputedStyle(document.querySelector('video')).filter")
    camera.play, camera.tiles = Play.WELL, True
    until(page, STATE, "live")
    until(page, PLAYING, "focus")


def test_a_film_too_old_to_be_shown_is_taken_away(
    open_page: Open, camera: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tile_state, "REMOVED_SECONDS", 3.0)
    page = open_page()
    until(page, PLAYING, "focus")
    camera.play, camera.tiles = Play.NOTHING, False
    page.wait_for_function("() => document.querySelector('.cw-tile[data-removed]')", timeout=40_000)
    page.wait_for_function("() => !document.querySelector('video')", timeout=40_000)


def test_a_dead_encoder_does_not_bring_the_removed_picture_back(
    open_page: Open, camera: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tile_state, "REMOVED_SECONDS", 3.0)
    page = open_page("focus=0")
    until(page, STATE, "live")
    eventually(lambda: page.evaluate(DRAWN), within=20)
    camera.state = CameraState.FROZEN  # the same picture for ten seconds, and it goes on coming
    page.wait_for_function("() => document.querySelector('.cw-tile[data-removed][data-state=frozen]')", timeout=40_000)
    eventually(lambda: not page.evaluate(DRAWN), within=20)
    seen, pictures = camera.index, set()
    eventually(lambda: pictures.add(page.evaluate(DRAWN)) or camera.index > seen + 40, within=40)
    assert pictures == {False}


def test_when_only_the_film_stops_tiles_take_over(open_page: Open, camera: StandIn) -> None:
    page = open_page()
    until(page, PLAYING, "focus")
    camera.play = Play.NOTHING
    until(page, PLAYING, "tiles")
    until(page, STATE, "live")
    eventually(lambda: max(camera.wish.sizes.values(), default=0) == 10.0, within=20)


def test_a_stream_the_browser_cannot_play_stays_on_tiles_at_full_rate(open_page: Open, camera: StandIn) -> None:
    camera.play = Play.CANNOT
    page = open_page()
    until(page, STATE, "live")
    eventually(lambda: not camera.wish.focus and 10.0 in camera.wish.sizes.values(), within=40)
    assert page.locator("video").count() == 0
    assert page.evaluate("() => document.querySelector('.cw-tile').dataset.playing") == "tiles"


def test_after_two_failures_tiles_stay_and_the_film_is_tried_again_later(open_page: Open, camera: StandIn) -> None:
    camera.play, before = Play.BROKEN, camera.films
    page = open_page()
    eventually(lambda: camera.films > before and not camera.wish.focus, within=60)
    until(page, STATE, "live")
    until(page, PLAYING, "tiles")
    assert page.locator("video").count() == 0
    camera.play = Play.WELL
    page.evaluate("() => { const now = performance.now.bind(performance); performance.now = () => now() + 31000 }")
    until(page, PLAYING, "focus")


def test_another_picture_size_begins_a_new_film(open_page: Open, camera: StandIn) -> None:
    page = open_page()
    until(page, PLAYING, "focus")
    assert page.evaluate(SIZE) == 352
    camera.film = film(width=240, height=180)
    page.wait_for_function(f"() => ({SIZE})() === 240", timeout=40_000)
    until(page, PLAYING, "focus")


def test_a_hidden_tile_and_a_hidden_page_cost_nothing(open_page: Open, server: FocusServer, camera: StandIn) -> None:
    page = open_page("cams=1,2")
    until(page, PLAYING, "focus")
    page.evaluate("() => { document.querySelector('.cw-tile').style.marginTop = '5000px' }")
    eventually(lambda: not camera.wish.focus and server.hub.watched() == {2}, within=30)
    assert page.locator("video").count() == 0
    page.evaluate("() => { document.querySelector('.cw-tile').style.marginTop = '0' }")
    until(page, PLAYING, "focus")
    page.evaluate(
        """() => { Object.defineProperty(document, 'hidden', {get: () => true});
                   document.dispatchEvent(new Event('visibilitychange')) }"""
    )
    eventually(lambda: not camera.wish.focus and server.hub.watched() == set(), within=30)


def test_two_places_may_show_the_same_film(open_page: Open, camera: StandIn) -> None:
    page = open_page()
    until(page, PLAYING, "focus")
    page.evaluate(
        """() => document.body.insertAdjacentHTML(
            "beforeend", '<div class="cw-tile" id="second" data-camera="1" data-focus></div>')"""
    )
    page.wait_for_function(
        "() => [...document.querySelectorAll('.cw-tile')].every(place => place.dataset.playing === 'focus')",
        timeout=40_000,
    )


def test_what_is_wrong_with_the_picture_itself_is_said_beside_its_state(open_page: Open, camera: StandIn) -> None:
    camera.conditions = (CameraCondition.BLACK, CameraCondition.MOVED)
    page = open_page("focus=0")
    page.wait_for_function("() => document.querySelector('.cw-tile').dataset.condition === 'black'", timeout=40_000)
    page.wait_for_function("() => document.querySelector('.cw-tile').textContent.includes('黑屏')")
    assert "实时" in page.evaluate(TEXT, 1)
    camera.conditions = ()
    page.wait_for_function("() => document.querySelector('.cw-tile').dataset.condition === undefined", timeout=40_000)


def test_a_camera_nobody_opened_yet_says_so(open_page: Open, camera: StandIn) -> None:
    camera.state, camera.tiles = CameraState.IDLE, False
    page = open_page("focus=0")
    until(page, STATE, "idle")
    assert "未开启" in page.evaluate(TEXT, 1)


def test_the_case_one_looks_for_is_written_down(open_page: Open, server: FocusServer, camera: StandIn) -> None:
    page = open_page("focus=0")
    page.evaluate("() => { document.querySelector('.cw-tile').dataset.case = 'C-2026-7' }")
    eventually(lambda: (1, "C-2026-7") in server.door.opened, within=30)
