"""What is learnt from the journal, how honestly it is measured, and what is said when there is too little."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
from sqlalchemy import Engine

from data_access.risk_scoring import assessed
from data_access.risk_training import read_runs, train
from domain.risk import Band, ModelKind, RiskModel, assess
from domain.risk_view import RiskView, view_of
from domain.risk_wire import board_from_wire, board_to_wire, model_from_wire, model_to_wire
from tests.domain.loop import CALENDAR, ZONE
from tests.risk_cases import DILIGENT, LIMIT, TARDY, UNTIL, running, runs


@pytest.fixture(scope="module")
def model() -> RiskModel:
    return train(list(runs()), CALENDAR, until=UNTIL, capacity=2)


def seen(department: str, share: float, **more: object) -> RiskView:
    start = UNTIL - share * LIMIT
    view = view_of(running(1, start, department, **more), UNTIL, CALENDAR, load=3, daily=2.0)
    assert view is not None
    return view


def test_the_better_candidate_is_kept_and_all_are_told(model: RiskModel) -> None:
    briers = {kind: measures.brier for kind, measures in model.rivals.items()}
    assert set(briers) == {"full", "class_rate", "share"}
    assert model.kind is ModelKind.FULL
    assert briers["full"] == min(briers.values())  # type: ignore[type-var]
    assert model.measures is not None
    assert model.measures.recall is not None


def test_where_the_case_tells_nothing_a_baseline_is_shipped() -> None:
    """Both departments miss alike: only the time used speaks, and one number is then better than twenty."""
    alike = train(list(runs(300, tardy=0.3, diligent=0.3)), CALENDAR, until=UNTIL, capacity=2)
    best = min(alike.rivals, key=lambda kind: alike.rivals[kind].brier or 1.0)
    assert alike.kind.value == best


def test_a_tardy_department_is_likelier_to_miss_and_time_tells(model: RiskModel) -> None:
    early, late = (assess(seen(TARDY, share), model, ZONE).probability for share in (0.2, 0.9))
    good = assess(seen(DILIGENT, 0.2), model, ZONE)
    assert good.probability < early < late
    assert good.band is Band.UNLIKELY


def test_the_reasons_are_parts_of_the_very_sum(model: RiskModel) -> None:
    found = assess(seen(TARDY, 0.8), model, ZONE)
    first = found.reasons[0]
    assert first.cause.value == "department"
    assert first.facts["late"] > 0
    assert first.facts["n"] >= first.facts["late"]
    parts = model.parts(dict.fromkeys(model.weights, 0.0) | {name: one.mean for name, one in model.weights.items()})
    assert sum(parts.values()) == pytest.approx(0.0), "an average case has no reasons"


def test_what_is_said_is_what_happens_on_average(model: RiskModel) -> None:
    looks = sum(n for _, _, n in model.calibration)
    apart = sum(abs(said - was) * n for said, was, n in model.calibration) / looks
    assert looks == model.tested
    assert apart < 0.12


def test_too_little_history_says_so_and_is_never_a_silent_zero() -> None:
    few = train(list(runs(60)), CALENDAR, until=UNTIL, capacity=2)
    assert (few.kind, few.examples) == (ModelKind.PRIOR, 60)
    assert 0.05 < assess(seen(TARDY, 0.1), few, ZONE).probability < assess(seen(TARDY, 0.9), few, ZONE).probability


def test_the_same_journal_gives_the_same_model_and_json_keeps_it(model: RiskModel) -> None:
    again = train(list(runs()), CALENDAR, until=UNTIL, capacity=2)
    kept = orjson.dumps(model_to_wire(model))
    assert orjson.dumps(model_to_wire(again)) == kept
    read = model_from_wire(orjson.loads(kept))
    assert read is not None
    assert assess(seen(TARDY, 0.7), read, ZONE) == assess(seen(TARDY, 0.7), model, ZONE)
    assert model_from_wire(orjson.loads(kept) | {"schema": 0}) is None


def test_the_board_of_risks_survives_the_wire_most_probable_first(model: RiskModel) -> None:
    cases = [running(n, UNTIL - n * timedelta(hours=2), TARDY if n % 2 else DILIGENT) for n in range(8)]
    board = assessed(cases, model, CALENDAR, UNTIL)
    assert len(board.cases) == 6, "what is late already is no risk"
    assert [one.probability for one in board.cases] == sorted((one.probability for one in board.cases), reverse=True)
    read = board_from_wire(orjson.loads(orjson.dumps(board_to_wire(board))))
    assert read is not None
    assert [(one.case_no, one.reasons[0].cause) for one in read.cases] == [
        (one.case_no, one.reasons[0].cause) for one in board.cases
    ]


def test_an_empty_journal_has_no_runs(engine: Engine) -> None:
    assert list(read_runs(engine, UNTIL)) == []
