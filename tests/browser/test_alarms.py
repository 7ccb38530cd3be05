"""The alarm line in a real browser: what it says, how it sounds, and that one hand quiets every screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from domain.alarm import Alarm, AlarmKind
from domain.journal import milliseconds
from tests.browser.kept_page import KeptPage
from tests.domain.alarms_made import make_alarm
from tests.fakes.alarm_server import RATES, AlarmServer, alarm_server

pytestmark = pytest.mark.browser
PATIENCE_MS = 20_000
TWO_TONES = [880, 622, 880, 622]
PUT_FORWARD = "(ms) => { const now = performance.now.bind(performance); performance.now = () => now() + ms; }"

OpenDesk = Callable[..., Page]


@pytest.fixture(scope="module")
def server() -> Iterator[AlarmServer]:
    with alarm_server() as running:
        yield running


@pytest.fixture(autouse=True)
def calm(server: AlarmServer) -> None:
    server.tested_at = None
    server.stand()


def opened(chromium: Browser) -> Page:
    page = chromium.new_context(viewport={"width": 1920, "height": 1080}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    return page


@pytest.fixture(scope="module")
def kept(chromium: Browser) -> Iterator[KeptPage]:
    """A tab for all tests: going elsewhere in it costs a third of opening another."""
    one = KeptPage(lambda: opened(chromium), lambda page: page.evaluate("() => localStorage.clear()"))
    yield one
    one.close()


@pytest.fixture
def tab(kept: KeptPage, request: pytest.FixtureRequest) -> Iterator[Page]:
    with kept.lent(request.node) as page:
        yield page


@pytest.fixture
def desk(tab: Page, server: AlarmServer) -> OpenDesk:
    """Somebody sits down at a desk where nobody has been yet."""

    def sit(path: str = "/desk", *, at: Page = tab) -> Page:
        at.goto(server.address + path)
        expect(at.locator(".alarm-strip:not([data-face=loading])")).to_be_visible(timeout=PATIENCE_MS)
        return at

    return sit


def just_now(kind: AlarmKind = AlarmKind.SEVERE, **given: object) -> Alarm:
    at = datetime.now(UTC).replace(microsecond=0)
    return make_alarm(kind, at, **({"class_code": "C0102", "address": "香港中路12号", "department": "D01"} | given))


def line_says(page: Page, words: str) -> None:
    expect(page.locator(".alarm-line")).to_contain_text(words, timeout=PATIENCE_MS)


def rang(page: Page) -> None:
    page.wait_for_function(f"tones.join().startsWith('{','.join(map(str, TWO_TONES))}')")


def test_the_gravest_unseen_alarm_stands_in_the_line_with_shape_word_and_link(
    desk: OpenDesk, server: AlarmServer
) -> None:
    page = desk()
    line_says(page, "没有报警")
    server.stand(just_now(), just_now(AlarmKind.OVERDUE), just_now(AlarmKind.DUE_SOON))
    line_says(page, "◆一级一级案卷无人签收井盖缺失 香港中路12号")
    counts = [page.locator(f"[data-count={level}]").text_content() for level in ("L1", "L2", "L3", "L4")]
    assert counts == ["1", "1", "1", "0"]
    link = page.locator(".alarm-line a").get_attribute("href")
    assert link is not None
    assert link.startswith("/case/QD")


def test_one_hand_quiets_every_screen(desk: OpenDesk, server: AlarmServer, chromium: Browser) -> None:
    first, second = desk(), desk(at=opened(chromium))
    server.stand(just_now())
    for page in (first, second):
        rang(page)
    first.keyboard.press("F8")
    for page in (first, second):
        line_says(page, "全部报警已确认")
        page.wait_for_function("tones.at(-1) === 'silence'")
    assert len(server.bodies("/api/v1/alarms/ack")) == 1
    second.context.close()


def test_the_second_level_chimes_once_and_the_others_are_silent(desk: OpenDesk, server: AlarmServer) -> None:
    page = desk()
    server.stand(just_now(AlarmKind.DUE_SOON), just_now(AlarmKind.REQUEST_WAITING))
    line_says(page, "时限已用八成")
    assert page.evaluate("tones") == []
    server.stand(just_now(AlarmKind.OVERDUE))
    page.wait_for_function("tones.includes(1046)")
    line_says(page, "案卷超期")
    assert page.evaluate("tones.filter((one) => one === 1046).length") == 1


def test_in_a_flood_only_the_first_level_sounds_and_stays_on_top(desk: OpenDesk, server: AlarmServer) -> None:
    page = desk()
    server.stand(*[just_now(AlarmKind.OVERDUE, class_code="E0101", grid=f"37020200100{n % 3}") for n in range(46)])
    server.floods = {"": datetime.now(UTC)}
    server.change()
    line_says(page, "报警集中：路面积水 46 件 / 3 组")
    page.evaluate("tones.length = 0")
    severe = just_now()
    server.standing._by_id[severe.alarm_id] = severe
    server.change()
    rang(page)
    line_says(page, "井盖缺失 香港中路12号")
    page.keyboard.press("Shift+KeyA")
    expect(page.locator(".alarm-panel li[data-group]")).to_have_count(3)
    page.locator(".alarm-panel li[data-group] button").first.click()
    page.wait_for_function("document.querySelectorAll('.alarm-panel li[data-group] button').length === 2")
    assert 1046 not in page.evaluate("tones")


def test_letters_typed_in_a_field_acknowledge_nothing(desk: OpenDesk, server: AlarmServer) -> None:
    page = desk()
    server.stand(just_now())
    line_says(page, "井盖缺失")
    page.locator(".elsewhere").click()
    page.keyboard.press("a")
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', { code: 'KeyA', isComposing: true, bubbles: true }))"
    )
    page.locator(".elsewhere").evaluate("(field) => field.blur()")
    assert server.bodies("/api/v1/alarms/ack") == []
    page.keyboard.press("a")
    line_says(page, "全部报警已确认")


def test_an_acknowledgement_that_is_not_taken_is_said_and_the_alarm_stays(desk: OpenDesk, server: AlarmServer) -> None:
    page = desk()
    server.stand(just_now())
    rang(page)
    server.answers["/api/v1/alarms/ack"] = (503, {"error": "store_away", "message": "数据库暂时没有应答"})
    page.locator(".alarm-ack").click()
    line_says(page, "未能确认：数据库暂时没有应答")
    server.answers.clear()
    expect(page.locator(".alarm-ack")).to_be_visible()


def test_an_alarm_is_shelved_with_a_reason_and_taken_back(desk: OpenDesk, server: AlarmServer) -> None:
    page = desk()
    server.stand(just_now(AlarmKind.OVERDUE))
    line_says(page, "案卷超期")
    page.locator("[data-alarm=open]").click()
    page.locator(".alarm-panel [data-act=shelve]").click()
    page.keyboard.press("Enter")
    expect(page.locator(".alarm-problem")).to_have_text("搁置须写明原因。")
    page.keyboard.type("等雨停")
    server.change()
    page.wait_for_function("harness.told > 0 && document.querySelector('.alarm-panel[data-behind]')")
    assert page.locator(".alarm-shelf input").input_value() == "等雨停"
    page.keyboard.press("Enter")
    expect(page.locator(".alarm-panel")).to_contain_text("等雨停", timeout=PATIENCE_MS)
    line_says(page, "没有报警")
    assert page.locator(".alarm-shelf").count() == 0
    page.locator(".alarm-panel [data-act=unshelve]").click()
    line_says(page, "案卷超期")
    page.keyboard.press("Escape")
    expect(page.locator(".alarm-panel")).to_have_count(0)


def test_the_shift_begins_with_a_sound_test(desk: OpenDesk, server: AlarmServer) -> None:
    page = desk()
    expect(page.locator(".alarm-sound")).to_have_attribute("data-state", "untested", timeout=PATIENCE_MS)
    page.locator(".alarm-sound").click()
    rang(page)
    page.get_by_role("button", name="没听到").click()
    expect(page.locator(".alarm-sound")).to_contain_text("声音不可用", timeout=PATIENCE_MS)
    page.locator(".alarm-sound").click()
    page.get_by_role("button", name="听到了", exact=True).click()
    expect(page.locator(".alarm-sound")).to_have_attribute("data-state", "tested", timeout=PATIENCE_MS)
    states = [body["state"] for body in server.bodies("/api/v1/alarms/sound")]
    assert states[-2:] == ["lost", "tested"]


def test_a_browser_that_refuses_to_sound_is_reported(desk: OpenDesk, server: AlarmServer) -> None:
    page = desk("/desk?refuses")
    assert page.evaluate("citywall.alarmSound.state()") == "waiting"
    page.evaluate(PUT_FORWARD, 11_000)
    page.wait_for_function("citywall.alarmSound.state() === 'lost'", timeout=PATIENCE_MS)
    expect(page.locator(".alarm-sound")).to_contain_text("声音不可用", timeout=PATIENCE_MS)
    assert server.bodies("/api/v1/alarms/sound")[-1]["state"] == "lost"
    page.evaluate("window.refuses = false")
    page.keyboard.press("Shift")
    expect(page.locator(".alarm-sound")).to_have_attribute("data-state", "untested", timeout=PATIENCE_MS)


def test_who_only_sees_has_no_button_and_no_sound(desk: OpenDesk, server: AlarmServer) -> None:
    page = desk("/desk?see=only")
    server.stand(just_now())
    line_says(page, "井盖缺失")
    page.keyboard.press("F8")
    assert page.locator(".alarm-ack, .alarm-sound").count() == 0
    assert (page.evaluate("tones"), server.bodies("/api/v1/alarms/ack")) == ([], [])


def test_a_keeper_that_fell_silent_is_not_shown_as_calm(desk: OpenDesk, server: AlarmServer) -> None:
    page = desk()
    server.stand(just_now())
    quiet = server.view() | {"kept": True, "version": 9_000, "as_of": 1_785_000_000_000}
    page.evaluate("(view) => { harness.deaf = true; citywall.live.publish('alarms', view); }", quiet)
    line_says(page, "井盖缺失")
    old = server.view() | {"kept": False, "version": 10_000, "as_of": 1_785_000_000_000}
    page.evaluate("(view) => { harness.deaf = true; citywall.live.publish('alarms', view); }", old)
    line_says(page, "报警停更")
    expect(page.locator(".alarm-strip")).to_have_attribute("data-face", "stale")


def test_the_backlog_is_told_in_one_line(desk: OpenDesk, server: AlarmServer) -> None:
    page = desk()
    server.backlog = {"": {"overdue": 512, "due_soon": 3}}
    server.change()
    page.wait_for_function("citywall.alarmBar.view().backlog.overdue === 512")
    page.keyboard.press("Shift+KeyA")
    expect(page.locator(".alarm-panel")).to_contain_text("值守开始前的积压515")


def test_a_time_in_the_list_leads_to_the_wall_as_it_was_for_those_who_are_offered_it(
    desk: OpenDesk, server: AlarmServer
) -> None:
    alarm = just_now()
    server.stand(alarm)
    for path, links in (("/desk", [f"/replay?at={milliseconds(alarm.raised_at) + 1}"]), ("/desk?see=1", [])):
        page = desk(path)
        page.locator("[data-alarm=open]").click()
        expect(page.locator(".alarm-panel time")).to_have_count(1)
        hrefs = "all => all.map(one => one.getAttribute('href'))"
        assert page.locator(".alarm-panel a:has(time)").evaluate_all(hrefs) == links


def shown(now: int) -> dict[str, Any]:
    """A sheet with one request and nothing else."""
    none: dict[str, object] = {"count": 0, "cases": []}
    case = {"case_no": "QD9", "severity": "L3", "class_name": "路面积水", "address": "台东三路", "department": None}
    shift = {"name": "早班", "begins_at": now - timedelta(hours=3) // timedelta(milliseconds=1), "ends_at": now}
    lists = {"claimed": none, "orders": none, "requests": {"count": 1, "cases": [case | {"deadline": None}]}}
    plain = {"alarms": [], "groups": [], "shelved": [], "sources": [], "more": 0, "kept": True, "flood": None}
    return {"at": now, "leaver_name": "王磊", "shift": shift, **lists, **plain}


def test_both_officers_sign_what_is_shown(tab: Page, server: AlarmServer) -> None:
    sheet = shown(1_785_010_000_000) | {"rates": RATES}
    signed = {"number": 3, "at": 1_785_010_100_000, "leaver_name": "王磊", "taker_name": "张敏", "intact": True}
    server.answers = {
        "/api/v1/handover": (200, {"sha256": "ab" * 32, "shown": sheet}),
        "/api/v1/handovers": (200, {"handovers": []}),
    }
    page = tab
    page.goto(f"{server.address}/handover")
    expect(page.locator(".handover-sheet")).to_contain_text("待审批的申请1", timeout=PATIENCE_MS)
    expect(page.locator("[data-poor]").first).to_contain_text("▲ 2.4")
    assert page.locator("h2 a").get_attribute("href") == f"/replay?at={sheet['shift']['begins_at'] + 1}"
    page.locator("[name=taker]").fill("zhang.min")
    page.locator("[name=password]").fill("wrong")
    server.answers["/api/v1/handover"] = (422, {"error": "taker_wrong", "field": "password", "message": "密码不正确"})
    page.locator(".handover-sign").click()
    expect(page.locator(".handover-problem")).to_have_text("密码不正确")
    assert page.locator("[name=password]").input_value() == ""
    server.answers["/api/v1/handover"] = (201, {"number": 3, "at": 1_785_010_100_000, "taker_name": "张敏"})
    server.answers["/api/v1/handovers"] = (200, {"handovers": [signed]})
    server.answers["/api/v1/handovers/3"] = (200, signed | {"sha256": "ab" * 32, "note": "", "shown": sheet})
    page.locator("[name=password]").fill("right password")
    page.keyboard.press("Enter")
    expect(page.locator(".handover-note")).to_contain_text("已交接给 张敏", timeout=PATIENCE_MS)
    expect(page.locator(".handover-past li")).to_contain_text("王磊 → 张敏")
    sent = [body for body in server.bodies("/api/v1/handover") if body]
    assert [body["sha256"] for body in sent] == ["ab" * 32] * 2


def test_the_wall_shows_the_gravest_and_the_flood_until_they_are_seen(
    open_wall: Callable[..., Page], server: AlarmServer
) -> None:
    page = open_wall(size=(1920, 1080))
    told = "(view) => harness.publish('alarms', view)"
    server.stand(just_now(), just_now(address="台东三路9号"))
    server.floods = {"": datetime.now(UTC)}
    page.evaluate(told, server.view() | {"as_of": 1_785_000_000_000})
    banner = page.locator(".cw-alarm-banner")
    expect(banner).to_contain_text("一级案卷无人签收井盖缺失")
    expect(banner).to_contain_text("另有 1 件")
    expect(banner).to_contain_text("报警集中：仅一级发声")
    assert banner.locator("button, a").count() == 0
    head, bar = (page.locator(one).bounding_box() for one in (".cw-pane-l .cw-city", ".cw-alarm-banner"))
    assert head is not None
    assert bar is not None
    assert bar["y"] + bar["height"] <= head["y"] + 2
    server.stand()
    page.evaluate(told, server.view())
    expect(banner).to_have_count(0)
