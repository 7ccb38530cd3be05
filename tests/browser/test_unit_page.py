"""/unit in a real browser: what is late, what may be done by a key, and what it says when there is nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.field_desk import at_rest, has_cases, told_anew
from tests.fakes.field_server import HOUR, FieldServer, field_server, offer, row

pytestmark = pytest.mark.browser
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def server() -> Iterator[FieldServer]:
    with field_server("unit") as running:
        yield running


Open = Callable[..., Page]


@pytest.fixture(scope="module")
def seat(chromium: Browser, server: FieldServer) -> Iterator[Page]:
    """The seat's page, opened once for all tests of this file."""
    context = chromium.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    page.goto(server.address)
    page.wait_for_selector(".unit:not([data-face=loading])", timeout=PATIENCE_MS)
    yield page
    context.close()


@pytest.fixture
def opened(seat: Page, server: FieldServer) -> Open:
    """The page with some cases on its desk, the first tab, nothing chosen."""
    server.reset()

    def opening(*rows: dict[str, Any]) -> Page:
        server.rows = {one["case_no"]: dict(one) for one in rows}
        at_rest(seat)
        seat.keyboard.press("1")
        has_cases(seat, server)
        expect(seat.locator(".case-panel")).to_have_attribute("data-face", "none")
        return seat

    return opening


def numbers(page: Page) -> list[str]:
    """Case numbers in the order on screen."""
    found = page.evaluate(
        "[...document.querySelectorAll('.ag-center-cols-container .ag-row')]"
        ".map((row) => [Number(row.getAttribute('row-index')), row.getAttribute('row-id')])"
    )
    return [case_no for _, case_no in sorted(found)]


LATE = row("late", "disposing", left_ms=-3 * HOUR)
SOON = row("soon", left_ms=HOUR)
LATER = row("later", left_ms=30 * HOUR, supervised=True, order_due=SOON["deadline"], version=3)
PARKED = row("parked", "suspended", suspended_until=SOON["deadline"])
FED = row("fed", "pending_check")


def test_late_cases_come_first_and_what_stands_still_comes_last(opened: Open) -> None:
    page = opened(FED, PARKED, LATER, SOON, LATE)
    expect(page.locator(".ag-center-cols-container .ag-row")).to_have_count(5)
    assert numbers(page) == ["late", "soon", "later", "parked", "fed"]
    expect(page.locator("[row-id=late] .list-left")).to_contain_text("▲ 超期")
    assert "is-late" in (page.locator("[row-id=late].ag-row").first.get_attribute("class") or "")


def test_tabs_count_and_show_only_their_own(opened: Open) -> None:
    page = opened(FED, PARKED, LATER, SOON, LATE)
    shown = {tab: page.locator(f".unit-tab[data-tab={tab}] b") for tab in ("pending_disposal", "late", "orders", "fed")}
    for tab, count in {"pending_disposal": "2", "late": "1", "orders": "1", "fed": "1"}.items():
        expect(shown[tab]).to_have_text(count)
    page.keyboard.press("2")
    expect(page.locator(".ag-center-cols-container .ag-row")).to_have_count(2)
    assert numbers(page) == ["soon", "later"]


def test_the_rate_stands_with_its_parts(opened: Open) -> None:
    page = opened(SOON)
    expect(page.locator(".unit-cards")).to_contain_text("75.0%")
    expect(page.locator(".unit-cards")).to_contain_text("36 / 48")


def test_a_case_tells_its_limit_and_who_gave_it_and_why(opened: Open, server: FieldServer) -> None:
    server.offers = [offer("receive", "签收")]
    page = opened(SOON)
    page.keyboard.press("j")
    expect(page.locator(".panel-facts")).to_contain_text("缺失：2 工作时")
    expect(page.locator(".panel-facts")).to_contain_text("已延期 1 次")
    expect(page.locator(".panel-facts")).to_contain_text("派遣员 王磊")
    expect(page.locator(".panel-facts")).to_contain_text("部件权属：3702")


def test_r_receives_and_the_worker_is_written_down(opened: Open, server: FieldServer) -> None:
    server.offers = [offer("receive", "签收", undo="revoke_assignment")]
    page = opened(SOON)
    page.keyboard.press("j")
    page.locator(".panel-worker").fill("张三")
    page.locator(".case-panel .panel-body").focus()
    with page.expect_response("**/actions"):
        page.keyboard.press("r")
    body = server.bodies("/api/v1/cases/soon/actions")[0]
    assert (body["action"], body["expected_version"], body["reason"]) == ("receive", 5, "指派 张三")


def test_letters_typed_into_a_field_do_nothing(opened: Open, server: FieldServer) -> None:
    server.offers = [offer("receive", "签收")]
    page = opened(SOON)
    page.keyboard.press("j")
    page.locator(".panel-worker").press_sequentially("rjkb")
    expect(page.locator(".panel-worker")).to_have_value("rjkb")
    assert server.posted == []


def test_what_is_not_possible_says_why(opened: Open, server: FieldServer) -> None:
    server.offers = [offer("feed_back", "处置反馈"), offer("ask_extension", "申请延期", "已超期，不能申请延期")]
    page = opened(LATE)
    page.keyboard.press("j")
    expect(page.locator(".panel-why")).to_contain_text("已超期，不能申请延期")
    page.keyboard.press("e")
    expect(page.locator(".act-toast")).to_contain_text("已超期，不能申请延期")


def test_a_case_that_comes_and_one_that_goes_change_only_their_rows(opened: Open, server: FieldServer) -> None:
    server.offers = [offer("receive", "签收")]
    page = opened(SOON, LATER)
    page.keyboard.press("j")
    page.locator("[row-id=soon].ag-row").first.evaluate("(row) => { row.mark = 'same' }")
    new = row("new", left_ms=-HOUR)
    step = {"from": 1, "to": 2, "put": [new], "drop": ["later"], "grids": {}}
    page.evaluate("(steps) => window.citywall.live.publish('cases', { version: 2, steps })", [step])
    expect(page.locator("[row-id=new].ag-row").first).to_be_visible()
    expect(page.locator("[row-id=later].ag-row")).to_have_count(0)
    assert numbers(page) == ["new", "soon"]
    assert page.locator("[row-id=soon].ag-row").first.evaluate("(row) => row.mark") == "same"
    expect(page.locator(".panel-no")).to_contain_text("soon")


def test_a_department_without_cases_is_told_so(opened: Open) -> None:
    page = opened()
    expect(page.locator(".unit-empty")).to_be_visible()
    expect(page.locator(".unit .work-list")).to_be_hidden()


def test_a_server_without_a_board_is_said_and_not_shown_as_calm(opened: Open, server: FieldServer) -> None:
    page = opened(LATER)
    server.answers["/api/v1/board"] = (503, {"error": "no_board"})
    told_anew(page)
    expect(page.locator(".unit-note")).to_contain_text("案卷读取失败")
    expect(page.locator(".unit")).to_have_attribute("data-face", "error")
    expect(page.locator(".unit-empty")).to_be_hidden()
    server.rows = {"soon": SOON}
    del server.answers["/api/v1/board"]
    expect(page.locator("[row-id=soon].ag-row").first).to_be_visible()
    expect(page.locator(".unit-note")).to_have_text("")
