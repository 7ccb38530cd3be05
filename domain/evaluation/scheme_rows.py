"""Schemes as a city writes them in TOML (or as they are kept as JSON), read into `Scheme` values and back.

[[scheme]]
id = "department"
version = 1
name = "部门评价"
object = "department"        # district, department, grid, collector, acceptor, shift_leader, dispatcher
standard = true              # taken where nobody names a scheme
valid_from = 2020-01-01
valid_to = 2027-01-01        # optional: the first day it no longer holds
min_sample = 30              # optional: fewer are shown, not ranked
most = 100                   # optional: the highest composite
[[scheme.items]]
figure = "closing"           # a rate or count of domain.evaluation.measures
weight = 30                  # percent; all together 100
rule = "rate"                # rate, inverse, steps, threshold
[[scheme.items]]
figure = "filed"
weight = 70
rule = "steps"
steps = [[50, 100], [100, 90]]   # up to and with → score
above = 0
per = "month"                # month, grid_month, period
[[scheme.extras]]
figure = "failed_checks"
points = -0.2                # for each; with reach = 70 and loss = 1: for reaching 70 %, less 1 a point below
double = true                # marked cases count twice
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeVar

from domain.evaluation.measures import EVENTS, RATES, UNMEASURED, known
from domain.evaluation.scheme import Extra, Item, Per, Rule, Scheme, SchemeError, Target, check_validity

MIN_SAMPLE = 30
"""Fewer cases than this say more about chance than about work."""

Choice = TypeVar("Choice", bound=StrEnum)

_SCHEME = (
    "id",
    "version",
    "name",
    "object",
    "standard",
    "valid_from",
    "valid_to",
    "min_sample",
    "most",
    "items",
    "extras",
)
_ITEM = ("figure", "weight", "rule", "steps", "above", "per", "reach", "loss")
_EXTRA = ("figure", "points", "double", "reach", "loss")


def schemes_from(rows: object) -> tuple[Scheme, ...]:
    """The schemes of a list of tables.

    Raises:
        SchemeError: a value that cannot be, or validity that overlaps; the message names scheme, field and fix.
    """
    found = tuple(scheme_from(row) for row in _tables(rows, "scheme"))
    check_validity(found)
    return found


def scheme_from(row: Mapping[str, Any]) -> Scheme:
    """One scheme.

    Raises:
        SchemeError: as above.
    """
    name = str(row.get("id") or "scheme")
    read = _Reader(name, row, _SCHEME)
    scheme = Scheme(
        scheme_id=read("id", _word),
        version=int(read("version", _whole)),
        name=read("name", _word),
        target=read("object", _choice(Target)),
        standard=read("standard", _flag, False),
        valid_from=read("valid_from", _day),
        valid_to=read("valid_to", _day, None),
        min_sample=int(read("min_sample", _whole, MIN_SAMPLE)),
        most=read("most", _number, Fraction(100)),
        items=tuple(_item(f"{name}: items", item) for item in _tables(row.get("items"), f"{name}: items")),
        extras=tuple(_extra(f"{name}: extras", extra) for extra in _tables(row.get("extras", []), f"{name}: extras")),
    )
    _check(scheme)
    return scheme


def _check(scheme: Scheme) -> None:
    name = scheme.scheme_id
    if scheme.valid_to is not None and scheme.valid_to <= scheme.valid_from:
        raise SchemeError(f"{name}: valid_to: must lie after valid_from ({scheme.valid_from})")
    whole = sum((item.weight for item in scheme.items), Fraction(0))
    if whole != 100:
        raise SchemeError(f"{name}: weight: the items' weights make {float(whole):g} %; change them to make 100")
    for rows in (scheme.items, scheme.extras):
        figures = [row.figure for row in rows]
        if twice := [figure for figure in figures if figures.count(figure) > 1]:
            raise SchemeError(f"{name}: figure: {twice[0]} stands there twice; remove one of the two")
    if any(item.per is Per.GRID_MONTH for item in scheme.items) and scheme.target not in (Target.DISTRICT, Target.GRID):
        raise SchemeError(f"{name}: per: only areas have grids; write month for a {scheme.target}")


def _item(where: str, row: Mapping[str, Any]) -> Item:
    read = _Reader(where, row, _ITEM)
    figure, rule = read("figure", _figure), read("rule", _choice(Rule))
    if rule is Rule.STEPS and figure in RATES:
        raise SchemeError(f"{where}: rule: {figure} is a rate and has no steps; write rate, inverse or threshold")
    if rule is not Rule.STEPS and figure not in RATES and figure not in UNMEASURED:
        raise SchemeError(f"{where}: rule: {figure} is no rate; write steps")
    return Item(
        figure=figure,
        weight=read("weight", _positive),
        rule=rule,
        steps=read("steps", _steps) if rule is Rule.STEPS else (),
        above=read("above", _number, Fraction(0)),
        per=read("per", _choice(Per), Per.MONTH),
        reach=read("reach", _positive) if rule is Rule.THRESHOLD else Fraction(0),
        loss=read("loss", _positive, Fraction(1)),
    )


def _extra(where: str, row: Mapping[str, Any]) -> Extra:
    read = _Reader(where, row, _EXTRA)
    figure, reach = read("figure", _figure), read("reach", _positive, None)
    if reach is not None and figure not in RATES:
        raise SchemeError(f"{where}: reach: {figure} is no rate; leave reach out")
    if reach is None and figure in RATES:
        raise SchemeError(f"{where}: reach: {figure} is a rate; say in percent what must be reached")
    double = read("double", _flag, False)
    if double and figure not in EVENTS:
        raise SchemeError(f"{where}: double: is not counted for {figure}; possible are {', '.join(EVENTS)}")
    return Extra(
        figure=figure,
        points=read("points", _number),
        double=double,
        reach=reach,
        loss=read("loss", _number, Fraction(0)),
    )


def as_row(scheme: Scheme) -> dict[str, Any]:
    """The scheme as a plain table: `scheme_from` reads it back to an equal one."""
    return {
        "id": scheme.scheme_id,
        "version": scheme.version,
        "name": scheme.name,
        "object": scheme.target.value,
        "standard": scheme.standard,
        "valid_from": scheme.valid_from.isoformat(),
        "valid_to": None if scheme.valid_to is None else scheme.valid_to.isoformat(),
        "min_sample": scheme.min_sample,
        "most": plain(scheme.most),
        "items": [_item_row(item) for item in scheme.items],
        "extras": [_extra_row(extra) for extra in scheme.extras],
    }


def _item_row(item: Item) -> dict[str, Any]:
    row: dict[str, Any] = {"figure": item.figure, "weight": plain(item.weight), "rule": item.rule.value}
    if item.rule is Rule.STEPS:
        steps = [[plain(bound), plain(score)] for bound, score in item.steps]
        return row | {"steps": steps, "above": plain(item.above), "per": item.per.value}
    if item.rule is Rule.THRESHOLD:
        return row | {"reach": plain(item.reach), "loss": plain(item.loss)}
    return row


def _extra_row(extra: Extra) -> dict[str, Any]:
    row: dict[str, Any] = {"figure": extra.figure, "points": plain(extra.points), "double": extra.double}
    return row if extra.reach is None else row | {"reach": plain(extra.reach), "loss": plain(extra.loss)}


def plain(value: Fraction) -> float | int:
    """A fraction as JSON carries it."""
    return int(value) if value.denominator == 1 else float(value)


class _Reader:
    """Reads the fields of one table; every fault names table and field."""

    def __init__(self, where: str, row: Mapping[str, Any], fields: Sequence[str]) -> None:
        self._where, self._row = where, row
        for name in row.keys() - set(fields):
            near = difflib.get_close_matches(str(name), fields, n=1)
            raise SchemeError(f"{where}: {name}: is not known; {f'did you mean {near[0]}?' if near else 'remove it'}")

    def __call__(self, name: str, read: Callable[[Any], Any], *default: Any) -> Any:
        value = self._row.get(name)
        if value is None:
            if default:
                return default[0]
            raise SchemeError(f"{self._where}: {name}: is missing; add it")
        try:
            return read(value)
        except (TypeError, ValueError) as error:
            raise SchemeError(f"{self._where}: {name}: {error}") from None


def _tables(rows: object, where: str) -> Iterable[Mapping[str, Any]]:
    if not isinstance(rows, list | tuple) or not all(isinstance(row, Mapping) for row in rows):
        raise SchemeError(f"{where}: is no list of tables; write [[…]] before each one")
    return rows


def _word(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("give a text in quotation marks")
    return value.strip()


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("is true or false")
    return value


def _number(value: Any) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("is a number")
    return Fraction(str(value))


def _positive(value: Any) -> Fraction:
    number = _number(value)
    if number <= 0:
        raise ValueError("is a number above 0")
    return number


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError("is a whole number from 1")
    return value


def _day(value: Any) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{value!r} is no day; such as 2026-01-01") from None


def _figure(value: Any) -> str:
    name = _word(value)
    if not known(name):
        near = difflib.get_close_matches(name, RATES, n=3, cutoff=0.3) or [*RATES]
        raise ValueError(f"{name!r} is no figure; such as {', '.join(near)}")
    return name


def _steps(value: Any) -> tuple[tuple[Fraction, Fraction], ...]:
    if (
        not isinstance(value, list | tuple)
        or not value
        or not all(isinstance(s, list | tuple) and len(s) == 2 for s in value)
    ):
        raise TypeError("is a list of [up to, score]")
    steps = tuple((_number(bound), _number(score)) for bound, score in value)
    if any(lower[0] >= upper[0] for lower, upper in pairwise(steps)):
        raise ValueError("must rise from step to step")
    if not all(0 <= score <= 100 for _, score in steps):
        raise ValueError("gives a score outside 0 to 100")
    return steps


def _choice(kind: type[Choice]) -> Callable[[Any], Choice]:
    def read(value: Any) -> Choice:
        try:
            return kind(value)
        except ValueError:
            raise ValueError(f"{value!r} is not possible; possible are {', '.join(kind)}") from None

    return read
