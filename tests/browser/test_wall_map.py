"""The case map: drawn once, changed in place, never left on an old picture, and the view stays where a hand put it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import kept_wall, pass_time, shown_wall, wall_at_rest, wall_page_of
from tests.browser.kept_page import KeptPage
from tests.fakes.wall_server import WallServer, wall_server

pytestmark = pytest.mark.browser

PART = "citywall.map.part(document.querySelector('.cw-wall'))"


def _drawn(page: Page) -> None:
    ready = f"() => document.querySelector('.cw-leaflet') && {PART}?.version && {PART}.layers.grids.size > 0"
    page.wait_for_function(ready, polling=100)


def _state(page: Page) -> dict[str, Any]:
    state: dict[str, Any] = page.evaluate(f"""() => {{ const part = {PART}; return {{
      version: part.version, cases: [...part.layers.cases.keys()].sort(), zoom: part.map.getZoom(),
      loads: Object.fromEntries([...part.layers.loads].filter(([, load]) => load[0])), grids: part.layers.grids.size,
      shown: [...part.layers.cases.values()].filter((known) => known.layer).map((known) => known.row.case_no),
      watched: [...part.layers.watched] }}; }}""")
    return state


@pytest.fixture(scope="module")
def moved() -> Iterator[WallServer]:
    """A wall of its own whose board the tests move on."""
    with wall_server(cases=800) as server:
        yield server


@pytest.fixture(scope="module")
def standing_map(chromium: Browser, moved: WallServer) -> Iterator[KeptPage]:
    """The ground of its map is refused twice before it comes."""

    def opened() -> Page:
        moved.bases_to_refuse = 2
        page = shown_wall(wall_page_of(chromium), moved, clock=True)
        _drawn(page)
        return page

    def rest(page: Page) -> None:
        wall_at_rest(page)
        page.keyboard.press("f")
        page.wait_for_function(f"() => {PART}.version === {moved.hall.board.version}", polling=50)

    with kept_wall(opened, rest) as kept:
        yield kept


@pytest.fixture
def page(standing_map: KeptPage, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The map as it is drawn, in its frame, after however many steps; its clock can be put forward."""
    with standing_map.lent(request.node) as page:
        yield page


def test_the_map_shows_every_grid_and_knows_every_open_case(page: Page, moved: WallServer) -> None:
    state = _state(page)
    assert state["grids"] == len(moved.hall.day.grids["features"])
    assert state["cases"] == sorted(moved.hall.board.cases)
    assert state["loads"] == {code: list(load) for code, load in moved.hall.board.grids.items() if load[0]}


def test_far_away_only_what_needs_attention_is_a_symbol(page: Page) -> None:
    state = _state(page)
    assert set(state["shown"]) == set(state["watched"])


def test_near_by_every_case_in_view_is_a_symbol(page: Page) -> None:
    page.evaluate(
        f"""() => {{ const part = {PART}; const [{{ row }}] = part.layers.cases.values();
        part.map.setView([row.lat, row.lon], 16, {{ animate: false }}); }}"""
    )
    inside = page.evaluate(
        f"""() => {{ const part = {PART}, view = part.map.getBounds();
        const rows = [...part.layers.cases.values()].map((known) => known.row);
        return rows.filter((row) => view.contains([row.lat, row.lon])).map((row) => row.case_no); }}"""
    )
    assert inside
    assert set(inside) <= set(_state(page)["shown"])


def test_steps_lead_to_the_same_map_as_fetching_anew(page: Page, moved: WallServer) -> None:
    for _ in range(5):
        page.evaluate("() => harness.step(6)")
    page.wait_for_function(f"() => {PART}.version === {moved.hall.board.version}", polling=50)
    state = _state(page)
    assert state["cases"] == sorted(moved.hall.board.cases)
    assert state["loads"] == {code: list(load) for code, load in moved.hall.board.grids.items() if load[0]}


def test_a_missed_step_fetches_everything_again(page: Page, moved: WallServer) -> None:
    moved.hall.step(5)
    page.evaluate("() => harness.step(5)")
    page.wait_for_function(f"() => {PART}.version === {moved.hall.board.version}", polling=50)
    assert _state(page)["cases"] == sorted(moved.hall.board.cases)


def test_a_step_changes_layers_in_place(page: Page, moved: WallServer) -> None:
    page.evaluate(f"() => {{ for (const [code, grid] of {PART}.layers.grids) grid.layer.before = code; }}")
    page.evaluate("() => harness.step(10)")
    page.wait_for_function(f"() => {PART}.version === {moved.hall.board.version}", polling=50)
    assert page.evaluate(f"() => [...{PART}.layers.grids].every(([code, grid]) => grid.layer.before === code)")


def test_a_refused_ground_is_asked_for_again(page: Page, moved: WallServer) -> None:
    assert moved.bases_to_refuse == 0
    assert _state(page)["grids"] > 0


def test_the_city_fills_the_map_and_f_brings_it_back(page: Page) -> None:
    zoom = _state(page)["zoom"]
    page.mouse.move(800, 400)
    page.mouse.wheel(0, -60)
    expect(page.locator(".cw-map-lock")).to_have_text("视图已锁定 · F 复位")
    page.wait_for_function(f"() => {PART}.map.getZoom() > {zoom} && !{PART}.map._animatingZoom", polling=50)
    page.keyboard.press("f")
    assert _state(page)["zoom"] == zoom
    expect(page.locator(".cw-map-lock")).to_have_text("")


def test_a_locked_view_frees_itself_after_two_minutes(page: Page) -> None:
    zoom = _state(page)["zoom"]
    page.evaluate(f"() => {{ const part = {PART}; part.lock(true); part.map.setZoom(15, {{ animate: false }}); }}")
    pass_time(page, 121)
    assert _state(page)["zoom"] == zoom


def test_updates_leave_the_view_alone(page: Page, moved: WallServer) -> None:
    view = f"() => [{PART}.map.getZoom(), {PART}.map.getCenter().lat, {PART}.map.getCenter().lng]"
    before = page.evaluate(view)
    page.evaluate("() => harness.step(10)")
    page.wait_for_function(f"() => {PART}.version === {moved.hall.board.version}", polling=50)
    assert page.evaluate(view) == before


def test_the_source_of_the_outlines_is_named(page: Page) -> None:
    expect(page.locator(".cw-attribution")).to_have_text("界线 高德地图 AMap 2021")


def test_grids_are_shaded_by_density_and_rimmed_where_something_is_overdue(page: Page) -> None:
    style = "(load) => citywall.mapDraw.gridStyle(load, 0.04, [0, 1, 30, 60, 120], 1)"
    shades = [page.evaluate(style, [count, 0])["fillColor"] for count in (0, 1, 2, 3, 9)]
    assert len(set(shades)) == 5
    assert page.evaluate(style, [3, 1])["color"].lower() == "#ffa333"
    assert page.evaluate(style, [3, 0])["color"].lower() != "#ffa333"
