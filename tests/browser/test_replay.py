"""The replay on screen: what is shown is what was, at the speed that stands there, and never looks like now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from data_access.figures import FigureService
from domain.indicators import Convention, Dimension
from domain.journal import milliseconds, moment
from domain.period import Period, window
from tests.browser.dispatch_seat import PATIENCE_MS
from tests.data_access.histories import CITY_ZONE
from tests.fakes.replay_server import ReplayServer, replay_server

pytestmark = pytest.mark.browser

AT = "citywall.replay.running().shown.at"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplayServer]:
    with replay_server(tmp_path_factory.mktemp("replay")) as server:
        yield server


@pytest.fixture(scope="module")
def screen(chromium: Browser, hall: ReplayServer) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    _open(page, hall)
    yield page
    context.close()
    assert not broken


@pytest.fixture
def page(screen: Page, hall: ReplayServer) -> Page:
    """The replay, standing still eight hours ago; opened again where a test has left it for now."""
    if not screen.evaluate("Boolean(window.citywall && citywall.replay && citywall.replay.running())"):
        _open(screen, hall)
    screen.evaluate("citywall.replay.running().order({ playing: false, speed: 60 })")
    return screen


def _open(page: Page, hall: ReplayServer) -> None:
    page.goto(f"{hall.address}/")
    page.wait_for_selector(".cw-card[data-face=live] .cw-kpi", timeout=60_000)


def _shown(page: Page, at: int) -> dict[str, Any]:
    page.evaluate("at => citywall.replay.running().jump(at)", at)
    page.wait_for_function(f"at => {AT} === at", arg=at, polling=50)
    return {
        "open": page.evaluate("citywall.live.newest('wall').open"),
        "overdue": int(page.locator("[data-cell=overdue_undisposed] .cw-kpi").inner_text()),
        "closed": int(page.locator("[data-cell=filed] [data-slot=closed]").inner_text()),
    }


def test_scrubbed_to_any_moment_the_wall_shows_the_figures_as_of_then(page: Page, hall: ReplayServer) -> None:
    figures = FigureService(hall.store)
    for hours in (12.2, 30.7, 6.4):
        at = milliseconds(hall.began + timedelta(hours=hours))
        then = moment(at)
        today = window(Period.TODAY, then, CITY_ZONE)
        counts = figures.kpi(
            start=today.start,
            end=then,
            by=Dimension.CITY,
            convention=Convention.FLOW,
            as_of=None,
            now=datetime.now(UTC),
        )[0].counts
        wanted = {"open": counts.open, "overdue": counts.overdue_undisposed, "closed": counts.closed}
        assert _shown(page, at) == wanted
        assert wanted["overdue"] > 0


def test_the_scrubber_takes_the_hand_to_the_moment_under_it(page: Page, hall: ReplayServer) -> None:
    _shown(page, milliseconds(hall.began + timedelta(hours=28)))  # on a day that is known from its midnight on
    page.wait_for_selector(".replay-scrubber[data-face=live] path.is-open")
    scrubber = page.locator(".replay-scrubber")
    box = scrubber.bounding_box()
    assert box is not None
    before = page.evaluate(AT)
    scrubber.click(position={"x": box["width"] * 0.002, "y": box["height"] / 2})
    page.wait_for_function(f"before => {AT} !== before", arg=before)
    expect(page.locator("[data-replay=time]")).to_have_text("00:02:52", timeout=PATIENCE_MS)


def test_it_plays_at_its_speed_and_stops_when_told(page: Page, hall: ReplayServer) -> None:
    begin = milliseconds(hall.began + timedelta(hours=5))
    before = _shown(page, begin)
    page.evaluate("citywall.replay.running().order({ speed: 3600 })")
    page.keyboard.press("Space")
    page.wait_for_function(f"at => {AT} > at + 3 * 3600e3", arg=begin)
    page.keyboard.press("Space")
    page.wait_for_function("() => !citywall.replay.running().want.playing")
    expect(page.locator("[data-replay=speed]")).to_have_text("暂停")
    stopped, heard = page.evaluate(f"[{AT}, citywall.replay.running().heard]")
    page.wait_for_function("heard => citywall.replay.running().heard > heard + 900", arg=heard)
    assert page.evaluate(AT) == stopped
    assert page.evaluate("citywall.live.newest('wall').overdue") != before["overdue"]


def test_arrows_step_by_the_minute_and_with_shift_by_the_hour(page: Page, hall: ReplayServer) -> None:
    at = milliseconds(hall.began + timedelta(hours=20))
    _shown(page, at)
    for key, moved in (("ArrowLeft", -60), ("ArrowRight", 0), ("Shift+ArrowLeft", -3600), ("Shift+ArrowRight", 0)):
        page.keyboard.press(key)
        page.wait_for_function(f"at => {AT} === at", arg=at + moved * 1000, polling=50)
    assert f"at={at}" in page.url
    assert "speed=60" in page.url


def test_nothing_of_it_can_be_taken_for_now(page: Page, hall: ReplayServer) -> None:
    at = milliseconds(hall.began + timedelta(hours=20))
    _shown(page, at)
    expect(page.locator(".replay-word")).to_have_text("回放 REPLAY")
    expect(page.locator(".replay-edge")).to_have_count(2)
    clock = page.locator(".replay-stage [data-slot=clock]").first
    expect(clock).to_have_text(page.locator("[data-replay=time]").inner_text())
    expect(page.locator(".cw-tile-then:visible").first).to_contain_text("回放时不显示实时视频")
    assert page.locator(".replay-stage .cw-tile").count() == 0
    assert page.locator('.replay-stage [data-face]:not([data-face="live"]):visible').count() == 0


def test_what_is_now_goes_on_beside_it(page: Page) -> None:
    seen = page.locator("[data-replay=now]").inner_text()
    page.wait_for_function("seen => document.querySelector('[data-replay=now]').textContent !== seen", arg=seen)
    expect(page.locator("[data-replay=now-open]")).not_to_have_text("--")
    assert page.evaluate("citywall.live.newest('wall').as_of") < page.evaluate("citywall.live.nowHere() - 60e3")


def test_a_first_level_alarm_of_now_breaks_through(page: Page) -> None:
    alarm = {"level": "L1", "kind": "severe", "case_no": "QD1", "class_name": "燃气管道破裂", "address": "香港中路12号"}
    page.evaluate("alarm => harness.alarms = [{ ...alarm, raised_at: Date.now(), acked_at: null }]", alarm)
    expect(page.locator(".replay-alarm")).to_contain_text("燃气管道破裂", timeout=PATIENCE_MS)
    page.evaluate("harness.alarms = []")
    expect(page.locator(".replay-alarm")).to_be_hidden(timeout=PATIENCE_MS)


def test_before_the_first_entry_it_says_that_nothing_is_known(page: Page, hall: ReplayServer) -> None:
    page.evaluate("at => citywall.replay.running().jump(at)", milliseconds(hall.began - timedelta(hours=3)))
    expect(page.locator(".replay-face")).to_contain_text("此前没有数据", timeout=PATIENCE_MS)
    assert page.evaluate(AT) == milliseconds(hall.began) + 1


def test_escape_goes_back_to_what_is_now(page: Page) -> None:
    page.route("**/wall?*", lambda route: route.fulfill(status=204))  # an empty answer: the page stays for the others
    with page.expect_request("**/wall?scene=overview") as asked:
        page.keyboard.press("Escape")
    assert asked.value.is_navigation_request()
    page.unroute("**/wall?*")
