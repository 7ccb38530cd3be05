"""Just enough of Excel to recompute an exported workbook: every formula it holds, from the cells it refers to."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import range_boundaries

TOKEN = re.compile(
    r"""\s*(?:(?P<text>"[^"]*")|(?P<cell>(?:'(?P<sheet>(?:[^']|'')+)'!)?(?P<span>\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?))
    |(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Z]+)(?=\()|(?P<sign>>=|<=|<>|[-+*/&=<>(),]))""",
    re.X,
)
Value = Any


class Excel:
    """Recomputes cells of a workbook that was read with its formulas."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self._known: dict[tuple[str, int, int], Value] = {}

    def value(self, sheet: str, row: int, column: int) -> Value:
        """A cell's value, one-based; formulas are worked out."""
        key = (sheet, row, column)
        if key not in self._known:
            found = self.book[sheet].cell(row, column).value
            formula = isinstance(found, str) and found.startswith("=") and self._is_formula(sheet, row, column)
            self._known[key] = _Formula(self, sheet, found[1:]).result() if formula else found
        return self._known[key]

    def forget(self) -> None:
        self._known.clear()

    def _is_formula(self, sheet: str, row: int, column: int) -> bool:
        return self.book[sheet].cell(row, column).data_type == "f"


class _Formula:
    """One formula, read and worked out from left to right, by rising precedence."""

    def __init__(self, excel: Excel, sheet: str, text: str) -> None:
        self.excel, self.sheet = excel, sheet
        self.tokens = list(self._read(text))
        self.at = 0

    def _read(self, text: str):
        position = 0
        while position < len(text):
            found = TOKEN.match(text, position)
            assert found is not None, f"cannot read {text[position:]!r} of {text!r}"
            position = found.end()
            yield found

    def result(self) -> Value:
        value = self._compared()
        assert self.at == len(self.tokens)
        return value

    def _sign(self, *signs: str) -> str:
        if self.at < len(self.tokens) and self.tokens[self.at]["sign"] in signs:
            self.at += 1
            return str(self.tokens[self.at - 1]["sign"])
        return ""

    def _compared(self) -> Value:
        left = self._joined()
        while sign := self._sign("<=", ">=", "<>", "=", "<", ">"):
            left = _each(COMPARE[sign], left, self._joined())
        return left

    def _joined(self) -> Value:
        left = self._sum()
        while self._sign("&"):
            left = f"{_shown(left)}{_shown(self._sum())}"
        return left

    def _sum(self) -> Value:
        left = self._product()
        while sign := self._sign("+", "-"):
            right = self._product()
            left = left + right if sign == "+" else left - right
        return left

    def _product(self) -> Value:
        left = self._single()
        while sign := self._sign("*", "/"):
            right = self._single()
            left = left * right if sign == "*" else left / right
        return left

    def _single(self) -> Value:
        if self._sign("-"):
            return _each(lambda value, _: -value, self._single(), 0)
        if self._sign("("):
            value = self._compared()
            assert self._sign(")")
            return value
        token = self.tokens[self.at]
        self.at += 1
        if token["number"]:
            return float(token["number"])
        if token["text"]:
            return token["text"][1:-1]
        return self._call(token["name"]) if token["name"] else self._cells(token)

    def _cells(self, token: re.Match[str]) -> Value:
        sheet = (token["sheet"] or self.sheet).replace("''", "'")
        left, top, right, bottom = range_boundaries(token["span"].replace("$", ""))
        values = [self.excel.value(sheet, row, col) for row in range(top, bottom + 1) for col in range(left, right + 1)]
        return values if ":" in token["span"] else values[0]

    def _call(self, name: str) -> Value:
        assert self._sign("(")
        start = self.at
        if name == "IF":
            return self._if()
        given = []
        while not self._sign(")"):
            given.append(self._compared())
            self._sign(",")
        assert self.at > start
        return FUNCTIONS[name](*given)

    def _if(self) -> Value:
        """Only the branch that is taken is worked out: the other may divide by zero."""
        holds = self._compared()
        assert self._sign(",")
        if not holds:
            self._skip()
        assert holds or self._sign(",")
        value = self._compared()
        if holds and self._sign(","):
            self._skip()
        assert self._sign(")")
        return value

    def _skip(self) -> None:
        depth = 0
        while depth or self.tokens[self.at]["sign"] not in (",", ")"):
            depth += {"(": 1, ")": -1}.get(self.tokens[self.at]["sign"], 0)
            self.at += 1


def _each(work: Callable[[Any, Any], Any], left: Value, right: Value) -> Value:
    return [work(one, right) for one in left] if isinstance(left, list) else work(left, right)


COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "<>": lambda a, b: a != b,
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
}


def _number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: Value) -> str:
    return f"{value:.15g}" if _number(value) else str(value)


def _round(value: float, digits: float) -> float:
    """As Excel rounds: half away from zero, on the fifteen digits it keeps."""
    return float(Decimal(f"{value:.15g}").quantize(Decimal(1).scaleb(-int(digits)), ROUND_HALF_UP))


def _matches(value: Value, wanted: Value) -> bool:
    found = re.match(r"(>=|<=|<>|>|<|=)(.*)", str(wanted))
    if found is None:
        return bool(value == wanted)
    return _number(value) and COMPARE[found[1]](value, float(found[2]))


def _countifs(*given: Value) -> int:
    pairs = list(zip(given[::2], given[1::2], strict=True))
    rows = range(len(given[0]))
    return sum(all(_matches(cells[row], wanted) for cells, wanted in pairs) for row in rows)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "MIN": min,
    "MAX": max,
    "ROUND": _round,
    "N": lambda value: value if _number(value) else 0,
    "ISNUMBER": _number,
    "COUNT": lambda *values: sum(map(_number, values)),
    "SUM": lambda cells: sum(filter(_number, cells)),
    "AND": lambda *values: all(values),
    "INDEX": lambda cells, number: cells[int(number) - 1],
    "SUMPRODUCT": sum,
    "COUNTIF": _countifs,
    "COUNTIFS": _countifs,
}
