"""Models and risks as JSON carries them: numbers and words only, nothing that runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from domain.journal import milliseconds, moment
from domain.risk import Advice, Assessment, Measures, ModelKind, Reason, RiskModel, Weight
from domain.risk_features import FEATURES, Cause
from domain.risk_record import TrackRecords

SCHEMA = 1
"""Form of a stored model; another number is not read, and a new model is trained."""

_TIMES = ("trained_at", "start", "end")
_PLAIN = ("version", "examples", "tested", "missed_share", "capacity", "intercept", "slope", "offset")


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskBoard:
    """Every running case's risk as of one moment, the most probable first, and the model that says so."""

    as_of: datetime
    model: RiskModel
    """Without its records: what its measures and version tell."""
    cases: Sequence[Assessment]


def model_to_wire(model: RiskModel) -> dict[str, Any]:
    """The whole model."""
    return head_to_wire(model) | {"days": model.records.days, "records": model.records.to_wire()}


def head_to_wire(model: RiskModel) -> dict[str, Any]:
    """The model without its records."""
    return {
        "schema": SCHEMA,
        "kind": model.kind.value,
        **{name: getattr(model, name) for name in _PLAIN},
        **{name: milliseconds(getattr(model, name)) for name in _TIMES},
        "weights": {name: [one.mean, one.scale, one.weight] for name, one in model.weights.items()},
        "rivals": {name: asdict(one) for name, one in model.rivals.items()},
        "calibration": [list(one) for one in model.calibration],
    }


def model_from_wire(wire: Mapping[str, Any]) -> RiskModel | None:
    """The model that JSON kept; None where it is of another form, or names numbers this program does not compute."""
    if wire.get("schema") != SCHEMA or not wire["weights"].keys() <= FEATURES.keys():
        return None
    values: dict[str, Any] = {name: wire[name] for name in _PLAIN} | {name: moment(wire[name]) for name in _TIMES}
    return RiskModel(
        kind=ModelKind(wire["kind"]),
        **values,
        weights={name: Weight(*one) for name, one in wire["weights"].items()},
        rivals={name: Measures(**one) for name, one in wire["rivals"].items()},
        calibration=tuple((said, was, n) for said, was, n in wire["calibration"]),
        records=TrackRecords.from_wire(wire.get("records", []), wire.get("days", 1.0)),
    )


def board_to_wire(board: RiskBoard) -> dict[str, Any]:
    """What the live role publishes."""
    return {
        "as_of": milliseconds(board.as_of),
        "model": head_to_wire(board.model),
        "cases": [_case_to_wire(one) for one in board.cases],
    }


def board_from_wire(wire: Mapping[str, Any]) -> RiskBoard | None:
    """What was published; None where another program's version published it."""
    model = model_from_wire(wire["model"])
    if model is None:
        return None
    as_of = moment(wire["as_of"])
    return RiskBoard(as_of=as_of, model=model, cases=[_case_from_wire(row, as_of) for row in wire["cases"]])


def _case_to_wire(one: Assessment) -> list[Any]:
    return [
        *(one.case_no, one.version, milliseconds(one.deadline), one.department, one.district),
        *(round(one.probability, 4), one.similar, one.similar_late),
        [[reason.cause.value, round(reason.part, 3), dict(reason.facts)] for reason in one.reasons],
        one.advice.value,
        None if one.if_done is None else round(one.if_done, 4),
    ]


def _case_from_wire(row: Sequence[Any], as_of: datetime) -> Assessment:
    case_no, version, deadline, department, district, probability, similar, late, told, advice, if_done = row
    return Assessment(
        case_no=case_no,
        version=version,
        at=as_of,
        deadline=moment(deadline),
        department=department,
        district=district,
        probability=probability,
        similar=similar,
        similar_late=late,
        reasons=tuple(Reason(Cause(cause), part, facts) for cause, part, facts in told),
        advice=Advice(advice),
        if_done=if_done,
    )
