"""What the tests of /unit and /intake ask of a page that stays open while the cases on its desk change."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.fakes.field_server import FieldServer

AT_REST = """() => {
  document.activeElement.blur();
  document.querySelectorAll(".act-toast").forEach((one) => one.remove());
  localStorage.clear();
  sessionStorage.clear();
}"""
ON_THE_DESK = "(wanted) => JSON.stringify([...window.citywall.liveCases.rows.keys()].sort()) === JSON.stringify(wanted)"


def at_rest(page: Page) -> None:
    """Nobody types, nothing is said or remembered, no case is chosen."""
    page.evaluate(AT_REST)
    page.keyboard.press("Escape")


def told_anew(page: Page) -> None:
    """The feed has a gap: the page asks for the whole board again."""
    page.evaluate("window.citywall.live.publish('cases', { version: 1, steps: null })")


def has_cases(page: Page, server: FieldServer) -> None:
    """The page knows just the cases that the server has now."""
    told_anew(page)
    page.wait_for_function(ON_THE_DESK, arg=sorted(server.rows))
