"""/evaluation in a real browser: every number says how it came about and leads to its list, by mouse and by keys."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.kept_page import KeptPage
from tests.fakes.evaluation_figures import NOW, SPANS
from tests.fakes.evaluation_server import EvaluationServer, evaluation_server

pytestmark = pytest.mark.browser
PATIENCE_MS = 20_000
DESK = {"width": 1920, "height": 1080}
MINUTE = "00:01:02"


@pytest.fixture(scope="module")
def server() -> Iterator[EvaluationServer]:
    with evaluation_server() as running:
        yield running


FIRST_STOP = """() => {
  const first = document.querySelector(".ev-table [data-col]");
  first.focus();
  first.blur();
}"""


@pytest.fixture(scope="module")
def kept(chromium: Browser) -> Iterator[KeptPage]:
    def made() -> Page:
        page = chromium.new_context(viewport=DESK).new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.clock.install(time=NOW / 1000)
        return page

    one = KeptPage(made, lambda page: page.mouse.move(0, 0))
    yield one
    one.close()


@pytest.fixture
def tab(kept: KeptPage, server: EvaluationServer, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The tab of all tests, and a server that answers everything."""
    with kept.lent(request.node) as tab:
        if server.forget():
            tab.goto(server.address)  # what the page shows is not what the server says now
        yield tab


@pytest.fixture
def page(tab: Page, server: EvaluationServer) -> Page:
    """The districts of the running month, everything on screen: as the last test left it if it only looked."""
    at = urlsplit(tab.url)
    if (at.path, at.query) != ("/evaluation", "") or tab.locator("[data-panel]:not([data-face=live])").count():
        return opened(tab, server)
    tab.evaluate(FIRST_STOP)
    return tab


def opened(tab: Page, server: EvaluationServer, asked: str = "", *, last: str = "alarms") -> Page:
    tab.goto(f"{server.address}/evaluation?{asked}")
    expect(tab.locator(f"[data-panel={last}]")).to_have_attribute("data-face", "live", timeout=PATIENCE_MS)
    return tab


def cell(page: Page, unit: str, column: str) -> Locator:
    return page.locator(f'.ev-table [data-row="{unit}"][data-col="{column}"]')


def question(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def names(page: Page) -> list[str]:
    return page.locator("tbody:not(.ev-whole) tr[data-key] .ev-c-name").all_text_contents()


def test_a_rate_says_its_formula_its_parts_and_what_it_adds(page: Page) -> None:
    cell(page, "370203", "on_time_closing").hover()
    tip = page.locator("#ev-tip")
    for words in ("按期结案数/应结案数", "1 449 / 1 777 = 81.54%", "得分 81.54 × 权重 40% = 32.62"):
        expect(tip).to_contain_text(words.replace("1 449", "1\u00a0449").replace("1 777", "1\u00a0777"))
    cell(page, "370203", "composite").hover()
    expect(tip.locator(".is-sum td").last).to_have_text("84.39")
    parts = [float(text) for text in tip.locator("tr:not(.is-sum) td:last-child").all_text_contents()]
    assert round(sum(parts), 2) == pytest.approx(84.39, abs=0.02)


def test_a_number_opens_the_list_of_its_length(page: Page) -> None:
    with page.expect_request("**/cases?**") as asked:
        cell(page, "370205", "closing").locator(".ev-numerator").click()
    start, end = SPANS["month"][0], NOW
    assert asked.value.is_navigation_request()
    assert question(asked.value.url) == {"count": "closed", "start": str(start), "end": str(end), "district": "370205"}


def test_small_samples_are_grey_last_and_without_a_rank(page: Page) -> None:
    assert names(page) == ["四方区", "市北区", "李沧区", "市南区", "黄岛区"]
    expect(cell(page, "370211", "rank")).to_have_text("–")
    expect(cell(page, "370211", "n")).to_have_text("样本过少 (n=21)")
    expect(page.locator("[data-panel=ranking] [data-slot=foot]")).to_contain_text("1 个样本不足 30，灰色，不排名")
    expect(page.locator(".ev-basis")).to_have_text("区域（区） · 按发生时间")


def test_the_whole_table_is_walked_by_keys(page: Page) -> None:
    page.locator('.ev-table [tabindex="0"]').focus()
    for key in ("ArrowDown", "ArrowDown", *["ArrowRight"] * 7):
        page.keyboard.press(key)
    expect(cell(page, "370203", "closing")).to_be_focused()
    expect(page.locator("#ev-tip")).to_contain_text("92.62%")
    page.keyboard.press("Space")
    expect(page.locator("[data-panel=trend] .ev-legend")).to_contain_text("市北区")
    assert question(page.url)["key"] == "370203"
    expect(page.locator("[data-panel=credibility] thead")).to_contain_text("市北区")
    page.keyboard.press("Backspace")
    expect(page.locator("[data-panel=credibility] thead")).not_to_contain_text("市北区")
    assert "key" not in question(page.url)
    with page.expect_request("**/cases?count=due_closing**") as asked:
        page.keyboard.press("Enter")
    assert asked.value.is_navigation_request()


def test_another_period_keeps_the_unit_and_a_reload_keeps_everything(page: Page, server: EvaluationServer) -> None:
    cell(page, "370213", "name").click()
    page.keyboard.press("BracketLeft")
    expect(page.locator("[data-ev=period]")).to_have_text("2026年10月")
    page.locator('[data-choose=convention][data-value="due"]').click()
    expect(page.locator(".ev-basis")).to_contain_text("按到期时间")
    opened(page, server, urlsplit(page.url).query)
    assert question(page.url) == {"period": "2026-10", "convention": "due", "key": "370213"}
    expect(page.locator('tr[aria-selected="true"] .ev-c-name')).to_have_text("李沧区")
    page.locator("[data-date]").fill("2026-11-03")
    expect(page.locator("[data-ev=period]")).to_have_text("2026年11月")
    assert question(page.url) == {"convention": "due", "key": "370213"}  # the running month goes by its own name


def test_departments_stand_in_groups_of_their_like(page: Page, server: EvaluationServer) -> None:
    page.locator('[data-choose=object][data-value="department"]').click()
    groups = page.locator(".ev-group")
    expect(groups).to_have_text(["市级部门28 个，26 个参加排名", "街道办事处12 个，4 个参加排名"])
    street = page.locator('tbody[data-group="street"] tr[data-key]').first
    expect(street.locator(".ev-c-rank b")).to_have_text("1")


def test_rows_stay_under_the_hand_while_figures_change(page: Page, server: EvaluationServer) -> None:
    held = cell(page, "370213", "composite")
    held.focus()
    server.composite_of = {"370213": 99.5}
    page.clock.fast_forward(MINUTE)
    expect(held).to_have_text("99.50", timeout=PATIENCE_MS)
    expect(held).to_be_focused()
    assert names(page)[2] == "李沧区"
    page.locator("[data-do=reorder]").click()
    assert names(page)[0] == "李沧区"


def test_the_gap_is_the_sum_of_its_rows(page: Page) -> None:
    rows = page.locator(".ev-fall-row")
    gaps = [round(10 * float(text)) for text in rows.locator("b").all_text_contents()]
    assert sum(gaps[:-1]) == gaps[-1]
    expect(rows.last).to_contain_text("全市")
    expect(rows.nth(rows.count() - 2)).to_contain_text("已达标")
    expect(rows.nth(rows.count() - 3)).to_contain_text("其他")
    page.locator('[data-view=rate][data-value="on_time_closing"]').click()
    expect(page.locator(".ev-gap-facts")).to_contain_text("按期结案率")
    page.locator('[data-view=rate][data-value="closing"]').click()
    expect(page.locator(".ev-gap-facts")).not_to_contain_text("按期结案率")


def test_a_panel_that_fails_says_why_and_the_rest_goes_on(tab: Page, server: EvaluationServer) -> None:
    server.failing = {"/times", "/alarms"}
    opened(tab, server, last="pauses")
    failed = tab.locator("[data-panel=times]")
    expect(failed).to_have_attribute("data-face", "failed", timeout=PATIENCE_MS)
    expect(failed).to_contain_text("数据库没有应答")
    server.failing = set()
    failed.get_by_role("button", name="重试").click()
    expect(failed).to_have_attribute("data-face", "live", timeout=PATIENCE_MS)


def test_what_stood_there_stays_when_a_refresh_fails(page: Page, server: EvaluationServer) -> None:
    server.failing = {"/api/v1/evaluation"}
    page.clock.fast_forward(MINUTE)
    ranking = page.locator("[data-panel=ranking]")
    expect(ranking).to_have_attribute("data-face", "error", timeout=PATIENCE_MS)
    expect(ranking.locator(".ev-panel-note")).to_contain_text("以下为 10:52:27 的数据")
    assert len(names(page)) == 5


def test_a_slow_answer_is_told_by_a_bar_and_a_refusal_names_the_posts(tab: Page, server: EvaluationServer) -> None:
    server.gate, server.refusing = threading.Event(), True
    tab.goto(f"{server.address}/evaluation")
    expect(tab.locator("[data-panel=ranking]")).to_have_attribute("data-face", "loading")
    tab.clock.fast_forward(3000)
    expect(tab.get_by_role("progressbar")).to_be_visible()
    server.gate.set()
    refused = tab.locator("[data-panel=ranking]")
    expect(refused).to_contain_text("可以查看的岗位：领导、值班长")
    expect(refused.get_by_role("button", name="重试")).to_have_count(0)


def test_a_period_without_cases_says_so(tab: Page, server: EvaluationServer) -> None:
    opened(tab, server, "period=2026-09")
    expect(tab.locator(".ev-table-frame")).to_contain_text("本期没有案卷")


def test_a_lock_says_what_it_means_and_a_correction_stands_beside(
    tab: Page, page: Page, server: EvaluationServer
) -> None:
    expect(page.locator("[data-do=lock]")).to_be_hidden()  # the month still runs
    opened(tab, server, "period=2026-10&key=370213")
    tab.locator("[data-do=lock]").click()
    window = tab.locator("[data-dialog=lock]")
    expect(window).to_contain_text("锁定不能撤销")
    expect(window.locator("[data-ev=lock-what]")).to_have_text(
        "区域（区） · 2026年10月 · 按发生时间 · 区域评价（区） 第 1 版"
    )
    window.locator("[data-do=lock-now]").click()
    expect(tab.locator(".ev-status")).to_contain_text("已锁定")
    tab.locator("[data-do=correct]").click()
    form = tab.locator("[data-ev=correct-form]")
    expect(form.locator("select")).to_have_value("370213")
    form.locator("[name=composite]").fill("81.5")
    form.locator("[name=reason]").fill("补录三件")
    form.locator("button").click()
    expect(tab.locator("[data-do=corrections]")).to_have_text("更正 1 条")
    asked = {"object": "district", "period": "2026-10", "convention": "flow", "scheme": "district"}
    assert server.posted == [
        ("lock", asked),
        ("correct", asked | {"key": "370213", "composite": 81.5, "reason": "补录三件"}),
    ]


def test_exports_ask_the_same_question(tab: Page, server: EvaluationServer) -> None:
    opened(tab, server, "object=department&period=2026-10&convention=cohort")
    tab.keyboard.press("KeyX")
    links = tab.locator("[data-dialog=export] a")
    addresses = [urlsplit(link.get_attribute("href") or "") for link in links.all()]
    assert [parse_qs(one.query).get("kind", [""])[0] for one in addresses] == ["", "", "daily", "weekly", "monthly"]
    assert {parse_qs(one.query)["convention"][0] for one in addresses} == {"cohort"}
    assert addresses[0].path == "/api/v1/evaluation/export.xlsx"
    tab.keyboard.press("Escape")


def test_it_speaks_english_and_keeps_the_light_it_was_given(tab: Page, page: Page, server: EvaluationServer) -> None:
    page.keyboard.press("KeyT")
    opened(tab, server, "lang=en")
    expect(tab.locator("html")).to_have_attribute("data-theme", "light")
    expect(tab.locator("[data-panel=ranking] h2")).to_have_text("Ranking")
    cell(tab, "370203", "on_time_closing").hover()
    expect(tab.locator("#ev-tip")).to_contain_text("score 81.54 × weight 40% = 32.62")
    tab.keyboard.press("Shift+Slash")
    expect(tab.locator("[data-dialog=keys]")).to_contain_text("open the cases behind this number")
    tab.keyboard.press("Escape")
    tab.keyboard.press("KeyT")
