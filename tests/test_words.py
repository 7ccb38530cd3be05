"""Every text the hall shows exists in each of its languages, and no catalog carries words nobody says any more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.extract import extract_from_file

from runtime.i18n import LANGUAGES, SOURCE_LANGUAGE, catalog, language, t
from tests.shared_data import PROJECT

ROOMS = ("api", "components", "pages", "domain", "data_access", "video", "demo", "runtime")
OPTIONS = {"parse_template_string": True}
OTHERS = [code for code in LANGUAGES if code != SOURCE_LANGUAGE]


def _said() -> Iterator[tuple[str, str]]:
    """Every literal given to `t` or `text` in Python, and to `t` in the page's scripts, with where it stands."""
    files = [(path, "python") for room in ROOMS for path in (PROJECT / room).rglob("*.py")]
    files += [(path, "javascript") for path in (PROJECT / "assets" / "js").rglob("*.js")]
    for path, method in files:
        for line, message, *_ in extract_from_file(method, path, keywords={"t": None, "text": None}, options=OPTIONS):
            if isinstance(message, str) and not message.isascii():
                yield message, f"{path.relative_to(PROJECT)}:{line}"


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_is_translated(code: str) -> None:
    missing = {message: where for message, where in _said() if message not in catalog(code)}
    assert not missing, "add to the catalog:\n" + "\n".join(f'{where} "{text}"' for text, where in missing.items())


@pytest.mark.parametrize("code", OTHERS)
def test_no_translation_is_left_over(code: str) -> None:
    said = {message for message, _ in _said()}
    assert not set(catalog(code)) - said


@pytest.mark.parametrize("code", OTHERS)
def test_placeholders_survive_translation(code: str) -> None:
    for source, translated in catalog(code).items():
        assert _places(source) == _places(translated), source


def _places(text: str) -> set[str]:
    """The names that stand between braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_the_language_of_the_request_decides() -> None:
    token = language.set("en")
    try:
        assert t("结案") == "Closed"
    finally:
        language.reset(token)
    assert t("结案") == "结案"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(KeyError):
        catalog("xx")


def test_catalogs_lie_beside_the_code() -> None:
    folder = Path(PROJECT / "runtime" / "locales")
    assert {path.stem for path in folder.glob("*.po")} == set(OTHERS)
