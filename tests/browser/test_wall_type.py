"""Legible from 8 m, nothing cut off, nothing scrolls: measured in a real browser at every size a hall may have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from playwright.sync_api import Page

from domain.geometry import CJK_GLYPH_EM, DIGIT_EM, LEAST_CJK_ARC_MINUTES, LEAST_DIGIT_ARC_MINUTES, arc_minute_px
from tests.browser.conftest import sized

pytestmark = pytest.mark.browser

SIZES = [(3840, 2160), (1920, 1080), (7680, 2160), (5760, 2160), (6656, 1792)]
FULL_HD, ULTRA_HD, DOUBLE = SIZES[1], SIZES[0], SIZES[2]
SCENES = ["overview", "focus", "districts", "departments", "video", "attention"]

TEXTS = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.querySelector('.cw-wall'), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement, text = node.textContent.trim();
    if (!text || element.closest('.leaflet-pane')) continue;
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect(), style = getComputedStyle(element);
    if (!box.width) continue;
    let clips = false, ground = null;
    for (let above = element; above; above = above.parentElement) {
      const seen = getComputedStyle(above);
      if (seen.textOverflow === 'ellipsis') clips = true;
      const filled = seen.backgroundColor.match(/[\\d.]+/g).map(Number);
      if (!ground && (filled.length === 3 || filled[3] > 0.8)) ground = filled.slice(0, 3);
    }
    const ink = style.color.match(/[\\d.]+/g).map(Number).slice(0, 3);
    const where = element.closest('[data-cell], .cw-head, .cw-tile, .cw-map')?.className || element.className;
    const { left, right, bottom } = box;
    found.push({ text, size: parseFloat(style.fontSize), clips, ground, ink, left, right, bottom, where });
  }
  return found;
}"""


def _is_cjk(text: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


def _luminance(rgb: list[float]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (value / 255 for value in rgb)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[float], other: list[float]) -> float:
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _too_small(text: dict[str, Any], minute_px: float) -> bool:
    if _is_cjk(text["text"]):
        return text["size"] * CJK_GLYPH_EM / minute_px < LEAST_CJK_ARC_MINUTES
    is_sign = not any(sign.isalnum() for sign in text["text"])
    return not is_sign and text["size"] * DIGIT_EM / minute_px < LEAST_DIGIT_ARC_MINUTES


def of_sizes(sizes: Sequence[tuple[int, int]]) -> pytest.MarkDecorator:
    """The tests of one size run after one another: drawing another screen costs as much as a new page."""
    return pytest.mark.parametrize("size", sizes, scope="module", ids=lambda size: f"{size[0]}x{size[1]}")


@of_sizes(SIZES)
def test_every_text_is_large_enough_for_the_farthest_viewer(wall_page: Page, size: tuple[int, int]) -> None:
    minute_px = arc_minute_px(distance_mm=8000, pitch_mm=1.25, height_px=size[1])
    texts = sized(wall_page, size).evaluate(TEXTS)
    assert len(texts) > 80
    assert [text for text in texts if _too_small(text, minute_px)] == []


def _through_scenes(page: Page, scenes: Sequence[str] = SCENES) -> Iterator[str]:
    """Show one scene after the other, by the remote's keys."""
    for scene in scenes:
        page.keyboard.press(str(SCENES.index(scene) + 1))
        page.wait_for_selector(f'.cw-wall[data-scene="{scene}"]')
        yield scene


def _leaves(text: dict[str, Any], size: tuple[int, int]) -> bool:
    inside = text["left"] >= -1 and text["right"] <= size[0] + 1 and text["bottom"] <= size[1] + 1
    return not text["clips"] and not inside


@of_sizes(SIZES[:3])
def test_nothing_scrolls_and_no_text_leaves_the_screen(wall_page: Page, size: tuple[int, int]) -> None:
    page = sized(wall_page, size)
    for scene in _through_scenes(page):
        assert page.evaluate(EXTENT) == [*size], scene
        assert page.evaluate(SCROLLERS) == [], scene
        assert [text for text in page.evaluate(TEXTS) if _leaves(text, size)] == [], scene


EXTENT = "() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]"

SCROLLERS = """() => [...document.querySelectorAll('.cw-wall *')]
  .filter((e) => ['auto', 'scroll'].includes(getComputedStyle(e).overflowY) && e.scrollHeight > e.clientHeight)
  .map((e) => e.className)"""

PARTS = ".cw-card, .cw-stage, .cw-district, .cw-head, .cw-panel-head, .cw-att, .cw-dept"
CUT = """(parts) => [...document.querySelectorAll(parts)]
  .filter((e) => e.checkVisibility() && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1))
  .map((e) => [e.className, e.textContent.slice(0, 40), e.scrollWidth, e.clientWidth, e.scrollHeight])"""


@of_sizes(SIZES)
def test_no_part_is_squeezed_or_cut(wall_page: Page, size: tuple[int, int]) -> None:
    assert sized(wall_page, size).evaluate(CUT, PARTS) == []


@of_sizes([FULL_HD])
def test_nothing_is_stretched(wall_page: Page, size: tuple[int, int]) -> None:
    page = sized(wall_page, size)
    scaled = """() => [...document.querySelectorAll('.cw-wall *:not(.leaflet-pane, .leaflet-pane *)')]
      .map((e) => getComputedStyle(e).transform).filter((t) => t !== 'none')"""
    assert page.evaluate(scaled) == []


@of_sizes([FULL_HD])
def test_every_text_stands_out_from_its_ground(wall_page: Page, size: tuple[int, int]) -> None:
    page = sized(wall_page, size)
    for scene in _through_scenes(page):
        texts = [text for text in page.evaluate(TEXTS) if text["ground"]]
        assert len(texts) > 20, scene
        assert [text for text in texts if contrast(text["ink"], text["ground"]) < 4.5] == [], scene


@of_sizes([FULL_HD])
def test_what_must_be_read_has_seven_to_one(wall_page: Page, size: tuple[int, int]) -> None:
    page = sized(wall_page, size)
    body = [text for text in page.evaluate(TEXTS) if "cw-card" in text["where"] and text["ground"]]
    assert body
    assert min(contrast(text["ink"], text["ground"]) for text in body) >= 7


@of_sizes([DOUBLE])
def test_the_seam_of_a_double_wall_is_crossed_by_nothing(wall_page: Page, size: tuple[int, int]) -> None:
    page = sized(wall_page, size)
    crossing = """() => [...document.querySelectorAll('.cw-pane > *')].map((e) => e.getBoundingClientRect())
      .filter((b) => b.width && b.left < 3839 && b.right > 3841).length"""
    assert page.evaluate(crossing) == 0
    assert page.locator(".cw-pane-r").is_visible()


@pytest.mark.parametrize(
    ("pane", "shown", "hidden"), [("L", ".cw-pane-l", ".cw-pane-r"), ("R", ".cw-pane-r", ".cw-pane-l")]
)
@of_sizes([ULTRA_HD])
def test_one_browser_may_show_one_pane(
    wall_page: Page, size: tuple[int, int], pane: str, shown: str, hidden: str
) -> None:
    page = sized(wall_page, size)
    page.evaluate(PANE, pane)  # what the address asks for becomes this attribute (tests/components/test_wall_parts.py)
    assert page.locator(shown).is_visible()
    assert not page.locator(hidden).is_visible()
    page.evaluate(PANE, "both")


PANE = "(pane) => { document.querySelector('.cw-wall').dataset.pane = pane; }"


@of_sizes([FULL_HD])
def test_a_long_name_ends_in_an_ellipsis_and_keeps_the_row(wall_page: Page, size: tuple[int, int]) -> None:
    page = sized(wall_page, size)
    before = page.locator(".cw-dept:visible").first.bounding_box()
    page.evaluate("""() => { const wall = structuredClone(harness.board.wall);
      wall.overdue_departments[0].name = '青岛市市北区城市管理局市政公用事业与园林绿化综合服务保障中心第三养护管理所';
      harness.publish('wall', wall); }""")
    assert page.locator(".cw-dept:visible").first.bounding_box() == before
    assert page.evaluate(CUT, ".cw-dept") == []


@of_sizes([FULL_HD])
def test_figures_of_a_great_city_still_fit(wall_page: Page, size: tuple[int, int]) -> None:
    page = sized(wall_page, size)
    page.evaluate("""() => { const wall = structuredClone(harness.board.wall);
      for (const entry of wall.headline) if (entry.denominator === undefined) entry.value = 9876;
      for (const stage of wall.stages) stage.count = 9876;
      const whole = { numerator: 98765, denominator: 123456, value: 1 };
      for (const row of [...wall.districts, ...wall.headline.slice(0, 2)]) Object.assign(row, whole);
      harness.publish('wall', wall); }""")
    assert page.evaluate(CUT, PARTS) == []


FINER = """(ratio) => { const wall = document.querySelector('.cw-wall');
  wall.first ??= { share: wall.style.getPropertyValue('--cw-am-share'), density: wall.dataset.density };
  wall.style.setProperty('--cw-am-share', wall.first.share * ratio);
  wall.dataset.density = ratio > 1.6 ? 'least' : ratio > 1 ? 'sparse' : wall.first.density;
  wall.dispatchEvent(new Event('citywall:refit')); }"""


@pytest.mark.parametrize("pitch_mm", [0.945, 0.63])
@of_sizes([ULTRA_HD])
def test_a_finer_wall_shows_fewer_panels_at_the_same_legibility(
    wall_page: Page, size: tuple[int, int], pitch_mm: float
) -> None:
    page = sized(wall_page, size)
    page.evaluate(FINER, 1.25 / pitch_mm)
    minute_px = arc_minute_px(distance_mm=8000, pitch_mm=pitch_mm)
    for scene in _through_scenes(page):
        texts = page.evaluate(TEXTS)
        assert [text for text in texts if _too_small(text, minute_px)] == [], scene
        assert [text for text in texts if _leaves(text, size)] == [], scene
        assert page.evaluate(CUT, PARTS) == [], scene
    page.evaluate(FINER, 1)
