"""Who works in the demo city, and how: some departments are prompt, some are late half the time, some pass the buck.

Characters follow from the seed and the code alone, so history and live day see the same people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from demo.luck import Luck
from domain.city import Person
from domain.roles import Identity, Role
from domain.words import ROLES

BEST_ON_TIME, WORST_ON_TIME = 0.97, 0.48
"""Shares of work done on time: the best departments, and those the platform was bought for."""
SLOW_DEPARTMENTS = 0.2
"""Share of departments that are late about half the time."""
BEST_PACE, WORST_PACE = 0.8, 4.2
"""How long cases lie at the best and at the worst district's centre, against the usual."""
BUCK_PASSERS = 0.15
"""Share of departments that send work back which is theirs."""


@dataclass(frozen=True, slots=True)
class Department:
    """How a department works: its share of work on time, of its own work it sends back, and of work done badly."""

    on_time: float
    passes_on: float
    careless: float


@cache
def department(seed: int, code: str) -> Department:
    """The character of a department."""
    luck = Luck(seed, f"department {code}")
    slow = luck.chance("slow", SLOW_DEPARTMENTS)
    low, high = (WORST_ON_TIME, 0.66) if slow else (0.8, BEST_ON_TIME)
    return Department(
        on_time=luck.between("on time", low, high),
        passes_on=luck.between("passes on", 0.12, 0.3) if luck.chance("buck", BUCK_PASSERS) else 0.015,
        careless=luck.between("careless", 0.02, 0.14 if slow else 0.06),
    )


def pace(seed: int, district: str, rank: int, of: int) -> float:
    """How long work lies at a district's centre between its steps, 1.0 being usual: one is clearly best, one worst."""
    spread = rank / max(1, of - 1)
    return BEST_PACE + (WORST_PACE - BEST_PACE) * spread + Luck(seed, f"centre {district}").between("pace", -0.05, 0.05)


class Roster:
    """Who is there to act, by post and district. A post nobody was hired for is filled by a stand-in of that name.

    `seats` holds one person of each department that has any.
    """

    def __init__(self, people: Iterable[Person]) -> None:
        self.seats: dict[str, Identity] = {}
        self._stand_ins: dict[str, Identity] = {}
        self._posts: dict[tuple[Role, str], list[Identity]] = {}
        for person in people:
            who = Identity(
                name=person.person_id,
                display_name=person.name,
                role=person.role,
                department=person.department or None,
                district=person.district or None,
            )
            if person.role is Role.DEPARTMENT:
                self.seats.setdefault(person.department, who)
            else:
                self._posts.setdefault((person.role, person.district), []).append(who)

    def one(self, role: Role, district: str | None, luck: Luck, question: str) -> Identity:
        """Somebody of the post at the district's centre, or at the city's (None); the same for the same question."""
        found = self._posts.get((role, district or ""))
        return luck.one_of(question, found) if found else self._stand_in(role, district)

    def _stand_in(self, role: Role, district: str | None) -> Identity:
        name = f"{role.value}-{district or 'city'}"
        called = f"{ROLES[role]}（{district or '市级'}）"
        who = Identity(name=name, display_name=called, role=role, district=district)
        return self._stand_ins.setdefault(name, who)

    def colleagues(self, who: Identity) -> list[Identity]:
        """Everybody of the same post at the same centre."""
        return self._posts.get((who.role, who.district or ""), [who])

    def named(self, name: str) -> Identity | None:
        """The person or stand-in of that name, if the demo knows them."""
        return self._by_name.get(name) or self._stand_ins.get(name)

    @cached_property
    def _by_name(self) -> Mapping[str, Identity]:
        return {who.name: who for post in self._posts.values() for who in post}
