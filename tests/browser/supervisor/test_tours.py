"""Tours, scenes and promotions of the supervisor's page, with a test speaking for the cameras."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from domain.roles import Identity, Role
from tests.browser.supervisor.looks import ASKING, SHOWN, Open, asked
from tests.fakes.desk_server import DeskServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
MARKS = """place => document.querySelector(`.video-cell[data-place='${place}'] .video-marks`).textContent"""
LIVE = "numbers => harness.states(Object.fromEntries(numbers.map(number => [number, {state: 'live'}])))"
COME_AND_GO = """numbers => {
    for (let time = 0; time < 30; time += 1)
        for (const state of ['offline', 'live']) for (const number of numbers) harness.states({[number]: {state}}); }"""
SEVERE = """caseNo => { const now = Date.now();
    harness.publish('tick', {now, version: 1, as_of: now, connected: true, sources: []});
    harness.publish('cases', {version: 2, steps: [{put: [{case_no: caseNo, severity: 'L1', reported_at: now}]}]}); }"""
NEAR = {"cameras": [{"number": 17, "name": "东海西路 17", "distance_m": 120, "preset": None}], "nearest_beyond": None}


def begin_tour(page: Page, *, seconds: int, place: bool = True) -> None:
    """A tour of the four cameras on screen, in the chosen place or everywhere."""
    page.keyboard.press("Shift+T")
    selects = page.locator(".video-fields select")
    selects.nth(0).select_option(index=1 if place else 0)
    selects.nth(1).select_option(index=1)
    page.fill(".video-fields input[type=number]", str(seconds))
    page.click(".video-dialog [data-main]")


def test_a_tour_that_is_too_fast_is_refused_in_words(open_page: Open) -> None:
    page = open_page()
    begin_tour(page, seconds=5)
    expect(page.locator(".video-dialog .video-warning")).to_contain_text("不少于 6 秒")


def test_a_tour_goes_round_in_its_place_and_warms_the_next_camera(open_page: Open) -> None:
    page = open_page(clock=True)
    assert page.evaluate(SHOWN) == [1, 2, 3, 4]
    page.keyboard.press("4")
    begin_tour(page, seconds=10)
    assert page.evaluate(SHOWN) == [1, 2, 3, 1]
    page.clock.run_for(8000)
    warm = page.locator(".video-prefetch .cw-tile")
    expect(warm).to_have_attribute("data-camera", "2")
    assert warm.bounding_box()["width"] == page.locator(".video-cell").nth(3).bounding_box()["width"]  # type: ignore[index]
    page.clock.run_for(2500)
    assert page.evaluate(SHOWN) == [1, 2, 3, 2]
    expect(warm).to_have_count(0)
    expect(page.locator(".video-tour")).to_contain_text("■■□□ 2/4")
    page.keyboard.press("]")
    page.keyboard.press("[")
    page.keyboard.press("[")
    assert page.evaluate(SHOWN) == [1, 2, 3, 1]


def test_a_hand_pauses_a_tour_which_goes_on_after_a_quiet_minute(open_page: Open) -> None:
    page = open_page(clock=True)
    begin_tour(page, seconds=6)
    page.keyboard.press("Period")
    by_hand = page.evaluate(SHOWN)
    page.clock.run_for(30_000)
    assert page.evaluate(SHOWN) == by_hand
    expect(page.locator(".video-tour")).to_contain_text("30 秒后继续")
    page.clock.run_for(31_000)
    assert page.evaluate(SHOWN) != by_hand
    page.keyboard.press("t")
    stopped = page.evaluate(SHOWN)
    page.clock.run_for(20_000)
    assert page.evaluate(SHOWN) == stopped
    expect(page.locator(".video-tour")).to_contain_text("已停")


def test_one_key_sends_all_places_round_all_live_cameras(open_page: Open) -> None:
    page = open_page(clock=True)
    page.evaluate(LIVE, list(range(1, 9)))
    page.keyboard.press("t")
    first = page.evaluate(SHOWN)
    expect(page.locator(".video-tour")).to_contain_text("4 路/组")
    page.clock.run_for(15_500)
    assert sorted(first + page.evaluate(SHOWN)) == list(range(1, 9))


def save_scene(page: Page, name: str) -> None:
    page.keyboard.press("y")
    page.fill(".video-dialog form input", name)
    page.keyboard.press("Enter")
    page.locator(f".video-scene:has-text('{name}')").wait_for()


def test_a_saved_scene_comes_back_with_all_it_had(open_page: Open) -> None:
    page = open_page("layout=9")
    begin_tour(page, seconds=20)
    save_scene(page, "早高峰")
    page.keyboard.press("Escape")
    page.click("[data-to-layout='1']")
    page.keyboard.press("y")
    page.click(".video-scene:has-text('早高峰')")
    assert page.evaluate(ASKING) == 9
    expect(page.locator(".video-tour")).to_contain_text("20 秒")
    page.goto(page.url.split("?")[0])
    expect(page.locator(".video-toast")).to_contain_text("早高峰")
    expect(page.locator(".video-tour")).to_contain_text("20 秒")


def test_nobody_overwrites_a_scene_unseen(open_page: Open) -> None:
    one = open_page()
    save_scene(one, "夜市")
    other = open_page(who=Identity("qian", "钱进", Role.DUTY_OFFICER))
    other.keyboard.press("y")
    other.click("li:has-text('夜市') >> text=保存屏上")
    expect(other.locator(".video-toast").last).to_contain_text("已保存")
    one.click("li:has-text('夜市') >> text=保存屏上")
    expect(one.locator(".video-dialog .video-warning")).to_contain_text("钱进")
    one.click("text=仍用我的覆盖")
    expect(one.locator(".video-toast").last).to_contain_text("已保存")


def test_a_deleted_scene_can_be_had_back(open_page: Open) -> None:
    page = open_page()
    save_scene(page, "演练")
    page.click("li:has-text('演练') >> text=删除")
    page.click(".video-toast >> text=撤销")
    expect(page.locator(".video-toast").last).to_contain_text("已恢复")
    page.keyboard.press("y")
    expect(page.locator(".video-scene:has-text('演练')")).to_have_count(1)


def test_a_severe_case_brings_its_nearest_camera_and_gives_the_place_back(open_page: Open, server: DeskServer) -> None:
    server.answers["/api/v1/cases/QD1/cameras"] = (200, NEAR)
    page = open_page(clock=True)
    page.evaluate(SEVERE, "QD1")
    expect(page.locator(".video-cell[data-case='QD1']")).to_have_attribute("data-camera", "17")
    assert page.evaluate(MARKS, 4) == "案 QD1 · 120 m"
    assert "cams=1,2,3,17" not in page.url
    page.keyboard.press("Escape")
    assert page.evaluate(SHOWN) == [1, 2, 3, 4]
    server.answers["/api/v1/cases/QD2/cameras"] = (200, NEAR)
    page.evaluate(SEVERE, "QD2")
    expect(page.locator(".video-cell[data-case='QD2']")).to_have_count(1)
    page.clock.run_for(121_000)
    assert page.evaluate(SHOWN) == [1, 2, 3, 4]
    expect(page.locator(".video-events li")).to_have_count(2)


def test_a_case_without_a_camera_nearby_is_told_and_moves_nothing(open_page: Open, server: DeskServer) -> None:
    server.answers["/api/v1/cases/QD3/cameras"] = (200, {"cameras": [], "nearest_beyond": None})
    page = open_page()
    page.evaluate(SEVERE, "QD3")
    expect(page.locator(".video-events")).to_contain_text("300 米内没有摄像机")
    assert page.evaluate(SHOWN) == [1, 2, 3, 4]


def test_a_promoted_place_taken_by_hand_is_kept(open_page: Open, server: DeskServer) -> None:
    server.answers["/api/v1/cases/QD4/cameras"] = (200, NEAR)
    page = open_page()
    page.evaluate(SEVERE, "QD4")
    page.keyboard.press("4")
    expect(page.locator(".video-cell[data-case]")).to_have_count(1)
    page.locator(".video-leaf[data-pick='9']:visible").click()
    page.keyboard.press("Escape")
    assert page.evaluate(SHOWN) == [1, 2, 3, 9]


def test_a_lost_camera_is_news_once_and_one_press_away(open_page: Open) -> None:
    page = open_page()
    page.evaluate(LIVE, list(range(1, 40)))
    for _ in range(2):
        page.evaluate("() => harness.states({21: {state: 'offline', error: 'timeout'}})")
    page.locator(".video-event:has-text('离线')").click()
    assert page.evaluate(SHOWN)[0] == 21
    page.evaluate(COME_AND_GO, [30, 31])
    expect(page.locator(".video-events li")).to_have_count(50)


def test_a_platform_that_goes_together_is_one_piece_of_news(open_page: Open) -> None:
    page = open_page()
    tick = """detail => harness.publish('tick', {now: Date.now(), version: 1, as_of: 0, connected: true,
        sources: [{name: 'platforms', state: 'down', as_of: 0, ttl: 30, detail}]})"""
    page.evaluate(tick, "交警支队 9/12")
    page.evaluate(tick, "交警支队 10/12")
    assert page.locator(".video-events li").all_inner_texts()[0].endswith("平台掉线 交警支队 9/12")
    expect(page.locator(".video-events li")).to_have_count(1)


def test_a_screen_opened_for_a_case_says_how_its_cameras_see_it(open_page: Open, server: DeskServer) -> None:
    server.answers["/api/v1/cases/QD9/cameras/turn"] = (200, {"cameras": []})
    page = open_page("case=QD9")
    assert len(page.evaluate(SHOWN)) == 4
    expect(page.locator(".video-case")).to_contain_text("300 米内 4 路")
    assert " m · " in page.evaluate(MARKS, 1)
    page.keyboard.press("s")
    assert asked(server, "/api/v1/video/evidence")[0]["case_no"] == "QD9"
