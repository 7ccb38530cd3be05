"""The engine and its slow twin over the same journals: how many figures, and which of them differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from data_access.evaluation.scheme_files import packaged_schemes
from domain.evaluation.histories import History, Judged, post_counts, unit_counts
from domain.evaluation.measures import all_counts
from domain.evaluation.scheme import Target
from domain.evaluation.scheme_rows import as_row
from domain.evaluation.score import Scale, evaluate
from domain.facts import facts_of
from domain.indicators import Convention, counts
from domain.journal import Entry, milliseconds, rebuild
from domain.period import Window
from tests.domain.evaluation.slow import slow_composite, slow_counts

TARGETS = [target for target in Target if target is not Target.GRID]
GRIDS = 7
_MADE_BY_ADDING = "check_tasks"


@dataclass
class Compared:
    """What a comparison came to."""

    figures: int = 0
    different: list[str] = field(default_factory=list)


def as_they_stood(journals: Sequence[Sequence[Entry]], at: datetime) -> Iterator[History]:
    for entries in journals:
        kept = [entry for entry in entries if entry.at < at]
        case = rebuild(kept)
        if case is not None:
            yield History(facts_of(case), kept)


def engine_counts(histories: Sequence[History], target: Target, judged: Judged) -> dict[str, dict[str, int]]:
    """What the desk puts together out of `Figures` and histories."""
    if not target.is_unit:
        return {key: all_counts(None, some) for key, some in post_counts(histories, target, judged).items()}
    units: dict[str, list[History]] = {}
    for history in histories:
        units.setdefault(getattr(history.facts, target.value) or "", []).append(history)
    flow = judged.convention is Convention.FLOW
    period = judged.window if flow else judged.period
    base = {
        key: counts((one.facts for one in some), period, judged.convention, as_of=None if flow else judged.at)
        for key, some in units.items()
    }
    beside = unit_counts(histories, target, judged)
    return {key: all_counts(base.get(key), beside.get(key, {})) for key in base.keys() | beside.keys()}


def compare(journals: Sequence[Sequence[Entry]], period: Window, moments: Sequence[datetime]) -> Compared:
    """Every object under every convention, as of every moment."""
    plain = [[_plain(entry) for entry in entries] for entries in journals]
    result = Compared()
    for at in moments:
        histories = list(as_they_stood(journals, at))
        for convention in Convention:
            until = min(at, period.end) if convention is Convention.FLOW else at
            stood = histories if until == at else list(as_they_stood(journals, until))
            judged = Judged(period, convention, until)
            for target in TARGETS:
                slow = slow_counts(
                    plain,
                    target.value,
                    milliseconds(period.start),
                    milliseconds(period.end),
                    convention.value,
                    milliseconds(until),
                )
                _compare(result, target, engine_counts(stood, target, judged), slow, f"{convention} {target} {at}")
    return result


def _compare(
    result: Compared, target: Target, ours: dict[str, dict[str, int]], slow: dict[str, dict[str, int]], where: str
) -> None:
    for key in ours.keys() | slow.keys():
        own, other = ours.get(key, {}), slow.get(key, {})
        for name in (own.keys() | other.keys()) - {_MADE_BY_ADDING}:
            result.figures += 1
            if own.get(name, 0) != other.get(name, 0):
                result.different.append(f"{where} {key} {name}: {own.get(name, 0)} and {other.get(name, 0)}")
        for scheme in packaged_schemes():
            if scheme.target is not target:
                continue
            months = Fraction(2, 3)
            composite = evaluate(scheme, key, own, Scale(months, GRIDS)).composite
            told = "–" if composite is None else f"{float(composite):.2f}"
            result.figures += 1
            if told != slow_composite(as_row(scheme), other, months, GRIDS):
                result.different.append(f"{where} {key} {scheme.scheme_id}: {told}")


def _plain(entry: Entry) -> dict[str, object]:
    return {
        "at": milliseconds(entry.at),
        "action": entry.action.value,
        "actor": entry.actor,
        "role": entry.role,
        "changes": dict(entry.changes),
    }
