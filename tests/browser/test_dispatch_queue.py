"""The queue under the hand: nothing moves, nothing is lost, and what happened is said."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.dispatch_seat import PATIENCE_MS, Seat, current, filed, offered, row, shown, told
from tests.fakes.dispatch_server import DispatchServer, made_row
from tests.waiting import eventually

pytestmark = pytest.mark.browser
COUNTING = re.compile(r"^○ 1[12]:\d\d$")


def crowd(hall: DispatchServer, count: int) -> list[str]:
    """That many rows that wait for dispatch."""
    case_no = filed(hall)
    like = hall.rows[case_no]
    rows = [made_row(like, number, severity=f"L{number % 3 + 2}") for number in range(count)]
    hall.put(*rows)
    return [made["case_no"] for made in rows]


def test_ten_changes_a_second_move_and_lose_nothing_under_the_hand(hall: DispatchServer, seat: Seat) -> None:
    numbers = crowd(hall, 60)
    page = seat()
    page.locator(".dispatch-grid .ag-header-cell[col-id=place] .ag-header-cell-filter-button").click()
    page.locator(".ag-filter input").first.fill("号")
    page.keyboard.press("Escape")
    for _ in range(4):
        page.keyboard.press("j")
    chosen = current(page)
    before = shown(page)
    page.evaluate("citywall.dispatch.desk().act('keys')")
    like = hall.rows[numbers[0]]
    for turn in range(40):
        stay = [no for no in numbers[turn % 7 :: 9] if no in hall.rows]
        changed = [hall.rows[no] | {"severity": "L1", "state_since": turn * 1000} for no in stay]
        hall.put(*changed, made_row(like, 5000 + turn, severity="L1"))
        if turn % 4 == 0:
            hall.drop(numbers[30 + turn // 4])
    told(page, hall)
    expect(page.locator(".dispatch-arrivals")).to_contain_text("新到 40 件")
    assert shown(page) == before
    assert current(page) == chosen
    assert page.locator(".dispatch-key-card").evaluate("(card) => card.open")
    assert page.evaluate("citywall.dispatch.desk().queue.grid.isAnyFilterPresent()")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.locator(".dispatch-arrivals")).to_be_hidden()
    assert current(page) == chosen
    page.wait_for_function("() => citywall.dispatch.desk().queue.grid.getDisplayedRowCount() === 91")


def test_new_cases_wait_behind_n_while_a_row_is_chosen_else_come_at_once(hall: DispatchServer, seat: Seat) -> None:
    first = filed(hall)
    page = seat()
    second = filed(hall, severity="L1")
    expect(row(page, second)).to_be_visible()
    page.keyboard.press("j")
    assert current(page) == second, "level before time"
    third = filed(hall, severity="L1")
    expect(page.locator(".dispatch-arrivals")).to_contain_text("新到 1 件")
    expect(row(page, third)).to_have_count(0)
    page.keyboard.press("n")
    expect(row(page, third)).to_be_visible()
    assert {case_no for _, case_no in shown(page)} == {first, second, third}


def test_a_chosen_case_that_left_says_what_happened_until_one_moves_on(hall: DispatchServer, seat: Seat) -> None:
    gone, stays = filed(hall, severity="L1"), filed(hall)
    page = seat()
    page.keyboard.press("j")
    offered(page)
    hall.put(hall.rows[gone] | {"state": "pending_disposal", "department": "370203-03", "version": 9})
    expect(row(page, gone)).to_contain_text("已派遣 → 市北区市政工程养护管理处")
    expect(page.locator("[data-count=pending_dispatch]")).to_have_text("1")
    page.keyboard.press("j")
    expect(row(page, gone)).to_have_count(0)
    assert current(page) == stays


def test_time_left_counts_by_itself_and_reddens_past_the_limit(hall: DispatchServer, seat: Seat) -> None:
    case_no = filed(hall)
    page = seat()
    left = row(page, case_no).locator(".dispatch-left")
    expect(left).to_have_text(COUNTING)
    before = left.text_content()
    eventually(lambda: left.text_content() != before)
    assert COUNTING.match(left.text_content() or "")
    now = page.evaluate("citywall.now()")
    hall.put(hall.rows[case_no] | {"state_since": now - 14 * 60_000, "version": 2})
    expect(left).to_have_attribute("data-lamp", "yellow")
    hall.put(hall.rows[case_no] | {"state_since": now - 75 * 60_000, "version": 3})
    expect(left).to_have_attribute("data-lamp", "red")
    expect(left).to_have_text(re.compile(r"^▲ 1:00:\d\d$"))


def test_the_views_count_and_filter_and_an_empty_one_says_so(hall: DispatchServer, seat: Seat) -> None:
    case_no = filed(hall)
    like = hall.rows[case_no]
    now = int(like["reported_at"]) + 10 * 60_000
    hall.put(
        made_row(like, 1, state="disposing", deadline=now - 3_600_000, tasked_at=now - 9_000_000, send_back_count=1),
        made_row(like, 2, state="suspended", suspended_until=now + 864_000_000),
        made_row(like, 3, send_back_count=2),
        made_row(like, 4, state="disposing", deadline=now + 9_000_000, current_request="extension"),
    )
    page = seat()
    for view, count in (
        ("pending_dispatch", 2),
        ("overdue", 1),
        ("all", 5),
        ("bounced", 2),
        ("frozen", 1),
        ("suspended", 1),
        ("requests", 1),
    ):
        expect(page.locator(f"[data-count={view}]")).to_have_text(str(count))
        page.locator(f"[data-view={view}]").click()
        expect(page.locator(".dispatch-grid .ag-center-cols-container .ag-row")).to_have_count(count)
    page.locator("[data-view=mine]").click()
    expect(page.locator(".dispatch-note")).to_contain_text("今日暂无")
    expect(page.locator(".dispatch")).to_have_attribute("data-face", "empty")


def test_a_reload_without_a_board_is_an_error_and_then_keeps_the_view_the_choice_and_what_was_typed(
    hall: DispatchServer, seat: Seat
) -> None:
    filed(hall)
    case_no = filed(hall)
    page = seat()
    page.locator("[data-view=all]").click()
    page.keyboard.press("End")
    offered(page)
    chosen = current(page)
    page.keyboard.press("d")
    page.locator(".dispatch-reason").fill("请先处理井口")
    hall.broken = True
    page.reload()
    expect(page.locator(".dispatch")).to_have_attribute("data-face", "error", timeout=PATIENCE_MS)
    expect(page.locator(".dispatch-note")).to_contain_text("案卷读取失败，正在重试")
    hall.broken = False
    expect(row(page, case_no)).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".dispatch-case-no a")).to_have_text(str(chosen))
    expect(page.locator("[data-view=all]")).to_have_attribute("aria-pressed", "true")
    offered(page)
    page.keyboard.press("d")
    expect(page.locator(".dispatch-reason")).to_have_value("请先处理井口")


# --- the wall ---------------------------------------------------------------------------------------------------------

ARC = 0.00086189 * 2160
"""Pixels of one minute of arc on the reference wall."""


def test_the_wall_mirrors_the_officers_choice_at_wall_size_and_takes_no_input(hall: DispatchServer, seat: Seat) -> None:
    crowd(hall, 40)
    desk = seat()
    wall = seat("wall", "&display=wall", (3840, 2160))
    lines = wall.locator(".dispatch-wall-rows li")
    expect(lines.first).to_be_visible()
    assert 8 <= lines.count() <= 10
    desk.keyboard.press("j")
    desk.keyboard.press("PageDown")  # twenty further: beyond what the wall shows at once
    chosen = current(desk)
    mirrored = wall.locator(".dispatch-wall-rows .is-current")
    expect(mirrored).to_have_attribute("data-case", str(chosen), timeout=PATIENCE_MS)
    expect(wall.locator(".dispatch-wall-mirrors")).to_contain_text("同步自 王磊")
    expect(wall.locator(".dispatch-wall-case h2")).to_contain_text(str(chosen)[-4:])
    assert wall.locator("input, button, select, textarea, a").count() == 0
    sizes = wall.evaluate(
        "[...document.querySelectorAll('.dispatch-wall-rows *, .dispatch-wall-head *, .dispatch-wall-case *')]"
        ".filter((part) => part.childElementCount === 0 && part.textContent.trim() && part.offsetParent)"
        ".map((part) => parseFloat(getComputedStyle(part).fontSize))"
    )
    assert min(sizes) >= 25 * ARC, "25 minutes of arc is the least a Chinese character needs"
    top = wall.locator(".dispatch-wall-head").bounding_box()
    assert top is not None
    assert top["width"] > 3600
