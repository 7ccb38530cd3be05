"""One case through all seven stages by seven people, each at their own page of a real hall, while the wall looks on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from domain.rights import Mode
from tests.hall_process import PASSWORD, HallProcess, running_hall
from tests.small_hall import DEPARTMENT, SPOT, make_small_hall

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PATIENCE_MS = 40_000
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1920, "height": 1080}}


@dataclass
class Show:
    """The hall, a phone and a desk that people take turns at, and the wall in a window of its own."""

    hall: HallProcess
    phone: BrowserContext
    desk: BrowserContext
    photos: Path
    wall: Page

    @contextmanager
    def at(self, who: str, path: str) -> Iterator[Page]:
        """A person's page, opened through the login as people do."""
        context = self.phone if who == "collector" else self.desk
        context.clear_cookies()
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        log_in(page, self.hall, who, path)
        yield page
        page.close()

    def stands_at(self, stage: str) -> None:
        """The strip of the wall counts one case at the stage, and none elsewhere."""
        counts = self.wall.locator(".cw-stage-count")
        wanted = ["1" if one == stage else "0" for one in STAGES]
        expect(counts).to_have_text(wanted, timeout=PATIENCE_MS)

    def photo(self, name: str) -> Path:
        path = self.photos / f"{name}.jpg"
        picture = np.random.default_rng(sum(name.encode())).integers(0, 255, (120, 160, 3), np.uint8)
        assert cv2.imwrite(str(path), picture)
        return path


STAGES = ("collection", "filing", "dispatch", "disposal", "feedback", "check", "evaluation")


def log_in(page: Page, hall: HallProcess, who: str, path: str) -> None:
    page.goto(f"{hall.base}/login?next={path}")
    page.locator("#name").fill(who)
    page.locator("#password").fill(PASSWORD)
    page.locator("#password").press("Enter")
    page.wait_for_url(f"**{path}")


@pytest.fixture
def show(chromium: Browser, tmp_path: Path) -> Iterator[Show]:
    make_small_hall(tmp_path / "hall", Mode.TWO_TWO)
    with running_hall(tmp_path / "hall", CITYWALL_DEMO="false") as hall:
        place = {"longitude": SPOT[0], "latitude": SPOT[1]}
        phone = chromium.new_context(permissions=["geolocation"], geolocation=place, **PHONE)
        desk, lobby = chromium.new_context(**DESK), chromium.new_context(**DESK)
        wall = lobby.new_page()
        log_in(wall, hall, "leader", "/wall")
        wall.wait_for_selector(".cw-stage[data-face=live], .cw-stage[data-face=empty]", timeout=PATIENCE_MS)
        yield Show(hall, phone, desk, tmp_path, wall)
        for context in (phone, desk, lobby):
            context.close()


def choose_first(page: Page, queue: str) -> str:
    """The first case of a queue, by keys alone; its number."""
    page.wait_for_selector(":is(.intake, .unit)[data-face=live]")
    page.keyboard.press(queue)
    page.locator(".ag-center-cols-container .ag-row").first.wait_for()
    page.keyboard.press("j")
    page.locator(".case-panel .panel-act").first.wait_for()
    return page.locator(".panel-no").inner_text().split()[0]


def report(show: Show) -> None:
    with show.at("collector", "/collect") as phone:
        phone.locator("[data-tab=report]").tap()
        phone.locator("#collect-class").press_sequentially("bllj")
        phone.locator(".pick-list [role=option]").first.wait_for()
        phone.locator("#collect-class").press("Enter")
        phone.locator("input[type=file]").set_input_files(show.photo("found"))
        expect(phone.locator(".collect-page .collect-where")).to_contain_text("网格", timeout=PATIENCE_MS)
        phone.locator(".collect-button.is-wide").tap()
        expect(phone.locator(".collect-page")).to_contain_text("都已送达", timeout=PATIENCE_MS)


def file(show: Show) -> None:
    with show.at("shift", "/intake") as desk:
        choose_first(desk, "3")
        desk.keyboard.press("f")
        desk.locator("dialog .act-condition :checked, dialog .act-conditions input:checked").first.wait_for()
        desk.locator("dialog button.is-main").click()
        expect(desk.locator(".act-toast")).to_contain_text("立案")


def dispatch(show: Show) -> None:
    with show.hall.signed_in("dispatcher") as desk:
        case = desk.get("/api/v1/cases", params={"state": "pending_dispatch"}).json()["cases"][0]
        item = {"case_no": case["case_no"], "expected_version": case["version"], "department": DEPARTMENT}
        assert desk.post("/api/v1/dispatch", json={"items": [item]}).json()["outcomes"][0]["ok"]


def dispose(show: Show) -> None:
    with show.at("seat", "/unit") as desk:
        choose_first(desk, "2")
        desk.keyboard.press("r")
        desk.locator(".panel-act[data-action=feed_back]").wait_for()
        desk.keyboard.press("f")
        desk.locator("dialog input[type=file]").first.set_input_files(show.photo("mended"))
        desk.locator("dialog .photo-card[data-state=done]").wait_for()
        desk.locator("dialog button.is-main").click()
        expect(desk.locator(".panel-wait")).to_contain_text("下一步", timeout=PATIENCE_MS)


def send_check(show: Show) -> None:
    with show.at("acceptor", "/intake") as desk:
        choose_first(desk, "4")
        with desk.expect_response("**/actions"):
            desk.keyboard.press("h")


def check(show: Show) -> None:
    with show.at("collector", "/collect") as phone:
        phone.locator(".collect-task").tap()
        phone.locator("input[type=file]").set_input_files(show.photo("checked"))
        phone.get_by_role("button", name="核查通过", exact=True).tap()
        expect(phone.locator(".act-toast")).to_contain_text("核查通过", timeout=PATIENCE_MS)


def close(show: Show) -> None:
    with show.at("shift", "/intake") as desk:
        choose_first(desk, "6")
        desk.keyboard.press("l")
        desk.locator("dialog button.is-main").click()
        desk.locator("dialog button.is-sure").click()
        expect(desk.locator(".act-toast")).to_contain_text("结案")


def test_one_case_through_all_seven_stages_while_the_wall_looks_on(show: Show) -> None:
    report(show)
    show.stands_at("filing")
    file(show)
    show.stands_at("dispatch")
    dispatch(show)
    show.stands_at("disposal")
    dispose(show)
    show.stands_at("feedback")
    send_check(show)
    show.stands_at("check")
    check(show)
    show.stands_at("check")
    close(show)
    show.stands_at("evaluation")
