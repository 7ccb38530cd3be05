"""Where a point lies, as a case says it: unit grid, district, and an address made from the nearest named place."""

from __future__ import annotations

from dataclasses import dataclass

from domain.city import Place
from domain.geo import Ring

AT_THE_DOOR_M = 15.0
"""So near a named place that its address is the point's own."""


@dataclass(frozen=True, slots=True)
class NearPlace:
    """A named place and how far it is from the point."""

    place: Place
    metres: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What the city knows of a point. Codes are None outside its grids; `ring` is the grid's outline.

    `near` are the named places around it, nearest first.
    """

    grid: str | None = None
    district: str | None = None
    street: str = ""
    community: str = ""
    ring: Ring = ()
    near: tuple[NearPlace, ...] = ()

    @property
    def address(self) -> str:
        """The nearest place's address; without one, street and community; empty where nobody knows the point."""
        if not self.near:
            return f"{self.street}{self.community}"
        nearest = self.near[0]
        name, address = nearest.place.name, nearest.place.address
        address = address if name in address else f"{address}{name}"
        return address if nearest.metres <= AT_THE_DOOR_M else f"{address}附近"
