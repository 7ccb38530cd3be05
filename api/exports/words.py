"""Numbers as reports print them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.exports.sheets import ABSENT
from runtime.i18n import t

_MINUTE, _HOUR, _DAY = 60_000, 3_600_000, 86_400_000


def percent(value: float | None) -> str:
    """A rate with one decimal."""
    return ABSENT if value is None else f"{value * 100:.1f}%"


def number(value: float | None, digits: int = 0) -> str:
    """A number with its thousands apart."""
    return ABSENT if value is None else f"{value:,.{digits}f}"


def parts(rate: Mapping[str, Any]) -> str:
    """What a rate is made of: no rate without its n."""
    return f"{number(rate['numerator'])} / {number(rate['denominator'])}"


def moved(now: float | None, before: float | None, words: str, digits: int = 1) -> str:
    """How much something moved, by a neutral arrow: red and green mean opposite things in different places."""
    if now is None or before is None:
        return ""
    change = round(now - before, digits)
    arrow = "▲" if change > 0 else "▼" if change < 0 else "＝"
    return f"{arrow} {abs(change):,.{digits}f}{words}"


def duration(ms: float | None) -> str:
    """A length of time in the unit that suits it."""
    if ms is None:
        return ABSENT
    if ms < 2 * _HOUR:
        return t("{number} 分钟").format(number=f"{ms / _MINUTE:,.0f}")
    if ms < 2 * _DAY:
        return t("{number} 小时").format(number=f"{ms / _HOUR:,.1f}")
    return t("{number} 天").format(number=f"{ms / _DAY:,.1f}")
