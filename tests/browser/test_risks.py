"""Cases at risk as the desk shows them: a hollow mark and a word, sorted, with reasons and what to do."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from domain.journal import milliseconds
from tests.browser.dispatch_seat import Seat, filed, row, shown
from tests.fakes.dispatch_server import DispatchServer

pytestmark = pytest.mark.browser

MODEL = {
    "kind": "full",
    "label": "逐案模型",
    "version": "20261129-0300",
    "examples": 36000,
    "tested": 5500,
    "capacity": 30,
    "measures": {"brier": 0.143, "auc": 0.78, "recall": 0.53},
    "rivals": {"full": {"brier": 0.143}, "share": {"brier": 0.157}},
}


def at_department(hall: DispatchServer, hours: float) -> str:
    """A case that a department has, so many hours before its deadline."""
    now = datetime.now(UTC)
    since, due = milliseconds(now - timedelta(hours=1)), milliseconds(now + timedelta(hours=hours))
    return filed(hall, state="pending_disposal", department="370202-04", tasked_at=since, deadline=due)


def risk(case_no: str, probability: float) -> dict[str, Any]:
    likely = probability >= 0.5
    return {
        "case_no": case_no,
        "probability": probability,
        "band": "likely" if likely else "possible",
        "label": "将超期" if likely else "可能超期",
        "similar": {"cases": 12, "late": 7},
        "reasons": [
            {"raises": True, "text": "该部门同类用时到 80% 仍未办结的 12 件中 7 件超期"},
            {"raises": True, "text": "已退回 2 次"},
        ],
        "advice": {"text": "催部门签收", "if_done": 0.45},
    }


def test_the_tab_lists_what_will_be_late_soon_and_most_probable_first(hall: DispatchServer, seat: Seat) -> None:
    later, soon, maybe = at_department(hall, 9), at_department(hall, 1), at_department(hall, 1)
    hall.risks = {"model": MODEL, "cases": [risk(later, 0.97), risk(soon, 0.72), risk(maybe, 0.3)]}
    page = seat()
    expect(page.locator("[data-count=risk]")).to_have_text("2")
    page.locator("[data-view=risk]").click()
    expect(row(page, soon).locator(".dispatch-risk.is-likely")).to_have_text("◇ 72%")
    assert [case_no for _, case_no in shown(page)] == [soon, later]
    expect(row(page, maybe)).to_have_count(0)
    row(page, soon).click()
    line = page.locator(".dispatch-case .risk-line")
    for words in ("◇ 将超期 72%", "12 件中 7 件超期", "已退回 2 次", "→ 催部门签收（之后约 45%）"):
        expect(line).to_contain_text(words)
    model = r"逐案模型\n版本 20261129-0300\n[\s\S]*Brier 0\.143 · AUC 0\.780[\s\S]*每天看 30 件可捕获 53% 的超期"
    expect(line).to_have_attribute("title", re.compile(model))
