"""The supervisor's page in a browser: its places, its tree, its keys and rights."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from domain.roles import Identity, Role
from tests.browser.supervisor.looks import ASKING, CHOSEN, SHOWN, Open
from tests.fakes.desk_server import DeskServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
ADMIN = Identity("admin", "管理员", Role.ADMIN)
FOUND = """() => [...document.querySelectorAll('.video-leaf')].filter(leaf => leaf.offsetHeight)
    .map(leaf => Number(leaf.dataset.pick))"""
SOUGHT = [("taidong", 3), ("tdsl 11", 11), ("香港中路 12", 12), ("QD-009", 9), ("shinan qd-021", 21)]
FOCUS = "() => [...document.querySelectorAll('.video-cell[data-focus]')].map(cell => cell.dataset.place)"
LAYOUTS = [("1", 1, "10"), ("36", 36, "2"), ("1+7", 8, "10"), ("16", 16, "5"), ("4", 4, "10")]
RATES = "() => [...new Set([...document.querySelectorAll('.video-cell[data-camera]')].map(cell => cell.dataset.fps))]"
BOXES = """() => [...document.querySelectorAll('.video-cell[data-camera]')].map(cell =>
    JSON.stringify(cell.getBoundingClientRect()))"""


def test_only_the_places_of_the_layout_ask_for_pictures(open_page: Open) -> None:
    page = open_page()
    assert page.evaluate(ASKING) == 4
    for layout, places, fps in LAYOUTS:
        page.click(f"[data-to-layout='{layout}']")
        assert (layout, page.evaluate(ASKING), len(page.evaluate(SHOWN))) == (layout, places, places)
        assert (layout, *page.evaluate(RATES)) == (layout, fps)


def test_the_large_picture_plays_the_main_stream(open_page: Open) -> None:
    page = open_page()
    assert page.evaluate(FOCUS) == []
    page.click("[data-to-layout='1+7']")
    assert page.evaluate(FOCUS) == ["1"]
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUS) == ["3"]
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUS) == ["1"]


def test_whatever_cameras_do_the_grid_stays(open_page: Open) -> None:
    page = open_page("layout=9")
    before = page.evaluate(BOXES)
    page.evaluate("() => harness.states({1: {state: 'offline', error: 'timeout'}, 2: {state: 'frozen'}})")
    expect(page.locator("[data-count='offline']")).to_have_text("1")
    assert page.evaluate(BOXES) == before


def test_arrows_move_the_choice_and_shift_moves_the_camera(open_page: Open) -> None:
    page = open_page("layout=16")
    before = page.evaluate(SHOWN)
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    assert page.evaluate(CHOSEN) == "9"
    page.keyboard.press("Shift+ArrowUp")
    after = page.evaluate(SHOWN)
    assert (after[4], after[8]) == (before[8], before[4])
    assert page.evaluate(CHOSEN) == "5"


def test_layouts_come_round_and_are_remembered(open_page: Open) -> None:
    page = open_page()
    for _ in range(2):
        page.keyboard.press("g")
    assert page.evaluate(ASKING) == 9
    page.goto(page.url.split("?")[0])
    assert page.evaluate(ASKING) == 9


def test_a_camera_named_in_the_address_opens_large(open_page: Open) -> None:
    page = open_page("cam=QD-007")
    assert page.evaluate(SHOWN) == [7]


def test_cameras_are_found_by_name_pinyin_number_and_place(open_page: Open) -> None:
    page = open_page()
    for typed, first in SOUGHT:
        page.keyboard.press("/")
        page.keyboard.type(typed)
        assert (typed, page.evaluate(FOUND)[0]) == (typed, first)
        page.keyboard.press("Enter")
        assert (typed, page.evaluate(SHOWN)[0]) == (typed, first)
        page.fill(".video-search", "")
        page.locator(".video-search").blur()


def test_the_tree_can_be_walked_and_filled_from_by_keyboard(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("2")
    page.locator(".video-tree:visible [tabindex='0']").focus()
    for key in ("ArrowDown", "ArrowLeft", "ArrowDown", "ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    second = page.evaluate("() => document.activeElement.dataset.pick")
    assert page.evaluate(SHOWN)[1] == int(second)
    closed = page.locator(".video-tree:visible [aria-expanded=false]")
    expect(closed).to_have_count(1)
    page.keyboard.press("Escape")
    assert page.evaluate("() => document.activeElement.dataset.place") == "2"


def test_the_tree_turns_from_place_to_owner(open_page: Open) -> None:
    page = open_page()
    page.click("[data-order='owner']")
    tops = page.locator(".video-tree:visible > .video-branch > .video-branch-row .video-heading")
    assert tops.all_inner_texts() == ["自建", "共享 · 交警支队"]


def test_pictures_with_something_wrong_have_a_filter_of_their_own(open_page: Open) -> None:
    page = open_page()
    page.evaluate("() => harness.states({1: {state: 'live'}, 2: {state: 'live', conditions: ['black']}})")
    page.click(".video-chip[data-only='condition']")
    assert page.evaluate(FOUND) == [2]
    assert "黑屏" in (page.locator(".video-leaf[data-pick='2']:visible").get_attribute("title") or "")


def test_keys_work_under_a_chinese_input_method_and_rest_while_it_composes(open_page: Open) -> None:
    page = open_page()
    press = """([code, isComposing]) => document.dispatchEvent(new KeyboardEvent('keydown',
        {code, key: 'Process', keyCode: 229, isComposing, bubbles: true}))"""
    page.evaluate(press, ["Digit3", False])
    assert page.evaluate(CHOSEN) == "3"
    page.evaluate("() => document.dispatchEvent(new CompositionEvent('compositionstart', {data: 'n'}))")
    page.evaluate(press, ["Digit4", True])
    page.evaluate(press, ["KeyG", True])
    assert page.evaluate(CHOSEN) == "3"
    assert page.evaluate(ASKING) == 4


def test_the_key_card_opens_and_the_page_rests_under_it(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("Shift+Slash")
    expect(page.locator(".video-key-card")).to_be_visible()
    page.keyboard.press("g")
    assert page.evaluate(ASKING) == 4
    page.keyboard.press("Escape")
    expect(page.locator(".video-key-card")).to_be_hidden()


def test_without_the_right_there_is_neither_button_nor_key(open_page: Open, server: DeskServer) -> None:
    page = open_page(who=ADMIN)
    for key in ("w", "k", "b", "Shift+Digit1", "p", "Alt+1"):
        page.keyboard.press(key)
    assert page.locator("dialog[open]").count() == 0
    assert [path for method, path, _ in server.asked if method != "GET"] == []
    assert page.locator(".video-bar [data-act=wall], .video-bar [data-act=ptz]").count() == 0


def test_a_city_without_cameras_says_so_and_its_keys_do_no_harm(open_page: Open, server: DeskServer) -> None:
    cameras, server.cameras = server.cameras, []
    try:
        page = open_page()
        for key in ("Enter", "Escape", "Period", "s", "m", "t", "ArrowRight"):
            page.keyboard.press(key)
        expect(page.locator(".video-tree-empty")).to_contain_text("cameras.csv")
    finally:
        server.cameras = cameras
