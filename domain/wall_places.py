"""Which cameras the wall's four places show: those sent there (上墙), and for the rest the wall's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from domain.camera import Camera

TILES = 4
"""One person cannot watch more (product sheet, finding 8)."""

NOTHING_SENT = (0,) * TILES


@dataclass(frozen=True, slots=True, kw_only=True)
class WallChoice:
    """What was sent to the wall: a camera's number for each place, 0 where the place shows its own.

    `by` is the name of whoever changed it last, `at` when; `version` grows with every change.
    """

    cameras: tuple[int, ...] = NOTHING_SENT
    by: str = ""
    at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class WallPlaces:
    """What stands on the wall: the camera of each place (None: the city has none for it), and the choice behind it."""

    choice: WallChoice
    cameras: tuple[Camera | None, ...]


@dataclass(frozen=True, slots=True)
class PlaceChange:
    """What one change of the choice did to one place (1–4): camera numbers, 0 for none."""

    place: int
    taken_down: int
    sent: int


def chosen_cameras(cameras: Iterable[Camera], count: int = TILES) -> list[Camera]:
    """The cameras a wall begins with: the hall's own before shared ones, one district after the other."""
    by_district: dict[str, list[Camera]] = {}
    for camera in sorted(cameras, key=lambda camera: (camera.shared, camera.number)):
        by_district.setdefault(camera.district_code, []).append(camera)
    turns = zip_longest(*(by_district[code] for code in sorted(by_district)))
    return [camera for turn in turns for camera in turn if camera is not None][:count]


def wall_places(cameras: Sequence[Camera], choice: WallChoice) -> WallPlaces:
    """The wall's places under a choice."""
    return WallPlaces(choice, tuple(shown_cameras(cameras, choice)))


def shown_cameras(cameras: Sequence[Camera], choice: WallChoice) -> list[Camera | None]:
    """What stands in each place: the camera sent there, else the place's own; no camera twice while there are others.

    A camera that is gone from the city leaves its place to the place's own.
    """
    known = {camera.number: camera for camera in cameras}
    sent = [known.get(number) for number in choice.cameras]
    own = chosen_cameras(cameras, 2 * TILES)
    spare = [camera for camera in own[TILES:] if camera not in sent]
    places: list[Camera | None] = []
    for place, camera in enumerate(sent):
        mine = own[place] if place < len(own) else None
        if camera is None and mine in sent:
            mine = spare.pop(0) if spare else None
        places.append(camera or mine)
    return places


def changes(before: WallChoice, after: WallChoice) -> list[PlaceChange]:
    """What a change did, place by place."""
    pairs = zip(before.cameras, after.cameras, strict=True)
    return [PlaceChange(place, old, new) for place, (old, new) in enumerate(pairs, start=1) if old != new]
