"""The photo field of a form in a real browser: taken, dropped, pasted, refused, tried again, kept over a reload."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from domain.evidence import digest
from tests.fakes.leader_server import LeaderServer, leader_server
from tests.made_photos import jpeg, scene

pytestmark = pytest.mark.browser
PATIENCE_MS = 20_000
PICTURE = jpeg(scene(1, (320, 240)))
OTHER = jpeg(scene(2, (320, 240)))
MOUNT = """(options) => {
  window.told = []; window.waiting = [];
  const onChange = (photos, { pending }) => { told.push(photos); waiting.push(pending); };
  window.field = citywall.photoInput(document.getElementById("photos"), { ...options, onChange });
}"""
HAND_OVER = """([how, name, type, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name, { type }));
  const place = how === "drop" ? document.querySelector("[data-kind=after]") : document.body;
  const told = { bubbles: true, cancelable: true };
  const drop = () => new DragEvent("drop", { dataTransfer: data, ...told });
  const paste = () => new ClipboardEvent("paste", { clipboardData: data, ...told });
  place.dispatchEvent(how === "drop" ? drop() : paste());
}"""


@pytest.fixture(scope="module")
def server() -> Iterator[LeaderServer]:
    with leader_server() as running:
        yield running


@pytest.fixture(scope="module")
def desk(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 900, "height": 700})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield page
    context.close()


@pytest.fixture
def page(desk: Page, server: LeaderServer) -> Page:
    """An empty photo field for before and after of one case."""
    server.uploads, server.sent = [], []
    desk.goto(f"{server.address}/form")
    desk.evaluate("sessionStorage.clear()")
    mounted(desk)
    return desk


def mounted(page: Page, **more: Any) -> None:
    page.evaluate(MOUNT, {"kinds": ["before", "after"], "caseNo": "QD1"} | more)


def choose(page: Page, media: bytes, kind: str = "after", name: str = "a.jpg", mime: str = "image/jpeg") -> None:
    field = page.locator(f"[data-kind={kind}] input[type=file]")
    field.set_input_files({"name": name, "mimeType": mime, "buffer": media})


def value(page: Page) -> list[str]:
    return page.evaluate("field.value()")


def done(page: Page, count: int = 1) -> None:
    expect(page.locator(".photo-card[data-state=done]")).to_have_count(count, timeout=PATIENCE_MS)


def test_a_chosen_photo_is_sent_as_it_is_and_named_by_its_hash(page: Page, server: LeaderServer) -> None:
    choose(page, PICTURE)
    done(page)
    assert value(page) == [f"after:{digest(PICTURE)}"]
    assert server.sent == [("after", "QD1", PICTURE)]
    assert page.evaluate("told.at(-1)") == value(page)
    assert page.evaluate("waiting")[0] == 1
    assert page.evaluate("waiting.at(-1)") == 0


@pytest.mark.parametrize(("how", "kind"), [("drop", "after"), ("paste", "before")])
def test_photos_are_dropped_and_pasted_at_a_desk(page: Page, server: LeaderServer, how: str, kind: str) -> None:
    page.evaluate(HAND_OVER, [how, "b.png", "image/png", list(PICTURE)])
    done(page)
    assert value(page) == [f"{kind}:{digest(PICTURE)}"]


def test_a_wrong_kind_of_file_is_refused_in_words_and_not_sent(page: Page, server: LeaderServer) -> None:
    choose(page, b"%PDF-1.7", name="plan.pdf", mime="application/pdf")
    expect(page.locator(".photo-problem")).to_contain_text("只收 JPEG、PNG、WebP")
    choose(page, b"", name="empty.jpg")
    expect(page.locator(".photo-problem").nth(1)).to_contain_text("文件是空的")
    assert (server.sent, value(page)) == ([], [])


def test_the_servers_refusal_is_shown_and_the_photo_can_be_removed(page: Page, server: LeaderServer) -> None:
    server.uploads = [(422, {"error": "bad_photo", "message": "照片文件已损坏或不完整：请重新拍照上传"})]
    choose(page, PICTURE[:900])
    expect(page.locator(".photo-problem")).to_contain_text("已损坏", timeout=PATIENCE_MS)
    page.locator(".photo-remove").click()
    expect(page.locator(".photo-card")).to_have_count(0)


def test_what_is_doubtful_is_said_before_it_is_handed_in(page: Page, server: LeaderServer) -> None:
    flags = [{"code": "too_far", "label": "不在现场", "detail": "距案发地 2000 米，超过 50 米"}]
    server.uploads = [(201, {"sha256": "ab" * 32, "taken_at": None, "flags": flags})]
    choose(page, PICTURE)
    expect(page.locator(".photo-flag")).to_have_text("▲ 不在现场", timeout=PATIENCE_MS)
    expect(page.locator(".photo-flag")).to_have_attribute("title", "距案发地 2000 米，超过 50 米")


def test_a_bad_line_is_tried_again_by_itself_and_then_by_hand_only(page: Page, server: LeaderServer) -> None:
    page.clock.install()
    server.uploads = [(503, {})] * 4
    choose(page, PICTURE)
    for attempt, pause in enumerate((1000, 3000, 8000), start=1):
        expect(page.locator(".photo-problem")).to_contain_text("自动重试", timeout=PATIENCE_MS)
        assert len(server.sent) == attempt
        page.clock.run_for(pause)
        page.wait_for_function("() => document.querySelector('.photo-card').dataset.state !== 'sending'")
    expect(page.locator(".photo-card")).to_have_attribute("data-state", "failed", timeout=PATIENCE_MS)
    page.clock.run_for(600_000)
    assert len(server.sent) == 4
    page.get_by_role("button", name="重试").click()
    done(page)
    assert value(page) == [f"after:{digest(PICTURE)}"]


def test_what_was_uploaded_is_there_after_a_reload_and_gone_when_handed_in(page: Page, server: LeaderServer) -> None:
    choose(page, PICTURE)
    choose(page, OTHER, kind="before", name="b.jpg")
    done(page, 2)
    page.reload()
    mounted(page)
    done(page, 2)
    assert sorted(value(page)) == sorted([f"after:{digest(PICTURE)}", f"before:{digest(OTHER)}"])
    page.evaluate("field.clear()")
    page.reload()
    mounted(page)
    assert value(page) == []


def test_another_cases_form_does_not_get_them(page: Page, server: LeaderServer) -> None:
    choose(page, PICTURE)
    done(page)
    page.reload()
    mounted(page, caseNo="QD2")
    assert value(page) == []


def test_the_same_photo_twice_is_one(page: Page, server: LeaderServer) -> None:
    choose(page, PICTURE)
    done(page)
    choose(page, PICTURE, name="again.jpg")
    page.wait_for_function("() => !field.pending()")
    done(page)
    assert len(value(page)) == 1


def test_on_a_phone_the_camera_opens(chromium: Browser, server: LeaderServer) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone = context.new_page()
    phone.goto(f"{server.address}/form")
    mounted(phone)
    field = phone.locator("[data-kind=after] input[type=file]")
    expect(field).to_have_attribute("capture", "environment")
    expect(phone.locator("[data-kind=after] .photo-add")).to_contain_text("拍照 · 处置后")
    box = phone.locator("[data-kind=after] .photo-add").bounding_box()
    assert box is not None
    assert box["height"] >= 48
    context.close()
