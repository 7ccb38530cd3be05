"""/cameras/setup in a real browser: a picture before saving, what is stored is kept, no password is read back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.city_folder import FILES
from tests.fakes.setup_server import DEVICE, SEEN, Seen, SetupServer, picture, setup_server

pytestmark = pytest.mark.browser
PATIENCE_MS = 20_000
SECRET = "s3cret"
NEW = f"rtsp://hall:{SECRET}@10.0.0.9/main"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SetupServer]:
    with setup_server(tmp_path_factory.mktemp("setup")) as running:
        yield running


@pytest.fixture(scope="module")
def context(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield page
    context.close()


@pytest.fixture
def page(context: Page, server: SetupServer) -> Page:
    """The page with nothing chosen and a good camera to look at."""
    server.answer, server.looked = Seen(SEEN, picture()), []
    context.goto(f"{server.address}/cameras/setup")
    expect(context.locator(".setup-list li").first).to_be_visible(timeout=PATIENCE_MS)
    return context


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.locator(f".setup-form [name={name}]").fill(value)


def fill_new(page: Page, camera_id: str) -> None:
    page.get_by_text("＋ 新摄像机").click()
    fill(page, camera_id=camera_id, name="新摄像机", lon="120.3035", lat="36.0535", main_url=NEW)


def says(page: Page, text: str) -> None:
    expect(page.locator(".setup-said")).to_contain_text(text, timeout=PATIENCE_MS)


def test_a_new_camera_is_saved_only_after_its_picture_was_seen(page: Page, server: SetupServer) -> None:
    fill_new(page, "CAM-101")
    save = page.locator(".setup-save")
    expect(save).to_be_disabled()
    page.locator(".setup-test").click()
    expect(page.locator(".setup-proof img")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".setup-proof")).to_contain_text("704 × 576")
    save.click()
    says(page, "已添加")
    assert server.looked == [NEW]
    expect(page.locator(".setup-list")).to_contain_text("CAM-101")


def test_a_saved_address_is_never_read_back(page: Page, server: SetupServer) -> None:
    page.locator(".setup-list button", has_text="CAM-001").click()
    field = page.locator(".setup-form [name=main_url]")
    expect(field).to_have_value("")
    expect(field).to_have_attribute("placeholder", "已设置，留空不变")
    assert SECRET not in page.content()
    assert "10.0.0.1" not in page.content()


def test_a_name_is_changed_without_knowing_the_password(page: Page, server: SetupServer) -> None:
    page.locator(".setup-list button", has_text="CAM-001").click()
    fill(page, name="改了名的路口")
    page.locator(".setup-save").click()
    says(page, "已保存")
    assert server.catalogue.addresses("CAM-001")["main_url"].get_secret_value().endswith("10.0.0.1/main")


def test_a_camera_that_does_not_answer_says_why_and_may_be_saved_all_the_same(page: Page, server: SetupServer) -> None:
    server.answer = Seen({"ok": False, "error": "auth"})
    fill_new(page, "CAM-102")
    page.locator(".setup-test").click()
    expect(page.locator(".setup-proof")).to_contain_text("账号或密码", timeout=PATIENCE_MS)
    expect(page.locator(".setup-save")).to_have_text("仍然保存")
    fill(page, main_url=NEW + "2")
    expect(page.locator(".setup-save")).to_be_disabled()


def test_a_wrong_value_is_marked_at_its_field(page: Page, server: SetupServer) -> None:
    fill_new(page, "CAM-103")
    fill(page, lon="1")
    page.locator(".setup-test").click()
    expect(page.locator(".setup-proof img")).to_be_visible(timeout=PATIENCE_MS)
    page.locator(".setup-save").click()
    expect(page.locator("[data-field=lon].is-bad .setup-fault")).to_contain_text("outside", timeout=PATIENCE_MS)


def test_an_onvif_device_tells_what_it_is(page: Page, server: SetupServer) -> None:
    server.answer = Seen(SEEN | {"device": DEVICE}, picture())
    fill_new(page, "CAM-104")
    fill(page, main_url="", onvif_url=f"http://u:{SECRET}@10.0.0.9/onvif/device_service")
    page.locator(".setup-test").click()
    expect(page.locator(".setup-proof")).to_contain_text("Dahua SD49225XA", timeout=PATIENCE_MS)
    expect(page.locator(".setup-proof")).to_contain_text("路口东")


def test_a_file_is_previewed_with_its_faults_and_then_taken(page: Page, server: SetupServer, tmp_path: Path) -> None:
    file = tmp_path / "cameras.csv"
    rows = FILES["cameras.csv"].replace("CAM-001", "CAM-9") + "CAM-8,坏,370202,0,36,,,file:x.mp4,,,0,0\n"
    file.write_text(rows, encoding="utf-8")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.locator(".setup-proof")).to_contain_text("可导入 2 行，有问题 1 行", timeout=PATIENCE_MS)
    expect(page.locator(".setup-rejects")).to_contain_text("第 4 行 lon")
    page.locator(".setup-proof .setup-save").click()
    expect(page.locator(".setup-proof")).to_contain_text("已导入：新增 1", timeout=PATIENCE_MS)
    expect(page.locator(".setup-list")).to_contain_text("CAM-9")
