"""Tiles in a real browser, fed by real sockets from cameras that fail while one looks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.kept_page import KeptPage, kept_tab
from tests.fakes.rtsp_camera import FakeCameras, Fault, fake_cameras
from tests.fakes.video_server import VideoServer, video_server
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
ALL = range(1, 7)
STATE = "number => document.querySelector(`.cw-tile[data-camera='${number}']`).dataset.state"
IS_STATE = "([number, ...states]) => states.includes((" + STATE + ")(number))"
PLATE = "number => document.querySelector(`.cw-tile[data-camera='${number}'] .cw-tile-plate`).textContent"
BOXES = """() => [...document.querySelectorAll('.cw-tile')].map(place =>
    JSON.stringify(place.getBoundingClientRect()))"""
SHOWN = """() => [...document.querySelectorAll('.video-cell')].filter(cell => cell.offsetWidth)
    .map(cell => cell.dataset.place)"""
FOUND = """() => [...document.querySelectorAll('.video-leaf')].filter(leaf => leaf.offsetHeight)
    .map(leaf => leaf.dataset.id)"""
LEAVE = "() => document.querySelectorAll('.cw-tile').forEach(place => place.remove())"

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def cameras() -> Iterator[FakeCameras]:
    with fake_cameras() as running:
        yield running


@pytest.fixture(scope="module")
def server(valkey_url: str, cameras: FakeCameras) -> Iterator[VideoServer]:
    with video_server(valkey_url, cameras, ALL) as running:
        yield running


@pytest.fixture(scope="module")
def tab(chromium: Browser, said: list[str]) -> Iterator[KeptPage]:
    with kept_tab(chromium, said, width=1280, height=900) as one:
        yield one


@pytest.fixture
def open_page(
    tab: KeptPage, said: list[str], server: VideoServer, cameras: FakeCameras, request: pytest.FixtureRequest
) -> Iterator[Open]:
    """Open a page of the server; afterwards nobody looks, every camera is well again and no console complained."""
    said.clear()
    with tab.lent(request.node) as page:

        def opened(path: str) -> Page:
            page.goto(server.address + path)
            return page

        yield opened
        page.evaluate(LEAVE)
    for number in ALL:
        cameras.become(cameras.url(Fault.OK, number), Fault.OK)
    eventually(lambda: not server.watched(), within=30)
    assert said == []


def until(page: Page, number: int, *states: str, within: float = 40) -> None:
    page.wait_for_function(IS_STATE, arg=[number, *states], timeout=within * 1000)


def drawn(page: Page, number: int) -> float:
    """How much of a camera's place is not black, as one sees it (0–1)."""
    image = page.locator(f".cw-tile[data-camera='{number}']").screenshot(type="png")
    return page.evaluate(
        """async bytes => {
          const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
          const canvas = new OffscreenCanvas(64, 64), context = canvas.getContext("2d");
          context.drawImage(bitmap, 0, 0, 64, 64);
          const data = context.getImageData(0, 0, 64, 64).data;
          let bright = 0;
          for (let at = 0; at < data.length; at += 4) bright += data[at] + data[at + 1] + data[at + 2] > 150;
          return bright / 4096;
        }""",
        list(image),
    )


def test_a_live_camera_shows_its_picture_name_time_and_state(open_page: Open) -> None:
    page = open_page("/tiles?cams=1,2")
    for number in (1, 2):
        until(page, number, "live")
        plate = page.evaluate(PLATE, number)
        assert f"镜头 {number}" in plate
        assert "实时" in plate
        assert plate.count(":") == 2
        assert re.search(r"\d\.\d 秒", plate)  # the age
    assert drawn(page, 1) > 0.3


def test_the_focused_picture_is_the_cameras_own_stream(open_page: Open) -> None:
    page = open_page("/tiles?cams=1,2&focus=2")
    page.wait_for_function(
        "() => document.querySelector(\".cw-tile[data-camera='2']\").dataset.playing === 'focus'", timeout=40_000
    )
    until(page, 2, "live")
    assert page.evaluate("() => document.querySelector('video').videoWidth") == 352
    assert page.evaluate("() => document.querySelector(\".cw-tile[data-camera='1']\").dataset.playing") == "tiles"


def test_a_camera_that_is_lost_turns_stale_alone_and_comes_back(open_page: Open, cameras: FakeCameras) -> None:
    page = open_page("/tiles?cams=1,2")
    until(page, 1, "live")
    until(page, 2, "live")
    before = page.evaluate(BOXES)
    cameras.become(cameras.url(Fault.OK, 1), Fault.SILENT)
    cameras.become(cameras.url(Fault.OK, 1), Fault.FREEZE)
    until(page, 1, "frozen", "offline")
    assert page.evaluate(STATE, 2) in ("live", "delayed")
    assert page.evaluate(BOXES) == before
    assert "画面停在" in page.evaluate(PLATE, 1) or "离线" in page.evaluate(PLATE, 1)
    filtered = page.evaluate("() => getComputedStyle(document.querySelector('.cw-tile-canvas')).filter")
    assert "grayscale" in filtered
    cameras.become(cameras.url(Fault.OK, 1), Fault.OK)
    until(page, 1, "live")


def test_a_camera_without_a_picture_says_why(open_page: Open, cameras: FakeCameras) -> None:
    cameras.become(cameras.url(Fault.OK, 5), Fault.KILL)
    page = open_page("/tiles?cams=5,77,0")
    until(page, 77, "offline")
    assert "无权查看" in page.evaluate(PLATE, 77)
    assert page.evaluate(STATE, 0) == "none"
    assert "未选摄像机" in page.locator(".cw-tile[data-camera='0']").inner_text()


def test_when_the_server_is_gone_every_picture_says_so_and_comes_back_by_itself(
    open_page: Open, server: VideoServer
) -> None:
    page = open_page("/tiles?cams=3")
    until(page, 3, "live")
    server.stop()
    until(page, 3, "frozen", "offline")
    server.start()
    until(page, 3, "live", within=60)


def test_a_place_that_gets_another_camera_shows_that_one(open_page: Open) -> None:
    page = open_page("/tiles?cams=1")
    until(page, 1, "live")
    page.evaluate("() => { document.querySelector('.cw-tile').dataset.camera = '4' }")
    until(page, 4, "live")


def test_places_that_come_later_and_leave_are_noticed(open_page: Open) -> None:
    page = open_page("/tiles?cams=1")
    until(page, 1, "live")
    page.evaluate(
        """() => document.body.insertAdjacentHTML(
            "beforeend", '<div class="cw-tile" data-camera="6" data-name="六"></div>')"""
    )
    until(page, 6, "live")
    page.evaluate("() => document.querySelector('.cw-tile[data-camera=\"6\"]').remove()")
    page.wait_for_function("() => document.querySelectorAll('.cw-tile-canvas').length === 1")


def test_tiles_nobody_sees_are_not_asked_for(open_page: Open, server: VideoServer) -> None:
    page = open_page("/tiles?cams=1,2,3,4,5,6")
    eventually(lambda: server.watched() >= {1, 6}, within=30)
    page.evaluate("() => { document.querySelectorAll('.cw-tile')[5].style.marginTop = '5000px' }")
    eventually(lambda: 6 not in server.watched(), within=30)
    assert 1 in server.watched()
    page.evaluate("() => { document.querySelectorAll('.cw-tile')[5].style.marginTop = '0' }")
    until(page, 6, "live")


def test_a_script_may_bring_its_own_canvas_and_hear_the_truth_about_it(open_page: Open) -> None:
    page = open_page("/tiles?cams=1")
    page.evaluate(
        """() => {
          const canvas = document.body.appendChild(document.createElement("canvas"));
          canvas.style.cssText = "width:320px;height:180px";
          window.heard = [];
          window.citywall.tiles.attach(canvas, 2, {onState: facts => window.heard.push(facts)});
        }"""
    )
    page.wait_for_function("() => window.heard.some(facts => facts.state === 'live')", timeout=30_000)
    last = page.evaluate("() => window.heard.at(-1)")
    assert (last["camera"], last["removed"], last["connected"]) == (2, False, True)
    page.evaluate("() => window.citywall.tiles.detach(document.querySelector('body > canvas'))")
    count = page.evaluate("() => window.heard.length")
    page.evaluate("() => { window.beats = 0; window.citywall.tiles.list(() => { window.beats += 1 }) }")
    page.wait_for_function("() => window.beats > 4")
    assert page.evaluate("() => window.heard.length") <= count + 1


def test_a_worker_that_died_is_replaced(open_page: Open) -> None:
    page = open_page("/tiles?cams=1")
    until(page, 1, "live")
    page.evaluate(
        "() => { const drop = Worker.prototype.terminate; window.drops = 0; "
        "Worker.prototype.terminate = function () { window.drops += 1; drop.call(this) } }"
    )
    page.workers[0].evaluate("() => { self.setInterval = null; self.postMessage = () => {} }")
    page.wait_for_function("() => window.drops === 1", timeout=30_000)
    page.wait_for_function("() => document.querySelectorAll('.cw-tile-canvas').length === 1")
    until(page, 1, "live")


def test_the_desk_puts_any_camera_into_any_place_by_click_and_key(open_page: Open) -> None:
    page = open_page("/video?layout=4&cams=1,2,3,4")
    until(page, 1, "live")
    cells = "() => [...document.querySelectorAll('.video-cell')].slice(0, 4).map(cell => Number(cell.dataset.camera))"
    page.keyboard.press("3")
    page.click(".video-leaf[data-pick='6']")
    assert page.evaluate(cells) == [1, 2, 6, 4]
    page.keyboard.press("Comma")
    assert page.evaluate(cells) == [1, 2, 5, 4]
    page.keyboard.press("Period")
    page.keyboard.press("Delete")
    assert page.evaluate(cells) == [1, 2, 0, 4]
    assert "cams=1,2,0,4" in page.url
    page.drag_and_drop(".video-leaf[data-pick='5']", ".video-cell:nth-child(1)")
    page.drag_and_drop(".video-cell:nth-child(1)", ".video-cell:nth-child(4)")
    assert page.evaluate(cells) == [4, 2, 0, 5]


def test_the_desk_shows_one_picture_large_and_goes_back(open_page: Open) -> None:
    page = open_page("/video?layout=9")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    assert page.evaluate(SHOWN) == ["2"]
    page.keyboard.press("Escape")
    assert len(page.evaluate(SHOWN)) == 9
    page.click("[data-to-layout='4']")
    assert page.evaluate(SHOWN) == ["1", "2", "3", "4"]


def test_keys_rest_while_chinese_is_being_typed(open_page: Open) -> None:
    page = open_page("/video?layout=4&cams=1,2,3,4")
    page.keyboard.press("2")
    page.evaluate(
        """() => document.dispatchEvent(new KeyboardEvent(
            "keydown", {code: "Digit3", key: "3", isComposing: true, bubbles: true}))"""
    )
    page.fill(".video-search", "4")
    page.keyboard.press("1")
    assert page.evaluate("() => document.querySelector('.video-cell[data-selected]').dataset.place") == "2"


def test_the_tree_finds_cameras_and_counts_those_that_fail(open_page: Open, cameras: FakeCameras) -> None:
    page = open_page("/video")
    page.wait_for_function("() => document.querySelector(\"[data-count='live']\").textContent === '6'", timeout=40_000)
    page.fill(".video-search", "QD-004")
    assert page.evaluate(FOUND) == ["QD-004"]
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.querySelector('.video-cell').dataset.camera") == "4"
    page.fill(".video-search", "")
    cameras.become(cameras.url(Fault.OK, 2), Fault.FREEZE)
    page.wait_for_function(
        "() => document.querySelector(\".video-leaf[data-pick='2']\").dataset.state !== 'live'", timeout=40_000
    )
    page.wait_for_function(
        "() => [...document.querySelectorAll('.video-bad')].some(bad => bad.textContent === '✕ 1')", timeout=40_000
    )
