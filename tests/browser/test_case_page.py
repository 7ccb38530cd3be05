"""/case/<no> in a real browser: the deadline explained, what one may do and why not, and changes under the reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from domain.action import Action
from domain.case import CaseState
from domain.evidence import EvidenceReference
from tests.fakes.case_server import PEOPLE, CaseServer, case_server

pytestmark = pytest.mark.browser
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, valkey_url: str) -> Iterator[CaseServer]:
    with case_server(tmp_path_factory.mktemp("case"), valkey_url) as running:
        yield running


@pytest.fixture(scope="module")
def page(chromium: Browser, server: CaseServer) -> Iterator[Page]:
    """One tab for tests that only read."""
    context = chromium.new_context(viewport={"width": 1920, "height": 1080})
    made = context.new_page()
    made.set_default_timeout(PATIENCE_MS)
    yield made
    context.close()


def visit(page: Page, server: CaseServer, case_no: str, who: str = "wang", face: str = "live") -> None:
    page.context.add_cookies([{"name": "who", "value": who, "url": server.address}])
    page.goto(f"{server.address}/case/{case_no}")
    page.wait_for_selector(f".case-page[data-face={face}]")


def test_the_head_says_what_where_with_whom_and_how_long(server: CaseServer, page: Page) -> None:
    case_no = server.case(CaseState.DISPOSING, severity="L2", address="香港中路12号")
    visit(page, server, case_no)
    expect(page.locator(".case-level")).to_have_text("▲ 二级")
    for words in (case_no, "暴露垃圾", "香港中路12号", "370202001001001", "处置中", "市南市政处"):
        expect(page.locator(".case-head")).to_contain_text(words)
    expect(page.locator(".case-clock b")).to_contain_text("剩")
    expect(page.locator(".case-stages li[aria-current]")).to_contain_text("处置")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_the_deadline_explains_itself_with_its_pause_and_extension(server: CaseServer, page: Page) -> None:
    case_no = server.case(CaseState.DISPOSING, ago=timedelta(hours=3))
    server.do(Action.ASK_EXTENSION, case_no=case_no, reason="材料未到")
    server.do(Action.APPROVE_EXTENSION, case_no=case_no)
    server.do(Action.ASK_SUSPENSION, case_no=case_no, reason="待迁改")
    server.do(Action.APPROVE_SUSPENSION, case_no=case_no, reason="同意待迁改")
    visit(page, server, case_no)
    expect(page.locator(".case-clock b")).to_contain_text("停表")
    facts = page.locator(".case-facts")
    for words in (
        "缺失 → 1 工作日",
        "派遣 市南市政处",
        "只计工作时间",
        "日历 cn-",
        "延期",
        "张敏",
        "停表",
        "挂账通过",
        "待迁改",
    ):
        expect(facts).to_contain_text(words)


def test_it_says_what_one_may_do_and_why_not_another_thing(server: CaseServer, page: Page) -> None:
    case_no = server.case(CaseState.PENDING_DISPATCH)
    visit(page, server, case_no)
    expect(page.locator(".case-act[data-action=dispatch] kbd")).to_have_text("D")
    expect(page.locator(".case-why-not [data-action=send_check] + dd")).to_contain_text("须为处置反馈")
    expect(page.locator(".case-next")).to_contain_text("派遣员")
    visit(page, server, case_no, "eye")
    expect(page.locator(".case-acts")).to_contain_text("只能查看")


def test_a_case_passed_around_says_that_it_is_frozen_and_since_when_nobody_has_it(
    server: CaseServer, page: Page
) -> None:
    case_no = server.case(CaseState.PENDING_DISPOSAL)
    for _ in range(2):
        server.do(Action.ASK_SEND_BACK, case_no=case_no, reason="非我单位")
        server.do(Action.APPROVE_SEND_BACK, case_no=case_no)
        if server.stored(case_no).send_back_count < 2:
            server.do(Action.DISPATCH, case_no=case_no, reason="职责如此")
    visit(page, server, case_no)
    expect(page.locator(".case-standing")).to_contain_text("回退 2 次")
    expect(page.locator(".case-standing")).to_contain_text("无人签收")
    expect(page.locator(".case-why-not [data-action=dispatch] + dd")).to_contain_text("确权")
    expect(page.locator(".case-clock")).to_contain_text("时限已收回")


def test_a_leaders_order_counts_down_to_its_answer(server: CaseServer, page: Page) -> None:
    case_no = server.case(CaseState.DISPOSING)
    due = server.now() + timedelta(hours=5)
    server.do(Action.SUPERVISE, case_no=case_no, facts={"order_due": due}, reason="今日办结")
    visit(page, server, case_no, "unit")
    order = page.locator(".case-block", has_text="领导督办")
    expect(order).to_contain_text("孙市长")
    expect(order).to_contain_text("今日办结")
    expect(order.locator("[data-due]")).to_contain_text("剩 04:59")


def test_the_journal_says_who_in_which_post_from_where_and_what_changed(server: CaseServer, page: Page) -> None:
    case_no = server.case(CaseState.PENDING_DISPOSAL)
    server.do(Action.URGE, case_no=case_no, reason="市民再次来电", seat="10.0.0.9")
    visit(page, server, case_no)
    newest = page.locator(".case-journal-list > li").first
    for words in ("催办", "张敏", "派遣员", "席位 10.0.0.9", "市民再次来电", "催办次数", "0 → 1"):
        expect(newest).to_contain_text(words)
    expect(page.locator(".case-journal h2")).to_contain_text("4 条 · 哈希链完整")
    expect(page.locator(".case-journal-list > li").nth(1)).to_contain_text("市南市政处")


def test_a_change_meanwhile_is_named_and_marked_and_an_open_form_is_left_alone(server: CaseServer, page: Page) -> None:
    case_no = server.case(CaseState.PENDING_DISPOSAL)
    visit(page, server, case_no)
    page.evaluate("(no) => void citywall.caseAct.open(no, 'supervise')", case_no)
    page.get_by_label("批示内容").fill("正在写")
    done = server.do(Action.RECEIVE, case_no=case_no, actor=PEOPLE["unit"])
    step = {"put": [{"case_no": case_no, "version": done.case.version}], "drop": []}
    page.evaluate("(step) => citywall.live.publish('cases', { steps: [step] })", step)
    expect(page.locator(".case-notices")).to_contain_text("市政席位")
    expect(page.locator(".case-notices")).to_contain_text("待处置 → 处置中")
    expect(page.locator(".case-standing b")).to_have_attribute("data-changed", "")
    expect(page.locator(".case-stages [aria-current]")).to_have_attribute("data-changed", "")
    expect(page.get_by_label("批示内容")).to_have_value("正在写")
    expect(page.locator(".act-toast")).to_contain_text("表单没有改动")


def test_photos_say_kind_time_distance_hash_and_doubt(server: CaseServer, page: Page) -> None:
    case_no = server.case(CaseState.DISPOSING)
    plain = {"taken_at": 1_785_000_000_000, "thumb_url": None, "flags": []}
    server.photos = [
        plain | {"kind": "near", "sha256": "ab" * 32, "url": None, "stored": False, "metres": None},
        plain
        | {
            "kind": "after",
            "kind_label": "处置后",
            "sha256": "cd" * 32,
            "url": "/photo.jpg",
            "stored": True,
            "metres": 72.4,
        }
        | {"flags": [{"code": "far", "label": "距案卷 72 米"}]},
    ]
    visit(page, server, case_no)
    gone, doubtful = page.locator(".case-photos figure").all()
    expect(gone).to_contain_text("仅存摘要")
    expect(gone).to_contain_text("abababab")
    for words in ("处置后", "距 72 m", "▲ 距案卷 72 米"):
        expect(doubtful).to_contain_text(words)
    expect(page.locator(".case-photos h2")).to_contain_text("1 张有疑问")


def test_what_the_camera_wall_kept_stands_among_the_photos(server: CaseServer, page: Page) -> None:
    case_no = server.case(CaseState.DISPOSING)
    word = EvidenceReference("0123456789abcdef", "ef" * 32, server.now(), "QD-001")
    server.do(Action.ATTACH_EVIDENCE, case_no=case_no, actor=PEOPLE["eye"], facts={"evidence": [str(word)]})
    told = {"captured_at": 1_785_000_000_000, "camera": "QD-001", "camera_name": "台东三路", "preset": "路口"}
    kept = {"sha256": "ef" * 32, "url": "/picture.jpg", "intact": True}
    server.photos = []
    server.evidence = [
        told | kept | {"id": "1", "kind": "picture"},
        told | kept | {"id": "2", "kind": "clip", "intact": False},
        told | kept | {"id": "3", "kind": None, "intact": False},
    ]
    visit(page, server, case_no)
    picture, film, gone = page.locator(".case-photos figure").all()
    for words in ("视频截图", "台东三路 · 路口", "✓ 无异常"):
        expect(picture).to_contain_text(words)
    expect(film).to_contain_text("▲ 与登记时的摘要不符")
    expect(gone).to_contain_text("仅存摘要")
    expect(picture).to_contain_text("画面读不到")  # nothing is served at that address here


def test_an_unknown_number_leads_to_the_search_with_the_number_in_it(server: CaseServer, page: Page) -> None:
    visit(page, server, "QD000", face="lost")
    expect(page.get_by_label("案卷编号或地点")).to_have_value("QD000")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases?text=QD000")


def test_another_departments_case_is_not_shown_and_says_who_may(server: CaseServer, page: Page) -> None:
    case_no = server.case(CaseState.DISPOSING)
    visit(page, server, case_no, "other", face="lost")
    expect(page.locator(".case-lost")).to_contain_text("专业部门只看派给本部门的案卷")
    expect(page.locator(".case-lost")).to_contain_text("值班员")


def test_when_the_server_stops_answering_the_page_says_how_old_it_is(server: CaseServer, page: Page) -> None:
    case_no = server.case(CaseState.DISPOSING)
    visit(page, server, case_no)
    server.broken = True
    try:
        page.evaluate("citywall.casePage.reload()")
        expect(page.locator(".case-notices")).to_contain_text("读取失败")
        expect(page.locator(".case-notices")).to_contain_text("仍可操作")
        expect(page.locator(".case-no")).to_have_text(case_no)
    finally:
        server.broken = False
    page.evaluate("citywall.casePage.reload()")
    expect(page.locator(".case-page")).to_have_attribute("data-face", "live")
    expect(page.locator(".case-notices")).not_to_contain_text("读取失败")
