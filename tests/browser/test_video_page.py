"""The supervisor's page in a browser: its hands, tours, scenes and promotions, with a test speaking for the cameras."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from domain.roles import Identity, Role
from tests.fakes.desk_server import DeskServer, desk_server
from tests.video.made import SUPERVISOR
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
ADMIN = Identity("admin", "管理员", Role.ADMIN)
SHOWN = """() => [...document.querySelectorAll('.video-cell')].filter(cell => cell.offsetWidth)
    .map(cell => Number(cell.dataset.camera))"""
ASKING = "() => document.querySelectorAll('.video-cell[data-camera]').length"
FOUND = """() => [...document.querySelectorAll('.video-leaf')].filter(leaf => leaf.offsetHeight)
    .map(leaf => Number(leaf.dataset.pick))"""
CHOSEN = "() => document.querySelector('.video-cell[data-selected]').dataset.place"
FOCUS = "() => [...document.querySelectorAll('.video-cell[data-focus]')].map(cell => cell.dataset.place)"
BOXES = """() => [...document.querySelectorAll('.video-cell[data-camera]')].map(cell =>
    JSON.stringify(cell.getBoundingClientRect()))"""
MARKS = """place => document.querySelector(`.video-cell[data-place='${place}'] .video-marks`).textContent"""
LIVE = "numbers => harness.states(Object.fromEntries(numbers.map(number => [number, {state: 'live'}])))"
SEVERE = """caseNo => { const now = Date.now();
    harness.publish('tick', {now, version: 1, as_of: now, connected: true, sources: []});
    harness.publish('cases', {version: 2, steps: [{put: [{case_no: caseNo, severity: 'L1', reported_at: now}]}]}); }"""
NEAR = {"cameras": [{"number": 17, "name": "东海西路 17", "distance_m": 120, "preset": None}], "nearest_beyond": None}

Open = Callable[..., Page]


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


def asked(server: DeskServer, path: str, count: int = 1, method: str = "POST") -> list[Any]:
    """The bodies sent to a route, once there are as many."""
    return eventually(lambda: len(found := server.bodies(path, method)) >= count and found, within=20)  # type: ignore[return-value]


# --- places -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layout", "places", "fps"), [("1", 1, "10"), ("4", 4, "10"), ("1+7", 8, "10"), ("16", 16, "5"), ("36", 36, "2")]
)
def test_only_the_places_of_the_layout_ask_for_pictures(open_page: Open, layout: str, places: int, fps: str) -> None:
    page = open_page()
    assert page.evaluate(ASKING) == 4
    page.click(f"[data-to-layout='{layout}']")
    assert page.evaluate(ASKING) == places == len(page.evaluate(SHOWN))
    rates = page.evaluate("() => [...document.querySelectorAll('.video-cell[data-camera]')].map(c => c.dataset.fps)")
    assert set(rates) == {fps}


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


# --- finding ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "first"), [("taidong", 3), ("tdsl 11", 11), ("香港中路 12", 12), ("QD-009", 9), ("shinan qd-021", 21)]
)
def test_cameras_are_found_by_name_pinyin_number_and_place(open_page: Open, typed: str, first: int) -> None:
    page = open_page()
    page.keyboard.press("/")
    page.keyboard.type(typed)
    assert page.evaluate(FOUND)[0] == first
    page.keyboard.press("Enter")
    assert page.evaluate(SHOWN)[0] == first


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


# --- tours ------------------------------------------------------------------------------------------------------------


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


# --- scenes -----------------------------------------------------------------------------------------------------------


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


# --- what happens -----------------------------------------------------------------------------------------------------


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
    for number in range(1, 61):
        page.evaluate("number => harness.states({30: {state: number % 2 ? 'offline' : 'live'}})", number)
        page.evaluate("number => harness.states({31: {state: number % 2 ? 'offline' : 'live'}})", number)
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


# --- hands on the camera ----------------------------------------------------------------------------------------------


def turned(server: DeskServer, count: int, number: int = 1) -> list[str]:
    return [body["act"] for body in asked(server, f"/api/v1/cameras/QD-{number:03}/ptz", count)]


def test_a_camera_turns_while_the_keys_are_held(open_page: Open, server: DeskServer) -> None:
    page = open_page()
    page.keyboard.down("p")
    page.keyboard.down("ArrowLeft")
    expect(page.locator(".video-pad")).to_have_count(1)
    page.keyboard.up("ArrowLeft")
    page.keyboard.up("p")
    acts = [act for act in turned(server, 4) if act != "keep"]
    assert acts == ["hold", "move", "stop", "release"]
    moved = server.bodies("/api/v1/cameras/QD-001/ptz")[1]
    assert (moved["pan"] < 0, moved["tilt"], moved["zoom"]) == (True, 0, 0)
    assert page.evaluate(CHOSEN) == "1"
    expect(page.locator(".video-pad")).to_have_count(0)


def test_a_camera_stops_when_the_window_is_left(open_page: Open, server: DeskServer) -> None:
    page = open_page()
    page.keyboard.down("p")
    page.keyboard.down("ArrowUp")
    turned(server, 2)
    page.evaluate("() => window.dispatchEvent(new Event('blur'))")
    eventually(lambda: turned(server, 2)[-1] == "release", within=20)
    assert "stop" in turned(server, 2)


def test_who_holds_the_camera_is_named(open_page: Open, server: DeskServer) -> None:
    refused = {"error": "held", "message": "钱进 正在控制这台摄像机", "holder": "钱进"}
    server.answers["/api/v1/cameras/QD-001/ptz"] = (409, refused)
    page = open_page()
    page.keyboard.down("p")
    expect(page.locator(".video-toast")).to_contain_text("钱进")
    page.keyboard.up("p")
    expect(page.locator(".video-pad")).to_have_count(0)


def test_a_shared_camera_is_for_looking_only(open_page: Open, server: DeskServer) -> None:
    page = open_page()
    page.keyboard.press("2")
    expect(page.locator(".video-bar [data-act=ptz]")).to_be_disabled()
    page.keyboard.press("p")
    expect(page.locator(".video-toast")).to_contain_text("只能看")
    assert server.bodies("/api/v1/cameras/QD-002/ptz") == []


def test_presets_are_called_by_number(open_page: Open, server: DeskServer) -> None:
    page = open_page()
    page.keyboard.press("Alt+2")
    expect(page.locator(".video-toast")).to_contain_text("桥面")
    assert server.bodies("/api/v1/cameras/QD-001/ptz")[1] == {"act": "goto", "token": "p2"}


def test_a_snapshot_says_what_came_of_it(open_page: Open, server: DeskServer) -> None:
    server.answers["/api/v1/video/evidence"] = (201, {"id": "e1"})
    page = open_page()
    page.keyboard.press("s")
    expect(page.locator(".video-toast")).to_contain_text("已存为证据")
    server.answers["/api/v1/video/evidence"] = (409, {"message": "摄像机没有及时应答"})
    page.keyboard.press("s")
    expect(page.locator(".video-toast[data-tone=bad]")).to_contain_text("摄像机没有及时应答")
    assert server.bodies("/api/v1/video/evidence") == [{"camera": "QD-001", "what": "picture"}] * 2


def test_a_picture_is_attached_to_the_case_that_is_typed(open_page: Open, server: DeskServer) -> None:
    server.answers["/api/v1/video/evidence"] = (201, {"id": "e1"})
    page = open_page()
    page.keyboard.press("k")
    page.keyboard.type("QD77")
    page.keyboard.press("Enter")
    expect(page.locator(".video-toast")).to_contain_text("QD77")
    assert server.bodies("/api/v1/video/evidence")[0]["case_no"] == "QD77"


def test_a_minute_nobody_kept_is_told(open_page: Open, server: DeskServer) -> None:
    server.answers["/video/QD-001/recent.mp4"] = (409, {"message": "没有可用的画面"})
    page = open_page()
    page.keyboard.press("b")
    expect(page.locator(".video-dialog .video-warning")).to_contain_text("没有可用的画面")


def test_a_camera_goes_to_the_wall_and_stands_in_one_place_only(open_page: Open, server: DeskServer) -> None:
    shown = [{"number": 1, "name": "东海西路 1"}, None, None, None]
    server.answers["/api/v1/video/wall"] = (200, {"cameras": [1, 0, 0, 0], "shown": shown, "version": 3})
    page = open_page()
    expect(page.locator(".video-cell[data-place='1'] .video-marks")).to_have_text("大屏 1")
    page.keyboard.press("Shift+Digit2")
    assert asked(server, "/api/v1/video/wall", method="PUT") == [{"cameras": [0, 1, 0, 0], "version": 3}]
    page.keyboard.press("w")
    page.click(".video-wall-place >> nth=0 >> text=撤下")
    assert asked(server, "/api/v1/video/wall", 2, method="PUT")[1]["cameras"] == [0, 0, 0, 0]


def test_the_map_shows_where_a_camera_looks_and_the_cases_around_it(open_page: Open, server: DeskServer) -> None:
    case = {"case_no": "QD5", "lon": 120.361, "lat": 36.08, "severity": "L2", "distance_m": 80, "address": "东海西路"}
    server.answers["/api/v1/cameras/QD-001/cases"] = (200, {"cases": [case]})
    page = open_page()
    page.keyboard.press("m")
    expect(page.locator(".video-map-cases")).to_contain_text("QD5")
    expect(page.locator(".video-map-cone")).to_have_count(1)
    expect(page.locator(".video-map-case")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".video-map")).to_have_count(0)


# --- keys and rights --------------------------------------------------------------------------------------------------


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
