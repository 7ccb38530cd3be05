"""Old data looks old by itself: the browser judges by its own timer, with the server and without it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from domain.freshness import face
from tests.fakes.wall_server import WallServer
from tests.waiting import eventually

pytestmark = pytest.mark.browser

FIGURES = ["on_time_closing", "filed", "pending_dispatch", "overdue_undisposed", "districts", "stage-disposal"]
FIGURES += ["attention", "departments", "map"]
SILENCE = "() => { harness.tick(); harness.live = false; }"


@pytest.fixture
def page(timed_wall: Page) -> Iterator[Page]:
    """The wall, whose time stands still but where a test puts it forward."""
    timed_wall.clock.pause_at(timed_wall.evaluate("() => Date.now() / 1000 + 1"))
    yield timed_wall
    timed_wall.clock.resume()


def _faces(page: Page) -> dict[str, str]:
    return {name: page.locator(f'[data-cell="{name}"]').first.get_attribute("data-face") or "" for name in FIGURES}


def _card(page: Page, name: str = "filed") -> tuple[str, str]:
    card = page.locator(f'[data-cell="{name}"]')
    return card.locator("[data-slot=value]").inner_text(), card.locator("[data-slot=note]").inner_text()


def test_the_browser_judges_exactly_as_the_rule_does(page: Page) -> None:
    ages = [None, 0, 3.9, 4, 4.1, 9.9, 10, 10.1, 60, 899, 900, 901]
    for age in ages:
        for silent in (0, 10, 10.5):
            for empty, error in ((False, False), (True, False), (False, True)):
                asked = {"age": age, "silent": silent, "empty": empty, "error": error}
                found = page.evaluate("(asked) => citywall.freshness.face(asked)", asked)
                assert found == face(age, silent_seconds=silent, empty=empty, error=error), asked


def test_a_quiet_night_stays_live(page: Page) -> None:
    page.clock.run_for(60_000)
    assert set(_faces(page).values()) == {"live"}
    assert page.locator(".cw-link-banner").count() == 0


@pytest.fixture
def deaf(page: Page, wall: WallServer) -> Iterator[WallServer]:
    """The server answers no question of the watchdog, so that the page does not begin anew."""
    wall.healthy = False
    yield wall
    page.evaluate("() => harness.rest()")
    wall.healthy = True


def test_without_the_feed_every_value_turns_late_then_stale_then_dead(page: Page, deaf: WallServer) -> None:
    before = _card(page)[0]
    page.evaluate(SILENCE)
    page.clock.run_for(6_000)
    assert set(_faces(page).values()) == {"late"}
    assert _card(page)[1].endswith("前")
    page.clock.run_for(6_000)
    assert set(_faces(page).values()) == {"stale"}
    value, note = _card(page)
    assert value == before
    assert re.fullmatch(r"数据停更 1\d秒", note)
    page.clock.fast_forward(16 * 60_000)
    assert set(_faces(page).values()) == {"dead"}
    value, note = _card(page)
    assert value == "--"
    assert note.endswith(f"为 {before}")


def test_a_board_that_is_no_longer_confirmed_turns_stale_although_the_page_is_connected(page: Page) -> None:
    page.evaluate("""() => { const as_of = Date.now(); harness.tick = () => harness.publish('tick',
      { now: Date.now(), version: 1, as_of, connected: false, sources: harness.sources(Date.now()) }); }""")
    page.clock.run_for(30_000)
    assert set(_faces(page).values()) == {"stale"}
    assert page.locator(".cw-link-banner").count() == 0


def test_stale_is_a_pattern_and_the_number_stays(page: Page) -> None:
    page.evaluate(SILENCE)
    page.clock.run_for(12_000)
    value = page.locator('[data-cell="filed"] [data-slot=value]')
    assert "repeating-linear-gradient" in value.evaluate("(e) => getComputedStyle(e).backgroundImage")


def test_the_banner_comes_within_ten_seconds_and_goes_with_the_next_word(page: Page) -> None:
    page.evaluate(SILENCE)
    page.clock.run_for(9_400)
    assert page.locator(".cw-link-banner").count() == 0
    page.clock.run_for(1_200)
    banner = page.locator(".cw-link-banner")
    expect(banner).to_contain_text("与服务器失去联系 00:1")
    expect(banner).to_contain_text("的数据")
    assert (banner.bounding_box() or {})["width"] == 1920
    page.evaluate("() => harness.tick()")
    assert page.locator(".cw-link-banner").count() == 0


def test_the_banner_needs_neither_dash_nor_the_server(page: Page) -> None:
    page.context.set_offline(True)
    page.evaluate("""() => { window.gone = {};
      for (const name of ['React', 'ReactDOM', 'dash_clientside']) {
        gone[name] = window[name];
        delete window[name];
      } }""")
    page.evaluate(SILENCE)
    page.clock.run_for(11_000)
    expect(page.locator(".cw-link-banner")).to_be_visible()
    page.context.set_offline(False)
    page.evaluate("() => Object.assign(window, gone)")


def test_a_silent_feed_with_a_server_that_answers_reloads_into_the_same_scene(
    timed_wall: Page, wall: WallServer
) -> None:
    timed_wall.keyboard.press("3")
    timed_wall.evaluate("() => { harness.live = false; window.before = true; }")
    asked = wall.health_asked
    timed_wall.clock.run_for(45_000)
    timed_wall.wait_for_function("() => !window.before", polling=100)
    timed_wall.wait_for_selector('.cw-wall[data-scene="districts"]')
    assert wall.health_asked > asked


def test_a_server_that_does_not_answer_is_asked_again_and_again(page: Page, deaf: WallServer) -> None:
    page.evaluate("() => { harness.live = false; window.before = true; }")
    page.clock.run_for(31_000)
    asked = deaf.health_asked

    def asked_again() -> bool:
        page.clock.run_for(7_000)
        return deaf.health_asked >= asked + 3

    eventually(asked_again, within=30)
    assert page.evaluate("() => window.before")


def test_a_source_that_fell_silent_is_named(page: Page) -> None:
    page.evaluate("""() => { harness.live = false; const now = Date.now();
      harness.tick(harness.sources(now).map((s) => (s.name === 'relay' ? { ...s, as_of: now - 300000 } : s))); }""")
    expect(page.locator(".cw-lamps")).to_contain_text("5/6 源变更转发 5分")
    expect(page.locator(".cw-pane-l .cw-lamp.is-silent")).to_have_count(1)
    assert "▲" in page.locator(".cw-pane-l .cw-lamp.is-silent").inner_text()


def test_before_the_first_figures_the_wall_says_loading_then_not_connected(page: Page) -> None:
    page.evaluate("""() => { document.querySelector('[data-cell="cameras"]').dataset.face = 'loading';
      harness.sources = () => []; harness.tick(); }""")
    page.clock.run_for(12_000)
    cameras = page.locator('[data-cell="cameras"]').first
    assert cameras.get_attribute("data-face") == "never"
    assert "未接入" in cameras.inner_text()


def test_a_view_the_page_cannot_read_is_an_error_and_never_a_zero(page: Page) -> None:
    page.evaluate("() => harness.publish('wall', { ...harness.board.wall, headline: [] })")
    value, note = _card(page)
    assert (value, note) == ("--", "数据源错误：字段缺失")
    page.evaluate("() => harness.publish('wall', harness.board.wall)")
    assert _card(page)[0] != "--"
    page.complaints.clear()


def test_nothing_today_is_said_with_the_time_of_the_source(page: Page) -> None:
    page.evaluate("""() => { const wall = structuredClone(harness.board.wall);
      for (const entry of wall.headline) if (entry.period === 'today') entry.value = 0;
      harness.publish('wall', wall); }""")
    value, note = _card(page)
    assert value == "0"
    assert note.startswith("今日暂无 (")


def test_a_wrong_clock_on_this_machine_is_named(page: Page) -> None:
    page.evaluate(
        """() => { harness.live = false; const now = Date.now() + 45000;
        harness.publish('tick', { now, as_of: now, version: 1, connected: true, sources: harness.sources(now) }); }"""
    )
    expect(page.locator(".cw-lamps")).to_contain_text("时钟异常 4")


def test_the_wall_tells_the_hall_that_it_is_there(page: Page, wall: WallServer) -> None:
    sent = len(wall.heartbeats)
    page.clock.run_for(11_000)
    eventually(lambda: len(wall.heartbeats) > sent, within=30)
    beat = wall.heartbeats[-1]
    assert (beat["scene"], beat["width"], beat["height"]) == ("overview", 1920, 1080)
    assert beat["oldest_value_ms"] < 20_000
