"""/collect on a phone: tasks with their clocks, a report without a line that is sent later and only once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.kept_page import KeptPage
from tests.fakes.field_server import MINUTE, FieldServer, field_server, task

pytestmark = pytest.mark.browser
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)
HERE = {"longitude": 120.3842, "latitude": 36.0618}
REPORT = "/api/v1/cases"
FINGER_PX = 44

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def server() -> Iterator[FieldServer]:
    with field_server("collect") as running:
        yield running


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photos") / "on_the_spot.jpg"
    assert cv2.imwrite(str(path), np.full((120, 160, 3), 90, np.uint8))
    return path


def on_a_phone(chromium: Browser, server: FieldServer, **more: Any) -> Page:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=2, **more
    )
    page = context.new_page()
    page.goto(server.address)
    page.wait_for_selector(".collect[data-face=live]", timeout=PATIENCE_MS)
    return page


@pytest.fixture(scope="module")
def phone(chromium: Browser, server: FieldServer) -> Iterator[KeptPage]:
    """A phone whose position is allowed and known, for all tests of this file."""

    def empty(page: Page) -> None:
        tasks, server.tasks = server.tasks, []
        page.evaluate("document.querySelectorAll('.act-toast').forEach((one) => one.remove()); localStorage.clear()")
        page.locator("[data-tab=tasks]").tap()
        told_anew(page)
        expect(page.locator(".collect-empty")).to_be_visible()
        server.tasks = tasks
        told_anew(page)

    kept = KeptPage(lambda: on_a_phone(chromium, server, permissions=["geolocation"], geolocation=HERE), empty)
    yield kept
    kept.close()


def told_anew(page: Page) -> None:
    """The line is back: the page asks for its tasks again."""
    with page.expect_response("**/api/v1/tasks*"):
        page.evaluate("window.dispatchEvent(new Event('online'))")


@pytest.fixture
def opened(phone: KeptPage, server: FieldServer, request: pytest.FixtureRequest) -> Iterator[Open]:
    """The page on the phone, with some tasks."""
    server.reset()
    with ExitStack() as lent:

        def opening(*tasks: dict[str, Any]) -> Page:
            server.tasks = list(tasks)
            page = lent.enter_context(phone.lent(request.node))
            expect(page.locator(".collect-task")).to_have_count(len(tasks))
            return page

        yield opening


def fill_report(page: Page, photo: Path) -> None:
    page.locator("[data-tab=report]").tap()
    page.locator("#collect-class").press_sequentially("wsjg")
    page.locator(".pick-list [role=option]").first.wait_for()
    page.locator("#collect-class").press("Enter")
    page.locator("input[type=file]").set_input_files(photo)


def test_a_report_made_without_a_line_is_kept_and_sent_once_when_it_comes_back(
    opened: Open, server: FieldServer, photo: Path
) -> None:
    page = opened()
    fill_report(page, photo)
    expect(page.locator(".collect-page .collect-where")).to_contain_text("370202001001005")
    page.context.set_offline(True)
    page.locator(".collect-button.is-wide").tap()
    expect(page.locator(".collect-outbox li")).to_contain_text("待发送")
    expect(page.locator(".collect-line")).to_contain_text("1 件待发送")
    assert server.bodies(REPORT) == []
    server.answers[REPORT] = (409, {"error": "duplicate", "field": "outside_id", "message": "已登记为 QD1"})
    page.context.set_offline(False)
    expect(page.locator(".collect-page")).to_contain_text("都已送达")
    sent = server.bodies(REPORT)
    assert len(sent) == 1
    facts = sent[0]["facts"]
    assert (sent[0]["action"], facts["class_code"], facts["photos"]) == ("report", "C0102", [f"near:{'5e' * 32}"])
    assert (facts["lon"], facts["lat"]) == (HERE["longitude"], HERE["latitude"])
    assert facts["source_system"] == "collect"
    assert facts["outside_id"]


def test_what_waits_outlives_a_reload_and_keeps_its_id(opened: Open, server: FieldServer, photo: Path) -> None:
    page = opened()
    fill_report(page, photo)
    server.answers[REPORT] = (503, {})
    expect(page.locator(".collect-page .collect-where")).to_contain_text("370202001001005")
    with page.expect_response("**/api/v1/cases"):
        page.locator(".collect-button.is-wide").tap()
    expect(page.locator(".collect-outbox li")).to_contain_text("线路不好，稍后自动发送")
    del server.answers[REPORT]
    with page.expect_response("**/api/v1/cases"):
        page.reload()
    expect(page.locator("[data-count=outbox]")).to_have_text("")
    first, again = server.bodies(REPORT)
    assert first["facts"] == again["facts"]


def test_a_refused_report_stays_with_its_reason(opened: Open, server: FieldServer, photo: Path) -> None:
    page = opened()
    fill_report(page, photo)
    server.answers[REPORT] = (422, {"error": "fact_wrong", "field": "class_code", "message": "类别不存在"})
    expect(page.locator(".collect-page .collect-where")).to_contain_text("370202001001005")
    page.locator(".collect-button.is-wide").tap()
    expect(page.locator(".collect-outbox li")).to_contain_text("被退回：类别不存在")
    page.get_by_role("button", name="删除").tap()
    expect(page.locator(".collect-page")).to_contain_text("都已送达")


def test_without_a_position_the_place_is_tapped_on_the_map(chromium: Browser, server: FieldServer, photo: Path) -> None:
    server.reset()
    page = on_a_phone(chromium, server)
    fill_report(page, photo)
    page.locator(".collect-button.is-wide").tap()
    expect(page.locator(".collect-error")).to_contain_text("请定位，或在地图上点选位置")
    page.locator(".collect-map").tap(position={"x": 120, "y": 90})
    expect(page.locator(".collect-page .collect-where")).to_contain_text("370202001001005")
    with page.expect_response("**/api/v1/cases"):
        page.locator(".collect-button.is-wide").tap()
    assert 120.3 < server.bodies(REPORT)[0]["facts"]["lon"] < 120.5
    page.context.close()


def test_tasks_tell_distance_and_what_is_left_of_the_half_hour(opened: Open) -> None:
    page = opened(task("QD1", metres=120), task("QD2", "verify", metres=2400, late_ms=30 * MINUTE))
    cards = page.locator(".collect-task")
    expect(cards).to_have_count(2)
    expect(cards.nth(0)).to_contain_text("120 米")
    expect(cards.nth(0).locator("strong")).to_contain_text("剩 19:")
    expect(cards.nth(1)).to_contain_text("2.4 公里")
    expect(cards.nth(1).locator("strong")).to_contain_text("▲ 已超 10分")


def test_a_check_is_passed_with_a_photo_and_leaves_the_list(opened: Open, server: FieldServer, photo: Path) -> None:
    page = opened(task("QD1"))
    page.locator(".collect-task").tap()
    page.get_by_role("button", name="核查通过", exact=True).tap()
    expect(page.locator(".collect-error")).to_contain_text("请先拍一张现场照片")
    page.locator("input[type=file]").set_input_files(photo)
    server.tasks = []
    with page.expect_response("**/actions"):
        page.get_by_role("button", name="核查通过", exact=True).tap()
    expect(page.locator(".collect-page")).to_contain_text("没有待核实、待核查的任务")
    acts = server.bodies(f"{REPORT}/QD1/actions")
    assert [(act["action"], act["expected_version"]) for act in acts] == [("pass_check", 7)]
    assert acts[0]["facts"]["photos"] == [f"far:{'5e' * 32}"]


def test_not_so_needs_a_word(opened: Open, server: FieldServer, photo: Path) -> None:
    page = opened(task("QD1", "verify"))
    page.locator(".collect-task").tap()
    page.locator("input[type=file]").set_input_files(photo)
    page.get_by_role("button", name="不属实").tap()
    expect(page.locator(".collect-error")).to_contain_text("请说明理由")
    page.locator(".collect-page textarea").fill("现场完好")
    with page.expect_response("**/actions"):
        page.get_by_role("button", name="不属实").tap()
    act = server.bodies(f"{REPORT}/QD1/actions")[0]
    assert (act["action"], act["facts"]["result"], act["reason"]) == ("answer_verify", "false", "现场完好")


def test_everything_fits_a_phone_and_a_finger(opened: Open) -> None:
    page = opened(task("QD1"))
    for tab in ("tasks", "report", "dispose", "outbox"):
        page.locator(f"[data-tab={tab}]").tap()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        small = page.evaluate(
            "(least) => [...document.querySelectorAll('.collect button, .collect .leaflet-bar a')]"
            ".filter((one) => one.offsetParent && one.getBoundingClientRect().height < least)"
            ".map((one) => one.outerHTML)",
            FINGER_PX,
        )
        assert small == []


def test_no_tasks_and_no_server_are_told_apart(opened: Open, server: FieldServer) -> None:
    page = opened()
    expect(page.locator(".collect-page")).to_contain_text("没有待核实、待核查的任务")
    server.down = True
    told_anew(page)
    expect(page.locator(".collect-line")).to_contain_text("任务没有读到")
