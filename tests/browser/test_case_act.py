"""The form of an action in a real browser: nothing typed is lost, refusals stand where they belong, claims are kept."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
import redis.asyncio
from playwright.sync_api import Browser, Page, expect

from data_access import claims
from data_access.clerk import Clerk
from domain.action import Action
from domain.case import CaseState
from tests.browser.kept_page import KeptPage
from tests.data_access.policies import PLAIN_POLICY
from tests.fakes.case_server import PEOPLE, CaseServer, case_server
from tests.waiting import eventually

pytestmark = pytest.mark.browser
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)
FORGOTTEN = "() => { localStorage.clear(); sessionStorage.clear(); }"
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, valkey_url: str) -> Iterator[CaseServer]:
    with case_server(tmp_path_factory.mktemp("case"), valkey_url) as running:
        yield running


@pytest.fixture(scope="module")
def tabs() -> Iterator[dict[str, KeptPage]]:
    """The tab of each person, in a browser of its own."""
    made: dict[str, KeptPage] = {}
    yield made
    for tab in made.values():
        tab.close()


@pytest.fixture
def open_case(
    chromium: Browser, server: CaseServer, tabs: dict[str, KeptPage], request: pytest.FixtureRequest
) -> Iterator[Open]:
    """Somebody's tab, with the case's page read and nothing remembered of earlier ones."""

    def new_tab(who: str) -> Page:
        context = chromium.new_context(viewport={"width": 1600, "height": 900})
        context.add_cookies([{"name": "who", "value": who, "url": server.address}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        return page

    with ExitStack() as lent:

        def opened(case_no: str, who: str = "wang", *, keep: bool = True) -> Page:
            if keep:
                tab = tabs.setdefault(who, KeptPage(lambda: new_tab(who), lambda page: page.evaluate(FORGOTTEN)))
                page = lent.enter_context(tab.lent(request.node))
            else:
                page = new_tab(who)
            page.goto(f"{server.address}/case/{case_no}")
            page.wait_for_selector(".case-page[data-face=live]")
            return page

        yield opened


def form(page: Page, case_no: str, action: str) -> None:
    """Open the form and wait until it is made."""
    page.evaluate("([no, action]) => void citywall.caseAct.open(no, action)", [case_no, action])
    page.wait_for_selector(".act-dialog .act-foot .is-main")


def test_what_was_typed_survives_a_reload_and_is_gone_once_done(server: CaseServer, open_case: Open) -> None:
    case_no = server.case(CaseState.DISPOSING)
    page = open_case(case_no, "lead")
    form(page, case_no, "supervise")
    page.get_by_label("批示内容").fill("限期整改到位")
    page.reload()
    page.wait_for_selector(".case-page[data-face=live]")
    form(page, case_no, "supervise")
    expect(page.locator(".act-restored")).to_contain_text("已恢复未提交的内容")
    expect(page.get_by_label("批示内容")).to_have_value("限期整改到位")
    page.get_by_role("button", name="3 天后").click()
    page.keyboard.press("Enter")
    expect(page.locator(".act-toast")).to_contain_text("督办")
    assert server.stored(case_no).order_text == "限期整改到位"
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.includes('draft')).length") == 0


def test_escape_closes_the_form_and_keeps_its_text(server: CaseServer, open_case: Open) -> None:
    case_no = server.case(CaseState.DISPOSING)
    page = open_case(case_no, "lead")
    form(page, case_no, "urge")
    page.locator(".act-more summary").click()
    page.get_by_label("理由").fill("群众反复来电")
    page.keyboard.press("Escape")
    expect(page.locator(".act-dialog")).to_have_count(0)
    form(page, case_no, "urge")
    expect(page.get_by_label("理由")).to_have_value("群众反复来电")


def test_a_refusal_stands_at_the_field_it_names(server: CaseServer, open_case: Open) -> None:
    case_no = server.case(CaseState.DISPOSING)
    page = open_case(case_no, "lead")
    form(page, case_no, "supervise")
    page.get_by_label("批示内容").fill("尽快")
    page.get_by_label("督办答复期限").fill("2020-01-01T10:00")
    page.keyboard.press("Enter")
    field = page.locator("[data-field=order_due]")
    expect(field.locator(".act-error")).to_contain_text("须晚于现在")
    expect(field.locator("input")).to_be_focused()
    expect(page.get_by_label("批示内容")).to_have_value("尽快")
    assert not server.stored(case_no).supervised


def test_dispatching_takes_three_keys_and_says_why_that_department(server: CaseServer, open_case: Open) -> None:
    case_no = server.case(CaseState.PENDING_DISPATCH)
    page = open_case(case_no)
    page.keyboard.press("KeyC")
    expect(page.locator(".case-claim")).to_contain_text("您已认领")
    page.keyboard.press("KeyD")
    expect(page.locator("[data-field=department] .pick-note")).to_contain_text("职责表")
    expect(page.get_by_label("责任部门")).to_have_value("市南市政处")
    page.keyboard.press("Enter")
    expect(page.locator(".case-standing")).to_contain_text("市南市政处")
    assert server.stored(case_no).department == "D01"
    page.get_by_role("button", name="撤销").click()
    expect(page.locator(".case-standing")).to_contain_text("待派遣")


def test_a_department_is_found_by_its_initials(server: CaseServer, open_case: Open) -> None:
    case_no = server.case(CaseState.PENDING_DISPATCH)
    page = open_case(case_no)
    form(page, case_no, "dispatch")
    expect(page.get_by_label("责任部门")).to_have_value("市南市政处")
    page.get_by_label("责任部门").fill("snhw")
    expect(page.locator(".pick-list [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_label("责任部门")).to_have_value("市南环卫处")


def test_what_cannot_be_undone_asks_twice(server: CaseServer, open_case: Open) -> None:
    case_no = server.case(CaseState.DISPOSING)
    page = open_case(case_no, "lead")
    form(page, case_no, "force_close")
    page.get_by_label("理由").fill("重复立案")
    page.keyboard.press("Enter")
    expect(page.locator(".act-message")).to_contain_text("不能撤销")
    assert server.stored(case_no).state is CaseState.DISPOSING
    page.keyboard.press("Enter")
    expect(page.locator(".act-dialog")).to_have_count(0)
    assert server.stored(case_no).state is CaseState.FORCED_CLOSED


def test_the_slower_of_two_is_told_who_did_what_and_keeps_the_text(server: CaseServer, open_case: Open) -> None:
    case_no = server.case(CaseState.PENDING_DISPATCH)
    first, second = open_case(case_no, "wang"), open_case(case_no, "zhang")
    form(second, case_no, "ask_void")
    second.get_by_label("理由").fill("与昨日案卷重复")
    form(first, case_no, "dispatch")
    expect(first.get_by_label("责任部门")).to_have_value("市南市政处")
    first.keyboard.press("Enter")
    expect(first.locator(".act-dialog")).to_have_count(0)
    second.keyboard.press("Enter")
    expect(second.locator(".act-message")).to_contain_text("王磊")
    expect(second.locator(".act-message")).to_contain_text("派遣")
    second.get_by_role("button", name="读取最新情况再办").click()
    expect(second.locator(".act-message")).to_contain_text("待处置")
    expect(second.locator(".act-kept")).to_contain_text("与昨日案卷重复")


def test_the_claim_of_a_killed_browser_lapses_and_the_page_says_so(
    server: CaseServer, open_case: Open, valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "LEASE", timedelta(seconds=1))
    case_no = server.case(CaseState.PENDING_DISPATCH)
    holder, watcher = open_case(case_no, "wang", keep=False), open_case(case_no, "zhang")
    holder.keyboard.press("KeyC")
    expect(holder.locator(".case-claim")).to_contain_text("您已认领")
    watcher.evaluate("citywall.casePage.reload()")
    expect(watcher.locator(".case-claim")).to_contain_text("王磊")
    expect(watcher.locator(".case-why-not [data-action=dispatch] + dd")).to_contain_text("王磊 已于")
    holder.context.close()
    eventually(lambda: _looked(server, valkey_url) or server.stored(case_no).claimed_by is None, within=10)
    watcher.evaluate("citywall.casePage.reload()")
    expect(watcher.locator(".case-claim")).to_contain_text("认领已失效")
    expect(watcher.locator(".case-act[data-action=dispatch]")).to_be_visible()


def _looked(server: CaseServer, valkey_url: str) -> None:
    """The clerk looks round once."""

    async def look() -> None:
        async with redis.asyncio.Redis.from_url(valkey_url) as client:
            await Clerk(client, server.store, PLAIN_POLICY.calendar).lapse_claims()

    looking = threading.Thread(target=lambda: asyncio.run(look()))  # Playwright's own loop runs in this one
    looking.start()
    looking.join()


def test_who_is_taken_over_hears_it_at_once(server: CaseServer, open_case: Open) -> None:
    case_no = server.case(CaseState.PENDING_DISPATCH)
    page = open_case(case_no)
    page.keyboard.press("KeyC")
    expect(page.locator(".case-claim")).to_contain_text("您已认领")
    server.do(Action.TAKE_OVER, case_no=case_no, actor=PEOPLE["zhang"], reason="急")
    step = {"put": [{"case_no": case_no, "version": 99}], "drop": []}
    page.evaluate("(step) => citywall.live.publish('cases', { steps: [step] })", step)
    expect(page.locator(".act-toast[data-level=warning]")).to_contain_text("张敏 已接管")
    expect(page.locator(".case-claim")).to_contain_text("张敏")


def test_when_the_server_is_away_the_text_stays_and_one_may_try_again(server: CaseServer, open_case: Open) -> None:
    case_no = server.case(CaseState.DISPOSING)
    page = open_case(case_no, "lead")
    form(page, case_no, "force_close")
    page.get_by_label("理由").fill("误报")
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator(".act-message")).to_contain_text("与服务器失去联系")
    page.context.set_offline(False)
    expect(page.get_by_label("理由")).to_have_value("误报")
    page.get_by_role("button", name="重试").click()
    page.keyboard.press("Enter")
    expect(page.locator(".act-dialog")).to_have_count(0)
    assert server.stored(case_no).state is CaseState.FORCED_CLOSED
