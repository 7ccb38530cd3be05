"""What the wall shows is what it was told, and every figure opens the list behind it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page, expect

from domain.case import Severity
from domain.geometry import rows_that_fit
from domain.words import SHAPES
from tests.browser.conftest import pass_time
from tests.fakes.wall_server import WallServer

pytestmark = pytest.mark.browser


@pytest.fixture
def page(timed_wall: Page) -> Page:
    return timed_wall


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\u00a0")


def _retell(page: Page, change: str) -> None:
    """Publish the wall again after `change` (a statement about `wall`) has been made to a copy."""
    page.evaluate(
        f"() => {{ const wall = structuredClone(harness.board.wall); {change}; harness.publish('wall', wall); }}"
    )


def _told(page: Page) -> dict[str, Any]:
    wall: dict[str, Any] = page.evaluate("() => citywall.live.newest('wall')")
    return wall


def _shown(page: Page, cell: str, slot: str = "value") -> tuple[str, dict[str, str]]:
    place = page.locator(f'[data-cell="{cell}"]:visible [data-slot="{slot}"]').first
    return place.inner_text(), dict(parse_qsl(urlsplit(place.get_attribute("href") or "").query))


def test_every_headline_figure_is_shown_and_opens_its_list(page: Page) -> None:
    entries = {entry["id"]: entry for entry in _told(page)["headline"]}
    rate = entries["on_time_closing"]
    assert _shown(page, "on_time_closing", "numerator") == (_grouped(rate["numerator"]), rate["numerator_query"])
    assert _shown(page, "on_time_closing", "denominator") == (_grouped(rate["denominator"]), rate["query"])
    for cell, slot, name in (
        ("filed", "value", "filed"),
        ("filed", "closed", "closed"),
        ("pending_dispatch", "value", "pending_dispatch"),
        ("overdue_undisposed", "value", "overdue_undisposed"),
        ("overdue_undisposed", "overdue_3x", "overdue_3x"),
    ):
        assert _shown(page, cell, slot) == (_grouped(entries[name]["value"]), entries[name]["query"])


def test_a_rate_is_never_rounded_up_to_the_target(page: Page) -> None:
    shown = page.evaluate("() => [0.89999, 0.9, 0.9995, 1, 0, null].map(citywall.format.percent)")
    assert shown == ["89.9", "90.0", "99.9", "100", "0.0", "–"]


def test_every_district_shows_its_rate_with_both_parts_and_its_distance_to_the_target(page: Page) -> None:
    rows = page.locator(".cw-pane-l .cw-districts .cw-row:visible")
    told = _told(page)["districts"]
    expect(rows).to_have_count(len(told))
    for index, district in enumerate(told):
        words = rows.nth(index).inner_text().split()
        assert words[0] == district["name"]
        assert _grouped(district["denominator"]) in rows.nth(index).inner_text()
        share = float(rows.nth(index).evaluate("(row) => row.style.getPropertyValue('--share')"))
        assert share == pytest.approx(district["value"])


def test_a_district_without_cases_shows_a_dash(page: Page) -> None:
    _retell(page, """Object.assign(wall.districts[0], { value: null, numerator: 0, denominator: 0 })""")
    assert _shown(page, "district")[0] == "–"


def test_a_city_of_many_districts_shows_them_all_in_one_line_each(page: Page) -> None:
    _retell(
        page,
        """const one = wall.districts[0];
      wall.districts = Array.from({ length: 30 }, (_, i) => ({ ...one, code: 'x' + i, name: '西海岸新区' }))""",
    )
    shown = page.locator(".cw-pane-l .cw-districts .cw-row:visible").count()
    assert shown >= 5
    expect(page.locator(".cw-pane-l .cw-districts .cw-more")).to_have_text(f"另有 {30 - shown} 区")


def test_the_widest_step_is_the_one_where_most_cases_stand(page: Page) -> None:
    stages = [stage for stage in _told(page)["stages"] if stage["stage"] != "evaluation"]
    widths = {s["stage"]: page.locator(f'[data-cell="stage-{s["stage"]}"]').bounding_box() for s in stages}
    most = max(stages, key=lambda stage: stage["count"])["stage"]
    assert max(widths, key=lambda stage: (widths[stage] or {})["width"]) == most
    expect(page.locator(".cw-stage.is-widest")).to_have_attribute("data-cell", f"stage-{most}")


def test_a_list_shows_as_many_rows_as_fit_and_says_how_many_more_there_are(page: Page) -> None:
    page.set_viewport_size({"width": 3840, "height": 2160})
    measured = page.locator(".cw-attention .cw-rows").evaluate("""(list) => ({ height: list.clientHeight,
      gap: parseFloat(getComputedStyle(list).rowGap),
      row: parseFloat(getComputedStyle(list.firstElementChild).minHeight) })""")
    fitting = rows_that_fit(measured["height"] + measured["gap"], measured["row"] + measured["gap"])
    rows = page.locator(".cw-attention .cw-att:visible")
    expect(rows).to_have_count(fitting)
    expect(page.locator(".cw-attention .cw-more")).to_have_text(f"另有 {_told(page)['attention_total'] - fitting} 件")
    page.set_viewport_size({"width": 1920, "height": 1080})


def test_severity_is_a_shape_and_a_word_besides_its_colour(page: Page) -> None:
    for index, row in enumerate(_told(page)["attention"][:4]):
        shown = page.locator(".cw-rows > .cw-att").nth(index)
        assert shown.locator("[data-slot=shape]").inner_text() == SHAPES[Severity(row["severity"])]
        assert shown.locator("[data-slot=severity]").inner_text().endswith("级")


def test_a_leaders_order_counts_on_the_wall_until_it_is_answered(page: Page) -> None:
    _retell(page, "wall.attention[0].order_due = citywall.now() + 40_000")
    owed = page.locator(".cw-rows > .cw-att").first.locator("[data-slot=reason]")
    expect(owed).to_have_text("答复剩 00:00")
    pass_time(page, 45)
    expect(owed).to_have_text("答复超期 00:00")
    expect(owed).to_have_class(re.compile("is-late"))
    _retell(page, "Object.assign(wall.attention[0], { order_due: null, reason: 'overdue' })")
    expect(owed).to_have_text("")


def test_at_most_three_symbols_blink_and_only_where_nobody_has_taken_the_case(page: Page) -> None:
    _retell(
        page,
        """for (const row of wall.attention) Object.assign(row, { severity: 'L1', claimed_by: null });
        wall.attention[0].claimed_by = '王磊'""",
    )
    blinking = page.locator(".is-blinking")
    expect(blinking).to_have_count(3)
    assert "is-blinking" not in (page.locator(".cw-rows > .cw-att .cw-sym").first.get_attribute("class") or "")
    assert set(blinking.evaluate_all("(all) => all.map((e) => e.textContent)")) == {"◆"}


def test_a_changed_value_is_underlined_for_a_moment(page: Page) -> None:
    changed = page.evaluate("""() => { const wall = structuredClone(harness.board.wall);
      wall.headline.find((entry) => entry.id === 'filed').value += 1;
      harness.publish('wall', wall);
      return document.querySelectorAll('.cw-headline .is-changed').length; }""")
    assert changed == 1
    page.clock.run_for(1_600)
    expect(page.locator(".cw-headline .is-changed")).to_have_count(0)


def test_nothing_moves_but_blinking_symbols(page: Page) -> None:
    moving = """() => document.getAnimations().filter((one) => !one.effect.target.closest('.leaflet-container'))
      .map((one) => one.animationName || 'transition')"""
    assert set(page.evaluate(moving)) <= {"cw-blink"}


def test_a_hall_without_trouble_says_so(page: Page) -> None:
    page.evaluate("""() => harness.publish('wall', { ...harness.board.wall, attention: [], attention_total: 0,
      overdue_departments: [], overdue_departments_total: 0 })""")
    expect(page.locator(".cw-attention .cw-more")).to_have_text("暂无需要关注的案卷")
    expect(page.locator(".cw-departments .cw-more")).to_have_text("没有部门超期")


def test_updates_keep_the_rows_that_stay(page: Page) -> None:
    page.evaluate("() => document.querySelectorAll('.cw-att').forEach((row) => { row.kept = true; })")
    _retell(page, "wall.attention = wall.attention.slice(1).reverse()")
    kept = page.locator(".cw-rows > .cw-att").evaluate_all("(rows) => rows.map((row) => Boolean(row.kept))")
    assert kept
    assert all(kept)


def test_the_wall_says_how_many_more_of_a_department_will_be_late(page: Page, wall: WallServer) -> None:
    """Asked for every half minute; a hollow mark and a word, in a colour of its own."""
    first = wall.hall.snapshot()["wall"]["overdue_departments"][0]["code"]
    wall.at_risk = {first: {"count": 4, "expected": 6.2}}
    pass_time(page, 31)
    risk = page.locator(".cw-dept-risk", has_text="◇将超期 4")
    expect(risk).to_have_count(1)
    colours = [
        place.evaluate("(place) => getComputedStyle(place).color")
        for place in (risk, page.locator(".cw-card.is-act .cw-kpi").first)
    ]
    assert colours[0] != colours[1], "a risk never wears the colour of what is late"
    wall.at_risk = {}
    pass_time(page, 31)
    expect(risk).to_have_count(0)
