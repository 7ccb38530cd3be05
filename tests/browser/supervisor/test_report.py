"""What a supervisor sees becomes a case (视频上报): the picture first, the form beside it, the picture to the case."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from domain.roles import Identity, Role
from tests.browser.supervisor.looks import Open, asked
from tests.fakes.desk_server import DeskServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

SHOT = {"id": "e1", "url": "/video/evidence/e1", "captured_at": 1_700_000_000_000}
WHERE = {"grid": "37020200101", "district": "370202", "street": "八大关", "community": "汇泉", "ring": [], "near": []}
CLASS = {"code": "0201", "name": "道路破损", "typed": "daolu dl", "major": "市政"}
TWIN = {
    "case_no": "QD9",
    "metres": 40,
    "reported_at": 1_700_000_000_000,
    "state_label": "处置中",
    "address": "东海西路",
}


@pytest.fixture
def answered(server: DeskServer) -> DeskServer:
    server.answers |= {
        "/api/v1/video/evidence": (201, SHOT),
        "/api/v1/classes": (200, {"classes": [CLASS]}),
        "/api/v1/where": (200, WHERE | {"address": "东海西路 12 号"}),
        "/api/v1/cases-alike": (200, {"cases": []}),
        "/api/v1/cases": (201, {"case": {"case_no": "QD77", "version": 1}}),
        "/api/v1/cases/QD77/evidence": (200, {}),
    }
    return server


def described(page: Page, words: str = "井盖塌陷") -> None:
    page.keyboard.press("r")
    expect(page.locator(".report-shot img")).to_have_count(1)
    expect(page.locator("#intake-address")).to_have_value("东海西路 12 号")
    page.keyboard.type(words)


def test_what_is_seen_is_reported_from_the_wall(open_page: Open, answered: DeskServer) -> None:
    page = open_page()
    described(page)
    page.fill("#intake-class", "dl")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".video-toast")).to_contain_text("已上报 QD77")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert answered.bodies("/api/v1/video/evidence") == [{"camera": "QD-001", "what": "picture"}]
    facts = answered.bodies("/api/v1/cases")[0]["facts"]
    assert (facts["source"], facts["description"], facts["class_code"]) == ("video", "井盖塌陷", "0201")
    assert (facts["lon"], facts["lat"]) == (answered.cameras[0].lon, answered.cameras[0].lat)
    assert answered.bodies("/api/v1/cases/QD77/evidence") == [{"evidence": "e1"}]


def test_without_a_picture_the_report_still_goes(open_page: Open, answered: DeskServer) -> None:
    answered.answers["/api/v1/video/evidence"] = (409, {"message": "摄像机没有及时应答"})
    page = open_page()
    page.keyboard.press("r")
    expect(page.locator(".report-shot")).to_contain_text("摄像机没有及时应答")
    page.keyboard.type("井盖塌陷")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".video-toast")).to_contain_text("QD77")
    assert answered.bodies("/api/v1/cases/QD77/evidence") == []


def test_a_picture_the_case_did_not_take_is_told(open_page: Open, answered: DeskServer) -> None:
    answered.answers["/api/v1/cases/QD77/evidence"] = (503, {"message": "数据库没有应答"})
    page = open_page()
    described(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".video-toast[data-tone=bad]")).to_contain_text("数据库没有应答")
    expect(page.locator(".video-toast[data-tone=good]")).to_contain_text("QD77")
    answered.answers["/api/v1/cases/QD77/evidence"] = (200, {})
    page.click(".video-toast[data-tone=bad] >> text=重试")
    expect(page.locator(".video-toast", has_text="已附到案卷 QD77")).to_have_count(1)
    assert asked(answered, "/api/v1/cases/QD77/evidence", 2) == [{"evidence": "e1"}] * 2


def test_a_standing_case_that_does_not_take_the_picture_is_told_in_the_form(
    open_page: Open, answered: DeskServer
) -> None:
    answered.answers["/api/v1/cases-alike"] = (200, {"cases": [TWIN]})
    answered.answers["/api/v1/cases/QD9/evidence"] = (409, {"message": "案卷已结案"})
    page = open_page()
    described(page)
    page.fill("#intake-class", "dl")
    page.keyboard.press("Enter")
    page.click("text=画面附到此案")
    expect(page.locator("dialog[open] .intake-error")).to_contain_text("案卷已结案")
    expect(page.locator("#intake-description")).to_have_value("井盖塌陷")


def test_a_form_that_is_emptied_keeps_the_cameras_place(open_page: Open, answered: DeskServer) -> None:
    page = open_page()
    described(page)
    page.click("dialog[open] >> text=清空")
    expect(page.locator("#intake-description")).to_have_value("")
    expect(page.locator("#intake-address")).to_have_value("东海西路 12 号")
    page.fill("#intake-description", "路灯不亮")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".video-toast")).to_contain_text("QD77")
    assert answered.bodies("/api/v1/cases")[0]["facts"]["lon"] == answered.cameras[0].lon


def test_a_case_that_stands_already_gets_the_picture_instead(open_page: Open, answered: DeskServer) -> None:
    answered.answers["/api/v1/cases-alike"] = (200, {"cases": [TWIN]})
    answered.answers["/api/v1/cases/QD9/evidence"] = (200, {})
    page = open_page()
    described(page)
    page.fill("#intake-class", "dl")
    page.keyboard.press("Enter")
    page.click("text=画面附到此案")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert asked(answered, "/api/v1/cases/QD9/evidence") == [{"evidence": "e1"}]
    assert answered.bodies("/api/v1/cases") == []


def test_what_was_typed_is_there_again_for_the_same_camera_only(open_page: Open, answered: DeskServer) -> None:
    page = open_page()
    described(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("r")
    expect(page.locator("#intake-description")).to_have_value("井盖塌陷")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    page.keyboard.press("r")
    expect(page.locator("#intake-description")).to_have_value("")


def test_who_may_not_report_has_no_button(open_page: Open, answered: DeskServer) -> None:
    page = open_page(who=Identity("lead", "领导", Role.LEADER))
    expect(page.locator("[data-act=report]")).to_have_count(0)
    page.keyboard.press("r")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert answered.bodies("/api/v1/video/evidence") == []
