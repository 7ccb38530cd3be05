"""V on a case: its best cameras, the stopwatch, and what was sent to the wall; nothing of it changes data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.browser.conftest import kept_wall, shown_wall, wall_at_rest, wall_page_of
from tests.browser.kept_page import KeptPage
from tests.fakes.wall_server import NO_CAMERAS, WallServer

pytestmark = pytest.mark.browser

LEFT = "[...document.querySelectorAll('.cw-pane-l .cw-tile')]"
TILES = f"() => {LEFT}.map((tile) => tile.dataset.camera)"
OWN = f"() => {LEFT}.map((tile) => [Number(tile.dataset.camera), tile.dataset.name])"
PART = "citywall.map.part(document.querySelector('.cw-wall'))"
SEND = (
    "(cameras) => harness.publish('tick', { ...citywall.live.newest('tick'), wall_cameras: { version: 1, cameras } })"
)
COME = """(numbers) => (window.coming ??= []).push(setInterval(() => numbers.forEach((number) => {
  const tile = document.querySelector(`.cw-pane-l [data-camera='${number}']`);
  if (tile) tile.dataset.state = 'live'; }), 10))"""
"""Pictures come to these tiles, and stay; there is no video server behind this wall."""
GO = """() => { (window.coming ?? []).forEach(clearInterval);
  performance.clearMarks();
  delete window.opened;
  if (window.nowHere) Date.now = nowHere;
  citywall.map.part(document.querySelector('.cw-wall')).layers.heard(new Map()); }"""
"""No picture comes any more, no camera is known to give none, and it is not later than it is."""
LATER = "(ms) => { window.nowHere ??= Date.now; Date.now = () => nowHere() + ms; }"

Answer = dict[str, Any]


def seen(number: int, metres: int) -> Answer:
    return {"number": number, "id": f"QD-{number:03d}", "name": f"镜头 {number}", "distance_m": metres, "in_view": True}


FOUR = (seen(31, 40), seen(12, 120), seen(55, 180), seen(7, 260))


@pytest.fixture(scope="module")
def standing_wall(chromium: Browser, wall: WallServer) -> Iterator[KeptPage]:
    """The worker of its pictures is silent: whether they come is for the tests to say."""
    own: list[Any] = []

    def opened() -> Page:
        page = wall_page_of(chromium)
        page.context.route("**/tiles-worker.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
        with_map(shown_wall(page, wall))
        own[:] = page.evaluate(OWN)
        return page

    def rest(page: Page) -> None:
        page.evaluate(GO)
        wall_at_rest(page)
        page.evaluate(SEND, own)
        page.keyboard.press("f")

    with kept_wall(opened, rest) as kept:
        yield kept


@pytest.fixture
def page(wall_page: Page, wall: WallServer) -> Iterator[Page]:
    """A wall whose cases have four cameras."""
    wall.sight = {**NO_CAMERAS, "cameras": FOUR}
    wall.sights_asked.clear()
    yield wall_page
    wall.sight = NO_CAMERAS


def with_map(page: Page) -> None:
    page.wait_for_function(
        f"() => document.querySelector('.cw-leaflet') && {PART}?.version && {PART}.layers.grids.size"
    )


def shown(page: Page, *numbers: int | str) -> None:
    page.wait_for_function(
        f"(wanted) => JSON.stringify(({TILES})().slice(0, wanted.length)) === JSON.stringify(wanted)",
        arg=[str(number) for number in numbers],
        polling=50,
    )


def scene(page: Page, name: str) -> None:
    expect(page.locator(".cw-wall")).to_have_attribute("data-scene", name)


def test_v_shows_the_chosen_cases_four_best_cameras_and_times_it(page: Page, wall: WallServer) -> None:
    page.keyboard.press("ArrowDown")
    chosen = page.evaluate("() => document.querySelector('.cw-att.is-selected').cwItem.case_no")
    page.keyboard.press("v")
    shown(page, 31, 12, 55, 7)
    scene(page, "video")
    assert wall.sights_asked == [chosen]
    expect(page.locator(".cw-pane-l .cw-tile").first).to_have_attribute("data-name", "镜头 31 · 40 m")
    watch = page.locator(".cw-case-view")
    page.evaluate(COME, [31, 12, 55])
    expect(watch).to_have_attribute("data-live", "3")
    expect(watch).to_have_attribute("data-state", "running")
    page.evaluate(COME, [7])
    expect(watch).to_have_attribute("data-state", "done", timeout=14_000)
    expect(watch).to_have_text(re.compile(r"4 路 · \d+\.\d 秒$"))
    marks = page.evaluate("() => performance.getEntriesByName('citywall:case-view').map((mark) => mark.detail)")
    assert marks == [{"cameras": [31, 12, 55, 7], "live": 4, "ms": int(watch.get_attribute("data-ms") or "")}]


def test_cameras_that_never_come_are_told(page: Page, wall: WallServer) -> None:
    wall.sight = {**NO_CAMERAS, "cameras": FOUR[:2]}
    page.keyboard.press("v")
    watch = page.locator(".cw-case-view")
    expect(watch).to_have_attribute("data-wanted", "2")
    page.evaluate(LATER, 16_000)
    expect(watch).to_have_attribute("data-state", "late")
    expect(watch).to_have_text(re.compile("0/2 路 · 未齐$"))


def test_leaving_gives_the_wall_its_own_cameras_back(page: Page) -> None:
    own = page.evaluate(TILES)
    for leave, reached in (("Escape", "overview"), ("5", "video"), ("3", "districts")):
        page.keyboard.press("v")
        shown(page, 31, 12, 55, 7)
        page.keyboard.press(leave)
        shown(page, *own)
        scene(page, reached)
        expect(page.locator(".cw-case-line")).to_be_hidden()
        page.keyboard.press("1")


def test_fewer_cameras_show_larger_pictures_and_none_near_is_said(page: Page, wall: WallServer) -> None:
    told, visible = page.locator(".cw-case-line"), page.locator(".cw-pane-l .cw-tile:visible")
    wall.sight = {**NO_CAMERAS, "cameras": FOUR[:2]}
    page.keyboard.press("v")
    shown(page, 31, 12, 0, 0)
    expect(visible).to_have_count(2)
    wall.sight = {**NO_CAMERAS, "nearest_beyond": seen(9, 640)}
    page.keyboard.press("v")
    shown(page, 9, 0, 0, 0)
    expect(told).to_contain_text("300 米内没有摄像机")
    expect(visible).to_have_attribute("data-name", "镜头 9 · 640 m")
    wall.sight = None
    page.keyboard.press("v")
    expect(told).to_contain_text("摄像机查不到")


def test_v_is_deaf_to_an_input_method_that_composes_but_counts_while_one_is_on(page: Page) -> None:
    press = """(isComposing) => document.body.dispatchEvent(
      new KeyboardEvent('keydown', { code: 'KeyV', key: 'Process', isComposing, bubbles: true }))"""
    page.evaluate(press, True)
    scene(page, "overview")
    page.evaluate(press, False)
    shown(page, 31, 12, 55, 7)
    assert "/video" not in page.url, "a page just loaded does not take it for the second half of G V"


def test_the_focus_takes_the_cameras_that_look_at_the_place_and_no_key_sends_anything(page: Page) -> None:
    sent: list[str] = []

    def heard(request: Request) -> None:
        if request.method != "GET":
            sent.append(request.url)

    page.on("request", heard)
    page.keyboard.press("2")
    shown(page, 31, 12)
    page.keyboard.press("v")
    shown(page, 31, 12, 55, 7)
    page.remove_listener("request", heard)
    assert [url for url in sent if "heartbeat" not in url] == []


def test_what_is_sent_to_the_wall_appears_in_its_place_but_waits_while_a_case_is_looked_at(page: Page) -> None:
    own = page.evaluate(OWN)
    page.evaluate(SEND, [own[0], [77, "镜头 77"], own[2], own[3]])
    shown(page, own[0][0], 77)
    page.evaluate(SEND, own)
    shown(page, *(number for number, _ in own))
    page.keyboard.press("v")
    shown(page, 31, 12, 55, 7)
    page.evaluate(SEND, [[71, "a"], [72, "b"], [73, "c"], [74, "d"]])
    shown(page, 31, 12, 55, 7)
    page.keyboard.press("Escape")
    shown(page, 71, 72, 73, 74)


# --- cameras on the map -----------------------------------------------------------------------------------------------

SYMBOLS = f"{PART}.layers.shownCameras.filter((layer) => layer.options.size)"
CONE = f"{PART}.layers.shownCameras.find((layer) => !layer.options.size)?.options.fillOpacity"
NEAR = f"""() => {{ const part = {PART}, camera = part.layers.cameras[0];
  part.map.setView([camera.lat, camera.lon], 16, {{ animate: false }});
  const box = part.map.getContainer().getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2]; }}"""


def test_far_away_only_cameras_on_screen_are_drawn_and_near_by_one_without_a_picture_is_grey(page: Page) -> None:
    assert 0 < page.evaluate(f"() => {SYMBOLS}.length") <= 4 < page.evaluate(f"() => {PART}.layers.cameras.length")
    page.evaluate(NEAR)
    assert page.evaluate(f"() => {CONE}") == 0.3
    page.evaluate(f"""() => {{ const {{ layers }} = {PART};
      layers.heard(new Map(layers.cameras.map(({{ number }}) => [number, 'offline']))); }}""")
    assert page.evaluate(f"() => {CONE}") == 0.12
    assert page.evaluate(f"() => {SYMBOLS}.every((layer) => layer.options.dead)")


def test_a_click_on_a_camera_opens_it_on_a_desk_and_never_from_a_wall(page: Page) -> None:
    page.evaluate("() => { window.open = (address) => (window.opened = address); }")
    page.mouse.click(*page.evaluate(NEAR))
    assert page.evaluate("() => window.opened") is None
    page.evaluate(f"() => {PART}.doors()")
    page.mouse.click(*page.evaluate(NEAR))
    camera = page.evaluate(f"() => {PART}.layers.cameras[0].id")
    assert page.evaluate("() => window.opened") == f"/video?cam={camera}"


# --- the list of cases ------------------------------------------------------------------------------------------------

LIST = """(selected) => document.body.insertAdjacentHTML('beforeend', `
  <button class="cases-video" disabled>V</button><input id="field"><div class="cases-grid">
  <div class="ag-row ${selected ? 'ag-row-selected' : ''}" row-id="QD1">QD1</div></div>`)"""
LINE = """() => {
  sessionStorage.setItem('citywall.case-view', JSON.stringify({ caseNo: 'QD1', began: Date.now() - 900 }));
  const sight = JSON.stringify([{ number: 31 }, { number: 12 }]);
  document.body.insertAdjacentHTML('beforeend', `
    <div class="video-case" data-case-no="QD1" data-sight='${sight}'></div>
    <div class="cw-pane-l">${[31, 12].map((n) => `<i class="cw-tile" data-camera="${n}">${n}</i>`).join("")}</div>`);
}"""


@pytest.fixture(scope="module")
def standing_list(chromium: Browser, wall: WallServer) -> Iterator[KeptPage]:
    """A page where a list of cases may stand and nothing of the wall; one that goes to `/video` never leaves."""

    def opened() -> Page:
        page = shown_wall(wall_page_of(chromium), wall)
        page.context.route(re.compile(r"/video\?"), lambda route: route.fulfill(status=204))
        page.evaluate("() => document.querySelector('.cw-wall').remove()")
        page.evaluate("() => { window.before = document.body.lastElementChild; }")
        return page

    def rest(page: Page) -> None:
        page.evaluate("""() => { (window.coming ?? []).forEach(clearInterval);
          sessionStorage.clear();
          while (document.body.lastElementChild !== before) document.body.lastElementChild.remove(); }""")

    with kept_wall(opened, rest) as kept:
        yield kept


@pytest.fixture
def cases_list(standing_list: KeptPage, request: pytest.FixtureRequest) -> Iterator[Page]:
    with standing_list.lent(request.node) as page:
        yield page


def test_v_on_a_chosen_row_opens_its_cameras_with_the_time_of_the_key(cases_list: Page) -> None:
    cases_list.evaluate(LIST, True)
    cases_list.locator("#field").press("v")
    cases_list.evaluate("""() => document.body.dispatchEvent(
      new KeyboardEvent('keydown', { code: 'KeyV', isComposing: true, bubbles: true }))""")
    assert "/video" not in cases_list.url, "typed into a field or composed it stays there"
    cases_list.evaluate("() => document.activeElement.blur()")
    with cases_list.expect_request("**/video?case=QD1"):
        cases_list.keyboard.press("v")
    kept = json.loads(cases_list.evaluate("() => sessionStorage.getItem('citywall.case-view')"))
    assert kept["caseNo"] == "QD1"
    assert 0 <= cases_list.evaluate("() => Date.now()") - kept["began"] < 30_000


def test_the_button_waits_for_a_row_and_does_what_the_key_does(cases_list: Page) -> None:
    cases_list.evaluate(LIST, False)
    button = cases_list.locator(".cases-video")
    cases_list.keyboard.press("v")
    expect(button).to_be_disabled()
    assert "/video" not in cases_list.url
    cases_list.evaluate("() => document.querySelector('.ag-row').classList.add('ag-row-selected')")
    cases_list.locator(".ag-row").click()
    expect(button).to_be_enabled()
    with cases_list.expect_request("**/video?case=QD1"):
        button.click()


def test_the_camera_walls_line_of_the_case_has_its_stopwatch(cases_list: Page) -> None:
    cases_list.evaluate(LINE)
    watch = cases_list.locator(".video-case .case-stopwatch")
    expect(watch).to_have_attribute("data-state", "running")
    cases_list.evaluate(COME, [31, 12])
    expect(watch).to_have_attribute("data-state", "done", timeout=14_000)
    assert 900 <= int(watch.get_attribute("data-ms") or "") < 15_000
    assert cases_list.evaluate("() => sessionStorage.getItem('citywall.case-view')") is None
