"""/supervision in a real browser: orders that count, one tap that urges, registers, and what is said when it fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.kept_page import KeptPage
from tests.fakes.leader_server import (
    HOUR,
    MINUTE,
    LeaderServer,
    attention,
    full,
    leader_server,
    order,
    row,
    supervision,
)

pytestmark = pytest.mark.browser
PATIENCE_MS = 20_000
TABLET = {"width": 1024, "height": 768}
CLEARED = """() => {
  document.activeElement.blur();
  document.querySelectorAll(".act-toast").forEach((one) => one.remove());
  document.querySelectorAll(".sv details[open]").forEach((one) => { one.open = false; });
  document.querySelectorAll(".sv form").forEach((one) => one.reset());
  localStorage.clear();
  sessionStorage.clear();
}"""
ASK = "document.dispatchEvent(new Event('visibilitychange'))"
WALL = """(rows) => citywall.live.publish("wall", {
  zone: "Asia/Shanghai", attention_total: rows.length, attention: rows })"""


@pytest.fixture(scope="module")
def server() -> Iterator[LeaderServer]:
    with leader_server() as running:
        yield running


@pytest.fixture(scope="module")
def tablet(chromium: Browser, server: LeaderServer) -> Iterator[KeptPage]:
    """A leader's tablet for all tests of this file."""

    def opened() -> Page:
        page = chromium.new_context(viewport=TABLET, has_touch=True).new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(server.address)
        return page

    def rest(page: Page) -> None:
        page.keyboard.press("Escape")
        page.evaluate(CLEARED)
        page.evaluate(WALL, [])
        page.locator("[data-tab=orders]").click()
        told_anew(page, server, server.told)

    kept = KeptPage(opened, rest)
    yield kept
    kept.close()


@pytest.fixture
def page(tablet: KeptPage, server: LeaderServer, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The tablet with something in every register."""
    server.told, server.rows, server.acts, server.refusal = full(), [row("QD2026080600121")], [], None
    with tablet.lent(request.node) as page:
        newest = page.locator(f"[data-sv=orders] .sv-count[data-due='{server.told['orders'][0]['order_due']}']")
        expect(newest).to_be_visible(timeout=PATIENCE_MS)
        yield page


def told_anew(page: Page, server: LeaderServer, told: dict | None) -> None:
    server.told = told
    page.evaluate(ASK)


def cards(page: Page, register: str) -> list[str]:
    return page.locator(f"[data-sv={register}] > .sv-cards .sv-no").all_text_contents()


def test_overdue_orders_come_first_and_are_unmistakable(page: Page) -> None:
    assert cards(page, "orders") == ["QD2026080600121", "QD2026080600133", "QD2026080600236"]
    counts = page.locator("[data-sv=orders] > .sv-cards .sv-count")
    expect(counts.nth(0)).to_have_text("超期02:13")
    expect(counts.nth(0)).to_have_attribute("data-late", "")
    expect(counts.nth(1)).to_contain_text("答复剩00:")
    expect(page.locator("[data-tab=orders]")).to_contain_text("4 · 超期 2")


def test_an_order_counts_down_until_it_is_answered(page: Page, server: LeaderServer) -> None:
    told_anew(page, server, supervision(orders=[order("QD9", 2500)]))
    late = page.locator("[data-sv=orders] .sv-count[data-late]")
    expect(page.locator("[data-sv=orders] .sv-count")).to_have_count(1, timeout=PATIENCE_MS)
    expect(late).to_contain_text("超期", timeout=PATIENCE_MS)
    now = server.told["now"]  # type: ignore[index]
    done = {"answer": "已修复", "answered_by": "市南市政", "answered_at": now + 9000, "acts": []}
    told_anew(page, server, supervision(answered=[order("QD9", 2500, **done)]))
    expect(page.locator("[data-sv=orders] > .sv-empty")).to_have_text("没有待答复的督办", timeout=PATIENCE_MS)
    page.locator("[data-sv=orders] summary").click()
    expect(page.locator(".sv-answer")).to_contain_text("已修复")
    expect(page.locator("[data-sv=orders] details .sv-late")).to_contain_text("超期 00:00")


def test_an_order_of_an_ended_case_is_not_lost(page: Page) -> None:
    page.locator("[data-sv=orders] summary", has_text="案卷已办结").click()
    expect(page.locator("[data-sv=orders] details[open] .sv-no")).to_have_text("QD2026080100017")


def test_one_tap_urges_from_the_attention_list_and_a_second_finger_does_not(page: Page, server: LeaderServer) -> None:
    page.evaluate(WALL, [attention("QD2026080600121"), attention("QD7")])
    urge = page.locator(".sv-att[data-case=QD2026080600121] [data-do=urge]")
    box = urge.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44  # a finger's width
    urge.evaluate("(button) => { button.click(); button.click(); }")
    expect(page.locator(".act-toast")).to_contain_text("已办", timeout=PATIENCE_MS)
    assert [(one["case_no"], one["action"], one["expected_version"]) for one in server.acts] == [
        ("QD2026080600121", "urge", 9)
    ]


def test_a_refusal_is_shown_in_its_own_words(page: Page, server: LeaderServer) -> None:
    server.refusal = {"error": "not_in_this_state", "field": "state", "message": "案卷现为“待核查”，不能催办"}
    page.locator("[data-sv=orders] [data-do=urge]").first.click()
    expect(page.locator(".act-toast[role=alert]")).to_contain_text("不能催办", timeout=PATIENCE_MS)


def test_what_is_impossible_says_why_instead_of_being_tried(page: Page, server: LeaderServer) -> None:
    page.locator(".sv-card[data-case=QD2026080600236] [data-do=urge]").click(force=True)
    expect(page.locator(".act-toast")).to_contain_text("待核查", timeout=PATIENCE_MS)
    assert server.acts == []


def test_the_attention_list_counts_answers_owed(page: Page, server: LeaderServer) -> None:
    now = server.told["now"]  # type: ignore[index]
    page.evaluate(WALL, [attention("QD1", order_due=now - 30 * MINUTE), attention("QD2", order_due=now + 2 * HOUR)])
    owed = page.locator(".sv-owed")
    expect(owed.nth(0)).to_contain_text("答复超期 00:3", timeout=PATIENCE_MS)
    expect(owed.nth(1)).to_contain_text("答复剩 01:5")
    expect(page.locator("[data-do=supervise][data-case=QD1]")).to_have_count(0)


def test_an_order_is_given_by_number_with_text_and_date(page: Page, server: LeaderServer) -> None:
    page.keyboard.press("KeyN")
    page.keyboard.type("QD42")
    page.keyboard.press("Enter")
    form = page.locator("dialog.act-dialog")
    form.locator("textarea").fill("今日内办结")
    form.get_by_role("button", name="明天 18 点").click()
    form.locator("button[type=submit]").click()
    expect(form).to_have_count(0, timeout=PATIENCE_MS)
    given = server.acts[0]
    assert (given["case_no"], given["action"], given["reason"]) == ("QD42", "supervise", "今日内办结")
    assert given["facts"]["order_due"] > server.told["now"]  # type: ignore[index]


def test_who_sent_a_case_back_and_why_stands_beside_whose_it_may_be(page: Page) -> None:
    page.locator("[data-tab=ownership]").click()
    card = page.locator("[data-sv=ownership] .sv-card")
    expect(card.locator(".sv-backs li")).to_have_count(2)
    expect(card).to_contain_text("产权查无登记")
    expect(card.locator(".sv-suggested").first).to_contain_text("属地：网格 370202003")
    expect(card).to_contain_text("退回 2 · 无主 4天")


def test_the_emergency_register_shows_what_waits_for_a_leader_and_what_the_fund_spent(page: Page) -> None:
    page.locator("[data-tab=emergencies]").click()
    register = page.locator("[data-sv=emergencies]")
    expect(page.locator("[data-tab=emergencies]")).to_contain_text("3 · 待您处理 2")
    expect(register.locator(".sv-fund tbody tr")).to_contain_text("¥ 7")
    expect(register.locator(".sv-card").nth(0)).to_contain_text("批准应急处置")
    expect(register.locator(".sv-card").nth(1)).to_contain_text("▲ 待补签")
    register.locator("[data-do=confirm_emergency]").click()
    expect(page.locator(".act-toast")).to_contain_text("QD2026080600277", timeout=PATIENCE_MS)


def test_empty_registers_say_so(page: Page, server: LeaderServer) -> None:
    told_anew(page, server, supervision())
    expect(page.locator("[data-sv=orders]")).to_have_text("没有待答复的督办", timeout=PATIENCE_MS)
    expect(page.locator("[data-sv=ownership]")).to_have_text("没有待确权的案卷")
    expect(page.locator("[data-sv=emergencies]")).to_have_text("没有进行中的应急处置")


def test_a_lost_server_leaves_what_stood_there_and_calls_it_old(page: Page, server: LeaderServer) -> None:
    told_anew(page, server, None)
    expect(page.locator(".sv-note")).to_contain_text("数据库没有应答", timeout=PATIENCE_MS)
    expect(page.locator(".sv-note")).to_contain_text("的数据")
    expect(page.locator(".sv")).to_have_attribute("data-face", "error")
    assert len(cards(page, "orders")) == 3
    told_anew(page, server, full())
    expect(page.locator(".sv")).to_have_attribute("data-face", "live", timeout=PATIENCE_MS)


def test_the_hand_keeps_its_place_when_the_lists_change(page: Page, server: LeaderServer) -> None:
    page.locator("[data-hold='no QD2026080600133']").focus()
    changed = full()
    changed["orders"][0]["urged_count"] = 7
    told_anew(page, server, changed)
    expect(page.locator("[data-sv=orders]")).to_contain_text("已催 7", timeout=PATIENCE_MS)
    expect(page.locator("[data-hold='no QD2026080600133']")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-hold='no QD2026080600236']")).to_be_focused()
