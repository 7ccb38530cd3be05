"""/dispatch in a real browser on a real case store: three keys, two officers on one case, bulk, the command bar."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from domain.action import Action
from domain.case import CaseState
from tests.browser.dispatch_seat import Seat, filed, offered, row
from tests.fakes.dispatch_server import DispatchServer, made_row
from tests.waiting import eventually

pytestmark = pytest.mark.browser


def done(page: Page, case_no: str) -> Locator:
    """What the page says of the newest act on a case."""
    return page.locator(f".act-toast[data-case='{case_no}']")


def test_three_keys_dispatch_with_the_reason_shown_and_it_stands_in_the_journal(
    hall: DispatchServer, seat: Seat
) -> None:
    case_no = filed(hall)
    page = seat()
    page.keyboard.press("j")
    offered(page)
    expect(page.locator(".dispatch-suggested")).to_have_text("市南区环境卫生管理处职责表：本类别 × 市南区")
    page.keyboard.press("c")
    expect(row(page, case_no).locator(".dispatch-mine")).to_have_text("我")
    page.keyboard.press("d")
    chosen = page.locator(".dispatch-one [aria-selected=true]")
    expect(chosen).to_contain_text("市南区环境卫生管理处")
    expect(chosen).to_contain_text("职责表：本类别 × 市南区")
    page.keyboard.press("Enter")
    expect(done(page, case_no)).to_contain_text("派遣")
    told = [(entry.action, entry.actor) for entry in hall.store.history(case_no)][1:]
    assert told == [(Action.CLAIM, "wang"), (Action.DISPATCH, "wang")]
    assert hall.case(case_no).department == "370202-04"
    expect(row(page, case_no)).to_contain_text("已派遣 → 市南区环境卫生管理处")
    page.keyboard.press("Escape")
    expect(row(page, case_no)).to_have_count(0)


def test_a_dispatch_is_taken_back_from_its_toast(hall: DispatchServer, seat: Seat) -> None:
    case_no = filed(hall)
    page = seat()
    page.keyboard.press("j")
    offered(page)
    page.keyboard.press("F3")
    page.keyboard.press("Enter")
    done(page, case_no).locator(".act-undo").click()
    eventually(lambda: hall.case(case_no).state is CaseState.PENDING_DISPATCH and hall.case(case_no).version == 3)
    expect(done(page, case_no).locator(".act-undo")).to_have_count(0)
    expect(row(page, case_no)).not_to_contain_text("已派遣")


def test_two_officers_on_one_case_the_loser_is_told_who_did_what(hall: DispatchServer, seat: Seat) -> None:
    case_no = filed(hall)
    wang, zhang = seat("wang"), seat("zhang")
    for page in (wang, zhang):
        page.keyboard.press("j")
        offered(page)
        page.keyboard.press("d")
        expect(page.locator(".dispatch-one [aria-selected=true]")).to_be_visible()
    wang.keyboard.press("Enter")
    expect(row(wang, case_no)).to_contain_text("已派遣")
    zhang.locator(".dispatch-reason").fill("写了一半的说明")
    zhang.keyboard.press("Enter")
    expect(zhang.locator(".dispatch-refused")).to_contain_text("王磊 已于")
    expect(zhang.locator(".dispatch-refused")).to_contain_text("派遣 至 市南区环境卫生管理处")
    assert [entry.action for entry in hall.store.history(case_no)].count(Action.DISPATCH) == 1
    zhang.keyboard.press("Escape")
    expect(zhang.locator(".dispatch-news")).to_contain_text("王磊 已于")
    expect(zhang.locator("[data-field=department].is-changed")).to_contain_text("王磊")
    kept = zhang.evaluate("Object.entries(localStorage).filter(([name]) => name.includes('dispatch')).map(String)")
    assert any("写了一半的说明" in text for text in kept), "what was typed is still there"


def test_a_claim_shows_at_the_other_desk_within_a_second(hall: DispatchServer, seat: Seat) -> None:
    case_no = filed(hall)
    wang, zhang = seat("wang"), seat("zhang")
    wang.keyboard.press("j")
    offered(wang)
    wang.keyboard.press("F2")
    expect(row(wang, case_no).locator(".dispatch-mine")).to_be_visible()
    expect(row(zhang, case_no)).to_contain_text("王磊", timeout=1000)
    expect(done(wang, case_no)).to_be_visible()
    zhang.keyboard.press("j")
    offered(zhang)
    expect(zhang.locator(".dispatch-acts [data-act=dispatch]")).to_have_attribute("aria-disabled", "true")
    zhang.keyboard.press("Shift+C")
    expect(zhang.locator(".act-dialog[data-action=take_over]")).to_be_visible()


def test_bulk_shows_each_outcome_first_and_what_failed_stays_marked(hall: DispatchServer, seat: Seat) -> None:
    good = [filed(hall), filed(hall, district="370203", grid="370203001001001")]
    nobody = filed(hall, class_code="C0101")
    page = seat()
    page.keyboard.press("j")
    page.keyboard.press("Shift+End")
    expect(page.locator(".dispatch-marked")).to_contain_text("已选 3 件")
    page.keyboard.press("d")
    line = page.locator(".dispatch-bulk tbody tr")
    expect(line).to_have_count(3)
    expect(page.locator(f".dispatch-bulk [data-case='{good[0]}']")).to_contain_text("职责表：本类别 × 市南区")
    expect(page.locator(f".dispatch-bulk [data-case='{nobody}']")).to_contain_text("没有规则指明部门")
    expect(page.locator(".dispatch-bulk")).to_contain_text("可派遣 2 件，不可 1 件")
    assert all(hall.case(case_no).state is CaseState.PENDING_DISPATCH for case_no in (*good, nobody))
    page.keyboard.press("Enter")
    expect(page.locator(".dispatch-bulk")).to_contain_text("已派遣 2 件，未成 1 件（仍选中）")
    assert [hall.case(case_no).department for case_no in (*good, nobody)] == ["370202-04", "370203-04", None]
    page.keyboard.press("Escape")
    expect(page.locator(".dispatch-marked")).to_contain_text("已选 1 件")


def test_a_department_can_be_changed_for_one_case_of_a_bulk(hall: DispatchServer, seat: Seat) -> None:
    nobody, other = filed(hall, class_code="C0101"), filed(hall)
    page = seat()
    page.keyboard.press("j")
    page.keyboard.press("Shift+End")
    page.keyboard.press("d")
    page.locator(f".dispatch-bulk [data-case='{nobody}'] select").select_option("370202-03")
    expect(page.locator(".dispatch-bulk")).to_contain_text("可派遣 2 件，不可 0 件")
    page.locator(".dispatch-go").click()
    expect(page.locator(".dispatch-bulk")).to_contain_text("已派遣 2 件，未成 0 件")
    assert [hall.case(case_no).department for case_no in (nobody, other)] == ["370202-03", "370202-04"]


def command(page: Page, text: str) -> None:
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.locator(".dispatch-command-input input").fill(text)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("text", ["派{short}市南市政", "p {short} snsz"])
def test_the_command_bar_takes_chinese_verbs_and_pinyin_initials(hall: DispatchServer, seat: Seat, text: str) -> None:
    case_no = filed(hall)
    page = seat()
    command(page, text.format(short=case_no[-4:]))
    expect(page.locator(".dispatch-one [aria-selected=true]")).to_contain_text("市南区市政工程养护管理处")
    page.keyboard.press("Enter")
    expect(done(page, case_no)).to_contain_text("派遣")
    assert hall.case(case_no).department == "370202-03"


def test_the_command_bar_says_what_to_type_instead_and_lists_what_fits(hall: DispatchServer, seat: Seat) -> None:
    one = filed(hall)
    page = seat()
    hall.put(*(made_row(hall.rows[one], number, state="disposing", address="宁夏路1号") for number in (20042, 30042)))
    said, listed = page.locator(".dispatch-command-said"), page.locator(".dispatch-suggestions li")
    for text, words in (
        ("派 9999x", "没有在办案卷以 9999 结尾"),
        ("视 0042", "有 2 件以 0042 结尾，请多输几位：20042、30042"),
        (f"派 {one[-4:]} 天上宫阙", "没有部门叫“天上宫阙”"),
        (f"派 {one[-4:]} 环境卫生", "“环境卫生”有 2 个部门"),
        ("舞 1284", "没有这样的命令"),
        ("派", "请写案卷号的末几位"),
    ):
        command(page, text)
        expect(said).to_contain_text(words)
        expect(page.locator(".dispatch-command-input input")).to_have_value(text)
    page.locator(".dispatch-command-input input").fill(f"派 {one[-4:]} 环")
    expect(listed).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".dispatch-command-input input")).to_have_value(f"派 {one[-4:]} 市南区环境卫生管理处")
    command(page, "查 宁夏路")
    expect(page.locator(".dispatch-note")).to_have_text("2 件")


def test_keys_rest_while_chinese_is_composed_and_while_typing(hall: DispatchServer, seat: Seat) -> None:
    case_no = filed(hall)
    page = seat()
    page.keyboard.press("j")
    offered(page)
    press = """([code, isComposing]) => document.body.dispatchEvent(
      new KeyboardEvent('keydown', { code, key: 'Process', isComposing, bubbles: true, cancelable: true }))"""
    page.evaluate(press, ["KeyD", True])
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type("cdn")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.evaluate(
        "document.querySelector('.dispatch-command-input input').dispatchEvent("
        "new KeyboardEvent('keydown', {code: 'Enter', isComposing: true, bubbles: true}))"
    )
    expect(page.locator(".dispatch-command-said")).to_have_text("")
    page.keyboard.press("Escape")
    page.evaluate(press, ["KeyD", False])
    expect(page.locator(".dispatch-one")).to_be_visible()
    assert hall.case(case_no).version == 1


def test_who_may_only_look_sees_no_acts(hall: DispatchServer, seat: Seat) -> None:
    filed(hall)
    page = seat("lead", "&case=")
    page.keyboard.press("j")
    offered(page)
    expect(page.locator(".dispatch-acts [data-act=dispatch]")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.locator(".dispatch-key-card")).to_be_visible()
