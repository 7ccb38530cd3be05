"""The remote: physical keys, deaf to an input method that composes, and nothing that changes data."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import pass_time

pytestmark = pytest.mark.browser

SCENE_KEYS = {"1": "overview", "2": "focus", "3": "districts", "4": "departments", "5": "video", "6": "attention"}


@pytest.fixture
def page(timed_wall: Page) -> Page:
    return timed_wall


def _scene(page: Page) -> str | None:
    return page.locator(".cw-wall").get_attribute("data-scene")


def test_each_digit_shows_its_scene_and_writes_it_into_the_address(page: Page) -> None:
    for key, scene in SCENE_KEYS.items():
        page.keyboard.press(key)
        assert _scene(page) == scene
        assert f"scene={scene}" in page.url
    page.keyboard.press("0")
    assert _scene(page) == "overview"


def test_keys_of_an_input_method_that_composes_are_ignored(page: Page) -> None:
    press = """(isComposing) => document.body.dispatchEvent(
      new KeyboardEvent('keydown', { code: 'Digit5', key: 'Process', isComposing, bubbles: true }))"""
    page.evaluate(press, True)
    assert _scene(page) == "overview"
    page.evaluate(press, False)
    assert _scene(page) == "video", "with an input method switched on the physical key still counts"


def test_shortcuts_of_the_browser_are_left_alone(page: Page) -> None:
    page.keyboard.press("Control+5")
    assert _scene(page) == "overview"


def test_arrows_walk_the_visible_rows_and_enter_shows_the_chosen_case(page: Page) -> None:
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    rows = page.locator(".cw-att:visible")
    expect(rows.nth(1)).to_have_class(re.compile("is-selected"))
    where = rows.nth(1).locator("[data-slot=where]").inner_text()
    page.keyboard.press("Enter")
    assert _scene(page) == "focus"
    expect(page.locator(".cw-case [data-slot=where]")).to_have_text(where)
    assert page.evaluate("() => citywall.map.part(document.querySelector('.cw-wall')).map.getZoom()") == 16.5
    page.keyboard.press("Escape")
    assert _scene(page) == "overview"


def test_the_case_in_focus_has_its_two_nearest_cameras_and_gives_the_tiles_back(page: Page) -> None:
    tiles = "() => [...document.querySelectorAll('.cw-pane-l .cw-tile')].map((tile) => tile.dataset.camera)"
    before = page.evaluate(tiles)
    page.keyboard.press("2")
    expect(page.locator(".cw-pane-l .cw-tile:visible")).to_have_count(2)
    nearest = """() => { const root = document.querySelector('.cw-wall');
      const [lat, lon] = citywall.map.part(root).focused;
      return citywall.map.nearestCameras(root, { lat, lon }, 2).map(({ camera }) => camera); }"""
    assert page.evaluate(tiles)[:2] == page.evaluate(nearest)
    page.keyboard.press("Escape")
    assert page.evaluate(tiles) == before


def test_the_focus_gives_way_to_the_scene_before_after_two_minutes(page: Page) -> None:
    page.keyboard.press("6")
    page.keyboard.press("Enter")
    pass_time(page, 90)  # the page's clock runs on meanwhile: leave a busy machine its time
    assert _scene(page) == "focus"
    pass_time(page, 31)
    assert _scene(page) == "attention"


@pytest.mark.parametrize(("key", "layer"), [("KeyB", "black"), ("Shift+Slash", "keys")])
def test_a_layer_is_shown_and_hidden_by_its_key_and_left_with_escape(page: Page, key: str, layer: str) -> None:
    over = page.locator(f'[data-overlay="{layer}"]')
    for _ in range(2):
        expect(over).to_be_hidden()
        page.keyboard.press(key)
        expect(over).to_be_visible()
        page.keyboard.press("Escape")
    expect(over).to_be_hidden()


def test_r_loads_the_page_again_and_it_comes_back_to_the_scene(page: Page) -> None:
    page.keyboard.press("4")
    page.evaluate("() => { window.before = true; }")
    page.keyboard.press("r")
    page.wait_for_function("() => !window.before", polling=100)
    page.wait_for_selector('.cw-wall[data-scene="departments"]')


def test_no_key_sends_anything_that_could_change_data(page: Page) -> None:
    sent: list[str] = []

    def heard(request: Request) -> None:
        if request.method != "GET":
            sent.append(request.url)

    page.on("request", heard)
    for key in (*SCENE_KEYS, "ArrowDown", "Enter", "Escape", "f", "b", "b"):
        page.keyboard.press(key)
    page.remove_listener("request", heard)
    assert [url for url in sent if "heartbeat" not in url] == []


def test_the_console_stays_empty_through_all_scenes(page: Page) -> None:
    for key in (*SCENE_KEYS, "0", "ArrowDown", "Enter", "Escape", "f", "Shift+Slash", "Escape"):
        page.keyboard.press(key)
    page.wait_for_selector('.cw-wall[data-scene="overview"]')
    assert page.complaints == []
