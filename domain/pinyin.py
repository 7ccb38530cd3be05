"""What a name may be found by when a Chinese input method is off: its pinyin, written out and by initials."""

from __future__ import annotations

from functools import lru_cache

from pypinyin import Style, lazy_pinyin


@lru_cache(maxsize=4096)
def typed(name: str) -> str:
    """The pinyin of a name, written out and as initials: 台东三路 → ``taidongsanlu tdsl``."""
    full = "".join(lazy_pinyin(name)).lower()
    return f"{full} {''.join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()}"
