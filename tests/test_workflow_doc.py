"""`docs/workflow.md` says what the code does, and the code does what domain sheet 4.4 says."""

from __future__ import annotations

import os
import re

import pytest

from domain.action import Action
from domain.case import CaseState
from domain.transitions import TRANSITIONS
from domain.workflow_table import NUMBERS, markdown
from tests.shared_data import PROJECT, shared

DOC = PROJECT / "docs" / "workflow.md"
_BETWEEN = re.compile(r"(?<=<!-- table -->\n).*(?=<!-- /table -->)", re.DOTALL)
_WRITE = "WRITE_DOCS"


def test_the_page_is_what_the_code_says() -> None:
    page = DOC.read_text(encoding="utf-8")
    wanted = _BETWEEN.sub(lambda _: "\n" + markdown() + "\n", page)
    if os.environ.get(_WRITE):
        DOC.write_text(wanted, encoding="utf-8")
    assert page == wanted, f"renew it: {_WRITE}=1 pytest tests/test_workflow_doc.py"


def test_every_number_of_the_sheet_has_its_moves() -> None:
    assert {int(number) for number in NUMBERS.values()} == set(range(1, 33))


def _sheet() -> dict[int, tuple[str, set[str], set[str]]]:
    """Number → Chinese word, states left and states reached, as the sheet's table says."""
    text = shared("reference/domain.md").read_text(encoding="utf-8")
    table = text[text.index("### 4.4") : text.index("### 4.5")]
    found = {}
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if cells[0].isdigit():
            left, _, right = cells[4].partition("→")
            found[int(cells[0])] = (cells[2], _states_in(left), _states_in(right))
    return found


def _states_in(text: str) -> set[str]:
    return {word for word in re.findall(r"[a-z_]+", text) if word in set(CaseState)}


EXPLAINED = {5: "rejected"}
"""Targets of the sheet that are reached by another move here; the page says why."""
OPEN_SOURCE = frozenset({13, 14, 16, 18, 19, 30, 31, 32})
"""Rows whose sources the sheet leaves in words."""


@pytest.mark.shared_data
@pytest.mark.parametrize("number", range(1, 33))
def test_a_row_leads_where_the_sheet_says(number: int) -> None:
    word, sources, targets = _sheet()[number]
    rows = [TRANSITIONS[action] for action in Action if NUMBERS.get(action) == str(number)]
    assert any(part in row.zh for row in rows for part in re.split(r"\s*/\s*", word)), word
    reached = {state.value for row in rows for state in (row.to, *(o.to for o in row.outcomes.values())) if state}
    assert targets - {EXPLAINED.get(number), "closed" if number == 31 else None} <= reached | {
        state.value for row in rows for state in row.sources
    }
    if number not in OPEN_SOURCE:
        assert sources <= {state.value for row in rows for state in row.sources}
