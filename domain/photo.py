"""A photo that proves something (domain sheet 4.5): what is known of it, and where it was used.

A case's journal names photos as ``kind:SHA-256 of the bytes``; the store holds the bytes. Imported history may name
photos by other marks: those are known to the journal only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.action import Action
from domain.words import text

PHOTO_WORDS: dict[str, str] = {
    "far": text("远景照"),
    "near": text("近景照"),
    "reference": text("参照照"),
    "before": text("处置前"),
    "after": text("处置后"),
}
"""How the kinds of `domain.command_facts.PHOTO_KINDS` are called."""

PICTURE_HASH_BITS = 64
_SEALED = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """One stored photo, without its bytes. Times aware UTC, position in WGS-84 degrees, as its file says (None: not).

    `width` and `height` are as it is looked at. `picture_hash` tells alike pictures by few differing bits; None for a
    picture without content (black, one colour), which is like every other such one. `software` is what its file says
    it was written by. `kind` is what it was uploaded as; a case's journal says what it was used as.
    """

    sha256: str
    media_type: str
    size: int
    width: int
    height: int
    taken_at: datetime | None
    lon: float | None
    lat: float | None
    picture_hash: int | None
    software: str
    kind: str
    uploaded_by: str
    uploaded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoUse:
    """A journal entry that brought a photo to a case: `version` is the entry's."""

    sha256: str
    case_no: str
    version: int
    kind: str
    action: Action
    actor: str
    at: datetime


def is_sealed(mark: str) -> bool:
    """Whether the mark is a SHA-256, and so may be one of the store's photos."""
    return _SEALED.fullmatch(mark) is not None


def split(reference: str) -> tuple[str, str]:
    """Kind and mark of a case's ``kind:mark``."""
    kind, _, mark = reference.partition(":")
    return kind, mark


def added(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The references an entry brought: journals hold the whole list after it."""
    return list(after[len(before) :]) if list(after[: len(before)]) == list(before) else list(after)


def differing_bits(one: int, other: int) -> int:
    """How unlike two pictures are, of `PICTURE_HASH_BITS`."""
    return (one ^ other).bit_count()
