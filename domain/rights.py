"""Who may take which step of the loop: one workflow, one table of levels per supervision mode (domain sheet 4.6)."""

from __future__ import annotations

from enum import StrEnum

from domain.case import Case
from domain.roles import Identity


class Mode(StrEnum):
    """How supervision and command are split between city and districts."""

    TWO_TWO = "two_two"
    """两级监督、两级指挥: each level files, checks and closes its own."""
    ONE_TWO = "one_two"
    """一级监督、两级指挥: only the city files, checks and closes; districts dispatch."""


class Level(StrEnum):
    """Where somebody works, or `OWNER`: the level that owns the case, whichever that is."""

    CITY = "city"
    DISTRICT = "district"
    OWNER = "owner"


class Step(StrEnum):
    """The steps whose level the mode decides. What belongs to none of them is open to both levels."""

    ACCEPT = "accept"
    FILE = "file"
    DISPATCH = "dispatch"
    SECOND_DISPATCH = "second_dispatch"
    CHECK = "check"
    CLOSE = "close"


_BOTH = frozenset({Level.CITY, Level.DISTRICT})
_CITY = frozenset({Level.CITY})

RIGHTS: dict[Mode, dict[Step, frozenset[Level]]] = {
    Mode.TWO_TWO: {
        Step.ACCEPT: _BOTH,
        Step.FILE: _BOTH,
        Step.DISPATCH: _BOTH,
        Step.SECOND_DISPATCH: frozenset({Level.DISTRICT}),
        Step.CHECK: _BOTH,
        Step.CLOSE: frozenset({Level.OWNER}),
    },
    Mode.ONE_TWO: {
        Step.ACCEPT: _CITY,
        Step.FILE: _CITY,
        Step.DISPATCH: _BOTH,
        Step.SECOND_DISPATCH: frozenset({Level.DISTRICT}),
        Step.CHECK: _CITY,
        Step.CLOSE: _CITY,
    },
}


def level_of(identity: Identity) -> Level:
    """Whoever is bound to a district works at district level."""
    return Level.CITY if identity.district is None else Level.DISTRICT


def level_may(identity: Identity, step: Step | None, case: Case | None, mode: Mode) -> bool:
    """Whether the mode lets the actor's level take the step on this case (None: on a new one)."""
    if step is None:
        return True
    levels = RIGHTS[mode][step]
    return level_of(identity) in levels or (
        Level.OWNER in levels and case is not None and level_of(identity) == case.owner_level
    )


def same_district(identity: Identity, case: Case) -> bool:
    """District people act on their own district's cases, and on those whose district nobody knows yet."""
    return identity.district is None or case.district in (None, identity.district)
