"""The wall's waterfall: the city's gap to the target, in parts that add up, with the bottleneck above them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sized

pytestmark = pytest.mark.browser


@pytest.fixture
def page(wall_page: Page) -> Page:
    """The scene that shows it."""
    wall_page.keyboard.press("4")
    wall_page.wait_for_selector('.cw-wall[data-scene="departments"]')
    return sized(wall_page, (1920, 1080))


def _gap(text: str) -> float:
    return float(text.replace("−", "-").replace("\u202f", "").replace("\u00a0", ""))


def _bars(page: Page) -> list[list[float]]:
    return page.locator(".cw-waterfall .cw-rows .cw-fall-bar").evaluate_all(
        "(bars) => bars.map((bar) => { const box = bar.getBoundingClientRect(); return [box.left, box.right]; })"
    )


@pytest.mark.parametrize("size", [(3840, 2160), (1920, 1080)], ids=["2160", "1080"])
def test_the_rows_add_up_to_the_city_and_its_row_is_always_seen(page: Page, size: tuple[int, int]) -> None:
    sized(page, size)
    figures = page.locator(".cw-waterfall .cw-rows > .cw-fall-row:visible .cw-fall-count").all_inner_texts()
    *parts, whole = map(_gap, figures)
    assert len(parts) >= 3
    assert round(sum(parts), 1) == whole > 0
    last = page.locator(".cw-waterfall .cw-rows > .cw-fall-row:visible").last
    expect(last.locator("[data-slot=name]")).to_have_text("全市")
    bars = _bars(page)
    for one, other in pairwise(bars[:3]):
        assert other[0] == pytest.approx(one[1], abs=2), "each bar begins where the one above ends"
    assert bars[-1][0] == pytest.approx(bars[0][0], abs=2), "and the city's where the first began"


def test_the_bottleneck_says_which_step_whose_and_how_its_queue_moved(page: Page) -> None:
    told = page.evaluate("() => harness.board.wall.bottleneck")
    line = page.locator(".cw-fall-bottleneck")
    expect(line.locator("[data-slot=step]")).to_have_text(told["label"])
    assert "count=overdue_undisposed" in (line.locator("[data-slot=late]").get_attribute("href") or "")
    assert "stage=disposal" in (line.locator("[data-slot=waiting]").get_attribute("href") or "")
    expect(page.locator(".cw-waterfall .cw-more")).to_contain_text("达到 90%，全市由")
    assert page.locator(".cw-fall-line").evaluate_all(
        "(lines) => lines.every((l) => l.scrollWidth <= l.clientWidth + 1)"
    )


def test_a_city_at_the_target_blames_nobody_and_a_quiet_hall_has_no_bottleneck(page: Page) -> None:
    page.evaluate("""() => harness.publish('wall', { ...harness.board.wall, bottleneck: null,
      gap: { ...harness.board.wall.gap, leader: null, what_if: null } })""")
    expect(page.locator(".cw-fall-bottleneck")).to_be_hidden()
    expect(page.locator(".cw-waterfall .cw-more")).to_have_text("")
