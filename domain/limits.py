"""Which limit a case gets: the row of the city's table its filer picks (domain sheet 5.6).

The key is edition, class (its first letter is the kind), filing condition, area class and season; a row for the very
area class or season goes before one for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from domain.city import Edition, LimitRule

_ANY_AREA = 0


def in_season(season: str, day: date) -> bool:
    """Whether a row of that season, ``MM-DD/MM-DD`` or empty, holds on a local day; a season may span New Year."""
    if not season:
        return True
    first, _, last = season.partition("/")
    today = f"{day:%m-%d}"
    return first <= today <= last if first <= last else today >= first or today <= last


class LimitTable:
    """The rows of one edition. Empty: the city has none, and a filer states the limit."""

    def __init__(self, edition: Edition = Edition.NATIONAL_2013, rules: Iterable[LimitRule] = ()) -> None:
        self.edition = edition
        self._of_class: dict[str, list[LimitRule]] = {}
        for rule in rules:
            self._of_class.setdefault(rule.class_code, []).append(rule)

    def conditions(self, edition: str, class_code: str, *, area_class: int, day: date) -> Sequence[LimitRule]:
        """What a filer may pick for a class at a place on a day: one row a filing condition, in the table's order."""
        found: dict[str, LimitRule] = {}
        for rule in self._rows(edition, class_code):
            if rule.area_class not in (_ANY_AREA, area_class) or not in_season(rule.season, day):
                continue
            held = found.get(rule.filing_condition)
            if held is None or _closeness(rule) > _closeness(held):
                found[rule.filing_condition] = rule
        return list(found.values())

    def find(
        self, edition: str, class_code: str, filing_condition: str, *, area_class: int, day: date
    ) -> LimitRule | None:
        """The row of a filing condition; None where the city has none for it."""
        rows = self.conditions(edition, class_code, area_class=area_class, day=day)
        return next((rule for rule in rows if rule.filing_condition == filing_condition), None)

    def knows(self, edition: str, class_code: str) -> bool:
        """Whether the table has any row for the class."""
        return bool(self._rows(edition, class_code))

    def _rows(self, edition: str, class_code: str) -> Sequence[LimitRule]:
        return self._of_class.get(class_code, ()) if edition == self.edition else ()


def _closeness(rule: LimitRule) -> tuple[bool, bool]:
    return rule.area_class != _ANY_AREA, bool(rule.season)
