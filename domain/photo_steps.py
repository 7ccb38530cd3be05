"""Which photo was brought to which step of a case, and what it must be held against: read from the case's history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.action import Action
from domain.case import Case
from domain.journal import Entry
from domain.photo import Photo, added, is_sealed, split
from domain.photo_flags import Step
from domain.roles import Role

_TASKS: dict[Action, frozenset[Action]] = {
    Action.ANSWER_VERIFY: frozenset({Action.SEND_VERIFY}),
    Action.FEED_BACK: frozenset({Action.DISPATCH, Action.SECOND_DISPATCH, Action.FAIL_CHECK, Action.APPROVE_EMERGENCY}),
    Action.PASS_CHECK: frozenset({Action.FEED_BACK}),
    Action.FAIL_CHECK: frozenset({Action.FEED_BACK}),
}
"""What gives the task that a step answers: a photo from before it proves nothing about it."""

_FROM_AFAR = frozenset({"far", "reference"})
"""Kinds that are rightly taken from elsewhere than the spot itself."""

_LIKELY: dict[Role, Action] = {
    Role.DEPARTMENT: Action.FEED_BACK,
    Role.ACCEPTOR: Action.REGISTER,
    Role.DUTY_OFFICER: Action.REGISTER,
    Role.SHIFT_LEADER: Action.REGISTER,
    Role.SUPERVISOR: Action.REGISTER,
}
"""What somebody's photo will most likely be brought to, while it is only uploaded."""


@dataclass(frozen=True, slots=True)
class Brought:
    """One photo reference of a case, and the step it came with."""

    entry: Entry
    kind: str
    mark: str
    step: Step


def marks_of(case: Case) -> list[str]:
    """The sealed photos among a case's references."""
    return [mark for _, mark in map(split, case.photos) if is_sealed(mark)]


def brought(case: Case, history: Sequence[Entry], stored: Mapping[str, Photo]) -> list[Brought]:
    """Every photo of the case in the order it came, with what it is held against."""
    found: list[Brought] = []
    before: Sequence[str] = ()
    for number, entry in enumerate(history):
        now = entry.changes.get("photos", before)
        references = sorted(map(split, added(before, now)), key=lambda one: one[0] == "after")
        since = _since(history[:number], entry.action)
        for kind, mark in references:
            earlier = _earlier(found, entry, kind, stored)
            found.append(Brought(entry, kind, mark, _step(case, entry, since, earlier)))
        before = now
    return found


def next_step(
    case: Case, history: Sequence[Entry], stored: Mapping[str, Photo], *, role: Role, kind: str, at: datetime
) -> Step:
    """What a photo uploaded for a case just now is held against, before anybody brings it."""
    action = _LIKELY.get(role)
    earlier = [] if kind in _FROM_AFAR else _spots(brought(case, history, stored), stored)
    since = _since(history, action)
    return Step(action=action, at=at, case_no=case.case_no, lon=case.lon, lat=case.lat, since=since, earlier=earlier)


def first_step(role: Role, at: datetime) -> Step:
    """What a photo uploaded for a case that is not there yet is held against."""
    return Step(action=_LIKELY.get(role), at=at)


def _step(case: Case, entry: Entry, since: datetime | None, earlier: list[tuple[float, float]]) -> Step:
    return Step(
        action=entry.action,
        at=entry.at,
        case_no=case.case_no,
        version=entry.version,
        lon=case.lon,
        lat=case.lat,
        since=since,
        earlier=earlier,
    )


def _since(history: Sequence[Entry], action: Action | None) -> datetime | None:
    tasks = _TASKS.get(action, frozenset()) if action is not None else frozenset[Action]()
    return next((entry.at for entry in reversed(history) if entry.action in tasks), None)


def _earlier(found: list[Brought], entry: Entry, kind: str, stored: Mapping[str, Photo]) -> list[tuple[float, float]]:
    """Where photos of the spot were taken before; one step's own before-photos count for its after-photos."""
    if kind in _FROM_AFAR:
        return []
    return _spots([one for one in found if one.entry is not entry or (kind, one.kind) == ("after", "before")], stored)


def _spots(found: Sequence[Brought], stored: Mapping[str, Photo]) -> list[tuple[float, float]]:
    photos = [stored[one.mark] for one in found if one.mark in stored and one.kind not in _FROM_AFAR]
    return [(photo.lon, photo.lat) for photo in photos if photo.lon is not None and photo.lat is not None]
