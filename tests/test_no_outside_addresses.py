"""Halls have no internet: nothing a browser loads from us may name an outside address."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.shared_data import PROJECT
from tests.source_tree import where

OUTSIDE = re.compile(r"(?:https?:|wss?:)?//(?:[a-z0-9-]+\.)+[a-z]{2,}\b[^\s\"'`<>)]*", re.IGNORECASE)
XML_NAMES = "http://www.w3.org/"
"""Names of XML languages, never fetched."""
SENT_TO_BROWSERS = {".js", ".css", ".html", ".svg", ".json", ".webmanifest"}
PYTHON_THAT_WRITES_PAGES = ("components", "pages", "api")


def _files() -> list[Path]:
    assets = [path for path in (PROJECT / "assets").rglob("*") if path.suffix in SENT_TO_BROWSERS]
    code = [path for room in PYTHON_THAT_WRITES_PAGES for path in (PROJECT / room).rglob("*.py")]
    return [*assets, *code, PROJECT / "app.py"]


def outside_addresses(text: str) -> list[str]:
    """The outside addresses in a text; machines that exist only in examples (`.example`) do not count."""
    found = [match.group() for match in OUTSIDE.finditer(text)]
    return [address for address in found if not address.startswith(XML_NAMES) and ".example" not in address]


@pytest.mark.parametrize("path", _files(), ids=where)
def test_nothing_sent_to_a_browser_names_an_outside_address(path: Path) -> None:
    assert outside_addresses(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    ['<script src="https://cdn.some.net/a.js">', "url(//fonts.some.com/x.woff2)", "new WebSocket('wss://a.b.cn/ws')"],
)
def test_an_outside_address_is_seen(text: str) -> None:
    assert outside_addresses(text)


@pytest.mark.parametrize("text", ["http://www.w3.org/2000/svg", "// a comment. and more", "/ws/video", "a // b.c"])
def test_an_inside_one_is_not(text: str) -> None:
    assert outside_addresses(text) == []
