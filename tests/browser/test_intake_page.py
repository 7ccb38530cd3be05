"""/intake in a real browser: registering a call, the place found from the map, duplicates, queues by post, drafts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from domain.roles import Identity, Role
from tests.browser.field_desk import at_rest, has_cases
from tests.browser.kept_page import KeptPage
from tests.fakes.field_server import PEOPLE, FieldServer, field_server, now_ms, offer, row

pytestmark = pytest.mark.browser
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)
REGISTER = "/api/v1/cases"

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def server() -> Iterator[FieldServer]:
    with field_server("intake") as running:
        yield running


Desks = dict[str, KeptPage]


@pytest.fixture(scope="module")
def desks() -> Iterator[Desks]:
    """One page for everybody who sits down, under the name."""
    made: Desks = {}
    yield made
    for desk in made.values():
        desk.close()


@pytest.fixture
def opened(chromium: Browser, server: FieldServer, desks: Desks, request: pytest.FixtureRequest) -> Iterator[Open]:
    """The desk's page, for whoever sits there, with some cases in its queues."""
    server.reset()

    def open_desk() -> Page:
        page = chromium.new_context(viewport={"width": 1920, "height": 1080}).new_page()
        page.goto(server.address)
        page.wait_for_selector(".intake[data-face=live]", timeout=PATIENCE_MS)
        return page

    def empty(page: Page) -> None:
        page.get_by_role("button", name="清空").click()
        at_rest(page)
        page.locator(f"[data-tab={page.locator('.intake').get_attribute('data-first')}]").click()
        has_cases(page, server)

    with ExitStack() as lent:

        def opening(*rows: dict[str, Any], who: Identity = PEOPLE["intake"]) -> Page:
            server.rows = {one["case_no"]: one for one in rows}
            server.people["intake"] = who
            desk = desks.setdefault(who.name, KeptPage(open_desk, empty))
            return lent.enter_context(desk.lent(request.node))

        yield opening


def tell(page: Page) -> None:
    """What a caller says, by keyboard alone."""
    page.keyboard.press("n")
    page.keyboard.insert_text("井盖缺失")
    page.locator("#intake-class").press_sequentially("wsjg")
    page.locator(".pick-list [role=option]").first.wait_for()
    page.locator("#intake-class").press("Enter")
    page.locator("#intake-search").press_sequentially("五四")
    page.locator("#intake-places [role=option]").first.wait_for()
    page.locator("#intake-search").press("Enter")
    expect(page.locator(".intake-grid")).to_contain_text("370202001001005")


def test_a_call_is_registered_with_the_grid_of_its_place_and_only_once(opened: Open, server: FieldServer) -> None:
    page = opened()
    tell(page)
    page.locator("#intake-phone").fill("13805321234")
    expect(page.locator("#intake-address")).to_have_value("市南区五四广场")
    server.answers[REGISTER] = (503, {})
    page.locator("#intake-description").press("Control+Enter")
    expect(page.locator(".intake-error")).not_to_be_empty()
    del server.answers[REGISTER]
    page.reload()
    page.wait_for_selector(".intake[data-face=live]")
    expect(page.locator("#intake-description")).to_have_value("井盖缺失")
    expect(page.locator(".intake-grid")).to_contain_text("370202001001005")
    page.locator("#intake-description").press("Control+Enter")
    expect(page.locator(".act-toast", has_text="QD2026080600001 已登记")).to_be_visible()
    first, again = [body["facts"] for body in server.bodies(REGISTER)]
    assert first == again
    told = {name: again[name] for name in ("source", "class_code", "grid", "district", "reporter_phone", "severity")}
    assert told == {
        "source": "hotline",
        "class_code": "C0102",
        "grid": "370202001001005",
        "district": "370202",
        "reporter_phone": "13805321234",
        "severity": "L4",
    }
    expect(page.locator("#intake-description")).to_have_value("")


def test_a_call_about_a_known_case_is_linked_and_no_second_one_goes_on(opened: Open, server: FieldServer) -> None:
    page = opened(row("QD2026080600009", "pending_acceptance"))
    known = {"case_no": "QD2026080600009", "address": "五四广场", "state_label": "待受理", "metres": 12}
    server.alike = [known | {"reported_at": now_ms() - 60_000}]
    tell(page)
    expect(page.locator(".intake-alike")).to_contain_text("附近 24 小时内有 1 件同类案卷")
    page.get_by_role("button", name="关联，不另立案").click()
    expect(page.locator(".panel-no")).to_contain_text("QD2026080600009")
    acts = server.bodies(f"{REGISTER}/QD2026080600001/actions")
    assert [(act["action"], act["facts"]) for act in acts] == [
        ("link", {"linked": ["QD2026080600009"]}),
        ("refuse_acceptance", {}),
    ]
    assert "QD2026080600009" in acts[1]["reason"]


def test_a_report_without_a_word_is_not_handed_in(opened: Open, server: FieldServer) -> None:
    page = opened()
    page.keyboard.press("n")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".intake-error")).to_contain_text("请写明问题")
    assert server.posted == []


def test_each_post_begins_at_its_own_queue(opened: Open) -> None:
    rows = [row("new", "pending_acceptance"), row("ready", "pending_filing"), row("done", "pending_close")]
    page = opened(*rows, who=Identity("shift", "值班长", Role.SHIFT_LEADER))
    expect(page.locator(".ag-center-cols-container .ag-row")).to_have_count(1)
    expect(page.locator("[row-id=ready].ag-row").first).to_be_visible()
    page.keyboard.press("1")
    expect(page.locator("[row-id=new].ag-row").first).to_be_visible()
    page.keyboard.press("4")
    expect(page.locator(".ag-overlay")).to_contain_text("此栏没有案卷")
    expect(page.locator(".intake-tab[data-tab=pending_close] b")).to_have_text("1")


def test_a_step_over_its_time_is_counted_on_its_queue(opened: Open) -> None:
    page = opened(row("slow", "pending_acceptance"), row("fresh", "pending_acceptance", state_since=now_ms()))
    expect(page.locator(".intake-tab[data-tab=pending_acceptance] b")).to_have_text("2 ▲1")


def test_a_key_does_what_is_possible_of_its_acts(opened: Open, server: FieldServer) -> None:
    page = opened(row("fed", "pending_feedback_review"))
    server.offers = [
        offer("close", "结案", "须为待结案", "not_in_this_state"),
        offer("send_check", "发送核查"),
        offer("close_from_photos", "直接结案"),
    ]
    page.keyboard.press("4")
    page.keyboard.press("j")
    expect(page.get_by_role("button", name="直接结案")).to_be_visible()
    with page.expect_response("**/actions"):
        page.keyboard.press("h")
    assert server.bodies(f"{REGISTER}/fed/actions")[0]["action"] == "send_check"


def test_a_supervisor_registers_what_a_camera_shows_and_gives_no_names(opened: Open) -> None:
    page = opened(who=Identity("eye", "督察员", Role.SUPERVISOR))
    expect(page.locator("#intake-source")).to_have_value("video")
    expect(page.locator("#intake-phone")).to_have_count(0)
