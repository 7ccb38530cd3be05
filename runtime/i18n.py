"""The hall's words in its two languages: Chinese is what the code says, others are gettext catalogs beside this file.

The language of the running request is a context value, set at the door (`api.language`), so that whatever renders
inside the request speaks one language without being told.
"""

from __future__ import annotations

from contextvars import ContextVar
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from babel.messages.pofile import read_po

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE_LANGUAGE = "zh"
LANGUAGES = (SOURCE_LANGUAGE, "en")
_CATALOGS = Path(__file__).parent / "locales"

language: ContextVar[str] = ContextVar("language", default=SOURCE_LANGUAGE)


@cache
def catalog(code: str) -> Mapping[str, str]:
    """Source text → text in language `code`; empty for the source language.

    Raises:
        KeyError: the hall does not speak `code`.
    """
    if code not in LANGUAGES:
        raise KeyError(code)
    if code == SOURCE_LANGUAGE:
        return MappingProxyType({})
    with (_CATALOGS / f"{code}.po").open("rb") as file:
        return MappingProxyType({str(m.id): str(m.string) for m in read_po(file) if m.id and m.string})


def t(text: str) -> str:
    """The text in the language of the running request. Call it with a literal: catalogs are checked against those."""
    return catalog(language.get()).get(text, text)
