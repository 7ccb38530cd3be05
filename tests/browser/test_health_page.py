"""/video/health in a real browser: what it shows, what it says when it cannot, and that rows stay under the hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.kept_page import KeptPage
from tests.fakes.health_server import HealthServer, alarm, camera, city, health, health_server
from tests.waiting import eventually

pytestmark = pytest.mark.browser
PATIENCE_MS = 20_000


@pytest.fixture(scope="module")
def server() -> Iterator[HealthServer]:
    with health_server() as running:
        yield running


GRAVEST = ["QD-007", "QD-012", "QD-023", "QD-031"]
RESET = """() => {
  document.querySelector(".health-chip[data-only='']").click();
  const grid = dash_ag_grid.getApi("health-grid");
  grid.applyColumnState({ state: [{ colId: "gravity", sort: "desc" }], defaultState: { sort: null } });
  grid.refreshClientSideRowModel("sort");
}"""


@pytest.fixture(scope="module")
def kept(chromium: Browser, server: HealthServer) -> Iterator[KeptPage]:
    """The page, opened once for all tests of this file."""

    def opened() -> Page:
        page = chromium.new_context(viewport={"width": 1920, "height": 1080}).new_page()
        page.set_default_timeout(PATIENCE_MS)
        server.told = city()
        page.goto(server.address)
        return page

    def rest(page: Page) -> None:
        told_anew(page, server, city())
        shows_city(page)
        page.locator("input.health-search, .health-search input").fill("")
        page.evaluate(RESET)

    one = KeptPage(opened, rest)
    yield one
    one.close()


@pytest.fixture
def page(kept: KeptPage, server: HealthServer, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page of a city with every kind of trouble, nothing chosen on it."""
    with kept.lent(request.node) as page:
        server.posted = []
        shows_city(page)
        eventually(lambda: len(shown := ids(page)) > 10 and shown[:4] == GRAVEST, within=20)
        yield page


def shows_city(page: Page) -> None:
    expect(page.locator(".health")).to_have_attribute("data-face", "live", timeout=PATIENCE_MS)
    expect(page.locator("[data-count='']")).to_have_text("101", timeout=PATIENCE_MS)
    expect(page.locator("[data-count='offline']")).to_have_text("2", timeout=PATIENCE_MS)


def told_anew(page: Page, server: HealthServer, told: dict[str, Any] | None) -> None:
    """The server says something else, and the page asks at once instead of in five seconds."""
    server.told = told
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def ids(page: Page) -> list[str]:
    """Camera ids in the order of the rows on screen."""
    found = page.evaluate(
        "[...document.querySelectorAll('.ag-row')].map((row) =>"
        " [Number(row.getAttribute('row-index')), row.querySelector('.health-name small').textContent])"
    )
    return [camera_id for _, camera_id in sorted(found)]


def row(page: Page, camera_id: str) -> Any:
    return page.locator(".ag-row", has=page.get_by_text(camera_id, exact=True))


def test_the_gravest_come_first_with_their_cause_and_what_to_do(page: Page) -> None:
    assert ids(page)[:4] == GRAVEST
    expect(row(page, "QD-007")).to_contain_text("离线")
    expect(row(page, "QD-007")).to_contain_text("没有应答：检查供电、网线与防火墙")
    expect(row(page, "QD-031")).to_contain_text("◪ 黑屏")
    expect(row(page, "QD-044")).to_contain_text("镜头被碰动")
    expect(row(page, "QD-045")).to_contain_text("快慢 −86 秒")


def test_the_counts_are_buttons_that_show_only_those(page: Page) -> None:
    shown = {
        only: page.locator(f"[data-count='{only}']").text_content() for only in ("live", "frozen", "offline", "flawed")
    }
    assert shown == {"live": "96", "frozen": "1", "offline": "2", "flawed": "4"}
    page.locator("[data-only=offline]").click()
    expect(page.locator(".ag-row")).to_have_count(2, timeout=PATIENCE_MS)
    assert ids(page) == ["QD-007", "QD-012"]


def test_words_find_cameras_by_number_platform_and_fault(page: Page) -> None:
    for words, found in (("qd-031", ["QD-031"]), ("交警 没有应答", ["QD-007"]), ("模糊", ["QD-058"])):
        page.locator("input.health-search, .health-search input").fill(words)
        expect(page.locator(".ag-row")).to_have_count(1, timeout=PATIENCE_MS)
        assert ids(page) == found


def test_values_change_in_place_and_no_row_moves_under_the_hand(page: Page, server: HealthServer) -> None:
    before = ids(page)
    changed = city()
    changed["cameras"][11] = camera(12)
    told_anew(page, server, changed)
    expect(row(page, "QD-012")).to_contain_text("实时", timeout=PATIENCE_MS)
    expect(page.locator("[data-count=offline]")).to_have_text("1")
    assert ids(page) == before


def test_a_hand_on_a_heading_sorts(page: Page) -> None:
    page.locator(".ag-header-cell-text", has_text="重连").click()
    expect(page.locator(".ag-row[row-index='0'] .is-number").last).to_have_text("0", timeout=PATIENCE_MS)
    page.locator(".ag-header-cell-text", has_text="重连").click()
    expect(page.locator(".ag-row[row-index='0'] .is-number").last).to_have_text("3", timeout=PATIENCE_MS)


def test_platforms_have_a_line_each_and_the_lost_one_is_marked(page: Page) -> None:
    lines = page.locator(".health-platforms tbody tr")
    expect(lines).to_have_count(5)
    expect(page.locator("tr[data-alarm]")).to_contain_text("公交集团")
    expect(page.locator(".health-alarms")).to_contain_text("公交集团视频共享平台 整体中断：8/9 路")
    expect(page.locator(".health-past li")).to_have_count(2)


def test_an_alarm_comes_and_goes(page: Page, server: HealthServer) -> None:
    told_anew(page, server, health([camera(1)], alarms=[alarm("海事局", lost=3, total=3, ago_ms=9000)]))
    expect(page.locator(".health-alarms")).to_contain_text("海事局 整体中断：3/3 路", timeout=PATIENCE_MS)
    told_anew(page, server, health([camera(1)]))
    expect(page.locator(".health-alarms p")).to_have_count(0, timeout=PATIENCE_MS)


def test_nobody_watching_over_platforms_is_not_shown_as_calm(page: Page, server: HealthServer) -> None:
    told_anew(page, server, city() | {"alarms": None})
    expect(page.locator(".health-alarms")).to_contain_text("平台告警未知", timeout=PATIENCE_MS)


def test_a_lost_server_is_said_with_the_time_of_what_still_stands_there(page: Page, server: HealthServer) -> None:
    told_anew(page, server, None)
    expect(page.locator(".health-note")).to_contain_text("读取失败", timeout=PATIENCE_MS)
    expect(page.locator(".health-note")).to_contain_text("的数据")
    expect(page.locator(".health")).to_have_attribute("data-face", "error")
    assert len(ids(page)) > 10
    told_anew(page, server, city())
    expect(page.locator(".health")).to_have_attribute("data-face", "live", timeout=PATIENCE_MS)


def test_a_history_that_cannot_be_read_leaves_the_states(page: Page, server: HealthServer) -> None:
    bare = city()
    bare["cameras"] = [one | {"uptime": None, "bar": None} for one in bare["cameras"]]
    bare["platforms"] = [one | {"uptime": None} for one in bare["platforms"]]
    told_anew(page, server, bare | {"figures_as_of": None, "past_alarms": None})
    expect(page.locator(".health-note")).to_contain_text("历史读取失败", timeout=PATIENCE_MS)
    expect(row(page, "QD-007")).to_contain_text("离线")
    expect(row(page, "QD-007").locator(".health-share").first).to_have_text("–")


def test_a_city_without_cameras_says_what_to_do(page: Page, server: HealthServer) -> None:
    told_anew(page, server, health([]))
    expect(page.locator(".health-empty")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".health-grid")).to_be_hidden()


def test_a_line_opens_its_camera(page: Page) -> None:
    page.route("**/video?**", lambda route: route.fulfill(status=204))  # stays here: going there costs a new page
    with page.expect_request("**/video?layout=1&cams=23") as asked:
        row(page, "QD-023").locator(".health-name").click()
    assert asked.value.is_navigation_request()


def test_a_new_view_is_accepted_by_hand_after_a_question(page: Page, server: HealthServer) -> None:
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    row(page, "QD-044").get_by_role("button", name="认可").click()
    expect(page.locator(".health-note")).to_contain_text("已认可", timeout=PATIENCE_MS)
    assert server.posted == ["QD-044"]
    assert "台东三路" in asked[0]
