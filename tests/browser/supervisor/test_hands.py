"""Hands on a camera: turning, presets, pictures kept, the wall and the map."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.supervisor.looks import CHOSEN, Open, asked
from tests.fakes.desk_server import DeskServer
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def turned(server: DeskServer, count: int, number: int = 1) -> list[str]:
    return [body["act"] for body in asked(server, f"/api/v1/cameras/QD-{number:03}/ptz", count)]


def test_a_camera_turns_while_the_keys_are_held(open_page: Open, server: DeskServer) -> None:
    page = open_page()
    page.keyboard.down("p")
    page.keyboard.down("ArrowLeft")
    expect(page.locator(".video-pad")).to_have_count(1)
    page.keyboard.up("ArrowLeft")
    page.keyboard.up("p")
    acts = [act for act in turned(server, 4) if act != "keep"]
    assert acts == ["hold", "move", "stop", "release"]
    moved = server.bodies("/api/v1/cameras/QD-001/ptz")[1]
    assert (moved["pan"] < 0, moved["tilt"], moved["zoom"]) == (True, 0, 0)
    assert page.evaluate(CHOSEN) == "1"
    expect(page.locator(".video-pad")).to_have_count(0)


def test_a_camera_stops_when_the_window_is_left(open_page: Open, server: DeskServer) -> None:
    page = open_page()
    page.keyboard.down("p")
    page.keyboard.down("ArrowUp")
    turned(server, 2)
    page.evaluate("() => window.dispatchEvent(new Event('blur'))")
    eventually(lambda: turned(server, 2)[-1] == "release", within=20)
    assert "stop" in turned(server, 2)
    for key in ("ArrowUp", "p"):
        page.keyboard.up(key)


def test_who_holds_the_camera_is_named(open_page: Open, server: DeskServer) -> None:
    refused = {"error": "held", "message": "钱进 正在控制这台摄像机", "holder": "钱进"}
    server.answers["/api/v1/cameras/QD-001/ptz"] = (409, refused)
    page = open_page()
    page.keyboard.down("p")
    expect(page.locator(".video-toast")).to_contain_text("钱进")
    page.keyboard.up("p")
    expect(page.locator(".video-pad")).to_have_count(0)


def test_who_turns_the_chosen_camera_stands_on_its_picture(open_page: Open, server: DeskServer) -> None:
    server.answers["/api/v1/cameras/QD-001/ptz"] = (200, {"holder": "钱进"})
    page = open_page()
    mark = page.locator('.video-mark[data-kind="ptz"]')
    expect(mark).to_have_text("钱进 正在控制")
    page.keyboard.press("2")
    expect(mark).to_have_count(0)


def test_a_shared_camera_is_for_looking_only(open_page: Open, server: DeskServer) -> None:
    page = open_page()
    page.keyboard.press("2")
    expect(page.locator(".video-bar [data-act=ptz]")).to_be_disabled()
    page.keyboard.press("p")
    expect(page.locator(".video-toast")).to_contain_text("只能看")
    assert server.bodies("/api/v1/cameras/QD-002/ptz") == []


def test_presets_are_called_by_number(open_page: Open, server: DeskServer) -> None:
    page = open_page()
    page.keyboard.press("Alt+2")
    expect(page.locator(".video-toast")).to_contain_text("桥面")
    assert server.bodies("/api/v1/cameras/QD-001/ptz")[1] == {"act": "goto", "token": "p2"}


def test_a_snapshot_says_what_came_of_it(open_page: Open, server: DeskServer) -> None:
    server.answers["/api/v1/video/evidence"] = (201, {"id": "e1"})
    page = open_page()
    page.keyboard.press("s")
    expect(page.locator(".video-toast")).to_contain_text("已存为证据")
    server.answers["/api/v1/video/evidence"] = (409, {"message": "摄像机没有及时应答"})
    page.keyboard.press("s")
    expect(page.locator(".video-toast[data-tone=bad]")).to_contain_text("摄像机没有及时应答")
    assert server.bodies("/api/v1/video/evidence") == [{"camera": "QD-001", "what": "picture"}] * 2


def test_a_picture_is_attached_to_the_case_that_is_typed(open_page: Open, server: DeskServer) -> None:
    server.answers["/api/v1/video/evidence"] = (201, {"id": "e1"})
    page = open_page()
    page.keyboard.press("k")
    page.keyboard.type("QD77")
    page.keyboard.press("Enter")
    expect(page.locator(".video-toast")).to_contain_text("QD77")
    assert server.bodies("/api/v1/video/evidence")[0]["case_no"] == "QD77"


def test_a_minute_nobody_kept_is_told(open_page: Open, server: DeskServer) -> None:
    server.answers["/video/QD-001/recent.mp4"] = (409, {"message": "没有可用的画面"})
    page = open_page()
    page.keyboard.press("b")
    expect(page.locator(".video-dialog .video-warning")).to_contain_text("没有可用的画面")


def test_a_camera_goes_to_the_wall_and_stands_in_one_place_only(open_page: Open, server: DeskServer) -> None:
    shown = [{"number": 1, "name": "东海西路 1"}, None, None, None]
    server.answers["/api/v1/video/wall"] = (200, {"cameras": [1, 0, 0, 0], "shown": shown, "version": 3})
    page = open_page()
    expect(page.locator(".video-cell[data-place='1'] .video-marks")).to_have_text("大屏 1")
    page.keyboard.press("Shift+Digit2")
    assert asked(server, "/api/v1/video/wall", method="PUT") == [{"cameras": [0, 1, 0, 0], "version": 3}]
    page.keyboard.press("w")
    page.click(".video-wall-place >> nth=0 >> text=撤下")
    assert asked(server, "/api/v1/video/wall", 2, method="PUT")[1]["cameras"] == [0, 0, 0, 0]


def test_the_map_shows_where_a_camera_looks_and_the_cases_around_it(open_page: Open, server: DeskServer) -> None:
    case = {"case_no": "QD5", "lon": 120.361, "lat": 36.08, "severity": "L2", "distance_m": 80, "address": "东海西路"}
    server.answers["/api/v1/cameras/QD-001/cases"] = (200, {"cases": [case]})
    page = open_page()
    page.keyboard.press("m")
    expect(page.locator(".video-map-cases")).to_contain_text("QD5")
    expect(page.locator(".video-map-cone")).to_have_count(1)
    expect(page.locator(".video-map-case")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".video-map")).to_have_count(0)
